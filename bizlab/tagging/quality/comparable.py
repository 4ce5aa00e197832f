"""Which tags can be compared with an earlier date, and which differ by rule, history or a shared value alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import narwhals as nw
import pandas as pd

from bizlab.conditions.tree import reads_the_date
from bizlab.contracts.columns import words
from bizlab.engine import lazy, to_pandas
from bizlab.labels import Label
from bizlab.tagging.dictionary.dictionary import Dictionary, Tag
from bizlab.tagging.dictionary.rules import Aggregate, Peers
from bizlab.tagging.dictionary.versions import changed_rules
from bizlab.tagging.tags.facts import POPULATION
from bizlab.tagging.tags.prepared import PREPARED
from bizlab.tagging.tags.snapshot import Snapshot

NOT_COMPARABLE: dict[str, Label] = words(
    by_group="不可比:同组企业共用一个值 | cannot be compared: one value for a whole group",
    rule_changed="不可比:规则已修改 | cannot be compared: the rule changed",
    history="不可比:当时的历史较短 | cannot be compared: less history behind it then",
)
_ENOUGH_HISTORY = 0.9
"""With nine tenths of today's history behind it, a figure counted since ever hardly differs for that alone."""


def first_days(dictionary: Dictionary, tables: Mapping[str, Any]) -> dict[str, date]:
    """The earliest day in each table of events that tags are counted from; tables without rows are left out."""
    began = {}
    for name, use in dictionary.tables.items():
        base = PREPARED[name].takes[0] if name in PREPARED else name
        first = pd.Timestamp(to_pandas(lazy(tables[base]).select(nw.col(use.occurred).min()))[use.occurred].iloc[0])
        if name != POPULATION and not pd.isna(first):
            began[name] = first.date()
    return began


def not_comparable(before: Snapshot, now: Snapshot, began: Mapping[str, date]) -> dict[str, str]:
    """The tags whose values on two dates differ for other reasons than the customers, with the reason.

    A tag shared by a group (such as an industry's penetration) has as many independent values as there are groups. A
    tag counted since ever, or made of such tags, only grows with the history behind it.

    Parameters
    ----------
    before, now : two snapshots, the later one second. began : `first_days`.

    Returns
    -------
    A code of `NOT_COMPARABLE` by tag; comparable tags are left out.
    """
    changed = set(changed_rules(before.dictionary, now.dictionary)["tag_id"])
    reasons = {}
    for tag in now.tags:
        below = [tag, *(now.dictionary[name] for name in now.dictionary.below(tag.tag_id))]
        if _is_shared(now.dictionary, tag):
            reasons[tag.tag_id] = "by_group"
        elif tag.tag_id in changed:
            reasons[tag.tag_id] = "rule_changed"
        elif any(_is_shorter(part, before.as_of, now.as_of, began) for part in below):
            reasons[tag.tag_id] = "history"
    return reasons


def _is_shared(dictionary: Dictionary, tag: Tag) -> bool:
    """Whether customers of a group always have the same value."""
    if isinstance(tag.rule, Peers):
        return True
    return bool(tag.inputs) and all(_is_shared(dictionary, dictionary[name]) for name in tag.inputs)


def _is_shorter(tag: Tag, before: date, now: date, began: Mapping[str, date]) -> bool:
    rule = tag.rule
    if not isinstance(rule, Aggregate) or rule.table not in began or not _accumulates(rule):
        return False
    then, today = ((day - began[rule.table]).days for day in (before, now))
    return then < _ENOUGH_HISTORY * today


def _accumulates(rule: Aggregate) -> bool:
    """Whether rows count for good: not in a window, and not while a state lasts, such as an open amount."""
    is_state = rule.where is not None and (rule.table in PREPARED or reads_the_date(rule.where))
    return rule.window_days is None and rule.measure not in {"value", "years_since"} and not is_state
