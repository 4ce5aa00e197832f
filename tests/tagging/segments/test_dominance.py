"""Cliff's delta: the published figure, the table of all pairs, coverage of its interval."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizlab.tagging.segments.dominance import cliffs_delta


def test_cliff_s_delta_is_the_published_one():
    """The worked example of the R package effsize (cliff.delta, unbiased variance, Student's t)."""
    treatment = np.array([10.0, 10, 20, 20, 20, 30, 30, 30, 40, 50])
    control = np.array([10.0, 20, 30, 40, 40, 50])
    dominance = cliffs_delta(treatment, control)
    assert dominance[:3] == pytest.approx((-0.25, -0.7265846, 0.3890062), abs=1e-7)


SAMPLES = st.lists(st.integers(-3, 3), min_size=1, max_size=12).map(lambda values: np.array(values, dtype=np.float64))


@settings(max_examples=100, deadline=None)
@given(first=SAMPLES, second=SAMPLES)
def test_delta_is_that_of_the_table_of_all_pairs_and_of_mann_whitney(first, second):
    from scipy.stats import mannwhitneyu

    signs = np.sign(first[:, None] - second[None, :])
    dominance, turned = cliffs_delta(first, second), cliffs_delta(second, first)
    assert dominance.delta == pytest.approx(signs.mean())
    u = mannwhitneyu(first, second, method="asymptotic").statistic if len({*first, *second}) > 1 else None
    if u is not None:
        assert dominance.delta == pytest.approx(2 * u / (len(first) * len(second)) - 1)
    assert turned.delta == pytest.approx(-dominance.delta)
    assert turned.p_value == pytest.approx(dominance.p_value)
    if min(len(first), len(second)) < 5:
        assert np.isnan([dominance.lower, dominance.upper]).all()
    else:
        assert -1 <= dominance.lower <= dominance.delta <= dominance.upper <= 1
        assert (turned.lower, turned.upper) == pytest.approx((-dominance.upper, -dominance.lower))


def test_the_interval_covers_a_known_delta():
    """Exponential values against those of twice the mean: P(X > Y) is 1/3, delta -1/3; 95 % within chance."""
    rng = np.random.default_rng(20261031)
    hits = 0
    for _ in range(400):
        dominance = cliffs_delta(rng.exponential(1, 25), rng.exponential(2, 40))
        hits += dominance.lower <= -1 / 3 <= dominance.upper
    assert 0.92 <= hits / 400 <= 0.98


def test_groups_apart_have_a_limit_short_of_certainty():
    dominance = cliffs_delta(np.arange(10, 16, dtype=float), np.arange(6, dtype=float))
    assert (dominance.delta, dominance.upper) == (1, 1)
    assert 0.5 < dominance.lower < 1
