"""Ids that point at other tables: redirected where companies were merged, listed where nothing is there."""

from __future__ import annotations

import pandas as pd

from bizlab.data.quality import WARNINGS
from bizlab.data.tables import TABLES

PARENTS = {
    "customer_id": "customers",
    "channel_id": "channels",
    "unit_id": "units",
    "owner_id": "units",
    "parent_id": "units",
    "seller_id": "units",
    "buyer_id": "units",
    "from_unit_id": "units",
}
"""Columns that hold the id of a row of another table."""


def redirected(tables: dict[str, pd.DataFrame], merged: dict[str, str]) -> dict[str, pd.DataFrame]:
    """The tables with the ids of merged companies replaced by those they were merged into."""
    return {
        name: frame.assign(customer_id=frame["customer_id"].replace(merged))
        if merged and name != "customers" and "customer_id" in frame
        else frame
        for name, frame in tables.items()
    }


def orphans(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Ids without a row to point at: one warning per table, column and id; the rows themselves are kept."""
    found = []
    for name, frame in tables.items():
        for column, parent in PARENTS.items():
            if column not in frame or parent not in tables or parent == name:
                continue
            known = tables[parent][TABLES[parent].key[0]]
            missing = sorted(set(frame[column].dropna()) - set(known))
            found += [(name, "", "", 0, column, text, "no_parent") for text in missing]
    return pd.DataFrame(found, columns=list(WARNINGS.names))
