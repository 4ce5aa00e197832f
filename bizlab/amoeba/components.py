"""The additive figures of every node of the tree for a month: what the unit-hour sheet is made of.

Every figure of a unit goes to the unit and to all above it on the day it happened. Trade between two
units below the same node disappears from that node (elimination at the lowest common parent). What was
allocated leaves the giver's own expense and hours on the day it was booked and arrives at the receivers, so
that every node, and the company, bears what it booked and nothing twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pandas as pd

from bizlab.amoeba.allocation import Allocation, allocate
from bizlab.amoeba.ledger import LINES, Records, ledger, pair_days
from bizlab.amoeba.organisation import Organisation
from bizlab.amoeba.placement import received
from bizlab.amoeba.sharing import Method
from bizlab.errors import SettingError, some
from bizlab.periods import Month

ADDITIVE = (
    "external_sales_fen",
    "internal_sales_fen",
    "internal_purchases_fen",
    "direct_expense_fen",
    "department_expense_fen",
    "sbu_expense_fen",
    "normal_minutes",
    "overtime_minutes",
    "department_minutes",
    "sbu_minutes",
    "n_hour_records",
    "person_days",
    "n_headcounts",
    "orders_fen",
)
_SIDES = {
    "internal_sales_fen": ("seller_id", "buyer_id"),
    "internal_purchases_fen": ("buyer_id", "seller_id"),
}
_POOLS = {"expense": ("expense_fen",), "hours": ("normal_minutes", "overtime_minutes")}


class Components(NamedTuple):
    """A month's additive figures.

    ``nodes`` has one row per unit that was open, with `ADDITIVE` and ``working_days`` (days on which
    anyone in the company was counted); ``own`` the same lines of each unit by itself, without what lies
    below it; ``pools`` what each unit booked and a rule can give away; ``booked`` the sums of the ledger over
    all units.
    """

    month: Month
    organisation: Organisation
    nodes: pd.DataFrame
    own: pd.DataFrame
    pools: pd.DataFrame
    booked: pd.Series[int]
    allocation: Allocation


def components(
    records: Records,
    *,
    month: Month,
    labour_in_expense: bool = False,
    method: Method = "direct",
    order: Sequence[str] = (),
) -> Components:
    """Compute the additive figures of a month for every node.

    Parameters
    ----------
    records : what the units recorded; rows outside the month are passed over.
    labour_in_expense : whether labour cost counts as expense.
    method, order : how givers that serve one another share, as in `allocate`.

    Returns
    -------
    See `Components`; its figures add up over months.

    Raises
    ------
    DataError : the tree or the rules contradict themselves, or a record names a unit outside the tree.
    SettingError : ``order`` names what is no unit.
    """
    _refuse_unknown(order, records.units)
    organisation = Organisation(records.units, records.unit_parents, first=month.first, last=month.last)
    days = ledger(records, first=month.first, last=month.last, labour_in_expense=labour_in_expense)
    days = days.assign(
        span=organisation.span_of(days["day"]), minutes=days["normal_minutes"] + days["overtime_minutes"]
    )
    organisation.refuse_outside(days, "unit_id")
    trades = _trades(records, organisation, month)
    pools = _pools(days, trades)
    rules, drivers = records.allocation_rules, records.drivers
    allocation = allocate(rules, drivers, pools, month=month, organisation=organisation, method=method, order=order)
    booked = days.groupby(["unit_id", "span"], as_index=False)[["expense_fen", "minutes"]].sum()
    own = [_kept(days, allocation), received(allocation, booked, organisation)]
    above = [*(_rolled_up(part, organisation) for part in own), *_crossing(trades, organisation)]
    counted = days[days["person_days"] > 0]
    return Components(
        month,
        organisation,
        _of_each(above, organisation).assign(working_days=counted["day"].nunique()),
        _of_each([*own, *_own_trade(trades)], organisation),
        pools,
        days[list(LINES)].sum(),
        allocation,
    )


def _refuse_unknown(order: Sequence[str], units: pd.DataFrame) -> None:
    unknown = sorted(set(order) - set(units["unit_id"]))
    if unknown:
        raise SettingError(
            f"There is no unit {some(unknown)}",
            place="parameter 'allocation_order'",
            way_out="write ids of the table units, the first to close first",
        )


def _trades(records: Records, organisation: Organisation, month: Month) -> dict[str, pd.DataFrame]:
    """Either side's bookings by seller, buyer and day, under the line that they enter."""
    sides = {
        "internal_sales_fen": records.internal_trades_sold,
        "internal_purchases_fen": records.internal_trades_bought,
    }
    summed = {line: pair_days(table, month.first, month.last) for line, table in sides.items()}
    placed = {line: pairs.assign(span=organisation.span_of(pairs["day"])) for line, pairs in summed.items()}
    for pairs in placed.values():
        for side in ("seller_id", "buyer_id"):
            organisation.refuse_outside(pairs, side)
    return placed


def _pools(days: pd.DataFrame, trades: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """What each unit booked itself in the month: what a rule can give away, or be measured by."""
    sold = trades["internal_sales_fen"].rename(columns={"seller_id": "unit_id", "amount_fen": "sales_fen"})
    lines = ["expense_fen", "minutes", "person_days", "sales_fen"]
    outside = days.assign(sales_fen=days["external_sales_fen"])
    inside = sold.assign(expense_fen=0, minutes=0, person_days=0)
    return pd.concat([outside, inside])[["unit_id", *lines]].groupby("unit_id", as_index=False).sum()


def _kept(days: pd.DataFrame, allocation: Allocation) -> pd.DataFrame:
    """The ledger without what rules gave away, on the days on which it was booked."""
    gone = allocation.results[allocation.results["outcome"] == "allocated"]
    kept: dict[str, pd.Series[int]] = {}
    for pool, lines in _POOLS.items():
        given = days["unit_id"].isin(gone.loc[gone["pool"] == pool, "from_unit_id"])
        kept |= {line: days[line].mask(given, 0) for line in lines}
    return days.assign(**kept).rename(columns={"expense_fen": "direct_expense_fen"})


def _rolled_up(figures: pd.DataFrame, organisation: Organisation) -> pd.DataFrame:
    """A unit's figures at every node above it in the span in which they stand."""
    lines = [line for line in ADDITIVE if line in figures]
    sums = figures.groupby(["span", "unit_id"], as_index=False)[lines].sum()
    named = sums.merge(organisation.closure, on=["span", "unit_id"])
    return named.drop(columns="unit_id").rename(columns={"ancestor_id": "unit_id"})


def _crossing(trades: dict[str, pd.DataFrame], organisation: Organisation) -> Iterator[pd.DataFrame]:
    """Sales at every node above the seller that is not above the buyer too, and purchases likewise."""
    for line, (own, other) in _SIDES.items():
        pairs = trades[line].groupby(["span", own, other], as_index=False)["amount_fen"].sum()
        placed = pairs.reset_index(names="pair")
        above, beyond = (_above(placed, side, organisation) for side in (own, other))
        outside = above.merge(beyond[["pair", "ancestor_id"]], how="left", indicator=True)
        crossing = outside[outside["_merge"] == "left_only"]
        yield crossing[["ancestor_id", "amount_fen"]].set_axis(["unit_id", line], axis=1)


def _above(placed: pd.DataFrame, side: str, organisation: Organisation) -> pd.DataFrame:
    """One row per pair and node at or above one of its sides."""
    named = placed.merge(organisation.closure, left_on=["span", side], right_on=["span", "unit_id"])
    return named[["pair", "amount_fen", "ancestor_id"]]


def _own_trade(trades: dict[str, pd.DataFrame]) -> Iterator[pd.DataFrame]:
    """What each unit sold and bought inside; a trade with itself is neither."""
    for line, (own, _) in _SIDES.items():
        pairs = trades[line]
        others = pairs[pairs["seller_id"] != pairs["buyer_id"]]
        yield others[[own, "amount_fen"]].set_axis(["unit_id", line], axis=1)


def _of_each(parts: Sequence[pd.DataFrame], organisation: Organisation) -> pd.DataFrame:
    """Sums of the additive lines for each open unit, depth first; 0 in a line that a unit does not have."""
    complete = [part.assign(**{line: 0 for line in ADDITIVE if line not in part}) for part in parts]
    sums = pd.concat([part[["unit_id", *ADDITIVE]] for part in complete]).groupby("unit_id").sum()
    return sums.reindex(organisation.tree()["unit_id"], fill_value=0).reset_index()
