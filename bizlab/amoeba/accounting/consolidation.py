"""From the units' own figures to every node: roll-up by day's tree, trade eliminated at the lowest common parent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bizlab.amoeba.accounting.ledger import BOOKED
from bizlab.amoeba.accounting.organisation import Nodes, Organisation

EXPENSE = ("direct_expense_fen", "department_expense_fen", "sbu_expense_fen")
"""The lines of B: B1, B2 and B3."""
MINUTES = ("normal_minutes", "overtime_minutes", "department_minutes", "sbu_minutes")
"""The lines of D."""
ADDITIVE = (
    "external_sales_fen",
    "internal_sales_fen",
    "internal_purchases_fen",
    *EXPENSE,
    *BOOKED,
    *MINUTES,
    "n_hour_records",
    "person_days",
    "n_headcounts",
    "orders_fen",
)
"""The lines that add up over units and days: those of the sheet, and what was booked by nature before allocation,
labour included."""
Trades = Mapping[str, pd.DataFrame]
"""Either side's bookings under the line that they enter: seller, buyer, ``day``, ``span`` and ``amount_fen``."""
SIDES = {"internal_sales_fen": ("seller_id", "buyer_id"), "internal_purchases_fen": ("buyer_id", "seller_id")}
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
    return _of_open(at_nodes(own, trades, organisation, []), organisation)


def of_each_unit(own: Sequence[pd.DataFrame], trades: Trades, organisation: Organisation) -> pd.DataFrame:
    """The lines of each unit without what lies below it; a trade with itself is neither sale nor purchase."""
    return _of_open(of_units(own, trades, organisation, []), organisation)


def by_kind_at_nodes(expense: pd.DataFrame, organisation: Organisation) -> pd.DataFrame:
    """Expense of each unit and of all below it by kind.

    Parameters
    ----------
    expense : ``unit_id``, ``span``, ``kind`` and ``direct_fen``, in any number of rows.

    Returns
    -------
    One row per unit and kind with a record: ``unit_id``, ``kind``, ``direct_fen``.
    """
    lined = expense.rename(columns={"direct_fen": "direct_expense_fen"})
    sums = _rolled_up(lined, organisation, ["kind"])
    return sums.rename(columns={"direct_expense_fen": "direct_fen"})[["unit_id", "kind", "direct_fen"]]


def at_nodes(own: Sequence[pd.DataFrame], trades: Trades, organisation: Organisation, by: list[str]) -> pd.DataFrame:
    """The sums of `at_every_node` where there are any, apart by some columns of figures and trades, such as ``day``."""
    above = [_rolled_up(part, organisation, by) for part in own]
    return _sums([*above, *_crossing(trades, organisation, by)], by)


def of_units(own: Sequence[pd.DataFrame], trades: Trades, organisation: Organisation, by: list[str]) -> pd.DataFrame:
    """The sums of `of_each_unit` where there are any, apart by some columns of figures and trades, such as ``day``."""
    traded = []
    for line, (side, _) in SIDES.items():
        pairs = trades[line]
        others = pairs[(pairs["seller_id"] != pairs["buyer_id"]) & ~organisation.beyond(pairs, side)]
        traded.append(others.rename(columns={side: "unit_id", "amount_fen": line}))
    return _sums([*own, *traded], by)


def _rolled_up(figures: pd.DataFrame, organisation: Organisation, by: list[str]) -> pd.DataFrame:
    """A unit's figures at every node above it in the span in which they stand."""
    lines = [line for line in ADDITIVE if line in figures]
    sums = figures.groupby(["span", *by, "unit_id"], as_index=False)[lines].sum()
    path = organisation.path(sums, "unit_id")
    return _at(path, path >= 0, sums[[*by, *lines]], organisation, by)


def _crossing(trades: Trades, organisation: Organisation, by: list[str]) -> Iterator[pd.DataFrame]:
    """Sales at every node above the seller that is not above the buyer too, and purchases likewise."""
    for line, sides in SIDES.items():
        pairs = trades[line]
        own, other = (organisation.path(pairs, side) for side in sides)
        placed = pairs.rename(columns={"amount_fen": line})[[*by, line]]
        yield _at(own, (own >= 0) & (own != other), placed, organisation, by)


def _at(
    path: Nodes, counts: NDArray[np.bool_], rows: pd.DataFrame, organisation: Organisation, by: list[str]
) -> pd.DataFrame:
    """Sums of the rows at those nodes of their paths that count."""
    row, depth = np.nonzero(counts)
    placed = rows.iloc[row].assign(node=path[row, depth])
    sums = placed.groupby([*by, "node"], as_index=False).sum()
    return sums.assign(unit_id=organisation.unit_ids[sums["node"]]).drop(columns="node")


def _sums(parts: Sequence[pd.DataFrame], by: list[str]) -> pd.DataFrame:
    """Sums of the additive lines by unit; 0 in a line that a unit does not have."""
    keys = [*by, "unit_id"]
    sums = [part.groupby(keys)[[line for line in ADDITIVE if line in part]].sum() for part in parts]
    complete = pd.concat([part.reindex(columns=list(ADDITIVE), fill_value=0) for part in sums])
    return complete.groupby(keys).sum()


def _of_open(sums: pd.DataFrame, organisation: Organisation) -> pd.DataFrame:
    """One row for each open unit, depth first; 0 where a unit has nothing."""
    return sums.reindex(organisation.tree()["unit_id"], fill_value=0).reset_index()
