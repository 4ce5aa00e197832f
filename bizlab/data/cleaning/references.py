"""Ids that point at other tables: redirected where companies were merged, listed where nothing is there."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from bizlab.contracts.table import Table
from bizlab.data.cleaning.quality import WARNINGS


def redirected(
    tables: dict[str, pd.DataFrame], merged: dict[str, str], contracts: Mapping[str, Table]
) -> dict[str, pd.DataFrame]:
    """The tables with the ids of merged companies replaced by those they were merged into."""
    return {
        name: frame.assign(
            **{
                column.name: frame[column.name].map(lambda customer_id: merged.get(customer_id, customer_id))
                for column in contracts[name].columns
                if merged and name != "customers" and column.refers == "customers"
            }
        )
        for name, frame in tables.items()
    }


def orphans(
    tables: dict[str, pd.DataFrame], places: dict[str, pd.DataFrame], contracts: Mapping[str, Table]
) -> pd.DataFrame:
    """Ids without a row to point at; the rows that hold them are kept.

    Parameters
    ----------
    tables : the cleaned tables. contracts : which say what their columns refer to.
    places : for each table, file, sheet and line of its rows, in the same order.

    Returns
    -------
    One warning per table, column and id, at the first row that holds the id.
    """
    warnings = [WARNINGS.empty()]
    for name, frame in tables.items():
        for column, parent in ((each.name, each.refers) for each in contracts[name].columns):
            if parent not in tables or parent == name:
                continue
            lost = frame[column].notna() & ~frame[column].isin(tables[parent][contracts[parent].ids(column)])
            first = lost & ~frame[column].where(lost).duplicated()
            place = places[name].set_axis(["file", "sheet", "line"], axis=1)[first.to_numpy()]
            warning = {"table": name, "column": column, "text": frame.loc[first, column].tolist(), "rule": "no_parent"}
            warnings.append(place.assign(**warning)[list(WARNINGS.names)])
    return pd.concat(warnings, ignore_index=True)
