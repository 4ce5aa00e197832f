"""From the units' own figures to every node: roll-up by day's tree, trade eliminated at the lowest common parent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from bizlab.amoeba.ledger import BOOKED, DIRECT
from bizlab.amoeba.organisation import Organisation

ADDITIVE = (
    "external_sales_fen",
    "internal_sales_fen",
    "internal_purchases_fen",
    "direct_expense_fen",
    *DIRECT,
    "department_expense_fen",
    "sbu_expense_fen",
    *BOOKED,
    "normal_minutes",
    "overtime_minutes",
    "department_minutes",
    "sbu_minutes",
    "n_hour_records",
    "person_days",
    "n_headcounts",
    "orders_fen",
)
"""The lines that add up over units and days: those of the sheet, B1 by class, and what was booked by class before
allocation, labour included."""
Trades = Mapping[str, pd.DataFrame]
"""Either side's bookings under the line that they enter: seller, buyer, ``day``, ``span`` and ``amount_fen``."""
SIDES = {
    "internal_sales_fen": ("seller_id", "buyer_id"),
    "internal_purchases_fen": ("buyer_id", "seller_id"),
}
"""Whose line a booking enters, and who stands on the other side."""


def at_every_node(own: Sequence[pd.DataFrame], trades: Trades, organisation: Organisation) -> pd.DataFrame:
    """The lines of each unit and of all below it.

    Parameters
    ----------
    own : figures with ``unit_id`` and ``span``, in any of the lines of `ADDITIVE` but internal trade.

    Returns
    -------
    One row per open unit, depth first, with `ADDITIVE`; a trade stands at every node that one side alone is below.
    """
    above = [_rolled_up(part, organisation) for part in own]
    return _of_each([*above, *_crossing(trades, organisation)], organisation)


def of_each_unit(own: Sequence[pd.DataFrame], trades: Trades, organisation: Organisation) -> pd.DataFrame:
    """The lines of each unit without what lies below it; a trade with itself is neither sale nor purchase."""
    return _of_each([*own, *_own_trade(trades)], organisation)


def _rolled_up(figures: pd.DataFrame, organisation: Organisation) -> pd.DataFrame:
    """A unit's figures at every node above it in the span in which they stand."""
    lines = [line for line in ADDITIVE if line in figures]
    sums = figures.groupby(["span", "unit_id"], as_index=False)[lines].sum()
    named = sums.merge(organisation.closure, on=["span", "unit_id"])
    return named.drop(columns="unit_id").rename(columns={"ancestor_id": "unit_id"})


def _crossing(trades: Trades, organisation: Organisation) -> Iterator[pd.DataFrame]:
    """Sales at every node above the seller that is not above the buyer too, and purchases likewise."""
    for line, (own, other) in SIDES.items():
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


def _own_trade(trades: Trades) -> Iterator[pd.DataFrame]:
    for line, (own, _) in SIDES.items():
        pairs = trades[line]
        others = pairs[pairs["seller_id"] != pairs["buyer_id"]]
        yield others[[own, "amount_fen"]].set_axis(["unit_id", line], axis=1)


def _of_each(parts: Sequence[pd.DataFrame], organisation: Organisation) -> pd.DataFrame:
    """Sums of the additive lines for each open unit, depth first; 0 in a line that a unit does not have."""
    sums = [part.groupby("unit_id")[[line for line in ADDITIVE if line in part]].sum() for part in parts]
    complete = pd.concat([part.reindex(columns=list(ADDITIVE), fill_value=0) for part in sums]).groupby("unit_id").sum()
    return complete.reindex(organisation.tree()["unit_id"], fill_value=0).reset_index()
