"""Both sides side by side: what tolerance calls material, and what it never does."""

from datetime import date, timedelta
from random import Random

import duckdb
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from tables import table

from bizlab import amoeba
from bizlab.amoeba.trade.matching import TRADE_STATUSES, settled
from bizlab.amoeba.trade.pairing import BOOKING, TOLERATED, Tolerance
from bizlab.errors import SettingError
from bizlab.tables import TABLES

BOOK = TABLES["internal_trades_sold"]
OCTOBER = {"first": date(2026, 10, 1), "last": date(2026, 10, 31)}
SEPTEMBER = {"first": date(2026, 9, 1), "last": date(2026, 9, 30)}
ENGINES = {"pandas": lambda frame: frame, "polars": pl.from_pandas, "duckdb": lambda frame: duckdb.from_df(frame)}
AS_SOLD = """
| trade_id | seller_id | buyer_id | product_id | quantity | amount_fen | traded_on  |
| T1       | M         | A        | P          | 2        | 2000       | 2026-10-05 |
| T2       | M         | A        | P          | 2        | 2000       | 2026-10-05 |
| T3       | M         | A        | P          | 2        | 2000       | 2026-10-05 |
| T4       | M         | A        | P          | 2        | 2000       | 2026-10-05 |
| T5       | M         | A        | P          | 2        | 2000       | 2026-10-05 |
| T6       | M         | A        | P          | 2        | 2000       | 2026-10-05 |
| T7       | M         | A        | P          | 2        | 2000       | 2026-10-05 |
"""
AS_BOUGHT = """
| trade_id | seller_id | buyer_id | product_id | quantity | amount_fen | traded_on  |
| T1       | M         | A        | P          | 2        | 2000       | 2026-10-05 |
| T2       | M         | A        | P          | 2        | 2002       | 2026-10-05 |
| T3       | M         | A        | P          | 2        | 1998       | 2026-10-03 |
| T4       | M         | A        | P          | 2        | 2003       | 2026-10-05 |
| T5       | M         | A        | P          | 2        | 2000       | 2026-10-08 |
| T6       | M         | A        | P          | 3        | 2001       | 2026-10-05 |
| T7       | M         | B        | P          | 2        | 2001       | 2026-10-05 |
"""
TWO_AND_TWO = Tolerance(days=2, fen=2)


def status_of(sold, bought, **how):
    matching = amoeba.match_trades(sold, bought, **how)
    return dict(zip(matching["trade_id"], matching["status"], strict=True))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_tolerance_holds_up_to_its_bounds_and_only_for_amounts_and_days(engine):
    """T2 and T3 lie on the bounds, T4 and T5 beyond one of them; T6 and T7 differ in more than amount and day."""
    sold, bought = (ENGINES[engine](table(text, BOOK)) for text in (AS_SOLD, AS_BOUGHT))
    different, statuses = settled(amoeba.match_trades(sold, bought, tolerance=TWO_AND_TWO))
    assert dict(zip(different["trade_id"], different["status"], strict=True)) == {
        "T4": "amount_differs",
        "T2": "within_tolerance",
        "T3": "within_tolerance",
        "T6": "item_differs",
        "T7": "parties_differ",
        "T5": "date_differs",
    }
    assert statuses[["status", "n_trades", "difference_fen"]].to_numpy().tolist() == [
        ["matched", 1, 0],
        ["within_tolerance", 2, 0],
        ["amount_differs", 1, -3],
        ["date_differs", 1, 0],
        ["item_differs", 1, -1],
        ["parties_differ", 1, -1],
    ]
    assert all(check.passed for check in TRADE_STATUSES.verify(statuses))
    assert different["other_parties"].dropna().tolist() == ["M → B"]


def test_without_a_tolerance_one_fen_and_one_day_are_differences():
    statuses = status_of(table(AS_SOLD, BOOK), table(AS_BOUGHT, BOOK))
    assert not set(statuses.values()) & set(TOLERATED)
    assert (statuses["T2"], statuses["T5"]) == ("amount_differs", "date_differs")


def test_both_bounds_must_hold():
    statuses = status_of(table(AS_SOLD, BOOK), table(AS_BOUGHT, BOOK), tolerance=Tolerance(days=1, fen=2))
    assert (statuses["T2"], statuses["T3"]) == ("within_tolerance", "date_differs")


def test_a_negative_tolerance_is_refused():
    with pytest.raises(SettingError, match=r"below zero: 0 days, -1 fen.*trade_tolerance_fen"):
        amoeba.match_trades(table(AS_SOLD, BOOK), table(AS_BOUGHT, BOOK), tolerance=Tolerance(fen=-1))


EDGE = """
| trade_id | seller_id | buyer_id | product_id | quantity | amount_fen | traded_on  |
| T1       | M         | A        | P          | 2        | 2000       | {}         |
"""


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("sold_on", "bought_on", "amounts"),
    [("2026-09-30", "2026-10-02", [0, 2000, -2000]), ("2026-10-02", "2026-09-30", [2000, 0, 2000])],
)
def test_days_are_counted_over_the_month_s_edge(engine, sold_on, bought_on, amounts):
    """The month's difference is the whole amount and stays in the sums; that it is due to a day is no less true."""
    sold, bought = (ENGINES[engine](table(EDGE.format(day), BOOK)) for day in (sold_on, bought_on))
    for days, status in ((1, "date_differs"), (2, "within_tolerance")):
        matching = amoeba.match_trades(sold, bought, **OCTOBER, tolerance=Tolerance(days=days))
        (row,) = settled(matching).different.to_dict("records")
        assert row["status"] == status
        assert [row["sold_fen"], row["bought_fen"], row["difference_fen"]] == amounts


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("side", ["seller_only", "buyer_only"])
def test_a_side_that_may_still_book_is_awaited_and_told_when_it_does_not(engine, side):
    """Booked on the 29th with two days to go: open on the 30th, due on the 1st, when September is closed."""
    one, none = table(EDGE.format("2026-09-29"), BOOK), BOOK.empty()
    books = [ENGINES[engine](frame) for frame in ((one, none) if side == "seller_only" else (none, one))]

    def listed(days, **period):
        different = settled(amoeba.match_trades(*books, **period, tolerance=Tolerance(days=days))).different
        return different[["status", "difference_fen"]].to_numpy().tolist()

    amount = 2000 if side == "seller_only" else -2000
    assert listed(1, **SEPTEMBER) == [[side, amount]]
    assert listed(2, **SEPTEMBER) == [["awaited", amount]]
    assert listed(2, **OCTOBER) == [[side, 0]]
    assert listed(1, **OCTOBER) == []


def books(seed):
    """Two books in any order: trades that are alike, that differ in some way, that one side alone booked."""
    random = Random(seed)  # noqa: S311

    def booking(n):
        on = date(2026, 9, 24) + timedelta(days=random.randrange(45))
        parties = ("M", random.choice("AAAB"))
        return (f"T{n:02d}", *parties, "P", random.randint(1, 2), random.randint(-3, 9), on)

    sides = {"sold": [], "bought": []}
    for n in range(random.randint(1, 30)):
        one, kind = booking(n), random.choice(["alike", "differs", "sold", "bought"])
        if kind != "bought":
            sides["sold"].append(one)
        if kind != "sold":
            sides["bought"].append(one if kind == "alike" else booking(n))
    frames = []
    for rows in sides.values():
        random.shuffle(rows)
        frame = pd.DataFrame(rows, columns=list(BOOKING)).assign(confirmed_at=None, accepted_at=None)
        frames.append(BOOK.conform(frame) if rows else BOOK.empty())
    return frames


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(0, 10**9), st.integers(0, 40), st.integers(0, 9))
def test_a_tolerance_moves_no_sum_hides_no_trade_and_the_order_of_rows_changes_nothing(seed, days, fen):
    recorded = books(seed)
    booked = [int(amoeba.within(side, "traded_on", **OCTOBER)["amount_fen"].sum()) for side in recorded]
    exact, tolerance = settled(amoeba.match_trades(*recorded, **OCTOBER)), Tolerance(days, fen)
    in_order = [side.sort_values("trade_id") for side in recorded]
    truth = settled(amoeba.match_trades(*in_order, **OCTOBER, tolerance=tolerance)).different
    for engine in ENGINES.values():
        outcome = settled(amoeba.match_trades(*map(engine, recorded), **OCTOBER, tolerance=tolerance))
        assert outcome.statuses[["sold_fen", "bought_fen"]].sum().tolist() == booked
        assert outcome.different["difference_fen"].sum() == booked[0] - booked[1]
        assert set(exact.different["trade_id"]) <= set(outcome.different["trade_id"])
        assert_frame_equal(outcome.different, truth)
