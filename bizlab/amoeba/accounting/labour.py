"""Labour cost at every node: direct where a unit does the work, indirect where it leads or serves."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from bizlab.amoeba.accounting.components import Components


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
    lines = []
    for part in parts:
        closure, units = part.organisation.closure, part.organisation.units
        leading = pd.MultiIndex.from_frame(
            closure.loc[closure["unit_id"] != closure["ancestor_id"], ["span", "ancestor_id"]]
        )
        amoebas = closure[closure["unit_id"].isin(units.loc[units["is_amoeba"], "unit_id"])]
        leaves = amoebas[~pd.MultiIndex.from_frame(amoebas[["span", "unit_id"]]).isin(leading)]
        booked = part.days[["span", "unit_id", "labour_fen"]].merge(leaves, on=["span", "unit_id"])
        sums = booked.groupby("ancestor_id")["labour_fen"].sum().rename_axis("unit_id").rename("direct_labour_fen")
        lines.append(sums.reset_index().assign(month=str(part.month)))
    return pd.concat(lines, ignore_index=True)[["month", "unit_id", "direct_labour_fen"]]
