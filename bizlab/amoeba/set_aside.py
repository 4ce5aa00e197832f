"""Records that have no place in the tree on their day: set aside, listed, in no figure, so that sums still close."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from bizlab.amoeba.organisation import Organisation


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
    Days and trades that are placed, with the ``span`` of the tree that their day lies in, and the others.
    """
    numbered = days.assign(span=organisation.span_of(days["day"]))
    lost = organisation.outside(numbered, "unit_id")
    pairs = {line: rows.assign(span=organisation.span_of(rows["day"])) for line, rows in trades.items()}
    astray = {
        line: organisation.outside(rows, "seller_id") | organisation.outside(rows, "buyer_id")
        for line, rows in pairs.items()
    }
    aside = Aside(numbered[lost], {line: rows[astray[line]] for line, rows in pairs.items()})
    return numbered[~lost], {line: rows[~astray[line]] for line, rows in pairs.items()}, aside
