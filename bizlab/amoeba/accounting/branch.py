"""A unit and what lies below it: the part of the company that its leader sees.

The chart of the organisation is everybody's; records are the branch's alone, on the days on which their unit stood
below the leader's. What the rules of the company gave to the branch cannot be computed from them, so it is stated as it
would be on an allocation notice (分摊通知单): what was given, by whom, on what basis.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import NamedTuple

import narwhals as nw
import pandas as pd

from bizlab.amoeba.accounting.allocation import Allocation
from bizlab.amoeba.accounting.components import Components, Notice
from bizlab.amoeba.accounting.ledger import DAILY
from bizlab.amoeba.accounting.organisation import Organisation
from bizlab.engine import midnight
from bizlab.errors import SettingError
from bizlab.labels import Label

_EVER = (pd.Timestamp("1900-01-01"), pd.Timestamp("2200-01-01"))


class Stay(NamedTuple):
    """Days, both included, on which a unit stood at or below the leader's."""

    unit_id: str
    first: pd.Timestamp
    last: pd.Timestamp


class Seen(NamedTuple):
    """Whose rows of a table a leader sees: the columns that name units, of which one is the leader's, and when."""

    sides: tuple[str, ...]
    on: str
    until: str | None = None


SEEN = {
    **{name: Seen(table.sides, table.day) for name, table in DAILY.items()},
    "persons": Seen(("unit_id",), "valid_from", "valid_to"),
    "transfer_prices": Seen(("seller_id", "buyer_id"), "valid_from", "valid_to"),
    "allocation_rules": Seen(("from_unit_id",), "valid_from", "valid_to"),
    "drivers": Seen(("unit_id",), "month"),
    "unit_plans": Seen(("unit_id",), "month"),
    "expense_plans": Seen(("unit_id",), "month"),
    "trade_plans": Seen(("seller_id", "buyer_id"), "month"),
}
"""The tables of which a leader sees a part; of `CHART` all, and of others nothing."""
CHART = ("units", "unit_parents")


def stays(units: pd.DataFrame, parents: pd.DataFrame, root: str) -> list[Stay]:
    """When each unit stood at or below a unit; a closed unit stays where it was, with what is recorded too late.

    Parameters
    ----------
    units, parents : under the contracts ``units`` and ``unit_parents``.

    Raises
    ------
    SettingError : there is no such unit.

    >>> units = pd.DataFrame({"unit_id": ["Y", "A", "t"], "closed_on": pd.NaT})
    >>> parents = pd.DataFrame({"unit_id": ["A", "t"], "parent_id": ["Y", "A"], "valid_to": pd.NaT,
    ...                         "valid_from": pd.to_datetime(["2020-01-01", "2026-10-16"])})
    >>> [(stay.unit_id, str(stay.first.date())) for stay in stays(units, parents, "A")]
    [('A', '1900-01-01'), ('t', '2026-10-16')]
    """
    if root not in set(units["unit_id"]):
        raise SettingError(
            f"There is no unit '{root}'", place="parameter 'reader'", fix="write an id of the table units"
        )
    links: dict[str, list[Stay]] = {}
    named = parents.merge(units[["unit_id", "closed_on"]], on="unit_id", how="left")
    stays_open = named["valid_to"].isna() | (named["valid_to"] >= named["closed_on"])
    rows = named.assign(valid_to=named["valid_to"].mask(stays_open, _EVER[1]))
    for unit_id, parent_id, first, last in rows[["unit_id", "parent_id", "valid_from", "valid_to"]].itertuples(
        index=False
    ):
        links.setdefault(parent_id, []).append(Stay(unit_id, first, last))
    return list(_below(Stay(root, *_EVER), links, frozenset()))


def _below(stay: Stay, links: dict[str, list[Stay]], path: frozenset[str]) -> Iterator[Stay]:
    """A stay and those of the units below, each as long as all links up to it hold; a cycle is passed over."""
    yield stay
    for unit_id, first, last in links.get(stay.unit_id, []):
        common = Stay(unit_id, max(first, stay.first), min(last, stay.last))
        if common.first <= common.last and unit_id not in path:
            yield from _below(common, links, path | {stay.unit_id})


def of_branch(table: str, branch: list[Stay]) -> nw.Expr:
    """Whether a row of a table of `SEEN` is one that the leader sees.

    A month's plan or driver is the leader's who has the unit on the last day of the month.
    """
    seen = SEEN[table]
    periods: dict[tuple[pd.Timestamp, pd.Timestamp], list[str]] = {}
    for unit_id, first, last in branch:
        periods.setdefault((first, last), []).append(unit_id)
    return reduce(
        or_, (nw.col(side).is_in(ids) & _within(seen, *days) for days, ids in periods.items() for side in seen.sides)
    )


def _within(seen: Seen, first: pd.Timestamp, last: pd.Timestamp) -> nw.Expr:
    begins, ends = nw.col(seen.on), nw.col(seen.until or seen.on)
    if seen.on == "month":
        whole = last + pd.Timedelta(days=1)
        return (begins >= f"{first:%Y-%m}") & (begins < f"{whole:%Y-%m}")
    open_end = ends.is_null() if seen.until else nw.lit(False)
    return (begins <= midnight(last.date())) & ((ends >= midnight(first.date())) | open_end)


def over(parts: Sequence[Components]) -> Organisation:
    """The tree of some months in a row, over all their days."""
    tree = parts[-1].organisation
    days = {"first": parts[0].month.first, "last": parts[-1].month.last}
    return Organisation(tree.units, tree.parents, root=tree.root, **days)


def part_time_note(organisation: Organisation, names: Mapping[str, Label]) -> Label | None:
    """Which units of a branch are counted for a part of the period only, since they stood elsewhere before or after."""
    rows = organisation.part_time()
    if rows.empty:
        return None
    days = [(names[unit_id], first.date(), last.date()) for unit_id, first, last in rows.itertuples(index=False)]
    zh = "、".join(f"{name.zh}({first} 至 {last})" for name, first, last in days)
    en = ", ".join(f"{name.en} ({first} to {last})" for name, first, last in days)
    return Label(f"只计入在本单元之下的日子:{zh}", f"Counted for the days below this unit only: {en}")


def notice(parts: Components, root: str) -> Notice:
    """What the company tells a leader of a month.

    Parameters
    ----------
    parts : the company's figures; what arrived is stated by day where they are kept by day. root : the leader's unit.
    """
    whole = parts.organisation
    branch = Organisation(whole.units, whole.parents, first=parts.month.first, last=parts.month.last, root=root)
    units = set(branch.closure["unit_id"])
    trace, results, _ = parts.allocation
    concerns = trace["from_unit_id"].isin(units) | trace["to_unit_id"].isin(units)
    allocation = Allocation(trace[concerns], results[results["from_unit_id"].isin(units)], {})
    received = parts.received[~branch.beyond(parts.received, "unit_id")]
    return Notice(root, allocation, received, parts.worked, parts.is_daily)
