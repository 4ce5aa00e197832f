"""One customer's purchases and payments, counted by hand."""

import pandas as pd
import pytest
from tables import table

from bizlab.customers import activity
from bizlab.errors import SettingError
from bizlab.periods import Month
from bizlab.tables import TABLES

ORDERS = """
| order_line_id | order_id | customer_id | product_line | quantity | amount_fen | ordered_on | due_on     |
| 1-1           | O1       | 001         | sensor       | 10       | 100000     | 2026-07-31 | 2026-08-30 |
| 2-1           | O2       | 001         | sensor       | 5        | 60000      | 2026-09-01 | 2026-10-30 |
| 2-2           | O2       | 001         | gateway      | 1        | -10000     | 2026-09-01 | 2026-10-31 |
| 3-1           | O3       | 001         | gateway      | 1        | 20000      | 2026-10-31 | 2026-11-15 |
"""
PAID = """
| settlement_id | order_id | customer_id | amount_fen | paid_on    |
| R1            | O1       | 001         | 100000     | 2026-08-10 |
| R2            | O2       | 001         | 20000      | 2026-09-11 |
"""
AS_OF = Month(2026, 10).last


@pytest.fixture
def orders():
    return table(ORDERS)


@pytest.fixture
def paid():
    return table(PAID)


def test_what_is_owed_at_each_month_end(orders, paid):
    by_month = activity.months(orders, paid, first=Month(2026, 7), last=Month(2026, 10))
    activity.MONTHS.verify(by_month)
    assert by_month[["n_orders", "amount_fen", "paid_fen", "owed_fen"]].to_numpy().tolist() == [
        [1, 100000, 0, 100000], [0, 0, 100000, 0], [1, 50000, 20000, 30000], [1, 20000, 0, 50000],
    ]  # fmt: skip


def test_months_before_the_first_shown_still_count_for_what_is_owed(orders, paid):
    by_month = activity.months(orders, paid, first=Month(2026, 9), last=Month(2026, 10))
    assert by_month["owed_fen"].tolist() == [30000, 50000]


def test_an_order_is_overdue_from_the_day_after_its_last_line_is_due(orders, paid):
    on_the_day = activity.order_list(orders, paid, as_of=pd.Timestamp("2026-10-31")).set_index("order_id")
    assert on_the_day["is_overdue"].to_dict() == {"O3": False, "O2": False, "O1": False}
    after = activity.order_list(orders, paid, as_of=pd.Timestamp("2026-11-01")).set_index("order_id")
    assert after.loc["O2", ["amount_fen", "paid_fen", "open_fen", "is_overdue"]].tolist() == [50000, 20000, 30000, True]


def test_the_same_purchases_three_ways_agree_to_the_fen(orders, paid):
    by_month = activity.months(orders, paid, first=Month(2026, 7), last=Month(2026, 10))
    by_product, by_order = activity.products(orders), activity.order_list(orders, paid, as_of=AS_OF)
    checks = activity.activity_checks(by_month, by_product, by_order)
    assert [check.passed for check in checks] == [True, True, True]
    short = activity.activity_checks(by_month, by_product.iloc[1:], by_order)
    assert [check.passed for check in short] == [False, True, True]


def test_a_payment_without_its_order_shows_in_what_is_owed(orders, paid):
    stray = pd.concat([paid, paid.iloc[[0]].assign(order_id="O9", amount_fen=7)])
    by_month = activity.months(orders, stray, first=Month(2026, 7), last=Month(2026, 10))
    checks = activity.activity_checks(
        by_month, activity.products(orders), activity.order_list(orders, stray, as_of=AS_OF)
    )
    assert [check.difference for check in checks] == [0, 0, -7]


def test_a_customer_without_orders_has_empty_tables_and_no_finding(orders, paid):
    none, unpaid = orders.iloc[:0], paid.iloc[:0]
    by_order = activity.order_list(none, unpaid, as_of=AS_OF)
    assert activity.months(none, unpaid, first=Month(2026, 9), last=Month(2026, 10))["owed_fen"].tolist() == [0, 0]
    assert activity.products(none).empty
    assert activity.activity_findings(by_order) == []


def test_the_finding_names_the_order_that_is_overdue_for_longest(orders, paid):
    by_order = activity.order_list(orders, paid.iloc[:0], as_of=pd.Timestamp("2026-11-20"))
    (finding,) = activity.activity_findings(by_order)
    assert finding.refs["order_id"].row == ("O1",)
    assert finding.weight == 100000 + 50000 + 20000


def test_the_card_is_of_the_largest_buyer_unless_another_is_asked_for():
    tags = pd.DataFrame({"customer_id": ["001", "002"], "order_amount_12m_fen": [5, 9]})
    assert activity.chosen(tags, None) == "002"
    assert activity.chosen(tags, "001") == "001"
    with pytest.raises(SettingError, match="no customer '003' by that month"):
        activity.chosen(tags, "003")


def test_decision_makers_come_first():
    contacts = table(
        """
        | contact_id | customer_id | role | created_on |
        | K1         | 001         | user | 2025-01-01 |
        | K2         | 001         | kp   | 2025-02-01 |
        """,
        TABLES["contacts"],
    )
    assert activity.contact_list(contacts)["contact_id"].tolist() == ["K2", "K1"]
