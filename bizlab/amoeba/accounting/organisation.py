"""The tree of units with dates: who stands under whom on which day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bizlab.errors import DataError, some

Nodes: TypeAlias = NDArray[np.int64]
"""Units by their numbers in `Organisation.unit_ids`."""
_DAY = pd.Timedelta(days=1)


class Organisation:
    """The tree over a period, cut where it changes.

    Within a *span* of days no unit opens, closes or gets another parent. A move inside a month makes
    two spans, so that every day's figures go to the parent of that day.

    Parameters
    ----------
    units : under the contract ``units``, one row per unit.
    parents : under the contract ``unit_parents``, one row per validity of a parent.
    first, last : the period, both days included.
    root : the unit at the top, with what lies below it as the whole tree; without it the company.

    Raises
    ------
    DataError : a parent that does not exist or is not open, two parents on one day, a cycle, or an open unit
        outside the tree.

    Attributes
    ----------
    spans : one row per span, ``valid_from`` and ``valid_to`` (included), numbered from 0.
    unit_ids : all units, whether open or not; a unit's place here is its number in `path`.
    closure : one row per span, open unit and ancestor, the unit itself included.

    >>> day = pd.to_datetime
    >>> units = pd.DataFrame({"unit_id": ["Y", "A", "B", "t"], "level": "team", "is_amoeba": True,
    ...                       "opened_on": day("2020-01-01"), "closed_on": day(None)})
    >>> parents = pd.DataFrame({"unit_id": ["A", "B", "t", "t"], "parent_id": ["Y", "Y", "A", "B"],
    ...                         "valid_from": day(["2020-01-01"] * 3 + ["2026-10-16"]),
    ...                         "valid_to": day([None, None, "2026-10-15", None])})
    >>> october = Organisation(units, parents, first=date(2026, 10, 1), last=date(2026, 10, 31))
    >>> october.closure.query("unit_id == 't'")["ancestor_id"].tolist()
    ['t', 'A', 'Y', 't', 'B', 'Y']
    """

    def __init__(
        self, units: pd.DataFrame, parents: pd.DataFrame, *, first: date, last: date, root: str | None = None
    ) -> None:
        self.first, self.last, self.root = pd.Timestamp(first), pd.Timestamp(last), root
        _refuse_unknown(units, parents)
        _refuse_two_parents(parents)
        self.units, self.parents = units, parents
        self._parents = parents.assign(valid_to=parents["valid_to"].fillna(pd.Timestamp.max.floor("D")))
        self.spans = self._cut()
        self.unit_ids = pd.Index(units["unit_id"])
        everyone = self._upward()
        here = everyone if root is None else _up_to(everyone, self.unit_ids.get_loc(root))
        self._everyone, self._here = _from_root(everyone), _from_root(here)
        self.closure = self._pairs(here)

    @property
    def made_of(self) -> dict[str, Any]:
        """The arguments that make it again."""
        return {
            "units": self.units,
            "parents": self.parents,
            "first": self.first.date(),
            "last": self.last.date(),
            "root": self.root,
        }

    def span_of(self, days: pd.Series[pd.Timestamp]) -> pd.Series[int]:
        """The number of the span that each day lies in."""
        starts = self.spans["valid_from"].to_numpy()
        return pd.Series(starts.searchsorted(days.to_numpy(), side="right") - 1, index=days.index)

    def parent_of(self, on: date) -> dict[str, str]:
        """Each unit's parent on a day; the root has none."""
        day = pd.Timestamp(on)
        valid = self._parents[(self._parents["valid_from"] <= day) & (day <= self._parents["valid_to"])]
        return dict(zip(valid["unit_id"].tolist(), valid["parent_id"].tolist(), strict=True))

    def path(self, rows: pd.DataFrame, column: str) -> Nodes:
        """The nodes from the top of the tree down to the unit of each row, itself included.

        Parameters
        ----------
        rows : with ``span`` and the unit in ``column``.

        Returns
        -------
        One row each, one column per depth: numbers in `unit_ids`, -1 below the unit, and all along for a unit that is
        not in the tree in the span. Two units have the same node at a depth where it is above both.
        """
        path: Nodes = self._here[rows["span"], self.unit_ids.get_indexer(rows[column])]
        return path

    def tree(self) -> pd.DataFrame:
        """The units that were open in the period, depth first as on its last day they stood.

        Returns
        -------
        One row per unit: ``unit_id``, ``depth`` (0 for the root), ``level``, ``is_amoeba``. A unit closed
        within the period stands under its last parent.
        """
        return self._tree.copy(deep=False)

    @cached_property
    def _tree(self) -> pd.DataFrame:
        parent: dict[str, str] = {}
        for span, units in self.closure.groupby("span")["unit_id"]:
            above = self.parent_of(self.spans.loc[span, "valid_to"])
            parent |= {unit_id: above[unit_id] for unit_id in units.unique() if unit_id in above}
        children: dict[str, list[str]] = {}
        for unit_id in sorted(self.closure["unit_id"].unique()):
            above_it = "" if unit_id == self.root else parent.get(unit_id, "")
            children.setdefault(above_it, []).append(unit_id)
        rows = list(_depth_first(children, "", 0))
        frame = pd.DataFrame(rows, columns=["unit_id", "depth"])
        return frame.merge(self.units[["unit_id", "level", "is_amoeba"]], on="unit_id", how="left")

    def receivers(self, giver_id: str) -> list[str]:
        """The amoebas without units below them that a unit serves, by the tree of the last day.

        They stand below the unit; a unit with nothing below it, such as a department, serves those below its parent.
        """
        closure = self.closure[self.closure["span"] == self.spans.index[-1]]
        below = closure[closure["unit_id"] != closure["ancestor_id"]]
        amoebas = set(self.units.loc[self.units["is_amoeba"], "unit_id"])
        leaves = (set(closure["unit_id"]) & amoebas) - set(below["ancestor_id"]) - {giver_id}
        served = set(below.loc[below["ancestor_id"] == giver_id, "unit_id"])
        above = self.parent_of(self.last).get(giver_id)
        return sorted(leaves & (served or set(below.loc[below["ancestor_id"] == above, "unit_id"])))

    def outside(self, records: pd.DataFrame, column: str) -> pd.Series[bool]:
        """Whether the unit of each record is not in the company's tree on its day.

        Parameters
        ----------
        records : with ``span`` and the unit in ``column``.
        """
        return self._not_in(self._everyone, records, column)

    def beyond(self, records: pd.DataFrame, column: str) -> pd.Series[bool]:
        """Whether the unit of each record does not stand at or below `root` on its day; see `outside`."""
        return self._not_in(self._here, records, column)

    def _not_in(self, paths: Nodes, records: pd.DataFrame, column: str) -> pd.Series[bool]:
        places = self.unit_ids.get_indexer(records[column])
        return pd.Series(paths[records["span"], places, 0] < 0, index=records.index)

    def part_time(self) -> pd.DataFrame:
        """The units that were open on other days while they stood elsewhere: first and last day of each stay here.

        Returns
        -------
        One row per unit and stay: ``unit_id``, ``first_on``, ``last_on``.
        """
        spans = pd.Series((self._everyone[:, :-1, 0] >= 0).sum(axis=0), self.unit_ids)
        here = self.closure[["unit_id", "span"]].drop_duplicates().sort_values(["unit_id", "span"])
        by_unit = here.groupby("unit_id")["span"]
        part = here[by_unit.transform("size") < here["unit_id"].map(spans)]
        stay = part["span"] - by_unit.cumcount().reindex(part.index)
        stays = part.groupby(["unit_id", stay.rename("stay")])["span"].agg(["min", "max"]).reset_index("unit_id")
        days = {"first_on": self.spans["valid_from"], "last_on": self.spans["valid_to"]}
        ends = {name: stays[edge].map(days[name]) for name, edge in zip(days, ("min", "max"), strict=True)}
        return stays[["unit_id"]].assign(**ends).reset_index(drop=True)

    def _cut(self) -> pd.DataFrame:
        """Spans between the days on which a parent begins or ends, a unit opens or closes."""
        starts = {self.first}
        ends = (self._parents["valid_to"], self.units["closed_on"].dropna())
        for days in (self._parents["valid_from"], self.units["opened_on"], *(end + _DAY for end in ends)):
            starts |= set(days[(days > self.first) & (days <= self.last)])
        edges = [*sorted(starts), self.last + _DAY]
        return pd.DataFrame([(a, b - _DAY) for a, b in pairwise(edges)], columns=["valid_from", "valid_to"])

    def _upward(self) -> Nodes:
        """Each open unit with those above it up to the root, span by span; -1 past the root.

        One row more, at the place -1 that a search gives to an unknown unit, holds none.
        """
        levels = [list(self._levels(span)) for span in self.spans.itertuples()]
        upward = np.full((len(levels), len(self.unit_ids) + 1, max(map(len, levels))), -1)
        for span, above in enumerate(levels):
            upward[span, :-1, : len(above)] = np.transpose(above)
        return upward

    def _levels(self, span: Any) -> Iterator[Nodes]:
        """The open units of a span, then the parent of each, its parent, and so on."""
        parent = self.parent_of(span.valid_from)
        opened, closed = self.units["opened_on"], self.units["closed_on"]
        is_open = (opened <= span.valid_to) & (closed.isna() | (closed >= span.valid_from))
        known = self.units.loc[is_open, "unit_id"]
        _refuse_outside(known, parent, span.valid_from)
        _refuse_closed_parent(known, parent, span.valid_from)
        above = np.append(self.unit_ids.get_indexer(self.units["unit_id"].map(parent)), -1)
        level = np.where(is_open, np.arange(len(is_open)), -1)
        for _ in self.unit_ids:
            yield level
            level = above[level]
            if (level < 0).all():
                return
        _refuse_cycle(self.unit_ids[level >= 0][0], parent, span.valid_from)

    def _pairs(self, upward: Nodes) -> pd.DataFrame:
        span, unit, step = np.nonzero(upward >= 0)
        ids = {"unit_id": self.unit_ids[unit], "ancestor_id": self.unit_ids[upward[span, unit, step]]}
        return pd.DataFrame({"span": span} | ids)


def _up_to(upward: Nodes, root: int) -> Nodes:
    """The units at or below a root, each with those above it up to the root."""
    is_root = upward == root
    kept = is_root.any(axis=2, keepdims=True) & (np.arange(upward.shape[2]) <= is_root.argmax(axis=2)[:, :, None])
    return np.where(kept, upward, -1)


def _from_root(upward: Nodes) -> Nodes:
    """The same nodes in the order from the root to the unit."""
    step = (upward >= 0).sum(axis=2, keepdims=True) - 1 - np.arange(upward.shape[2])
    return np.where(step >= 0, np.take_along_axis(upward, np.maximum(step, 0), axis=2), -1)


def _refuse_cycle(unit_id: str, parent: dict[str, str], on: pd.Timestamp) -> None:
    path = [unit_id]
    while (above := parent[path[-1]]) not in path:
        path.append(above)
    raise DataError(
        f"The tree has a cycle: {' < '.join([*path[path.index(above) :], above])}",
        place=f"table unit_parents, {on.date().isoformat()}",
        fix="correct the parent of one of these units",
    )


def _depth_first(children: dict[str, list[str]], unit_id: str, depth: int) -> Iterator[tuple[str, int]]:
    for child in children.get(unit_id, []):
        yield child, depth
        yield from _depth_first(children, child, depth + 1)


def _refuse_unknown(units: pd.DataFrame, parents: pd.DataFrame) -> None:
    known = pd.Index(units["unit_id"])
    lost = {name: known.get_indexer(parents[name]) < 0 for name in ("unit_id", "parent_id")}
    unknown = sorted({unit_id for name, rows in lost.items() for unit_id in parents.loc[rows, name]})
    if unknown:
        named = parents[lost["unit_id"] | lost["parent_id"]].sort_values(["unit_id", "valid_from"])
        rows = [
            f"{row['unit_id']} under {row['parent_id']} from {row['valid_from'].date()}"
            for row in named.to_dict("records")
        ]
        raise DataError(
            f"Units in the tree are not in the list of units: {some(unknown)}",
            place=f"table unit_parents, {some(rows)}",
            fix="add them to the table units, or correct their ids",
        )


def _refuse_two_parents(parents: pd.DataFrame) -> None:
    ordered = parents.sort_values(["unit_id", "valid_from"], kind="stable")
    following = ordered.groupby("unit_id")["valid_from"].shift(-1)
    ends = ordered["valid_to"].fillna(pd.Timestamp.max.floor("D"))
    twice = ordered[following.notna() & (ends >= following)]
    if not twice.empty:
        row = twice.iloc[0]
        raise DataError(
            f"The unit {row['unit_id']} has two parents on one day",
            place=f"table unit_parents, {row['unit_id']} under {row['parent_id']} from {row['valid_from'].date()}",
            fix="end one validity the day before the next begins",
        )


def _refuse_outside(known: pd.Series[str], parent: dict[str, str], on: pd.Timestamp) -> None:
    roots = sorted(set(known) - set(parent))
    if len(roots) != 1:
        raise DataError(
            f"{len(roots)} units have no parent: {some(roots) or 'none is the root'}",
            place=f"table unit_parents, {on.date().isoformat()}",
            fix="give every unit but the company a parent for all days on which it is open",
        )


def _refuse_closed_parent(known: pd.Series[str], parent: dict[str, str], on: pd.Timestamp) -> None:
    open_units = set(known)
    orphans = sorted(f"{u} under {parent[u]}" for u in open_units if u in parent and parent[u] not in open_units)
    if orphans:
        raise DataError(
            f"Units stand under a parent that is not open: {some(orphans)}",
            place=f"tables units and unit_parents, {on.date().isoformat()}",
            fix="give them a parent that is open on the day, or correct the parent's dates",
        )
