"""合计 and 小计 lines of a sheet, compared with the rows that they cover."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bizlab.data.cleaning.conversion import readable
from bizlab.data.sources.read import FILE, LINE, PLACE, SHEET, RawTable
from bizlab.data.sources.sheet import UNCALCULATED


def differing_totals(raw: RawTable, control: str, *, stored: pd.DataFrame | None = None) -> pd.DataFrame:
    """Places of total lines whose amount is not the sum of the rows that they can cover.

    A total line may cover the rows since the sheet began, or those since the total line before it;
    which of the two depends on the sender's habit, so either sum is right. One that leaves the
    amount blank, or is a formula that no program has calculated yet, states nothing.

    Parameters
    ----------
    raw : the texts of the table. control : the column that is compared.
    stored : place and ``amount`` of further rows, whose texts are not in ``raw``.

    Returns
    -------
    One row per differing total line: its file, sheet and line.
    """
    by_place = dict(iter(raw.totals.groupby([FILE, SHEET], sort=True)))
    amounts = raw.rows[list(PLACE)].assign(amount=readable(raw.rows[control], raw.contract[control], raw.source))
    amounts = amounts if stored is None else pd.concat([amounts, stored], ignore_index=True)
    sheets = {place: sheet for place, sheet in amounts.groupby([FILE, SHEET], sort=True) if place in by_place}
    places = [
        (*place, line)
        for place, totals in by_place.items()
        for line in _differing(sheets.get(place, amounts.iloc[:0]), totals, raw, control)
    ]
    return pd.DataFrame(places, columns=list(PLACE)).astype({FILE: "str", SHEET: "str", LINE: "int64"})


def _differing(rows: pd.DataFrame, totals: pd.DataFrame, raw: RawTable, control: str) -> list[int]:
    stated = totals[[LINE]].assign(
        amount=readable(totals[control], raw.contract[control], raw.source),
        said=~totals[control].str.strip().isin(["", UNCALCULATED]),
    )
    lines = stated.groupby(LINE, sort=True).agg(amount=("amount", "sum"), said=("said", "any"))
    ordered = rows.sort_values(LINE, kind="stable")
    running = np.concatenate([[0], ordered["amount"].to_numpy("int64").cumsum()])
    above = running[np.searchsorted(ordered[LINE].to_numpy(), lines.index.to_numpy())]
    since_last = np.diff(above, prepend=0)
    amount = lines["amount"].to_numpy("int64")
    off = lines["said"].to_numpy() & (amount != above) & (amount != since_last)
    return [int(line) for line in lines.index[off]]
