"""Rules change: what held when, and which tags move because their rule did."""

from __future__ import annotations

import pandas as pd

from bizlab.contracts.columns import code, column, table, text, words
from bizlab.labels import Label
from bizlab.tagging.dictionary.dictionary import TAG, Dictionary, Tag
from bizlab.tagging.dictionary.rules import Aggregate, Version

CHANGES = words(
    own="规则修改 | the tag's own rule changed",
    input="输入标签的规则修改 | the rule of a tag it is made of changed",
    both="自身与输入的规则都修改 | its own rule and that of an input changed",
    added="新增标签 | new tag",
    removed="取消标签 | tag removed",
)

TAG_RULE_CHANGES = table(
    "tag_rule_changes",
    "规则修改 | Rules that changed",
    "每个受影响的标签一行 | one row per tag that is concerned",
    TAG,
    column("change", "修改 | Change", choices=CHANGES),
    text(
        "through",
        "经由 | Through",
        "规则被修改的输入标签(含间接输入);空为无 | tags below it whose own rule changed; empty for none",
        nullable=True,
    ),
    text("rule_before", "原规则 | Rule before", nullable=True),
    text("rule_after", "现规则 | Rule after", nullable=True),
    key="tag_id",
)

TAG_VERSIONS = table(
    "tag_versions",
    "规则版本 | Versions of rules",
    "每个标签、版本一行 | one row per tag and version",
    TAG,
    column("from_on", "自 | From"),
    column("until_on", "至 | Until", "最后一日(含);空为至今 | last day, included; empty while it holds", nullable=True),
    text("rule", "规则 | Rule"),
    code("note", "说明 | Note"),
    key="tag_id from_on",
)


def changed_rules(before: Dictionary, after: Dictionary) -> pd.DataFrame:
    """Tags whose value may differ between two dates because a rule does, not the customers.

    Rules are compared as written: the same rule in other words counts as changed. The parameters of a named model lie
    outside the dictionary and are not compared.

    Parameters
    ----------
    before, after : two readings of a dictionary, such as ``tags.on(...)`` for the ends of two months.

    Returns
    -------
    `TAG_RULE_CHANGES`: one row per tag that is concerned, in the order of ``after``, removed ones last. A migration
    of any other tag is the customers' doing.

    >>> from bizlab.tagging.dictionary.dictionary import parse_dictionary
    >>> words = {"zh": "词", "en": "word"}
    >>> entry = {"name": words, "definition": words, "layer": "enterprise", "refresh": "monthly", "owner": words}
    >>> n = {"id": "n", "tier": "fact", "type": "number", "unit": "count", "rule": {"table": "t", "measure": "count"}}
    >>> cases = [{"when": {"n": 0}, "then": "a"}, {"otherwise": "b"}]
    >>> kind = {"id": "kind", "tier": "model", "type": "category", "inputs": ["n"], "rule": {"cases": cases}}
    >>> config = {"tables": {"t": {"occurred": "on", "empty": words}},
    ...           "tags": [n | entry, kind | entry | {"values": {"a": words, "b": words}}]}
    >>> before = parse_dictionary(config)
    >>> config["tags"][0]["rule"]["window_days"] = 365
    >>> changed_rules(before, parse_dictionary(config))[["tag_id", "change", "through"]].fillna("-").to_numpy().tolist()
    [['n', 'own', '-'], ['kind', 'input', 'n']]
    """
    own = {i for i, tag in after.tags.items() if i in before.tags and _made(tag, after) != _made(before[i], before)}
    moved = own | (after.tags.keys() ^ before.tags.keys())
    rows = []
    for tag_id in [*after.tags, *(i for i in before.tags if i not in after.tags)]:
        below = {b for d in (before, after) if tag_id in d.tags for b in d.below(tag_id)}
        through = [name for name in [*after.tags, *before.tags] if name in moved and name in below]
        change = _change(tag_id, before, after, is_own=tag_id in own, is_through=bool(through))
        if change:
            rows.append(
                {
                    "tag_id": tag_id,
                    "change": change,
                    "through": ", ".join(dict.fromkeys(through)) or None,
                    "rule_before": str(before[tag_id].rule) if tag_id in before.tags else None,
                    "rule_after": str(after[tag_id].rule) if tag_id in after.tags else None,
                }
            )
    return TAG_RULE_CHANGES.frame(rows)


def version_table(dictionary: Dictionary) -> pd.DataFrame:
    """All versions of all rules that have any.

    Returns
    -------
    `TAG_VERSIONS`: one row per tag and version, in the order of the file, then of time. The words of the column
    ``note`` are `version_notes`.
    """
    rows = []
    for tag in dictionary.tags.values():
        begun = [pd.Timestamp(version.from_on) for version in tag.versions]
        ended = [*(start - pd.Timedelta(days=1) for start in begun[1:]), pd.NaT]
        for version, start, until in zip(tag.versions, begun, ended, strict=False):
            rows.append([tag.tag_id, start, until, str(version.rule), _note(tag, version)])
    return TAG_VERSIONS.frame(rows)


def version_notes(dictionary: Dictionary) -> dict[str, Label]:
    """The words of the column ``note`` of `version_table`."""
    return {_note(tag, version): version.note for tag in dictionary.tags.values() for version in tag.versions}


def _note(tag: Tag, version: Version) -> str:
    return f"{tag.tag_id} {version.from_on}"


def _made(tag: Tag, dictionary: Dictionary) -> tuple[object, ...]:
    """All that decides a value but the values below it."""
    occurred = dictionary.tables[tag.rule.table].occurred if isinstance(tag.rule, Aggregate) else None
    return str(tag.rule), tag.rule, tag.inputs, occurred, tag.unit


def _change(tag_id: str, before: Dictionary, after: Dictionary, *, is_own: bool, is_through: bool) -> str | None:
    if tag_id not in before.tags:
        return "added"
    if tag_id not in after.tags:
        return "removed"
    if is_own:
        return "both" if is_through else "own"
    return "input" if is_through else None
