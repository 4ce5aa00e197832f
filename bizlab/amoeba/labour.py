"""Labour cost at every node: direct where a unit does the work, indirect where it leads or serves."""

from __future__ import annotations

from collections.abc import Sequence

import narwhals as nw
import pandas as pd

from bizlab.amoeba.components import Components
from bizlab.amoeba.ledger import LABOUR, Records, unit_days
from bizlab.amoeba.organisation import Organisation
from bizlab.engine import lazy


def direct_labour(records: Records, parts: Sequence[Components]) -> pd.DataFrame:
    """Labour cost of the amoebas without units below them, at every node above them.

    What is left of a node's labour cost is indirect: that of leaders, of departments, and of units that have units
    below them. A unit is judged by the tree of the day on which the cost was booked.

    Parameters
    ----------
    records : its ``expense_records`` may be scanned.
    parts : the additive figures of successive months, for their trees.

    Returns
    -------
    One row per month and node that bears any: ``month``, ``unit_id``, ``direct_labour_fen``.
    """
    spent = lazy(records.expense_records).filter(nw.col("kind") == LABOUR)
    first, last = parts[0].month.first, parts[-1].month.last
    booked = unit_days(spent, "recorded_on", {"expense_fen": "amount_fen"}, first, last)
    of_months = [_of_month(booked, part).assign(month=str(part.month)) for part in parts]
    return pd.concat(of_months, ignore_index=True)[["month", "unit_id", "direct_labour_fen"]]


def _of_month(booked: pd.DataFrame, part: Components) -> pd.DataFrame:
    within = booked["day"].between(pd.Timestamp(part.month.first), pd.Timestamp(part.month.last))
    days = booked[within]
    placed = days.assign(span=part.organisation.span_of(days["day"]))
    direct = placed.merge(_leaves(part.organisation), on=["span", "unit_id"])
    above = direct.merge(part.organisation.closure, on=["span", "unit_id"])
    sums = above.groupby("ancestor_id")["expense_fen"].sum()
    return sums.rename_axis("unit_id").rename("direct_labour_fen").reset_index()


def _leaves(organisation: Organisation) -> pd.DataFrame:
    """The amoebas without units below them, in each span."""
    closure, units = organisation.closure, organisation.units
    above = closure.loc[closure["unit_id"] != closure["ancestor_id"], ["span", "ancestor_id"]].drop_duplicates()
    amoebas = closure[closure["unit_id"].isin(units.loc[units["is_amoeba"], "unit_id"])]
    told = amoebas[["span", "unit_id"]].drop_duplicates()
    leading = pd.MultiIndex.from_frame(above)
    return told[~pd.MultiIndex.from_frame(told).isin(leading)]
