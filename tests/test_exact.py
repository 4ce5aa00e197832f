"""Rounding and splitting of whole numbers."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizlab.exact import apportion, round_half_up

WEIGHTS = st.lists(st.integers(0, 10**6), min_size=1, max_size=12).filter(any)


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
