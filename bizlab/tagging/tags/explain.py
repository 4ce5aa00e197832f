"""How one customer came to one value: the tag, its rule, the case that held, and so on down to the facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from bizlab.conditions.evaluate import truth
from bizlab.conditions.tree import Condition
from bizlab.errors import DataError, some
from bizlab.labels import Label
from bizlab.tagging.dictionary.dictionary import KEY, Tag
from bizlab.tagging.dictionary.rules import Cases, Named
from bizlab.tagging.tags.models import TagModel
from bizlab.tagging.tags.snapshot import Snapshot
from bizlab.tagging.tags.values import value_label


@dataclass(frozen=True)
class Step:
    """One tag on the way down; ``value`` is None where there is none, ``because`` where the rule says it all."""

    depth: int
    tag: Tag
    value: Label | None
    reason: str | None
    because: Label | None


def steps(snapshot: Snapshot, customer_id: str, tag_id: str, *, models: Mapping[str, TagModel]) -> list[Step]:
    """Follow a tag of one customer down to the facts it rests on: the tag first, each input followed by its own.

    Raises
    ------
    DataError : there is no such customer in the snapshot. SettingError : there is no such tag.
    """
    row = customer_row(snapshot, customer_id)
    way = []
    for depth, tag in _down(snapshot, snapshot.dictionary[tag_id], 0):
        value, why = row[tag.tag_id].iloc[0], row[f"{tag.tag_id}_reason"].iloc[0]
        shown = None if pd.isna(value) else value_label(value, tag)
        reason = str(why) if shown is None else None
        way.append(Step(depth, tag, shown, reason, because(tag, row, snapshot, models)))
    return way


def customer_row(snapshot: Snapshot, customer_id: str) -> pd.DataFrame:
    """The one row of a customer; `DataError` where nobody of that id was known by the as-of date."""
    row = snapshot.frame[snapshot.frame[KEY] == customer_id]
    if row.empty:
        near = snapshot.frame.loc[snapshot.frame[KEY].str.contains(customer_id, regex=False), KEY]
        raise DataError(
            f"There is no customer '{customer_id}' as of {snapshot.as_of}",
            place="table customers",
            fix=f"give an id such as {some(list(near) or list(snapshot.frame[KEY]))}",
        )
    return row


def because(tag: Tag, row: pd.DataFrame, snapshot: Snapshot, models: Mapping[str, TagModel]) -> Label | None:
    """What decided a tag: the first case that held, or a model's own account; None where the rule says it all."""
    match tag.rule:
        case Cases(cases):
            return _first_that_held([when for when, _ in cases], row, snapshot)
        case Named(name) if name in models:
            return models[name].because(row[list(tag.inputs)])
    return None


def _down(snapshot: Snapshot, tag: Tag, depth: int) -> Iterator[tuple[int, Tag]]:
    yield depth, tag
    for name in tag.inputs:
        yield from _down(snapshot, snapshot.dictionary[name], depth + 1)


def _first_that_held(cases: Sequence[Condition], row: pd.DataFrame, snapshot: Snapshot) -> Label:
    """The case that decided; where an input is missing before any case held, the one that could not be decided."""
    for when in cases:
        answer: Any = truth(when, row, as_of=snapshot.as_of).iloc[0]
        if pd.isna(answer):
            return Label(f"无法判断:{when}", f"cannot be decided: {when}")
        if answer:
            return Label(str(when), str(when))
    return Label("以上均不成立", "none of the cases above")
