"""Mistyped numbers, split and merged deliveries: found again, proposed once, never netted."""

from datetime import date, timedelta
from itertools import combinations
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
from bizlab.amoeba.trade.matching import settled
from bizlab.amoeba.trade.pairing import Tolerance
from bizlab.amoeba.trade.proposals import (
    PROPOSALS,
    open_bookings,
    pairings,
    proposal_checks,
    proposal_findings,
    propose,
)
from bizlab.amoeba.trade.subset_sums import Delivery
from bizlab.tables import TABLES

BOOK = TABLES["internal_trades_sold"]
OCTOBER = {"first": date(2026, 10, 1), "last": date(2026, 10, 31)}
ENGINES = {"pandas": lambda frame: frame, "polars": pl.from_pandas, "duckdb": lambda frame: duckdb.from_df(frame)}
HEAD = "| trade_id | seller_id | buyer_id | product_id | quantity | amount_fen | traded_on |"


def book(*lines):
    """``"T1 M>A P 10 1000 2026-10-05"``: number, seller and buyer, item, pieces, fen, day."""
    rows = [line.replace(">", " ").split() for line in lines]
    return table("\n".join([HEAD, *(f"| {' | '.join(row)} |" for row in rows)]), BOOK) if rows else BOOK.empty()


def proposed(sold, bought, **how):
    """Number, kind, side, trade and other ways of every row."""
    proposals = propose(open_bookings(sold, bought, **OCTOBER, **how), first=OCTOBER["first"])
    assert all(check.passed for check in proposal_checks(proposals))
    PROPOSALS.verify(proposals)
    return proposals[["proposal_no", "kind", "side", "trade_id", "n_others"]].to_numpy().tolist()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_mistyped_number_a_split_and_a_merged_delivery(engine):
    """S1 is B1 a day later; S2 came in as B2 and, on another day, B3; S4 and S5 were booked as B4. S6 fits nothing."""
    sold = book(
        "T0 M>A P 5 500 2026-10-05",
        "S1 M>A P 7 700 2026-10-05",
        "S2 M>A P 10 1000 2026-10-06",
        "S4 M>A Q 1 30 2026-10-07",
        "S5 M>A Q 2 60 2026-10-08",
        "S6 M>A P 9 900 2026-10-08",
    )
    bought = book(
        "T0 M>A P 5 500 2026-10-05",
        "B1 M>A P 7 700 2026-10-06",
        "B2 M>A P 4 400 2026-10-06",
        "B3 M>A P 6 600 2026-10-09",
        "B4 M>A Q 3 90 2026-10-08",
        "B6 M>B P 9 900 2026-10-08",
    )
    assert proposed(ENGINES[engine](sold), ENGINES[engine](bought)) == [
        [1, "split", "seller", "S2", 0],
        [1, "split", "buyer", "B2", 0],
        [1, "split", "buyer", "B3", 0],
        [2, "renumbered", "seller", "S1", 0],
        [2, "renumbered", "buyer", "B1", 0],
        [3, "merged", "buyer", "B4", 0],
        [3, "merged", "seller", "S4", 0],
        [3, "merged", "seller", "S5", 0],
    ]


def test_a_proposal_changes_no_figure():
    sold, bought = book("S1 M>A P 7 700 2026-10-05"), book("B1 M>A P 7 700 2026-10-06")
    before = settled(amoeba.match_trades(sold, bought, **OCTOBER))
    assert len(proposed(sold, bought)) == 2
    after = settled(amoeba.match_trades(sold, bought, **OCTOBER))
    assert_frame_equal(after.different, before.different)
    assert after.different["status"].tolist() == ["buyer_only", "seller_only"]
    assert [check.passed for check in amoeba.trade_checks(after, sold, bought)] == [True] * 4


def test_a_part_may_stand_under_the_number_of_the_whole_and_numbers_may_be_swapped():
    sold = book("T1 M>A P 10 1000 2026-10-05", "T2 M>A P 3 300 2026-10-05", "T3 M>A P 2 200 2026-10-05")
    bought = book(
        "T1 M>A P 4 400 2026-10-05",
        "T9 M>A P 6 600 2026-10-06",
        "T2 M>A P 2 200 2026-10-05",
        "T3 M>A P 3 300 2026-10-05",
    )
    assert proposed(sold, bought) == [
        [1, "split", "seller", "T1", 0],
        [1, "split", "buyer", "T1", 0],
        [1, "split", "buyer", "T9", 0],
        [2, "renumbered", "seller", "T2", 0],
        [2, "renumbered", "buyer", "T3", 0],
        [3, "renumbered", "seller", "T3", 0],
        [3, "renumbered", "buyer", "T2", 0],
    ]


def test_what_is_ambiguous_says_so():
    """Two sales and one purchase of 7; two ways to make up 10."""
    sold = book("S1 M>A P 7 700 2026-10-05", "S2 M>A P 7 700 2026-10-07", "S3 M>A Q 10 1000 2026-10-05")
    bought = book(
        "B1 M>A P 7 700 2026-10-06",
        "B2 M>A Q 4 400 2026-10-05",
        "B3 M>A Q 4 400 2026-10-06",
        "B4 M>A Q 6 600 2026-10-05",
    )
    assert proposed(sold, bought) == [
        [1, "split", "seller", "S3", 1],
        [1, "split", "buyer", "B2", 1],
        [1, "split", "buyer", "B4", 1],
        [2, "renumbered", "seller", "S1", 1],
        [2, "renumbered", "buyer", "B1", 1],
    ]


def test_bookings_of_the_window_before_the_month_belong_to_it_and_later_ones_are_not_seen():
    sold = book("S1 M>A P 7 700 2026-09-28", "S2 M>A Q 7 700 2026-09-20", "S3 M>A R 7 700 2026-10-30")
    bought = book("B1 M>A P 7 700 2026-10-02", "B2 M>A Q 7 700 2026-09-27", "B3 M>A R 7 700 2026-11-02")
    assert [row[3] for row in proposed(sold, bought)] == ["S1", "B1"]


def test_what_the_tolerance_accepts_is_no_longer_open():
    sold, bought = book("T1 M>A P 7 701 2026-10-05"), book("T1 M>A P 7 700 2026-10-05", "T2 M>A P 7 701 2026-10-05")
    assert [row[3] for row in proposed(sold, bought)] == ["T1", "T2"]
    assert proposed(sold, bought, tolerance=Tolerance(fen=1)) == []


def test_nothing_open_proposes_nothing():
    assert proposed(book(), book()) == []


def test_the_checks_see_unequal_sides_that_cancel_out_and_a_booking_used_twice():
    """Proposal 1 is a piece short on the buyer's side, proposal 2 a piece over."""
    sold = book("S1 M>A P 7 700 2026-10-05", "S2 M>A P 9 900 2026-10-05")
    bought = book("B1 M>A P 7 700 2026-10-05", "B2 M>A P 9 900 2026-10-05")
    proposals = propose(open_bookings(sold, bought, **OCTOBER), first=OCTOBER["first"])
    crossed = proposals.assign(quantity=proposals["quantity"].where(proposals["side"] == "seller", [0, 10, 0, 6]))
    assert [check.difference for check in proposal_checks(crossed)] == [2, 0, 0]
    twice = pd.concat([proposals, proposals.tail(2).assign(proposal_no=3)])
    assert [check.difference for check in proposal_checks(twice)] == [0, 0, 2]


def random_books(seed):
    """Books in which many bookings stand alone, small numbers so that many sums fit."""
    random = Random(seed)  # noqa: S311
    sides = []
    for letter in "SB":
        rows = []
        for n in range(random.randint(0, 9)):
            quantity = random.choice([-2, 1, 2, 3, 4, 5, 6])
            day = date(2026, 10, 1) + timedelta(days=random.randrange(14))
            price = random.choice([100, 100, 100, 101])
            rows.append(f"{letter}{n} M>A {random.choice('PPPQ')} {quantity} {quantity * price} {day}")
        random.shuffle(rows)
        sides.append(book(*rows))
    return sides


def greedily(sold, bought, window_days):
    """Second computation: every pairing there is, by trying all subsets; then the closest first, each booking once."""
    every = []
    for side, (wholes, others) in enumerate(((sold, bought), (bought, sold))):
        for whole in wholes:
            near = sorted(other for other in others if abs(other.day - whole.day) <= window_days)
            for n in range(1, 7):
                for parts in combinations(near, n):
                    signs = all(p.quantity * whole.quantity > 0 and p.amount_fen * whole.amount_fen > 0 for p in parts)
                    totals = (sum(p.quantity for p in parts), sum(p.amount_fen for p in parts))
                    if totals == whole[2:] and (n == 1 or signs):
                        days = sum(abs(part.day - whole.day) for part in parts)
                        every.append((n, days, side, whole, parts))
    used, taken = set(), []
    for _, _, side, whole, parts in sorted(every):
        bookings = {(side, whole), *((1 - side, part) for part in parts)}
        if not bookings & used:
            used |= bookings
            taken.append((side, whole, parts))
    return taken


def deliveries(rows):
    days = [moment.toordinal() for moment in rows["traded_on"]]
    return [Delivery(*row) for row in zip(days, rows["trade_id"], rows["quantity"], rows["amount_fen"], strict=True)]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(0, 10**9), st.integers(0, 7))
def test_the_closest_is_taken_first_as_when_all_are_tried(seed, window_days):
    sold, bought = (deliveries(side[side["product_id"] == "P"]) for side in random_books(seed))
    pairs = [pairing[:3] for pairing in pairings(sold, bought, window_days=window_days)]
    assert pairs == greedily(sold, bought, window_days)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(0, 10**9))
def test_the_order_of_rows_changes_nothing_and_each_booking_stands_in_one_proposal(seed):
    sold, bought = random_books(seed)
    proposals = propose(open_bookings(sold, bought, **OCTOBER), first=OCTOBER["first"])
    other_order = [side.sample(frac=1, random_state=seed % 2**31) for side in (sold, bought)]
    assert_frame_equal(propose(open_bookings(*other_order, **OCTOBER), first=OCTOBER["first"]), proposals)
    assert not proposals.duplicated(["side", "trade_id"]).any()
    for _, rows in proposals.groupby("proposal_no"):
        of_seller = rows["side"] == "seller"
        for name in ("quantity", "amount_fen"):
            assert rows.loc[of_seller, name].sum() == rows.loc[~of_seller, name].sum()
    booked = pd.concat([sold.assign(side="seller"), bought.assign(side="buyer")])
    joined = proposals.merge(booked, on=["side", "trade_id", "product_id", "quantity", "amount_fen", "traded_on"])
    assert len(joined) == len(proposals)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.lists(st.integers(1, 500), min_size=2, max_size=6),
    st.integers(1, 10**7),
    st.booleans(),
    st.randoms(use_true_random=False),
)
def test_a_delivery_that_was_split_at_random_is_proposed_again(parts, price, by_the_seller, random):
    """Among consistent trades one is booked by one side in several bookings with numbers and days of their own."""
    rest = [f"T{n} M>A P {n + 1} {(n + 1) * 7} 2026-10-{n + 8:02d}" for n in range(5)]
    whole = f"X M>A P {sum(parts)} {sum(parts) * price} 2026-10-15"
    days = [date(2026, 10, 15) + timedelta(days=random.randint(-7, 7)) for _ in parts]
    split = [f"Y{n} M>A P {q} {q * price} {day}" for n, (q, day) in enumerate(zip(parts, days, strict=True))]
    books = [book(*rest, *split), book(*rest, whole)] if by_the_seller else [book(*rest, whole), book(*rest, *split)]
    proposals = proposed(*books)
    assert {(row[0], row[1]) for row in proposals} == {(1, "merged" if by_the_seller else "split")}
    assert sorted(row[3] for row in proposals) == ["X", *(f"Y{n}" for n in range(len(parts)))]


def test_a_proposal_is_told_once_and_says_whether_there_are_other_ways():
    proposals = table(
        """
        | proposal_no | kind       | side   | trade_id | seller_id | buyer_id | product_id | traded_on  | quantity | amount_fen | days_after | n_parts | n_others |
        | 1           | merged     | buyer  | B1       | M         | A        | P          | 2026-10-08 | 9        | 900        | 0          | 2       | 0        |
        | 1           | merged     | seller | S1       | M         | A        | P          | 2026-10-08 | 4        | 400        | 0          | 2       | 0        |
        | 1           | merged     | seller | S2       | M         | A        | P          | 2026-10-08 | 5        | 500        | 0          | 2       | 0        |
        | 2           | renumbered | seller | S3       | M         | A        | P          | 2026-10-08 | -1       | -100       | 0          | 1       | 3        |
        | 2           | renumbered | buyer  | B3       | M         | A        | P          | 2026-10-08 | -1       | -100       | 0          | 1       | 3        |
        """,  # noqa: E501
        PROPOSALS,
    )
    merged, renumbered = proposal_findings(proposals)
    assert (merged.key, merged.weight, merged.material) == ("proposal-buyer-B1", 900.0, False)
    assert {name: ref.path for name, ref in merged.refs.items()} == {
        "trade_id": "proposals[1,buyer,B1].trade_id",
        "amount_fen": "proposals[1,buyer,B1].amount_fen",
        "n_parts": "proposals[1,buyer,B1].n_parts",
    }
    assert (renumbered.refs["other"].path, renumbered.weight) == ("proposals[2,buyer,B3].trade_id", 100.0)
    assert renumbered.refs["n_others"].column == "n_others"
