"""Rounding and splitting of whole numbers."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizlab.exact import apportion, apportion_rows, round_half_up

WEIGHTS = st.lists(st.integers(0, 10**6), min_size=1, max_size=12).filter(any)
LARGE = st.integers(0, 3) | st.integers(0, 2**58) | st.just(2**57)


@pytest.mark.parametrize(
    ("value", "rounded"),
    [("0.5", 1), ("-0.5", -1), ("1.5", 2), ("2.5", 3), ("2.4999", 2), ("-2.5", -3), ("7", 7)],
)
def test_halves_go_away_from_zero(value, rounded):
    assert round_half_up(Fraction(value)) == rounded


def test_the_split_that_rounding_each_share_gets_wrong():
    """182.25 yuan at 98 to 2: rounding each share gives 178.61 + 3.65 = 182.26."""
    assert apportion(18225, [98, 2]) == [17861, 364]


def test_hamilton_apportionment_of_the_us_house_in_1790():
    """Populations of the 1790 census and Hamilton's bill of 120 seats (Balinski and Young 1982, table 3.1)."""
    population = {
        "Virginia": 630560, "Massachusetts": 475327, "Pennsylvania": 432879, "North Carolina": 353523,
        "New York": 331589, "Maryland": 278514, "Connecticut": 236841, "South Carolina": 206236,
        "New Jersey": 179570, "New Hampshire": 141822, "Vermont": 85533, "Georgia": 70835,
        "Kentucky": 68705, "Rhode Island": 68446, "Delaware": 55540,
    }  # fmt: skip
    seats = dict(zip(population, apportion(120, list(population.values())), strict=True))
    assert list(seats.values()) == [21, 16, 14, 12, 11, 9, 8, 7, 6, 5, 3, 2, 2, 2, 2]


@given(total=st.integers(-(10**12), 10**12), weights=WEIGHTS)
@settings(deadline=None, derandomize=True)
def test_nothing_is_lost_and_no_part_is_a_whole_unit_off(total, weights):
    parts = apportion(total, weights)
    assert sum(parts) == total
    exact = [Fraction(total * weight, sum(weights)) for weight in weights]
    assert all(abs(part - share) < 1 for part, share in zip(parts, exact, strict=True))
    assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if weight == 0)


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1]])
def test_weights_that_cannot_split_are_refused(weights):
    with pytest.raises(ValueError, match="weight"):
        apportion(100, weights)


def hamilton(total, weights):
    """The definition, a share at a time: the whole number below it, then one unit each to the largest remainders."""
    shares = [Fraction(abs(total)) * weight / sum(weights) for weight in weights]
    parts = [share.numerator // share.denominator for share in shares]
    while sum(parts) < abs(total):
        behind = max(range(len(parts)), key=lambda i: (shares[i] - parts[i], -i))
        parts[behind] += 1
    return [part if total >= 0 else -part for part in parts]


@given(total=st.integers(-(10**15), 10**15), weights=st.lists(LARGE, min_size=1, max_size=9).filter(any))
@settings(deadline=None)
def test_parts_are_those_of_the_definition_ties_included(total, weights):
    assert apportion(total, weights) == hamilton(total, weights)
    assert apportion(total, [3 * weight for weight in weights]) == apportion(total, weights)


@given(st.data(), st.integers(1, 7), st.integers(1, 5))
@settings(deadline=None, max_examples=300)
def test_a_table_is_split_row_by_row(data, n_parts, n_rows):
    row = st.lists(LARGE, min_size=n_parts, max_size=n_parts).filter(any)
    weights = data.draw(st.lists(row, min_size=n_rows, max_size=n_rows))
    near = st.integers(-9, 9) | st.integers(-(2**52) + 1, 2**52 - 1) | st.sampled_from([2**52 - 1, 1 - 2**52])
    totals = data.draw(st.lists(near, min_size=n_rows, max_size=n_rows))
    found = apportion_rows(np.array(totals), np.array(weights))
    assert found.tolist() == [apportion(total, row) for total, row in zip(totals, weights, strict=True)]


@pytest.mark.parametrize(
    ("totals", "weights"),
    [
        ([2**62 + 1, -(2**62) - 1], np.array([[1, 1, 1], [3, 0, 4]])),
        ([10**15, 7], np.array([[2**62, 2**61, 1], [1, 1, 1]])),
        ([100, -7], np.array([[10**30, 10**30 + 1, 0], [1, 2, 3]], dtype=object)),
    ],
)
def test_what_64_bits_do_not_hold_is_split_all_the_same(totals, weights):
    found = apportion_rows(np.array(totals), weights)
    assert found.tolist() == [hamilton(total, row) for total, row in zip(totals, weights.tolist(), strict=True)]


@pytest.mark.parametrize("row", [[0, 0], [1, -1], [3, -1]])
def test_a_row_that_cannot_split_is_refused(row):
    with pytest.raises(ValueError, match="weight"):
        apportion_rows(np.array([5, 5]), np.array([[1, 2], row]))


def test_a_table_without_rows_has_no_parts():
    assert apportion_rows(np.array([], dtype=np.int64), np.zeros((0, 3), np.int64)).shape == (0, 3)
