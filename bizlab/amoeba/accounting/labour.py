"""Labour cost at every node: direct where a unit does the work, indirect where it leads or serves."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from bizlab.amoeba.accounting.components import Components
from bizlab.amoeba.accounting.ledger import LABOUR
from bizlab.amoeba.accounting.organisation import Organisation


def direct_labour(parts: Sequence[Components]) -> pd.DataFrame:
    """Labour cost of the amoebas without units below them, at every node above them.

    What is left of a node's labour cost is indirect: that of leaders, of departments, and of units that have units
    below them. A unit is judged by the tree of the day on which the cost was booked.

    Parameters
    ----------
    parts : the additive figures of the months.

    Returns
    -------
    One row per month and node that bears any: ``month``, ``unit_id``, ``direct_labour_fen``.
    """
    of_months = [_at_every_node(part).assign(month=str(part.month)) for part in parts]
    return pd.concat(of_months, ignore_index=True)[["month", "unit_id", "direct_labour_fen"]]


def _at_every_node(part: Components) -> pd.DataFrame:
    booked = part.days[["span", "unit_id", f"{LABOUR}_fen"]]
    direct = booked.merge(_leaves(part.organisation), on=["span", "unit_id"])
    above = direct.merge(part.organisation.closure, on=["span", "unit_id"])
    sums = above.groupby("ancestor_id")[f"{LABOUR}_fen"].sum()
    return sums.rename_axis("unit_id").rename("direct_labour_fen").reset_index()


def _leaves(organisation: Organisation) -> pd.DataFrame:
    """The amoebas without units below them, in each span."""
    closure, units = organisation.closure, organisation.units
    leading = closure.loc[closure["unit_id"] != closure["ancestor_id"], ["span", "ancestor_id"]]
    amoebas = units.loc[units["is_amoeba"], "unit_id"]
    leaves = closure.loc[closure["unit_id"].isin(amoebas), ["span", "unit_id"]].drop_duplicates()
    return leaves[~pd.MultiIndex.from_frame(leaves).isin(pd.MultiIndex.from_frame(leading))]
