"""Confirmed by the unit on the day, then by accounting: in time, late, or not at all."""

from datetime import date

import duckdb
import pytest
from tables import table

from bizlab import amoeba
from bizlab.amoeba.records.confirmations import CONFIRMED, confirmations
from bizlab.amoeba.records.observation import OBSERVATIONS
from bizlab.tables import TABLES

FIRST, AS_OF = date(2026, 10, 1), date(2026, 10, 20)
EXPENSES = """
| record_id | unit_id | kind   | recorded_on | amount_fen | confirmed_at        | accepted_at         |
| same-day  | t       | energy | 2026-10-08  | 100        | 2026-10-08 23:59:59 | 2026-10-09 08:00:00 |
| late      | t       | energy | 2026-10-09  | 200        | 2026-10-10 00:00:00 | 2026-10-11 23:59:59 |
| books-2nd | t       | energy | 2026-10-12  | 400        | 2026-10-12 17:00:00 | 2026-10-15 17:00:00 |
| no-unit   | t       | energy | 2026-10-13  | 800        |                     | 2026-10-13 18:00:00 |
| no-books  | t       | energy | 2026-10-14  | -1600      | 2026-10-14 17:00:00 |                     |
| reversed  | t       | energy | 2026-10-15  | 3200       | 2026-10-15 17:00:00 | 2026-10-15 16:59:59 |
| after     | t       | energy | 2026-10-16  | 6400       | 2026-10-21 00:00:00 | 2026-10-21 09:00:00 |
| today     | t       | energy | 2026-10-20  | 12800      | 2026-10-20 17:00:00 | 2026-10-21 09:00:00 |
| october-2 | t       | energy | 2026-10-21  | 25600      | 2026-10-21 17:00:00 |                     |
| september | t       | energy | 2026-09-30  | 51200      |                     |                     |
"""


@pytest.fixture
def records():
    frames = {name: TABLES[name].empty() for name in amoeba.INPUTS}
    return amoeba.Records(**frames | {"expense_records": table(EXPENSES, TABLES["expense_records"])})


def answers(rows, item):
    """Amount by state; the amounts are powers of two, so that each sum names its records."""
    return rows[rows["item"] == item].groupby("state")["amount_fen"].sum().to_dict()


def test_the_unit_has_until_midnight_of_the_record_s_day(records):
    asked = confirmations(records, first=FIRST, as_of=AS_OF)
    ok = 100 + 400 + 1600 + 3200 + 12800
    assert answers(asked, "unit_confirmed") == {"ok": ok, "late": 200, "missing": 800 + 6400}
    late = asked[(asked["item"] == "unit_confirmed") & (asked["state"] == "late")]
    assert late["most_days_late"].tolist() == [1]


def test_accounting_has_its_days_after_the_unit_and_owes_nothing_before(records):
    """Two days after its day is late; what the unit has not confirmed, or only today, waits."""
    asked = confirmations(records, first=FIRST, as_of=AS_OF)
    assert answers(asked, "accepted") == {
        "ok": 100 + 200 + 3200,
        "late": 400,
        "missing": 1600,
        "waiting": 800 + 6400 + 12800,
    }
    assert asked.loc[(asked["item"] == "accepted") & (asked["state"] == "late"), "most_days_late"].tolist() == [2]
    strict = confirmations(records, first=FIRST, as_of=AS_OF, acceptance_days=0)
    assert answers(strict, "accepted") == {
        "ok": 3200,
        "late": 100 + 200 + 400,
        "missing": 1600 + 12800,
        "waiting": 800 + 6400,
    }


def test_confirmed_twice_needs_both_stamps_in_their_order(records):
    asked = confirmations(records, first=FIRST, as_of=AS_OF)
    assert answers(asked, "confirmed_twice") == {
        "ok": 100 + 200 + 400,
        "missing": 800 + 1600 + 6400,
        "different": 3200,
        "waiting": 12800,
    }


def test_a_stamp_after_the_as_of_day_does_not_exist_yet(records):
    next_day = confirmations(records, first=FIRST, as_of=date(2026, 10, 21))
    assert answers(next_day, "unit_confirmed")["late"] == 200 + 6400


def test_each_side_answers_for_its_own_booking(records):
    trade = table(
        """
        | trade_id | seller_id | buyer_id | product_id | quantity | amount_fen | traded_on  | confirmed_at        |
        | T1       | M         | A        | P          | 1        | 500        | 2026-10-08 | 2026-10-08 17:00:00 |
        """,
        TABLES["internal_trades_sold"],
    )
    books = amoeba.Records(**vars(records) | {"internal_trades_sold": trade, "internal_trades_bought": trade})
    asked = confirmations(books, first=FIRST, as_of=AS_OF)
    by_unit = asked[asked["item"] == "unit_confirmed"].set_index("unit_id")["source"].to_dict()
    assert (by_unit["M"], by_unit["A"]) == ("internal_trades_sold", "internal_trades_bought")


def test_an_engine_that_scans_finds_the_same(records, unchanged):
    frames = {table.name: getattr(records, table.name) for table in CONFIRMED}
    scanned = amoeba.Records(**vars(records) | {name: duckdb.from_df(frame) for name, frame in frames.items()})
    with unchanged(*frames.values()):
        both = [confirmations(books, first=FIRST, as_of=AS_OF) for books in (records, scanned)]
    OBSERVATIONS.verify(both[0])
    assert both[0].equals(both[1])
    assert len(both[0]) > 10


def test_books_without_records_have_no_answers():
    nothing = amoeba.Records(**{name: TABLES[name].empty() for name in amoeba.INPUTS})
    assert confirmations(nothing, first=FIRST, as_of=AS_OF).empty
