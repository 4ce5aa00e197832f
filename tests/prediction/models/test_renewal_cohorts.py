"""Renewal by cohort: planted cohorts as a month fits them, the test between them, and what is too small."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.special import betaln
from scipy.stats import kstest

from bizlab.errors import DataError, SettingError
from bizlab.prediction.models.renewal_cohorts import COHORTS, POOLED, cohort_table, fit_cohorts
from bizlab.prediction.models.renewals import renewal_histories
from bizlab.sample.planted import truths
from bizlab.sample.truth import generate

END = date(2026, 10, 31)


@pytest.fixture(scope="module")
def subscriptions():
    return generate()["subscriptions"]


def histories(rng, cohort, n, alpha, beta, observed):
    """Subscriptions followed for a random number of renewals, at most ``observed``."""
    leaves_at, window = rng.geometric(rng.beta(alpha, beta, n)), rng.integers(0, observed + 1, n)
    due = np.minimum(leaves_at, window)
    ended = leaves_at <= window
    return pd.DataFrame({"cohort": cohort, "n_due": due, "is_ended": ended, "n_renewed": due - ended})


def test_both_planted_cohorts_lie_within_the_intervals_of_the_month(subscriptions):
    """Years of contracts begin in November, as the planted ones do; the grace is the one that the month uses."""
    models = fit_cohorts(renewal_histories(subscriptions, as_of=END, cohort_month=11))
    assert list(models.own) == ["2024-11", "2025-11"]
    assert models.comparison.p_value < 0.001
    for fitted, planted in zip(models.own.values(), truths.RENEWALS.values(), strict=True):
        for name, true in planted._asdict().items():
            lower, upper = fitted.fit.interval(name)
            assert lower < true < upper, name
    old, new = (models.own[cohort].renewal_probability(0) for cohort in ("2024-11", "2025-11"))
    assert new < old
    table = cohort_table(models)
    COHORTS.verify(table)
    assert table["n_subscriptions"].sum() == subscriptions["subscription_id"].nunique()


def test_the_likelihood_ratio_by_a_second_computation(subscriptions):
    result = renewal_histories(subscriptions, as_of=END, cohort_month=11)

    def best(rows):
        due, ended = rows["n_due"].to_numpy()[rows["n_due"] > 0], rows["is_ended"].to_numpy()[rows["n_due"] > 0]

        def loss(logs):
            a, b = np.exp(logs)
            return -np.where(ended, betaln(a + 1, b + due - 1), betaln(a, b + due)).sum() + len(due) * betaln(a, b)

        return minimize(loss, [0, 0], method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-10}).fun

    parts = sum(best(rows) for _, rows in result.groupby("cohort"))
    models = fit_cohorts(result).comparison
    assert models.likelihood_ratio == pytest.approx(2 * (best(result) - parts), abs=1e-5)
    assert models.n_parameters == 2


def test_a_young_cohort_is_predicted_by_all_until_its_own_renewals_fall_due(subscriptions):
    """In May 2026 12 of the new cohort have had a renewal due: nobody could know then that it renews worse."""
    models = fit_cohorts(renewal_histories(subscriptions, as_of=date(2026, 5, 4), cohort_month=11))
    assert models.why_pooled == {"2024-11": "alone", "2025-11": "too_few"}
    assert models.comparison is None
    assert models.of("2025-11") is models.of("2024-11") is models.pooled
    assert list(models.fits) == [POOLED]
    table = cohort_table(models)
    assert table["predicted_by"].tolist() == ["alone", "too_few"]
    assert table["p_value_reason"].tolist() == ["alone", "alone"]


def test_alike_cohorts_are_kept_apart_as_seldom_as_the_test_promises():
    """80 pairs of one truth: p-values are uniform, so about 5 % of the pairs are wrongly kept apart."""
    rng = np.random.default_rng(20261031)
    p_values = []
    for _ in range(80):
        pair = [histories(rng, cohort, 400, 1.5, 3.5, 6) for cohort in ("2025-01", "2026-01")]
        models = fit_cohorts(pd.concat(pair, ignore_index=True))
        p_values.append(models.comparison.p_value)
        assert bool(models.own) == (models.comparison.p_value < 0.05)
    assert kstest(p_values, "uniform").pvalue > 0.01


def test_each_subscription_is_predicted_by_its_own_cohort():
    rng = np.random.default_rng(3)
    result = pd.concat(
        [histories(rng, "2025-01", 600, 0.9, 4.5, 6), histories(rng, "2026-01", 600, 3.0, 2.0, 6)], ignore_index=True
    )
    models = fit_cohorts(result)
    chances = models.renewal_probability(result)
    for cohort, model in models.own.items():
        rows = result["cohort"] == cohort
        expected = (model.beta + result["n_renewed"][rows]) / (model.alpha + model.beta + result["n_renewed"][rows])
        assert chances[rows].to_numpy() == pytest.approx(expected.to_numpy())


def test_a_ridge_that_flattens_out_is_no_model(subscriptions):
    """In July 2025 larger parameters in the same proportion gain ever less: alpha 5,691 looked like a maximum."""
    with pytest.raises(DataError, match="alpha, beta ran away"):
        fit_cohorts(renewal_histories(subscriptions, as_of=date(2025, 7, 31), cohort_month=11))


def test_too_few_for_any_model_are_refused():
    with pytest.raises(DataError, match="fewer than 30"):
        fit_cohorts(histories(np.random.default_rng(1), "2026-01", 20, 1.0, 3.0, 3))


def test_a_year_of_contracts_begins_in_its_month(subscriptions):
    first = subscriptions.groupby("subscription_id")["signed_on"].min()
    result = renewal_histories(subscriptions, as_of=END, cohort_month=11).set_index("subscription_id")
    assert ((result["cohort"] == "2025-11") == (first >= truths.COHORT_2_FROM).reindex(result.index)).all()
    with pytest.raises(SettingError, match="no month 13"):
        renewal_histories(subscriptions, as_of=END, cohort_month=13)
