"""The additive figures of every node of the tree for a month: what the unit-hour sheet is made of.

Every figure of a unit goes to the unit and to all above it on the day it happened. Trade between two
units below the same node disappears from that node (elimination at the lowest common parent). What was
allocated leaves the giver's own expense and hours and arrives at the receivers, so that every node, and
the company, bears what it booked and nothing twice.
"""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from bizlab.amoeba.allocation import Allocation, allocate
from bizlab.amoeba.ledger import LINES, Records, ledger
from bizlab.amoeba.organisation import Organisation
from bizlab.amoeba.trade import within
from bizlab.checks import Check
from bizlab.labels import Label
from bizlab.periods import Month
from bizlab.units import Unit

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
    "orders_fen",
)
_EXPENSE = ("direct_expense_fen", "department_expense_fen", "sbu_expense_fen")
_MINUTES = ("normal_minutes", "overtime_minutes", "department_minutes", "sbu_minutes")
_RECEIVED = {
    ("expense_fen", "department"): "department_expense_fen",
    ("expense_fen", "sbu"): "sbu_expense_fen",
    ("minutes", "department"): "department_minutes",
    ("minutes", "sbu"): "sbu_minutes",
}


class Components(NamedTuple):
    """A month's additive figures.

    ``nodes`` has one row per unit that was open, with `ADDITIVE` and ``working_days`` (days on which
    anyone in the company was counted); ``booked`` the sums of the ledger over all units.
    """

    month: Month
    organisation: Organisation
    nodes: pd.DataFrame
    booked: pd.Series[int]
    allocation: Allocation


def components(records: Records, *, month: Month, labour_in_expense: bool = False) -> Components:
    """Compute the additive figures of a month for every node.

    Parameters
    ----------
    records : what the units recorded; rows outside the month are passed over.
    labour_in_expense : whether labour cost counts as expense.

    Raises
    ------
    DataError : the tree or the rules contradict themselves, or a record names a unit outside the tree.
    """
    organisation = Organisation(records.units, records.unit_parents, first=month.first, last=month.last)
    days = ledger(records, first=month.first, last=month.last, labour_in_expense=labour_in_expense)
    allocation = allocate(records.allocation_rules, records.drivers, _pools(days), month=month)
    parts = [
        _rolled_up(days, organisation),
        _traded(records, organisation, month),
        _allocated(days, allocation, organisation),
    ]
    open_units = organisation.tree()[["unit_id"]]
    sums = pd.concat(parts).groupby("unit_id")[list(ADDITIVE)].sum()
    nodes = open_units.merge(sums.astype("int64").reset_index(), on="unit_id", how="left").fillna(0)
    nodes = nodes.astype(dict.fromkeys(ADDITIVE, "int64"))
    counted = days[days["person_days"] > 0]
    return Components(
        month, organisation, nodes.assign(working_days=counted["day"].nunique()), days[list(LINES)].sum(), allocation
    )


def _pools(days: pd.DataFrame) -> pd.DataFrame:
    """What each unit booked itself in the month."""
    sums = days.groupby("unit_id", as_index=False)[["expense_fen", "normal_minutes", "overtime_minutes"]].sum()
    return sums.assign(minutes=sums["normal_minutes"] + sums["overtime_minutes"])


def _rolled_up(days: pd.DataFrame, organisation: Organisation) -> pd.DataFrame:
    """The ledger at every node: a day's figures go to those above on that day."""
    placed = days.assign(span=organisation.span_of(days["day"]))
    named = placed.merge(organisation.closure, on=["span", "unit_id"], how="left")
    organisation.refuse_outside(named, "unit_id", "day")
    sums = named.groupby("ancestor_id", as_index=False)[list(LINES)].sum()
    return _complete(sums.rename(columns={"ancestor_id": "unit_id", "expense_fen": "direct_expense_fen"}))


def _traded(records: Records, organisation: Organisation, month: Month) -> pd.DataFrame:
    """Sales at every node above the seller that is not above the buyer too, and purchases likewise."""
    sides = (
        (records.internal_trades_sold, "seller_id", "buyer_id", "internal_sales_fen"),
        (records.internal_trades_bought, "buyer_id", "seller_id", "internal_purchases_fen"),
    )
    parts = []
    for trades, own, other, line in sides:
        dated = within(trades, "traded_on", month.first, month.last)
        placed = dated.assign(span=organisation.span_of(dated["traded_on"]))
        above = _above(placed, own, organisation)
        beyond = _above(placed, other, organisation)[["trade_id", "ancestor_id"]]
        outside = above.merge(beyond, on=["trade_id", "ancestor_id"], how="left", indicator=True)
        crossing = outside[outside["_merge"] == "left_only"]
        sums = crossing.groupby("ancestor_id", as_index=False)["amount_fen"].sum()
        parts.append(_complete(sums.rename(columns={"ancestor_id": "unit_id", "amount_fen": line})))
    return pd.concat(parts)


def _above(placed: pd.DataFrame, side: str, organisation: Organisation) -> pd.DataFrame:
    """One row per trade and node at or above one of its sides."""
    named = placed.merge(organisation.closure, left_on=["span", side], right_on=["span", "unit_id"], how="left")
    organisation.refuse_outside(named, side, "traded_on")
    return named[["trade_id", "amount_fen", "ancestor_id"]]


def _allocated(days: pd.DataFrame, allocation: Allocation, organisation: Organisation) -> pd.DataFrame:
    """What was given leaves the giver and all above it; what was received arrives likewise."""
    gone = allocation.results[allocation.results["outcome"] == "allocated"]
    own = _pools(days).set_index("unit_id")
    expense = gone.loc[gone["pool"] == "expense", ["from_unit_id", "expense_fen"]]
    hours = gone.loc[gone["pool"] == "hours", "from_unit_id"]
    given = pd.DataFrame({"unit_id": expense["from_unit_id"], "direct_expense_fen": -expense["expense_fen"]})
    minutes = (-own.loc[hours, ["normal_minutes", "overtime_minutes"]]).reset_index(names="unit_id")
    leaving = pd.concat([_complete(given), _complete(minutes)]).merge(_last_above(organisation), on="unit_id")
    arriving = _arriving(allocation.trace, organisation)
    both = pd.concat([leaving.drop(columns="unit_id"), arriving])
    return both.groupby("ancestor_id", as_index=False)[list(ADDITIVE)].sum().rename(columns={"ancestor_id": "unit_id"})


def _arriving(trace: pd.DataFrame, organisation: Organisation) -> pd.DataFrame:
    """Received amounts at every node above the receiver on the last days on which it stood under the giver.

    A receiver that moved within the month has a share under each parent; the share of the old
    parent stays below the old parent.
    """
    received = pd.DataFrame(
        {line: trace[amount].where(trace["scope"] == scope, 0) for (amount, scope), line in _RECEIVED.items()}
    )
    received = received.assign(to=trace["to_unit_id"], giver=trace["from_unit_id"])
    closure = organisation.closure
    together = closure.rename(columns={"unit_id": "to", "ancestor_id": "giver"})
    span = received.merge(
        together.groupby(["to", "giver"], as_index=False)["span"].max(), on=["to", "giver"], how="left"
    )
    latest = span["to"].map(closure.groupby("unit_id")["span"].max())
    placed = span.assign(span=span["span"].fillna(latest).astype("int64"), unit_id=span["to"])
    named = placed.merge(closure, on=["span", "unit_id"])
    return _complete(named)[["ancestor_id", *ADDITIVE]]


def _last_above(organisation: Organisation) -> pd.DataFrame:
    """Each unit and all above it in the last span in which it was open."""
    closure = organisation.closure
    last = closure.groupby("unit_id")["span"].transform("max")
    return closure.loc[closure["span"] == last, ["unit_id", "ancestor_id"]]


def _complete(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with every additive line, 0 where it has none."""
    return frame.assign(**{line: 0 for line in ADDITIVE if line not in frame})


def component_checks(parts: Components) -> list[Check]:
    """The company bears exactly what its units booked, and allocation moved without losing anything."""
    parent = parts.organisation.parent_of(parts.month.last)
    root = parts.nodes[~parts.nodes["unit_id"].isin(parent)].iloc[0]
    booked_minutes = int(parts.booked["normal_minutes"] + parts.booked["overtime_minutes"])
    trace, results = parts.allocation
    return [
        Check(
            f"unit_hour.{parts.month}.sales",
            Label("公司对外销售 = 各单元入账之和", "external sales of the company = sum of the units' records"),
            int(root["external_sales_fen"]),
            int(parts.booked["external_sales_fen"]),
            Unit.FEN,
        ),
        Check(
            f"unit_hour.{parts.month}.expense",
            Label(
                "公司 B1 + B2 + B3 = 各单元入账费用之和", "company B1 + B2 + B3 = sum of the expense that units booked"
            ),
            sum(int(root[line]) for line in _EXPENSE),
            int(parts.booked["expense_fen"]),
            Unit.FEN,
        ),
        Check(
            f"unit_hour.{parts.month}.hours",
            Label("公司 D = 各单元入账工时之和", "company D = sum of the hours that units booked"),
            sum(int(root[line]) for line in _MINUTES),
            booked_minutes,
            Unit.MINUTES,
        ),
        Check(
            f"unit_hour.{parts.month}.allocated_expense",
            Label("分摊明细费用之和 = 各规则分出之和", "expense traced to receivers = expense given by the rules"),
            int(trace["expense_fen"].sum()),
            int(results["expense_fen"].sum()),
            Unit.FEN,
        ),
        Check(
            f"unit_hour.{parts.month}.allocated_hours",
            Label("分摊明细工时之和 = 各规则分出之和", "hours traced to receivers = hours given by the rules"),
            int(trace["minutes"].sum()),
            int(results["minutes"].sum()),
            Unit.MINUTES,
        ),
    ]
