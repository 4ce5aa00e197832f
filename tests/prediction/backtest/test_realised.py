"""The last prediction beside what came."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, poisson_binom

from bizlab.errors import DataError
from bizlab.prediction.backtest.realised import (
    EXACT_UP_TO,
    REALISED,
    REALISED_TOTAL,
    events_interval,
    poisson_binomial,
    realised,
    realised_total,
)


def tables(predicted, outcome) -> pd.DataFrame:
    ids = [f"c{i:05d}" for i in range(len(predicted))]
    last = pd.DataFrame({"customer_id": ids, "predicted": predicted})
    return realised(last, pd.DataFrame({"customer_id": ids, "outcome": outcome}))


def test_everybody_of_both_tables_is_in_the_account():
    """b left the population, c was not known last month, d could not be predicted."""
    last = pd.DataFrame({"customer_id": ["d", "b", "a"], "predicted": [None, 0.5, 0.9]})
    came = pd.DataFrame({"customer_id": ["a", "c", "d"], "outcome": [True, True, False]})
    result = realised(last, came)
    REALISED.verify(result)
    assert result["customer_id"].tolist() == list("abcd")
    assert result["predicted_reason"].fillna("").tolist() == ["", "", "not_predicted", "not_predicted"]
    assert result["actual_reason"].fillna("").tolist() == ["", "not_at_risk", "", ""]
    total = realised_total(result)
    assert all(check.passed for check in REALISED_TOTAL.verify(total))
    assert total.iloc[0][["n_customers", "n_compared", "n_not_predicted", "n_not_at_risk"]].tolist() == [4, 1, 2, 1]
    assert (total["expected"].iloc[0], total["actual"].iloc[0]) == (0.9, 1)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_the_distribution_is_that_of_scipy(chances):
    p = np.array(chances)
    assert poisson_binomial(p) == pytest.approx(poisson_binom.pmf(np.arange(len(p) + 1), p), abs=1e-9)
    (low, high), _ = events_interval(p, confidence=0.9)
    inside = poisson_binomial(p)[int(low) : int(high) + 1].sum()
    assert inside >= 0.9 - 1e-9


def test_equal_chances_are_a_binomial():
    (low, high), method = events_interval(np.full(100, 0.2), confidence=0.95)
    assert (low, high) == binom.interval(0.95, 100, 0.2)
    assert method == "poisson_binomial"


def test_the_normal_curve_takes_over_without_a_step():
    rng = np.random.default_rng(1)
    p = rng.uniform(0, 0.4, EXACT_UP_TO + 1)
    exact, _ = events_interval(p[:-1], confidence=0.95)
    approximate, method = events_interval(np.append(p[:-1], 0.0), confidence=0.95)
    assert method == "normal"
    assert approximate == pytest.approx(exact, abs=1.01)


@pytest.mark.parametrize(("n_happened", "standing"), [(0, "below"), (20, "within"), (60, "above")])
def test_the_total_is_placed_against_what_chance_allows(n_happened, standing):
    total = realised_total(tables([0.2] * 100, np.arange(100) < n_happened)).iloc[0]
    assert total["standing"] == standing
    assert total["expected"] == pytest.approx(20)


def test_true_predictions_are_within_about_as_often_as_promised():
    rng = np.random.default_rng(6)
    inside = 0
    for _ in range(400):
        p = rng.beta(1, 4, 80)
        (low, high), _ = events_interval(p, confidence=0.9)
        inside += low <= (rng.random(80) < p).sum() <= high
    assert 0.88 < inside / 400 < 0.98


def test_counts_need_the_variance_of_their_model():
    result = tables([2.0, 3.0, 1.0], [1, 4, 0])
    without = realised_total(result, is_probability=False).iloc[0]
    assert (without["standing"], without["lower_reason"], without["method"]) == ("not_available", "no_variance", "none")
    assert np.isnan(without["lower"])
    variance = pd.Series(3.0, index=result["customer_id"])
    normal = realised_total(result, is_probability=False, variance=variance).iloc[0]
    assert (normal["lower"], normal["upper"]) == pytest.approx((6 - 1.959964 * 3, 6 + 1.959964 * 3))
    with pytest.raises(DataError, match="no variance"):
        realised_total(result, is_probability=False, variance=variance.iloc[1:])
    with pytest.raises(DataError, match="not a probability"):
        realised_total(result)


def test_nobody_to_compare():
    total = realised_total(tables([], []))
    REALISED_TOTAL.verify(total)
    assert total[["lower_reason", "standing"]].to_numpy().tolist() == [["nobody", "not_available"]]


def test_a_customer_twice_is_refused():
    one = pd.DataFrame({"customer_id": ["a", "a"], "predicted": 0.1, "outcome": True})
    with pytest.raises(DataError, match=r"last prediction hold a customer twice.*a"):
        realised(one, one.head(1))
    with pytest.raises(DataError, match="outcomes hold a customer twice"):
        realised(one.head(1), one)
