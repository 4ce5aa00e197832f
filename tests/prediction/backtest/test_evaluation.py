"""A prediction against its baseline: the verdict, its interval, and when there is none."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizlab.errors import DataError, SettingError
from bizlab.prediction.backtest.evaluation import MIN_CUSTOMERS, evaluate, ratio_interval


def cases(n: int, *, seed: int = 1):
    rng = np.random.default_rng(seed)
    p = rng.uniform(0.05, 0.6, n)
    return p, rng.random(n) < p


def test_the_truth_beats_one_rate_for_all_and_not_the_other_way_round():
    p, happened = cases(2000)
    rate = np.full(2000, happened.mean())
    evaluation = evaluate(p, rate, happened, kind="probability")
    assert (evaluation.verdict, evaluation.reason) == ("better", None)
    assert evaluation.difference.upper < 0
    assert evaluation.skill == pytest.approx(1 - evaluation.model_loss / evaluation.baseline_loss)
    turned = evaluate(rate, p, happened, kind="probability", measure="log_loss")
    assert turned.verdict == "worse"
    assert turned.auc.value == 0.5


def test_noise_around_the_baseline_is_called_better_or_worse_as_rarely_as_the_level_says():
    """200 histories in which both say as much: 95 % intervals leave out 0 in 1 to 10 % of them, give or take."""
    verdicts = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        truth = rng.uniform(0.1, 0.5, 150)
        first, second = (np.clip(truth + rng.normal(0, 0.1, 150), 0, 1) for _ in range(2))
        happened = rng.random(150) < truth
        verdicts.append(evaluate(first, second, happened, kind="probability").verdict)
    assert verdicts.count("better") + verdicts.count("worse") < 20
    assert verdicts.count("no_better") > 180


def test_the_baseline_itself_is_the_same_in_every_case():
    _, happened = cases(200)
    evaluation = evaluate(np.full(200, 0.3), np.full(200, 0.3), happened, kind="probability")
    assert (evaluation.verdict, evaluation.difference.value, evaluation.skill) == ("same", 0, 0)


def test_counts_by_hand():
    """60 customers buy 2, predicted 1.5; the baseline says 4: errors 0.5 and 2."""
    evaluation = evaluate([1.5] * 60, [4] * 60, [2] * 60, kind="count")
    assert (evaluation.measure, evaluation.model_loss, evaluation.baseline_loss) == ("absolute_error", 0.5, 2)
    assert (evaluation.difference.lower, evaluation.difference.upper) == (-1.5, -1.5)
    assert evaluation.auc is None
    squared = evaluate([1.5] * 60, [4] * 60, [2] * 60, kind="count", measure="squared_error")
    assert (squared.model_loss, squared.skill) == (0.25, 1 - 0.25 / 4)


def test_a_baseline_without_error_leaves_no_skill_to_measure():
    evaluation = evaluate([1.5] * 60, [2] * 60, [2] * 60, kind="amount")
    assert math.isnan(evaluation.skill)
    assert (evaluation.skill_reason, evaluation.verdict) == ("perfect_reference", "worse")


@pytest.mark.parametrize(
    ("happened", "reason"),
    [
        ([True] * 20 + [False] * 29, "too_few_customers"),
        ([True] * 9 + [False] * 60, "too_few_to_compare"),
        ([True] * 60, "one_outcome"),
        ([], "too_few_customers"),
    ],
)
def test_no_verdict_from_too_little(happened, reason):
    n = len(happened)
    evaluation = evaluate(np.full(n, 0.9), np.full(n, 0.2), happened, kind="probability")
    assert (evaluation.verdict, evaluation.reason) == ("not_available", reason)
    assert math.isnan(evaluation.difference.lower)


def test_the_same_customers_at_several_dates_do_not_count_several_times():
    """Ten copies of every case: by customer the interval is as wide as for one copy, by case three times narrower."""
    p, happened = cases(120)
    rate = np.full(120, 0.3)
    once = evaluate(p, rate, happened, kind="probability").difference
    ids = np.tile(np.arange(120), 10)
    by_customer = evaluate(np.tile(p, 10), np.tile(rate, 10), np.tile(happened, 10), kind="probability", customers=ids)
    by_case = evaluate(np.tile(p, 10), np.tile(rate, 10), np.tile(happened, 10), kind="probability").difference
    assert by_customer.n_customers == 120
    assert by_customer.difference[:3] == pytest.approx(once[:3])
    assert (by_case.upper - by_case.lower) * math.sqrt(10) == pytest.approx(once.upper - once.lower, rel=0.1)
    few = evaluate(p[:60], rate[:60], happened[:60], kind="probability", customers=ids[:60] % (MIN_CUSTOMERS - 1))
    assert few.reason == "too_few_customers"


def test_the_interval_covers_the_true_difference_as_often_as_it_says():
    """Customers with 1 to 5 cases and an effect of their own; true mean 0.2; 90 % of 300 intervals, give or take."""
    rng = np.random.default_rng(8)
    hits = 0
    for seed in range(300):
        customers = np.repeat(np.arange(80), rng.integers(1, 6, 80))
        own = rng.normal(0, 1, 80)
        differences = 0.2 + own[customers] + rng.normal(0, 0.5, len(customers))
        cases_each = np.ones_like(differences)
        low, high = ratio_interval(differences, cases_each, customers, confidence=0.9, random_state=seed)
        hits += low <= 0.2 <= high
    assert 0.85 < hits / 300 < 0.94


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_is_nothing(random):
    p, happened = cases(80)
    ids = [f"c{i % 60}" for i in range(80)]
    order = random.sample(range(80), 80)
    first = evaluate(p, np.full(80, 0.3), happened, kind="probability", customers=ids)
    mixed = evaluate(p[order], np.full(80, 0.3), happened[order], kind="probability", customers=[ids[i] for i in order])
    assert mixed.difference[:3] == pytest.approx(first.difference[:3])
    assert mixed.verdict == first.verdict


def test_what_does_not_fit_is_refused():
    with pytest.raises(SettingError, match="no kind of prediction 'rank'"):
        evaluate([1], [1], [1], kind="rank")
    with pytest.raises(SettingError, match="A count is not measured by 'brier'"):
        evaluate([1], [1], [1], kind="count", measure="brier")
    with pytest.raises(DataError, match="not a probability"):
        evaluate([0.5], [1.5], [1], kind="probability")
    with pytest.raises(DataError, match="gaps"):
        evaluate([math.nan], [1], [1], kind="count")
