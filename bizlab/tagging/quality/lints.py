"""What is doubtful about a tag dictionary: rules that contradict themselves, tags that say nothing or too much."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from bizlab.conditions.evaluate import truth
from bizlab.conditions.tree import And, Not
from bizlab.contracts.columns import column, reason, table, text, words
from bizlab.contracts.finding import Finding
from bizlab.contracts.says import says
from bizlab.labels import Label
from bizlab.tagging.dictionary.dictionary import TAG, Dictionary, Tag
from bizlab.tagging.dictionary.regions import TRUE, Regions, regions
from bizlab.tagging.dictionary.rules import Cases
from bizlab.tagging.quality.spread import Doubt, spread_doubts
from bizlab.tagging.tags.snapshot import Snapshot


class Severity(StrEnum):
    """How much a lint matters: an error is wrong whatever the data, a warning needs a decision, a note a look."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


SEVERITIES = words(error="错误 | Error", warning="警告 | Warning", note="提示 | Note")
LINTS: dict[str, tuple[Severity, Label]] = {
    "unreachable": (Severity.ERROR, Label("条件永远轮不到", "a case that is never the first to hold")),
    "overlap": (
        Severity.WARNING,
        Label("两个条件部分重叠且取值不同,由先后次序决定", "two cases with different values overlap; order decides"),
    ),
    "gap": (Severity.WARNING, Label("有取值落空:没有条件也没有其余", "values that no case covers, and no otherwise")),
    "constant": (Severity.WARNING, Label("全部取同一个值,不能区分企业", "one value for all: tells nobody apart")),
    "mostly_missing": (Severity.WARNING, Label("适用的企业大多没有值", "most of those it applies to have no value")),
    "near_duplicate": (Severity.NOTE, Label("与另一个标签几乎说同一件事", "says almost the same as another tag")),
    "too_coarse": (Severity.NOTE, Label("过粗:几乎都落在一个值", "too coarse: nearly all share one value")),
    "too_fine": (Severity.NOTE, Label("过细:取值太多,难以复用", "too fine: too many values to reuse")),
    "unused_value": (Severity.NOTE, Label("字典中的取值无人具有", "a listed value that nobody has")),
}

TAG_LINTS = table(
    "tag_lints",
    "标签字典的疑点 | Doubts about the tag dictionary",
    "每个标签、疑点、位置一行 | one row per tag, lint and place",
    TAG,
    column("severity", "程度 | Severity", choices=SEVERITIES),
    column("lint", "疑点 | Doubt", choices={code: words for code, (_, words) in LINTS.items()}),
    text("place", "位置 | Place"),
    text(
        "evidence",
        "依据 | Evidence",
        "一个具体的取值区域,或实际占比 | a region of values where it happens, or the share found",
    ),
    column(
        "n_customers",
        "涉及企业数 | Companies concerned",
        "截至日期处于该情形的企业;未给快照时不计 | companies in this situation on the as-of date",
        nullable=True,
    ),
    reason("n_customers", words(no_snapshot="未给快照 | no snapshot given")),
    key="tag_id lint place",
)


class RuleDoubt(NamedTuple):
    """A doubt that follows from a rule; ``cases`` are the numbers of the cases that it is about."""

    lint: str
    cases: tuple[int, ...]
    evidence: str

    @property
    def place(self) -> str:
        return ", ".join(f"cases[{number}]" for number in self.cases) or "cases"


def lint(dictionary: Dictionary, snapshot: Snapshot | None = None) -> pd.DataFrame:
    """Everything doubtful about a dictionary, from its rules alone and, where a snapshot is given, from its values.

    Parameters
    ----------
    dictionary : the tags.
    snapshot : fact and model tags of one date under the same dictionary; without it only the rules are judged.

    Returns
    -------
    `TAG_LINTS`: one row per tag, lint and place; errors first, then in the order of the file. Places are cases of the
    rule (``cases[0], cases[1]``), another tag, or a value. ``n_customers`` counts the companies that the doubt
    concerns, 0 where the region is possible but empty.

    Raises
    ------
    SettingError : a rule that splits its inputs into too many regions.

    >>> from bizlab.tagging.dictionary.dictionary import parse_dictionary
    >>> words = {"zh": "词", "en": "word"}
    >>> entry = {"name": words, "definition": words, "layer": "enterprise", "refresh": "monthly", "owner": words}
    >>> n = {"id": "n", "tier": "fact", "type": "number", "unit": "count", "rule": {"table": "t", "measure": "count"}}
    >>> cases = [{"when": {"n": {"min": 3}}, "then": "b"}, {"when": {"n": {"min": 5}}, "then": "a"}]
    >>> size = {"id": "size", "tier": "model", "type": "category", "inputs": ["n"], "rule": {"cases": cases}}
    >>> tags = [n | entry, size | entry | {"values": {"a": words, "b": words}}]
    >>> uses = {"t": {"occurred": "on", "empty": words}}
    >>> lint(parse_dictionary({"tables": uses, "tags": tags}))[["lint", "place", "evidence"]].to_numpy().tolist()
    [['unreachable', 'cases[1]', 'a: n >= 5'], ['gap', 'cases', 'n = 0']]
    """
    rows = []
    for tag in dictionary.tags.values():
        if isinstance(tag.rule, Cases):
            for doubt in rule_doubts(tag.rule, regions(dictionary, tag)):
                n = None if snapshot is None else _concerned(tag, tag.rule, doubt, snapshot)
                rows.append(_row(Doubt(tag.tag_id, doubt.lint, doubt.place, doubt.evidence, n)))
    if snapshot is not None:
        rows += [_row(doubt) for doubt in spread_doubts(snapshot)]
    rank = {tag_id: number for number, tag_id in enumerate(dictionary.tags)}
    severities, codes = list(Severity), list(LINTS)
    rows.sort(key=lambda row: (severities.index(row["severity"]), codes.index(row["lint"]), rank[row["tag_id"]]))
    return TAG_LINTS.frame(rows)


def rule_doubts(rule: Cases, where: Regions) -> Iterator[RuleDoubt]:
    """Overlaps, gaps and cases never reached, each with one region as evidence.

    Two cases overlap where the earlier one gives the value, the later one holds too with another value, and neither
    contains the other: a bound of 0.2 before one of 0.15 is a cascade, an amount before a delay is not. A case is
    unreachable where it is first in no region, whatever is missing. A region is a gap where every case is known not
    to hold and there is no otherwise.
    """
    true = where.holds == TRUE
    for number, (when, value) in enumerate(rule.cases):
        if not (where.first == number).any():
            yield RuleDoubt("unreachable", (number,), f"{_value(value)}: {when}")
    for later in range(len(rule.cases)):
        for earlier in range(later):
            if rule.cases[earlier][1] == rule.cases[later][1]:
                continue
            shared = (where.first == earlier) & true[later]
            first, second = true[earlier], true[later]
            is_nested = (first <= second).all() or (second <= first).all()
            if shared.any() and not is_nested:
                values = " / ".join(_value(rule.cases[number][1]) for number in (earlier, later))
                region = where.text(int(np.flatnonzero(shared)[-1]))
                yield RuleDoubt("overlap", (earlier, later), f"{values}: {region}")
    nobody = where.first == len(rule.cases)
    if rule.otherwise is None and nobody.any():
        yield RuleDoubt("gap", (), where.text(int(np.flatnonzero(nobody)[0])))


def _value(value: str | None) -> str:
    return value or "not applicable"


def _concerned(tag: Tag, rule: Cases, doubt: RuleDoubt, snapshot: Snapshot) -> int:
    """Companies in the region of a doubt: counted from their values, not from the regions."""
    if tag.tag_id not in snapshot.frame or doubt.lint == "unreachable":
        return 0
    if doubt.lint == "gap":
        return int(snapshot.frame[f"{tag.tag_id}_reason"].eq("no_case").sum())
    earlier, later = doubt.cases
    whens = [when for when, _ in rule.cases]
    shared = And((*map(Not, whens[:earlier]), whens[earlier], whens[later]))
    return int(truth(shared, snapshot.frame, as_of=snapshot.as_of).sum())


def _row(doubt: Doubt) -> dict[str, Any]:
    reason = "no_snapshot" if doubt.n_customers is None else None
    severity = LINTS[doubt.lint][0]
    return {**doubt._asdict(), "severity": severity, "n_customers_reason": reason}


def lint_findings(lints: pd.DataFrame, *, key: str = "lints") -> list[Finding]:
    """One finding for each error or warning of `TAG_LINTS`; notes stand in the table alone.

    Returns
    -------
    Findings; errors are material, ``weight`` is the number of companies concerned.
    """
    return [
        says(
            row,
            TAG_LINTS,
            "标签{tag_id}:{lint}({evidence}) | Tag {tag_id}: {lint} ({evidence})",
            key=f"lint.{row['tag_id']}.{row['lint']}.{row['place']}",
            table=key,
            direction="bad",
            material=row["severity"] == Severity.ERROR,
            weight=float(row["n_customers"]) if pd.notna(row["n_customers"]) else 0.0,
        )
        for row in lints[lints["severity"] != Severity.NOTE].to_dict("records")
    ]
