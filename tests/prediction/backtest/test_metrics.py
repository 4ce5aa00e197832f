"""Measures of predictions against published figures, definitions and brute force."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logit

from bizlab.errors import DataError
from bizlab.prediction.backtest.by_score import calibration_table
from bizlab.prediction.backtest.evaluation import evaluate
from bizlab.prediction.backtest.metrics import auc, checked, log_losses, no_line

RATINGS = np.arange(5)


def brier_score(y, p):
    return evaluate(p, p, y, kind="probability").model_loss


CASES = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 10)), min_size=1, max_size=30)


def test_the_published_area_of_the_tomography_ratings():
    """Hanley and McNeil, Radiology 143 (1982), table 1: 58 normal and 51 abnormal images rated 1 to 5.

    Their area is 0.893; Stata's manual (roctab) gives DeLong's interval for these data as 0.83295 to 0.95339.
    """
    normal, abnormal = np.repeat(RATINGS, [33, 6, 6, 11, 2]), np.repeat(RATINGS, [3, 2, 2, 11, 33])
    y = np.repeat([0, 1], [58, 51])
    area = auc(y, np.concatenate([normal, abnormal]) / 4)
    assert area.value == pytest.approx(0.8932, abs=5e-5)
    assert (area.lower, area.upper) == pytest.approx((0.83295, 0.95339), abs=6e-6)


def test_delongs_variance_by_its_definition_and_by_the_bootstrap():
    """The placement values written out as a comparison of every pair, and 4,000 resamples within each outcome."""
    rng = np.random.default_rng(4)
    y = np.repeat([1, 0], [60, 140])
    p = np.round(1 / (1 + np.exp(-rng.normal(y * 1.2, 1))), 2)
    wins = (p[y == 1][:, None] > p[y == 0]) + 0.5 * (p[y == 1][:, None] == p[y == 0])
    error = math.sqrt(wins.mean(axis=1).var(ddof=1) / 60 + wins.mean(axis=0).var(ddof=1) / 140)
    area = auc(y, p)
    assert area.value == pytest.approx(wins.mean())
    assert area.upper - area.value == pytest.approx(1.959964 * error, rel=1e-6)
    draws = [wins[rng.integers(0, 60, 60)][:, rng.integers(0, 140, 140)].mean() for _ in range(4000)]
    assert error == pytest.approx(np.std(draws), rel=0.06)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(CASES)
def test_the_area_is_the_share_of_pairs_in_order(cases):
    y, p = np.array([c[0] for c in cases]), np.array([c[1] / 10 for c in cases])
    pairs = [(a > b) + 0.5 * (a == b) for a, b in itertools.product(p[y == 1], p[y == 0])]
    area = auc(y, p)
    if not pairs:
        assert area.reason == "one_outcome"
        assert math.isnan(area.value)
        return
    assert area.value == pytest.approx(np.mean(pairs))
    assert auc(1 - y, p).value == pytest.approx(1 - np.mean(pairs))
    assert auc(y, p**3).value == pytest.approx(area.value)


def test_an_interval_is_not_made_from_a_full_separation_or_few_events():
    assert auc([0, 1] * 10, [0.1, 0.9] * 10).reason == "no_spread"
    nine = auc([1] * 9 + [0] * 200, np.linspace(1, 0, 209) ** 2 % 0.7)
    assert (nine.reason, math.isnan(nine.lower)) == ("too_few", True)
    assert 0 < nine.value < 1
    assert auc([], []).reason == "nobody"


def test_scores_by_hand():
    """Three customers at 0.9, 0.5, 0.2; the first two bought: (0.01 + 0.25 + 0.04) / 3 = 0.1."""
    y, p = [1, 1, 0], [0.9, 0.5, 0.2]
    assert brier_score(y, p) == pytest.approx(0.1)
    assert log_losses(y, p) == pytest.approx([-math.log(0.9), -math.log(0.5), -math.log(0.8)])


def test_brier_splits_into_reliability_resolution_and_uncertainty():
    """Murphy, Journal of Applied Meteorology 12 (1973) 595: an identity over groups of equal predictions."""
    rng = np.random.default_rng(3)
    p = rng.integers(1, 10, 500) / 10
    y = (rng.random(500) < p**1.5).astype(int)
    groups = calibration_table(y, p, n_bins=500)
    n, o = groups["n_customers"], groups["observed_rate"]
    assert len(groups) == 9
    reliability = (n * (groups["predicted_rate"] - o) ** 2).sum() / 500
    resolution = (n * (o - y.mean()) ** 2).sum() / 500
    assert brier_score(y, p) == pytest.approx(reliability - resolution + y.mean() * (1 - y.mean()))


@pytest.mark.parametrize(
    ("y", "p", "why"),
    [
        ([1, 1], [0.2, 0.3], "one_outcome"),
        ([0, 1], [0.2, 0.2], "same_prediction"),
        ([0, 1, 1], [0.2, 0.2, 0.4], "separated"),
        ([1, 0, 0], [0.1, 0.3, 0.4], "separated"),
        ([], [], "nobody"),
    ],
)
def test_no_line_where_none_fits_best(y, p, why):
    assert no_line(np.array(y, dtype=float), logit(p)) == why


@pytest.mark.parametrize(("y", "p"), [([0, 1], [0.5]), ([0, 2], [0.5, 0.5]), ([0, 1], [0.5, 1.2]), ([0], [math.nan])])
def test_what_is_not_a_probability_is_refused(y, p):
    with pytest.raises(DataError):
        checked(y, p)
