"""Ids that point at other tables: redirected where companies were merged, listed where nothing is there."""

from __future__ import annotations

import pandas as pd

from bizlab.data.cleaning.quality import WARNINGS

PARENTS = {
    "customer_id": ("customers", "customer_id"),
    "order_id": ("orders", "order_id"),
    "channel_id": ("channels", "channel_id"),
    "unit_id": ("units", "unit_id"),
    "owner_id": ("units", "unit_id"),
    "parent_id": ("units", "unit_id"),
    "seller_id": ("units", "unit_id"),
    "buyer_id": ("units", "unit_id"),
    "from_unit_id": ("units", "unit_id"),
}
"""Columns that refer to another table: its name, and the column there that holds the ids."""


def redirected(tables: dict[str, pd.DataFrame], merged: dict[str, str]) -> dict[str, pd.DataFrame]:
    """The tables with the ids of merged companies replaced by those they were merged into."""
    return {
        name: frame.assign(
            customer_id=frame["customer_id"].map(lambda customer_id: merged.get(customer_id, customer_id))
        )
        if merged and name != "customers" and "customer_id" in frame
        else frame
        for name, frame in tables.items()
    }


def orphans(tables: dict[str, pd.DataFrame], places: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Ids without a row to point at; the rows that hold them are kept.

    Parameters
    ----------
    tables : the cleaned tables.
    places : for each table, file, sheet and line of its rows, in the same order.

    Returns
    -------
    One warning per table, column and id, at the first row that holds the id.
    """
    found = [WARNINGS.empty()]
    for name, frame in tables.items():
        for column, (parent, ids) in PARENTS.items():
            if column not in frame or parent not in tables or parent == name:
                continue
            lost = frame[column].notna() & ~frame[column].isin(tables[parent][ids])
            first = lost & ~frame[column].where(lost).duplicated()
            place = places[name].set_axis(["file", "sheet", "line"], axis=1)[first.to_numpy()]
            told = {"table": name, "column": column, "text": frame.loc[first, column].tolist(), "rule": "no_parent"}
            found.append(place.assign(**told)[list(WARNINGS.names)])
    return pd.concat(found, ignore_index=True)
