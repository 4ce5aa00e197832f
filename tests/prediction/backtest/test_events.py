"""The number of events that chances allow, against scipy, the binomial and simulation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, poisson_binom

from bizlab.prediction.backtest.events import EXACT_UP_TO, events_interval, poisson_binomial


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_the_distribution_is_that_of_scipy(chances):
    p = np.array(chances)
    assert poisson_binomial(p) == pytest.approx(poisson_binom.pmf(np.arange(len(p) + 1), p), abs=1e-9)
    low, high = events_interval(p, confidence=0.9)
    inside = poisson_binomial(p)[int(low) : int(high) + 1].sum()
    assert inside >= 0.9 - 1e-9


def test_equal_chances_are_a_binomial():
    low, high = events_interval(np.full(100, 0.2), confidence=0.95)
    assert (low, high) == binom.interval(0.95, 100, 0.2)


def test_the_normal_curve_takes_over_without_a_step():
    rng = np.random.default_rng(1)
    p = rng.uniform(0, 0.4, EXACT_UP_TO + 1)
    exact = events_interval(p[:-1], confidence=0.95)
    approximate = events_interval(np.append(p[:-1], 0.0), confidence=0.95)
    assert approximate == pytest.approx(exact, abs=1.01)


def test_true_predictions_are_within_about_as_often_as_promised():
    rng = np.random.default_rng(6)
    inside = 0
    for _ in range(400):
        p = rng.beta(1, 4, 80)
        low, high = events_interval(p, confidence=0.9)
        inside += low <= (rng.random(80) < p).sum() <= high
    assert 0.88 < inside / 400 < 0.98
