"""Internal trade as both sides booked it, matched one to one."""

from datetime import date

import duckdb
import pytest
from tables import table

from bizlab import amoeba
from bizlab.amoeba.trade.matching import settled
from bizlab.errors import DataError
from bizlab.tables import TABLES

SOLD, BOUGHT, PRICES = (TABLES[n] for n in ("internal_trades_sold", "internal_trades_bought", "transfer_prices"))
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


def test_prices_are_held_against_the_one_agreed_for_the_day(books):
    prices = table(
        """
        | product_id | seller_id | buyer_id | method    | price_fen | valid_from | valid_to   |
        | P          | M         | A        | cost_plus | 990       | 2026-01-01 | 2026-10-05 |
        | P          | M         | A        | cost_plus | 1000      | 2026-10-06 |            |
        """,
        PRICES,
    )
    off = amoeba.price_deviations(books[0], prices).set_index("trade_id")
    assert off.index.tolist() == ["T1", "T5", "T7"]
    assert (off.loc["T1", "agreed_fen"], off.loc["T1", "deviation_fen"]) == (1980, 20)
    assert off.loc["T1", "deviation_rate"] == pytest.approx(20 / 1980)
    assert off.loc["T7", "agreed_fen_reason"] == "no_price"
    amoeba.PRICE_DEVIATIONS.verify(off.reset_index())


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
    told = amoeba.match_trades(sold, bought, first=date(2026, 10, 25), last=date(2026, 10, 31))
    assert told[["trade_id", "status", "sold_fen", "bought_fen"]].to_numpy().tolist() == [
        ["T3", "date_differs", 0, 1000]
    ]
    late = [amoeba.within(side, "traded_on", date(2026, 10, 25), date(2026, 10, 31)) for side in books]
    assert [check.passed for check in checked(told, *late)] == [True, True, True, False]


@pytest.mark.parametrize("held", [lambda frame: frame, lambda frame: duckdb.from_df(frame)], ids=["pandas", "duckdb"])
def test_the_bookings_of_a_period_are_the_same_whatever_holds_them(books, held):
    """Both days of the period are in it."""
    found = amoeba.within(held(books[0]), "traded_on", date(2026, 10, 6), date(2026, 10, 8))
    assert found.sort_values("trade_id")["trade_id"].tolist() == ["T2", "T3", "T4"]
    assert (found.dtypes["amount_fen"], found.dtypes["traded_on"]) == ("int64", "datetime64[us]")


def test_other_parties_are_named(books):
    told = amoeba.match_trades(*books).set_index("trade_id")["other_parties"]
    assert told["T4"] == "M → B"
    assert told.drop("T4").isna().all()


def test_two_prices_for_one_day_are_refused(books):
    prices = table(
        """
        | product_id | seller_id | buyer_id | method    | price_fen | valid_from | valid_to |
        | P          | M         | A        | cost_plus | 990       | 2026-01-01 |          |
        | P          | M         | A        | cost_plus | 1000      | 2026-10-06 |          |
        """,
        PRICES,
    )
    with pytest.raises(DataError, match=r"Two prices.*P from M to A.*2026-10-06"):
        amoeba.price_deviations(books[0], prices)


def test_a_price_of_zero_has_no_rate(books):
    prices = table(
        """
        | product_id | seller_id | buyer_id | method    | price_fen | valid_from | valid_to |
        | Q          | M         | A        | market    | 0         | 2026-01-01 |          |
        """,
        PRICES,
    )
    row = amoeba.price_deviations(books[0], prices).set_index("trade_id").loc["T7"]
    assert row["deviation_fen"] == 3300
    assert row["deviation_rate_reason"] == "agreed_zero"
