"""The additive figures of every node of the tree for a month: what the unit-hour sheet is made of.

Every figure of a unit goes to the unit and to all above it on the day it happened. Trade between two
units below the same node disappears from that node (elimination at the lowest common parent). What was
allocated leaves the giver's own expense and hours on the day it was booked and arrives at the receivers, so
that every node, and the company, bears what it booked and nothing twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

import pandas as pd

from bizlab.amoeba.accounting.allocation import Allocation, allocate
from bizlab.amoeba.accounting.consolidation import Trades, at_every_node, by_kind_at_nodes, of_each_unit
from bizlab.amoeba.accounting.ledger import LINES, Period, Records, counted_days, ledger, pair_days, working_days
from bizlab.amoeba.accounting.organisation import Organisation
from bizlab.amoeba.accounting.placement import received, received_by_day
from bizlab.amoeba.accounting.set_aside import Aside, in_tree, placed
from bizlab.amoeba.accounting.sharing import Method
from bizlab.errors import ContractError, SettingError, some
from bizlab.periods import Month

_POOLS = {"expense": ("expense_fen",), "hours": ("normal_minutes", "overtime_minutes")}


class Notice(NamedTuple):
    """What the leader of a unit is told of the company's month: an allocation notice (分摊通知单).

    ``allocation`` holds the trace to and from units at or below ``root``, and the results of their own rules;
    ``received`` what arrived at them, day by day where ``is_daily``; ``worked`` the company's working days.
    """

    root: str
    allocation: Allocation
    received: pd.DataFrame
    worked: frozenset[date]
    is_daily: bool


class Components(NamedTuple):
    """A month's additive figures.

    ``nodes`` has one row per unit that was open, with `ADDITIVE`; ``own`` the same lines of each unit without what lies
    below it; ``pools`` what each unit booked and a rule can give away. ``days`` is the ledger by unit, ``expense`` what
    units booked by kind (``amount_fen``) and bear themselves as B1 (``direct_fen``), ``natures`` what each kind is, and
    ``trades`` either side's bookings by pair, as placed in the tree; ``aside`` are records that have no place in it,
    which are in no figure; ``received`` is what arrived by allocation. These stand on their day where ``is_daily``,
    else on the first day of their span. ``worked`` are the company's working days (`working_days`).
    """

    month: Month
    organisation: Organisation
    nodes: pd.DataFrame
    own: pd.DataFrame
    pools: pd.DataFrame
    days: pd.DataFrame
    expense: pd.DataFrame
    natures: Mapping[str, str]
    trades: Trades
    aside: Aside
    allocation: Allocation
    received: pd.DataFrame
    worked: frozenset[date]
    is_daily: bool

    @property
    def booked(self) -> pd.Series[int]:
        """Sums of the ledger over all units in the tree."""
        return self.days[list(LINES)].sum()

    @property
    def direct_by_kind(self) -> pd.DataFrame:
        """B1 of every node by kind of expense: ``unit_id``, ``kind``, ``direct_fen``, where anything was booked."""
        return by_kind_at_nodes(self.expense, self.organisation)

    def by_day(self) -> Components:
        """These figures, where they are kept by day.

        Raises
        ------
        ContractError : they are not.
        """
        if not self.is_daily:
            raise ContractError(
                "Figures by day are asked of a month that was summed up",
                place=f"components of {self.month}",
                fix="compute it, and a notice it rests on, with daily=True",
            )
        return self


def components(
    records: Records,
    *,
    month: Month,
    labour_in_expense: bool = False,
    method: Method = "direct",
    order: Sequence[str] = (),
    daily: bool = False,
    notice: Notice | None = None,
) -> Components:
    """Compute the additive figures of a month for every node.

    Parameters
    ----------
    records : what the units recorded; rows outside the month are passed over.
    labour_in_expense : whether labour cost counts as expense.
    method, order : how givers that serve one another share, as in `allocate`.
    daily : whether figures are kept by day, as `by_day` and the reconciliation need them; by itself a month is summed
        up in the engine that holds its records.
    notice : for the figures of a unit and what lies below it, from the records of these alone: what the company gave
        to them and took from them, instead of rules and drivers.

    Returns
    -------
    See `Components`; its figures add up over months.

    Raises
    ------
    DataError : the tree or the rules contradict themselves.
    SettingError : ``order`` names a unit that does not exist.
    """
    unknown = sorted(set(order) - set(records.units["unit_id"]))
    if unknown:
        raise SettingError(
            f"There is no unit {some(unknown)}",
            place="parameter 'allocation_order'",
            fix="write ids of the table units, the first to close first",
        )
    root = notice.root if notice else None
    tree = Organisation(records.units, records.unit_parents, first=month.first, last=month.last, root=root)
    period = Period(month.first, month.last, () if daily else [start.date() for start in tree.spans["valid_from"]])
    booked, by_kind = ledger(records, period=period, labour_in_expense=labour_in_expense)
    booked = booked.assign(minutes=booked["normal_minutes"] + booked["overtime_minutes"])
    sides = {
        "internal_sales_fen": records.internal_trades_sold,
        "internal_purchases_fen": records.internal_trades_bought,
    }
    days, trades, aside = placed(booked, {line: pair_days(table, period) for line, table in sides.items()}, tree)
    pools = _pools(days, trades, tree)
    if notice:
        allocation, arrived, worked = notice.allocation, notice.received, notice.worked
        daily = daily and notice.is_daily
    else:
        rules, drivers = records.allocation_rules, records.drivers
        allocation = allocate(rules, drivers, pools, month=month, organisation=tree, method=method, order=order)
        arrived = (received_by_day if daily else received)(allocation, days, tree)
        counted = counted_days(records.headcount, period)
        counted = counted[~tree.outside(counted.assign(span=tree.span_of(counted["day"])), "unit_id")]
        worked = frozenset(working_days(counted).date)
    own = [kept(days, allocation), arrived]
    nodes, units = at_every_node(own, trades, tree), of_each_unit(own, trades, tree)
    expense, _ = in_tree(by_kind, tree)
    given = expense["unit_id"].isin(_givers(allocation, "expense"))
    expense = expense.assign(direct_fen=expense["counted_fen"].mask(given, 0)).drop(columns="counted_fen")
    return Components(
        month=month, organisation=tree, nodes=nodes, own=units, pools=pools, days=days, expense=expense,
        natures=records.natures, trades=trades, aside=aside, allocation=allocation, received=arrived, worked=worked,
        is_daily=daily,
    )  # fmt: skip


def kept(days: pd.DataFrame, allocation: Allocation) -> pd.DataFrame:
    """The ledger without what rules gave away, on the days on which it was booked."""
    left: dict[str, pd.Series[int]] = {}
    for pool, lines in _POOLS.items():
        given = days["unit_id"].isin(_givers(allocation, pool))
        left |= {line: days[line].mask(given, 0) for line in lines}
    return days.assign(**left).rename(columns={"expense_fen": "direct_expense_fen"})


def _givers(allocation: Allocation, pool: str) -> pd.Series[str]:
    """The units that gave their pool away."""
    gone = allocation.results[allocation.results["outcome"] == "allocated"]
    return gone.loc[gone["pool"] == pool, "from_unit_id"]


def _pools(days: pd.DataFrame, trades: Trades, organisation: Organisation) -> pd.DataFrame:
    """What each unit booked itself in the month: what a rule can give away, or be measured by."""
    sales = trades["internal_sales_fen"]
    sold = sales[~organisation.beyond(sales, "seller_id")].rename(
        columns={"seller_id": "unit_id", "amount_fen": "sales_fen"}
    )
    lines = ["expense_fen", "minutes", "person_days", "sales_fen"]
    outside = days.assign(sales_fen=days["external_sales_fen"])
    inside = sold.assign(expense_fen=0, minutes=0, person_days=0)
    return pd.concat([outside, inside])[["unit_id", *lines]].groupby("unit_id", as_index=False).sum()
