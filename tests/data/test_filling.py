"""Tables on their way into the warehouse: merged ids replaced, ids that point nowhere listed, places taken away."""

import duckdb
import pandas as pd
import pytest

from bizlab.contracts.columns import code, column, table
from bizlab.data.filling import Filling

COMPANIES = table(
    "customers", "企业 | Companies", "每家一行 | one a row", code("customer_id", "编号 | Id"), key="customer_id"
)
UNITS = table("units", "单元 | Units", "每个一行 | one a row", code("unit_id", "单元 | Unit"), key="unit_id")
ORDERS = table(
    "orders",
    "订单 | Orders",
    "每单一行 | one a row",
    code("customer_id", "企业 | Company", refers="customers"),
    code("unit_id", "单元 | Unit", refers="units", nullable=True),
    column("ordered_on", "日期 | Day"),
    key="customer_id",
)


def places(*lines, file="f.csv"):
    return pd.DataFrame({"_file": file, "_sheet": "", "_line": list(lines)})


@pytest.fixture
def filling():
    with duckdb.connect() as connection:
        filling = Filling(connection)
        for contract in (ORDERS, COMPANIES, UNITS):
            filling.create(contract)
        filling.add(COMPANIES, pd.DataFrame({"customer_id": ["1"]}), places(2))
        filling.add(UNITS, pd.DataFrame({"unit_id": ["A"]}), places(2))
        yield filling


def orders(*rows):
    return ORDERS.frame((customer_id, unit_id, pd.Timestamp("2026-10-01")) for customer_id, unit_id in rows)


def test_merged_ids_are_replaced_in_every_table_but_the_companies_themselves(filling):
    filling.add(ORDERS, orders(("1", "A"), ("2", None)), places(2, 3))
    filling.redirect({"2": "1"})
    assert filling.connection.sql("SELECT customer_id FROM orders").fetchall() == [("1",), ("1",)]
    assert filling.orphans().empty


def test_an_id_that_points_nowhere_is_listed_once_at_the_first_row_of_the_first_file(filling):
    filling.add(ORDERS, orders(("1", "B"), ("9", "B"), ("1", None)), places(4, 7, 8))
    filling.add(ORDERS, orders(("9", "C")), places(2, file="g.csv"))
    lost = filling.orphans()[["table", "file", "line", "column", "text"]].to_numpy().tolist()
    assert sorted(lost) == [
        ["orders", "f.csv", 4, "unit_id", "B"],
        ["orders", "f.csv", 7, "customer_id", "9"],
        ["orders", "g.csv", 2, "unit_id", "C"],
    ]


def test_what_is_left_in_the_end_are_the_columns_of_the_contract(filling):
    filling.finish()
    assert [name for name, *_ in filling.connection.sql("DESCRIBE orders").fetchall()] == list(ORDERS.names)
