"""Internal trade as both sides booked it, matched one to one."""

from datetime import date

import duckdb
import pytest
from tables import table

from bizlab import amoeba
from bizlab.amoeba.trade.matching import TRADE_STATUSES, settled, tolerated_findings
from bizlab.amoeba.trade.pairing import Tolerance
from bizlab.tables import TABLES

SOLD, BOUGHT = TABLES["internal_trades_sold"], TABLES["internal_trades_bought"]
AS_SOLD = """
| trade_id | seller_id | buyer_id | product_id | quantity | amount_fen | traded_on  |
| T1       | M         | A        | P          | 2        | 2000       | 2026-10-05 |
| T2       | M         | A        | P          | 1        | 1000       | 2026-10-06 |
| T3       | M         | A        | P          | 1        | 1000       | 2026-10-07 |
| T4       | M         | A        | P          | 1        | 1000       | 2026-10-08 |
| T5       | M         | M        | P          | 1        | 1000       | 2026-10-09 |
| T7       | M         | A        | Q          | 3        | 3300       | 2026-10-09 |
"""
AS_BOUGHT = """
| trade_id | seller_id | buyer_id | product_id | quantity | amount_fen | traded_on  |
| T1       | M         | A        | P          | 2        | 2000       | 2026-10-05 |
| T2       | M         | A        | P          | 1        | 1001       | 2026-10-06 |
| T3       | M         | A        | P          | 1        | 1000       | 2026-10-31 |
| T4       | M         | B        | P          | 1        | 1000       | 2026-10-08 |
| T5       | M         | M        | P          | 1        | 1000       | 2026-10-09 |
| T6       | M         | A        | P          | 4        | 4000       | 2026-10-09 |
"""


def checked(matching, sold, bought):
    """The checks of a matching, in their order."""
    return amoeba.trade_checks(settled(matching), sold, bought)


@pytest.fixture
def books():
    return table(AS_SOLD, SOLD), table(AS_BOUGHT, BOUGHT)


def test_every_trade_has_one_status_and_nothing_is_netted(books, unchanged):
    with unchanged(*books):
        matching = amoeba.match_trades(*books)
    assert dict(zip(matching["trade_id"], matching["status"], strict=True)) == {
        "T1": "matched",
        "T2": "amount_differs",
        "T3": "date_differs",
        "T4": "parties_differ",
        "T5": "with_itself",
        "T6": "buyer_only",
        "T7": "seller_only",
    }
    off = amoeba.differences(matching)
    assert off["trade_id"].tolist() == ["T6", "T7", "T2", "T3", "T4", "T5"]
    assert off["difference_fen"].tolist() == [-4000, 3300, -1, 0, 0, 0]


def test_the_checks_close_and_the_company_differs_by_what_is_listed(books):
    matching = amoeba.match_trades(*books)
    *close, both = checked(matching, *books)
    assert [(check.key, check.passed) for check in close] == [
        ("trade.sold", True),
        ("trade.bought", True),
        ("trade.listed", True),
    ]
    assert close[-1].right == both.difference == -701


def test_a_difference_that_is_not_listed_is_seen(books):
    """T2 is 1 fen dearer in the buyer's book; called matched, it would vanish from the list."""
    matching = amoeba.match_trades(*books)
    hidden = matching.assign(status=matching["status"].mask(matching["trade_id"] == "T2", "matched"))
    failed = {check.key: check.difference for check in checked(hidden, *books) if not check.passed}
    assert failed == {"trade.listed": -1, "trade.both_sides": -701}


def test_consistent_books_reconcile(books):
    matching = amoeba.match_trades(books[0], books[0])
    assert set(matching["status"]) == {"matched", "with_itself"}
    assert all(check.passed for check in checked(matching, books[0], books[0]))


@pytest.mark.parametrize("as_held", [lambda frame: frame, duckdb.from_df], ids=["pandas", "duckdb"])
def test_books_that_agree_have_no_differences_to_list(books, as_held):
    same = books[0][books[0]["seller_id"] != books[0]["buyer_id"]]
    different, statuses = settled(amoeba.match_trades(as_held(same), as_held(same)))
    assert different.empty
    assert statuses[["status", "n_trades", "difference_fen"]].to_numpy().tolist() == [["matched", len(same), 0]]


def test_another_item_or_quantity_is_no_match(books):
    sold, bought = books[0], books[0].copy()
    bought.loc[0, "quantity"] = 3
    bought.loc[1, "product_id"] = "Q"
    assert amoeba.match_trades(sold, bought)["status"].tolist()[:3] == ["item_differs", "item_differs", "matched"]


def test_a_trade_booked_in_two_months_is_not_one_sided(books):
    """T3: sold on the 7th, bought on the 31st; seen from the last week only the purchase falls into the period."""
    sold, bought = books
    matching = amoeba.match_trades(sold, bought, first=date(2026, 10, 25), last=date(2026, 10, 31))
    assert matching[["trade_id", "status", "sold_fen", "bought_fen"]].to_numpy().tolist() == [
        ["T3", "date_differs", 0, 1000]
    ]
    late = [amoeba.within(side, "traded_on", date(2026, 10, 25), date(2026, 10, 31)) for side in books]
    assert [check.passed for check in checked(matching, *late)] == [True, True, True, False]


@pytest.mark.parametrize("engine", [lambda frame: frame, lambda frame: duckdb.from_df(frame)], ids=["pandas", "duckdb"])
def test_the_bookings_of_a_period_are_the_same_whatever_holds_them(books, engine):
    """Both days of the period are in it."""
    rows = amoeba.within(engine(books[0]), "traded_on", date(2026, 10, 6), date(2026, 10, 8))
    assert rows.sort_values("trade_id")["trade_id"].tolist() == ["T2", "T3", "T4"]
    assert (rows.dtypes["amount_fen"], rows.dtypes["traded_on"]) == ("int64", "datetime64[us]")


def test_other_parties_are_named(books):
    parties = amoeba.match_trades(*books).set_index("trade_id")["other_parties"]
    assert parties["T4"] == "M → B"
    assert parties.drop("T4").isna().all()


def test_trades_weigh_what_they_differ_by_whatever_the_sign():
    different = table(
        """
        | trade_id | status      | seller_id | buyer_id | sold_fen | bought_fen | difference_fen |
        | T1       | buyer_only  | M         | A        | 0        | 500        | -500           |
        | T2       | seller_only | M         | A        | 30       | 0          | 30             |
        """,
        amoeba.MATCHING,
    )
    findings = amoeba.trade_findings(different)
    assert [(finding.key, finding.weight, finding.material, finding.direction) for finding in findings] == [
        ("trade-T1", 500.0, True, "bad"),
        ("trade-T2", 30.0, True, "bad"),
    ]
    assert findings[0].refs["difference_fen"].path == "differences[T1].difference_fen"


def test_what_lies_within_the_tolerance_is_told_in_one_sentence_that_is_not_material():
    different = table(
        """
        | trade_id | status           | seller_id | buyer_id | sold_fen | bought_fen | difference_fen |
        | T1       | within_tolerance | M         | A        | 500      | 501        | -1             |
        | T2       | within_tolerance | M         | A        | 500      | 501        | -1             |
        | T3       | amount_differs   | M         | A        | 500      | 505        | -5             |
        """,
        amoeba.MATCHING,
    )
    assert [finding.key for finding in amoeba.trade_findings(different)] == ["trade-T3"]
    statuses = table(
        """
        | status           | n_trades | sold_fen | bought_fen | difference_fen |
        | matched          | 9        | 900      | 900        | 0              |
        | within_tolerance | 2        | 1000     | 1002       | -2             |
        | amount_differs   | 1        | 500      | 505        | -5             |
        """,
        TRADE_STATUSES,
    )
    (finding,) = tolerated_findings(statuses, Tolerance(days=2, fen=305))
    assert (finding.key, finding.material, finding.weight) == ("trades-within_tolerance", False, 2.0)
    assert finding.basis.en.startswith("Tolerance: 2 days and 3.05 yuan.")
