"""Intervals and tests against the figures that their authors published."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizlab.statistics.proportions import adjust, compare_proportions, newcombe_interval, wilson_interval
from bizlab.statistics.robust import robust_spread, theil_sen


@pytest.mark.parametrize(
    ("n_successes", "n", "lower", "upper"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0000, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_score_interval_gives_the_published_limits(n_successes, n, lower, upper):
    """Newcombe, Two-sided confidence intervals for the single proportion, Stat. Med. 17 (1998), Table I, method 3."""
    assert wilson_interval(n_successes, n) == pytest.approx((lower, upper), abs=5e-5)


@pytest.mark.parametrize(
    ("first", "second", "lower", "upper"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 10), 0.6075, 1.0000),
    ],
)
def test_the_difference_of_two_proportions_has_the_published_limits(first, second, lower, upper):
    """Newcombe, Interval estimation for the difference, Stat. Med. 17 (1998), Table II, method 10."""
    assert newcombe_interval(first, second) == pytest.approx((lower, upper), abs=5e-5)


@given(st.integers(1, 400), st.integers(1, 400), st.data())
@settings(max_examples=60, deadline=None, derandomize=True)
def test_newcombes_limits_are_made_of_the_two_score_intervals(n, m, data):
    """The formula of method 10, written out: the square-and-add rule."""
    a, b = data.draw(st.integers(0, n)), data.draw(st.integers(0, m))
    (l1, u1), (l2, u2) = _score_limits(a, n), _score_limits(b, m)
    p1, p2 = a / n, b / m
    lower = p1 - p2 - math.hypot(p1 - l1, u2 - p2)
    upper = p1 - p2 + math.hypot(u1 - p1, p2 - l2)
    assert newcombe_interval((a, n), (b, m)) == pytest.approx((lower, upper), abs=1e-9)


def _score_limits(a: int, n: int) -> tuple[float, float]:
    """Wilson's limits as the roots of n(p - a/n)^2 = z^2 p(1 - p)."""
    z = 1.959963984540054
    root = z * math.sqrt(z * z + 4 * a * (1 - a / n))
    return (2 * a + z * z - root) / (2 * (n + z * z)), (2 * a + z * z + root) / (2 * (n + z * z))


def test_the_lady_tasting_tea_is_tested_exactly():
    """Fisher, The Design of Experiments, 1935: 3 of 4 right; two-sided 17/35."""
    comparison = compare_proportions((3, 4), (1, 4))
    assert comparison.method == "fisher"
    assert comparison.p_value == pytest.approx(34 / 70)


def test_large_groups_are_tested_like_pearsons_chi_square():
    from scipy.stats import chi2_contingency

    comparison = compare_proportions((56, 70), (48, 80))
    assert comparison.method == "score"
    assert comparison.p_value == pytest.approx(chi2_contingency([[56, 14], [48, 32]], correction=False).pvalue)
    assert comparison.difference == pytest.approx(0.2)


def test_groups_where_everybody_converted_do_not_differ():
    assert compare_proportions((40, 40), (25, 25)).p_value == 1


def test_an_empty_group_leaves_everything_undefined():
    comparison = compare_proportions((0, 0), (3, 9))
    assert comparison.method == "undefined"
    assert all(math.isnan(value) for value in comparison[:4])


NEUHAUS = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
    0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000,
]  # fmt: skip


def test_holm_rejects_three_of_the_fifteen():
    """Benjamini and Hochberg 1995, section 3.2: myocardial infarction trial, 15 hypotheses."""
    assert sum(p <= 0.05 for p in adjust(NEUHAUS)) == 3


def test_holms_steps_multiply_by_the_tests_still_open():
    """Holm 1979: the smallest p times 3, the next times 2, and never below the one before."""
    assert adjust([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])


def test_a_test_that_was_not_possible_is_no_part_of_the_family():
    assert adjust([0.01, math.nan, 0.04])[0] == pytest.approx(0.02)
    assert math.isnan(adjust([0.01, math.nan, 0.04])[1])


@pytest.mark.parametrize(("n_successes", "n"), [(3, 2), (-1, 5)])
def test_counts_that_cannot_be_are_refused(n_successes, n):
    with pytest.raises(ValueError, match="not a proportion"):
        wilson_interval(n_successes, n)
    with pytest.raises(ValueError, match="not a proportion"):
        newcombe_interval((n_successes, n), (1, 2))


def test_the_theil_sen_slope_is_that_of_the_r_package_statpsych():
    """ci.theil(.05, y, x) of statpsych 1.6 (Bonett; Hollander and Wolfe 1999): 0.5, from 0.3243243 to 0.75."""
    y = [21, 4, 9, 12, 35, 18, 10, 22, 24, 1, 6, 8, 13, 16, 19]
    x = [67, 28, 30, 28, 52, 40, 25, 37, 44, 10, 14, 20, 28, 40, 51]
    assert theil_sen(y, x) == pytest.approx((0.5, 0.3243243, 0.75), abs=1e-6)


def test_the_theil_sen_slope_of_a_textbooks_five_years():
    """Hollander and Wolfe, Nonparametric Statistical Methods, example 9.1 (cloud seeding): median of ten slopes."""
    assert theil_sen([1.26, 1.27, 1.12, 1.16, 1.03], range(1, 6)).slope == pytest.approx(-0.05625)


@pytest.mark.parametrize("steps", [[], [3], [3, 3]])
def test_without_two_steps_there_is_no_slope(steps):
    assert all(math.isnan(part) for part in theil_sen([1.0] * len(steps), steps))


@given(values=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_the_robust_spread_is_that_of_statsmodels_and_nothing_where_most_values_are_equal(values):
    from statsmodels.robust.scale import mad

    spread = robust_spread(np.array(values))
    assert spread.median == np.median(values)
    assert spread.deviation == pytest.approx(mad(np.array(values), c=0.6745), abs=1e-5)
    assert robust_spread(np.array([*values, *[0.1] * (len(values) + 1)])).deviation == 0
