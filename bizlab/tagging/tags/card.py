"""One customer's tags: every value with how it came about, and what changed over the months."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from bizlab.contracts.columns import code, column, reason, table, words
from bizlab.contracts.finding import Finding
from bizlab.contracts.says import says
from bizlab.labels import Label
from bizlab.tagging.dictionary.dictionary import KEY, LAYER, LAYERS, TAG, TIER, Tag, Tier
from bizlab.tagging.tags.explain import because, customer_row
from bizlab.tagging.tags.models import TagModel
from bizlab.tagging.tags.snapshot import Snapshot
from bizlab.tagging.tags.values import value_label
from bizlab.units.kinds import Unit

_VALUE = code("value", "值 | Value", nullable=True)
_SINCE = words(
    before="所看月份之前已是 | since before these months", made_now="只在本月末作出 | made at this month end alone"
)
CARD_TAGS = table(
    "card_tags",
    "全部标签 | All tags",
    "每个标签一行 | one row per tag",
    LAYER,
    TAG,
    TIER,
    _VALUE,
    reason("value"),
    code("rule", "规则 | Rule"),
    code(
        "because",
        "成立的条件 | What held",
        "最先成立的一条;模型则为其得分 | the first case that held; for a model its score",
        nullable=True,
    ),
    column("since", "自 | Since", "自何月末起为此值 | month end since which it is so", unit=Unit.MONTH, nullable=True),
    reason("since", _SINCE),
    key="tag_id",
)
CARD_HISTORY = table(
    "card_history",
    "标签的变化 | How tags changed",
    "每个标签、每个有变化的月份一行 | one row per tag and month in which it changed",
    column("month", "月份 | Month"),
    TAG,
    code("value_before", "上月末 | Month end before", nullable=True),
    _VALUE,
    key="tag_id month",
)


@dataclass(frozen=True)
class Card:
    """One customer's tags: `CARD_TAGS`, `CARD_HISTORY`, and the words of their texts in both languages.

    Values, rules and conditions stand in the tables in Chinese; ``words`` has the pair for each.
    """

    tags: pd.DataFrame
    history: pd.DataFrame
    words: Mapping[str, Label]


def card(
    history: Sequence[Snapshot], customer_id: str, *, models: Mapping[str, TagModel], rules: Mapping[str, Label]
) -> Card:
    """Every tag of one customer, and what changed from month end to month end.

    Parameters
    ----------
    history : snapshots at month ends, the latest last; the customer is in the latest. Those before the customer was
        known are passed over.
    rules : the rule of each tag in words.

    Returns
    -------
    Tags by layer, then tier, then in the order of the dictionary; changes of judged tags, the latest month first. A
    change into or out of 'no value' counts; its reason stands there in brackets.
    """
    latest = history[-1]
    row, words = customer_row(latest, customer_id), _Words()
    changes = _changes(history, customer_id, words)
    since, oldest = _since(history, customer_id, changes), history[0].frame
    rows = [
        {
            "layer": tag.layer,
            "tag_id": tag.tag_id,
            "tier": tag.tier,
            "value": words.of(_value(row, tag)),
            "value_reason": row[f"{tag.tag_id}_reason"].iloc[0],
            "rule": words.of(rules.get(tag.tag_id, Label(str(tag.rule), str(tag.rule)))),
            "because": words.of(because(tag, row, latest, models)),
            "since": since.get(tag.tag_id),
            "since_reason": None if tag.tag_id in since else "before" if tag.tag_id in oldest else "made_now",
        }
        for tag in sorted(latest.tags, key=lambda tag: (list(LAYERS).index(tag.layer), tag.tier.height))
    ]
    judged = [tag.tag_id for tag in latest.tags if tag.tier is not Tier.FACT]
    return Card(CARD_TAGS.frame(rows), CARD_HISTORY.conform(changes[changes["tag_id"].isin(judged)]), words.pairs)


class _Words:
    """Texts by their Chinese, so that a table can hold one and a page show both."""

    def __init__(self) -> None:
        self.pairs: dict[str, Label] = {}

    def of(self, label: Label | None) -> str | None:
        if label is None:
            return None
        self.pairs[label.zh] = label
        return label.zh


def _known(history: Sequence[Snapshot], customer_id: str) -> Iterator[Snapshot]:
    """The snapshots in which the customer was known."""
    return (snapshot for snapshot in history if snapshot.frame[KEY].eq(customer_id).any())


def _since(history: Sequence[Snapshot], customer_id: str, changes: pd.DataFrame) -> dict[str, str]:
    """The month of a tag's latest change; of one that never changed, the first in which a new customer was known."""
    first = next(_known(history, customer_id))
    known = {} if first is history[0] else {tag.tag_id: f"{first.as_of:%Y-%m}" for tag in first.tags}
    latest = changes.groupby("tag_id")["month"].max()
    return known | {str(tag_id): str(month) for tag_id, month in latest.items()}


def _changes(history: Sequence[Snapshot], customer_id: str, words: _Words) -> pd.DataFrame:
    """Changes of all tags, counts too: they change whenever anything happens."""
    rows = []
    for before, now in pairwise(_known(history, customer_id)):
        old, new = (customer_row(snapshot, customer_id) for snapshot in (before, now))
        for tag in now.tags:
            was = _value_or_reason(old, tag, before) if tag.tag_id in before.frame else None
            is_now = _value_or_reason(new, tag, now)
            if was is not None and was != is_now:
                rows.append((f"{now.as_of:%Y-%m}", tag.tag_id, words.of(was), words.of(is_now)))
    return CARD_HISTORY.frame(rows).sort_values("month", ascending=False, kind="stable")


def _value(row: pd.DataFrame, tag: Tag) -> Label | None:
    value = row[tag.tag_id].iloc[0]
    return None if pd.isna(value) else value_label(value, tag)


def _value_or_reason(row: pd.DataFrame, tag: Tag, snapshot: Snapshot) -> Label:
    """The value, or why there is none, in brackets."""
    value = _value(row, tag)
    if value is not None:
        return value
    why = snapshot.reason_labels[str(row[f"{tag.tag_id}_reason"].iloc[0])]
    return Label(f"({why.zh})", f"({why.en})")


def card_findings(changes: pd.DataFrame, *, key: str = "changes") -> list[Finding]:
    """What changed in the latest month of `CARD_HISTORY`, a sentence a tag."""
    return [
        says(
            row,
            CARD_HISTORY,
            "{month}末,{tag_id}由{value_before}变为{value} | "
            "At the end of {month} {tag_id} went from {value_before} to {value}",
            key=f"changed.{row['tag_id']}",
            table=key,
        )
        for row in changes[changes["month"] == changes["month"].max()].to_dict("records")
    ]
