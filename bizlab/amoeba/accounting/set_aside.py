"""Records that have no place in the tree on their day: set aside, listed, in no figure, so that sums still close."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from bizlab.amoeba.accounting.organisation import Organisation


class Aside(NamedTuple):
    """Rows of the ledger and of the trades by pair of which a unit is not in the tree on the day."""

    days: pd.DataFrame
    trades: Mapping[str, pd.DataFrame]


def placed(
    days: pd.DataFrame, trades: Mapping[str, pd.DataFrame], organisation: Organisation
) -> tuple[pd.DataFrame, Mapping[str, pd.DataFrame], Aside]:
    """Tell rows with a place in the tree from those without; a trade needs a place for both its sides.

    Parameters
    ----------
    days : the ledger, by ``unit_id`` and ``day``. trades : by line, with ``seller_id``, ``buyer_id`` and ``day``.

    Returns
    -------
    Days and trades that are placed, with the ``span`` of the tree that their day lies in, and those that are not. Where
    the tree is that of a unit and what lies below it, what does not concern these is in neither.
    """
    known, lost = in_tree(days, organisation)
    lost_trades, known_trades = {}, {}
    for line, rows in trades.items():
        pairs = rows.assign(span=organisation.span_of(rows["day"]))
        outside, beyond = (
            [test(pairs, side) for side in ("seller_id", "buyer_id")]
            for test in (organisation.outside, organisation.beyond)
        )
        is_lost = outside[0] | outside[1]
        lost_trades[line], known_trades[line] = pairs[is_lost], pairs[~(is_lost | (beyond[0] & beyond[1]))]
    return known, known_trades, Aside(lost, lost_trades)


def in_tree(rows: pd.DataFrame, organisation: Organisation) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows by ``unit_id`` and ``day`` that have a place in the tree, and those without, each with its ``span``."""
    numbered = rows.assign(span=organisation.span_of(rows["day"]))
    lost = organisation.outside(numbered, "unit_id")
    return numbered[~(lost | organisation.beyond(numbered, "unit_id"))], numbered[lost]
