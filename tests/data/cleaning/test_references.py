"""Ids that point at other tables."""

import pandas as pd

from bizlab.data.cleaning.references import orphans, redirected
from bizlab.tables import TABLES


def test_merged_ids_are_replaced_in_every_table_but_the_companies_themselves(unchanged):
    tables = {
        "customers": pd.DataFrame({"customer_id": ["1"]}),
        "orders": pd.DataFrame({"customer_id": ["1", "2"], "unit_id": ["A", "B"]}),
        "units": pd.DataFrame({"unit_id": ["A"]}),
    }
    with unchanged(*tables.values()):
        after = redirected(tables, {"2": "1"}, TABLES)
    assert after["orders"]["customer_id"].tolist() == ["1", "1"]
    places = pd.DataFrame({"_file": "f.csv", "_sheet": "", "_line": [2, 3]})
    lost = orphans(after, {name: places.head(len(frame)) for name, frame in after.items()}, TABLES)
    assert lost[["table", "line", "column", "text"]].to_numpy().tolist() == [["orders", 3, "unit_id", "B"]]
