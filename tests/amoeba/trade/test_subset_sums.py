"""Bookings that add up to one, against every subset tried one by one."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizlab.amoeba.trade.subset_sums import MOST_CANDIDATES, MOST_PARTS, Delivery, Fit, fits


def by_trying_all(whole, others, window_days):
    """Second computation: all subsets, no sums kept."""
    near = [other for other in others if abs(other.day - whole.day) <= window_days]
    ways = []
    for n in range(1, MOST_PARTS + 1):
        for some in combinations(sorted(near), n):
            if n > 1 and any(
                part.quantity * whole.quantity <= 0 or part.amount_fen * whole.amount_fen <= 0 for part in some
            ):
                continue
            if (sum(p.quantity for p in some), sum(p.amount_fen for p in some)) == whole[2:]:
                ways.append(Fit(n, sum(abs(part.day - whole.day) for part in some), some))
    return min(ways, default=None), len(ways)


AMOUNT = st.integers(-4, 12)
ROWS = st.lists(st.tuples(st.integers(0, 9), st.integers(-2, 6), AMOUNT), max_size=11)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(ROWS, st.tuples(st.integers(0, 9), st.integers(-9, 14), st.integers(-9, 20)), st.integers(0, 9), st.randoms())
def test_the_closest_fit_and_the_number_of_fits_are_those_of_trying_all(rows, one, window_days, random):
    others = [Delivery(day, f"B{n}", *sizes) for n, (day, *sizes) in enumerate(rows)]
    whole = Delivery(one[0], "S", *one[1:])
    expected = by_trying_all(whole, others, window_days)
    random.shuffle(others)
    assert fits(whole, others, window_days=window_days) == expected


def deliveries(*rows):
    return [Delivery(day, name, quantity, 100 * quantity) for name, day, quantity in rows]


def ids_of(fit):
    return [part.trade_id for part in fit.parts]


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([("B1", 8, 4), ("B2", 8, 6), ("B3", 12, 10)], (["B3"], 2)),  # fewest bookings first
        ([("B1", 5, 4), ("B2", 9, 4), ("B3", 8, 6)], (["B3", "B2"], 2)),  # then nearest in days
        ([("B2", 8, 4), ("B1", 8, 4), ("B3", 8, 6)], (["B1", "B3"], 2)),  # then by day and id
        ([("B1", 1, 4), ("B2", 16, 6)], None),  # beyond the window
        ([("B1", 8, 12), ("B2", 8, -2)], None),  # a return is no part
    ],
)
def test_which_of_several_ways_is_the_closest(others, expected):
    (whole,) = deliveries(("S", 8, 10))
    best, n = fits(whole, deliveries(*others), window_days=7)
    assert (ids_of(best), n) == expected if expected else (best, n) == (None, 0)


def test_pieces_alone_or_money_alone_are_no_fit():
    whole = Delivery(8, "S", 10, 1000)
    parts = [Delivery(8, "B1", 4, 400), Delivery(8, "B2", 6, 601), Delivery(8, "B3", 5, 600)]
    assert fits(whole, parts, window_days=7) == (None, 0)


def test_a_return_is_made_up_of_returns():
    whole = Delivery(8, "S", -10, -1000)
    best, _ = fits(whole, [Delivery(8, "B1", -4, -400), Delivery(9, "B2", -6, -600)], window_days=7)
    assert ids_of(best) == ["B1", "B2"]


@pytest.mark.parametrize(("n", "n_fits"), [(MOST_PARTS, 1), (MOST_PARTS + 1, 0)])
def test_up_to_six_parts_are_tried(n, n_fits):
    (whole,) = deliveries(("S", 8, n))
    assert fits(whole, deliveries(*((f"B{i}", 8, 1) for i in range(n))), window_days=7)[1] == n_fits


def test_the_nearest_are_tried_first_and_equal_ones_are_never_cut_off():
    """As many nearer bookings as are tried, none of which fits; behind them two parts, and one equal to the whole."""
    (whole,) = deliveries(("S", 8, 1000))
    nearer = [Delivery(8, f"A{n}", 1, 1) for n in range(MOST_CANDIDATES)]
    parts = deliveries(("B1", 9, 400), ("B2", 9, 600))
    assert fits(whole, nearer[1:] + parts, window_days=7) == (None, 0)
    assert fits(whole, nearer[2:] + parts, window_days=7)[1] == 1
    best, n = fits(whole, nearer + parts + deliveries(("B3", 15, 1000)), window_days=7)
    assert (ids_of(best), n) == (["B3"], 1)
