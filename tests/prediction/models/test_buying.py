"""Repeat purchases: published fits, a second way to every figure, customers simulated from known parameters."""

from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import hyp2f1

from bizlab.errors import DataError, SettingError
from bizlab.prediction.models.buying import (
    NAMES,
    BuyingModel,
    Histories,
    collapsed,
    fit_buying,
    fit_buying_model,
    log_likelihood,
)
from bizlab.prediction.models.likelihood import Fit
from bizlab.prediction.models.purchases import REPEAT_PURCHASES, repeat_purchases
from bizlab.prediction.models.refusals import NotAvailableError

HERE = Path(__file__).parents[1]
PUBLISHED = {
    "bg_nbd": ((0.243, 4.414, 0.793, 2.426), -9582.4),
    "mbg_nbd": ((0.525, 6.183, 0.891, 1.614), None),
}
"""CDNOW: Fader, Hardie and Lee (2005), table 2; MBG/NBD as published with the R package BTYDplus."""


def customers(*rows):
    return pd.DataFrame(rows, columns=["n_repeat", "recency_days", "age_days"])


@pytest.fixture(scope="module")
def cdnow():
    counted = pd.read_csv(HERE / "cdnow.csv", comment="#")
    return counted.loc[counted.index.repeat(counted["n_customers"])].reset_index(drop=True)


@pytest.fixture(scope="module", params=PUBLISHED)
def fitted(request, cdnow):
    return fit_buying(cdnow, variant=request.param)


def known(variant, *parameters):
    return BuyingModel(variant, Fit(NAMES, parameters, np.eye(4), 0.0, 1, 1, 1))


def test_the_published_fits_of_cdnow_are_found_again(fitted):
    parameters, likelihood = PUBLISHED[fitted.variant]
    assert fitted.fit.n == 2357
    assert fitted.fit.estimates == pytest.approx(parameters, abs=6e-4)
    assert fitted.fit.n_agreeing == fitted.fit.n_starts
    if likelihood:
        assert fitted.fit.log_likelihood == pytest.approx(likelihood, abs=0.05)


def test_the_customer_of_the_paper_is_expected_to_buy_as_published():
    """Fader, Hardie and Lee (2005), section 5: x = 2, t_x = 30.43, T = 38.86, 39 weeks ahead: 1.226."""
    model = known("bg_nbd", *PUBLISHED["bg_nbd"][0])
    assert model.expected_purchases(customers((2, 213, 272)), weeks=39)[0] == pytest.approx(1.226, abs=5e-4)


def test_the_variant_that_fits_cdnow_better_is_chosen(cdnow):
    assert fit_buying_model(cdnow).variant == "mbg_nbd"


def test_counting_equal_histories_changes_nothing(cdnow):
    x, latest, age = (cdnow[name].to_numpy(float) for name in ("n_repeat", "recency_days", "age_days"))
    each = Histories(x, latest / 7, age / 7, np.ones(len(x)))
    at = np.array([0.4, 5.0, 0.9, 2.0])
    value, slope = log_likelihood(collapsed(cdnow), "bg_nbd")(at)
    again, slope_again = log_likelihood(each, "bg_nbd")(at)
    assert (value, *slope) == pytest.approx((again, *slope_again), rel=1e-10)


@settings(deadline=None, max_examples=60)
@given(
    st.tuples(*[st.floats(0.05, 20)] * 4),
    st.lists(st.tuples(st.integers(0, 60), st.floats(0, 1), st.integers(1, 1000)), min_size=1, max_size=6),
    st.sampled_from(list(PUBLISHED)),
)
def test_the_gradient_is_the_slope_of_the_likelihood(parameters, rows, variant):
    x = np.array([row[0] for row in rows], dtype=float)
    age = np.array([row[2] for row in rows], dtype=float)
    result = Histories(x, np.where(x > 0, age * [row[1] for row in rows], 0.0), age, np.ones(len(x)))
    objective, at = log_likelihood(result, variant), np.array(parameters)
    _, slope = objective(at)
    for i, step in enumerate(np.eye(4) * 1e-6):
        numeric = (objective(at * (1 + step))[0] - objective(at * (1 - step))[0]) / (2e-6 * at[i])
        assert slope[i] == pytest.approx(numeric, rel=1e-4, abs=1e-4)


@pytest.mark.parametrize(("variant", "parameters"), [(name, p) for name, (p, _) in PUBLISHED.items()])
def test_expected_purchases_are_those_of_the_closed_form(variant, parameters):
    """The published hypergeometric formula, evaluated where it is well conditioned."""
    r, alpha, a, b = parameters
    result, weeks = customers((0, 0, 200), (2, 213, 272), (7, 100, 272), (29, 260, 272)), 39
    x, age = result["n_repeat"].to_numpy(), result["age_days"].to_numpy() / 7
    k = b + x + (variant == "mbg_nbd")
    shrunk = ((alpha + age) / (alpha + age + weeks)) ** (r + x) * hyp2f1(
        r + x, k, a + k - 1, weeks / (alpha + age + weeks)
    )
    model = known(variant, *parameters)
    expected = (a + k - 1) / (a - 1) * (1 - shrunk) * model.probability_alive(result)
    assert model.expected_purchases(result, weeks=weeks) == pytest.approx(expected, rel=1e-9)


def simulated(seed, parameters, n, variant="bg_nbd", *, weeks=100, further=0):
    """Customers that live the model's story; with the purchases of the weeks after, and who is alive at the end."""
    r, alpha, a, b = parameters
    rng = np.random.default_rng(seed)
    rows, later, alive = [], [], []
    for rate, chance in zip(rng.gamma(r, 1 / alpha, n), rng.beta(a, b, n), strict=True):
        age = rng.uniform(weeks / 2, weeks)
        gone = variant == "mbg_nbd" and rng.random() < chance
        at, days, after = 0.0, [], 0
        lives = not gone
        while not gone:
            at += rng.exponential(1 / rate)
            if at > age + further:
                break
            days.append(at) if at <= age else None
            after += at > age
            gone = rng.random() < chance
            lives = lives and not (gone and at <= age)
        rows.append((len(days), days[-1] * 7 if days else 0.0, age * 7))
        later.append(after)
        alive.append(lives)
    return customers(*rows), np.array(later), np.array(alive)


@pytest.mark.parametrize("variant", list(PUBLISHED))
def test_what_is_expected_is_what_simulated_customers_do(variant):
    parameters = (1.2, 6.0, 0.9, 3.0)
    result, later, alive = simulated(7, parameters, 20_000, variant, further=26)
    model = known(variant, *parameters)
    expected, chance = model.expected_purchases(result, weeks=26), model.probability_alive(result)
    assert expected.sum() == pytest.approx(later.sum(), rel=0.03)
    assert chance.sum() == pytest.approx(alive.sum(), rel=0.02)
    for low, high in ((0, 0.5), (0.5, 2), (2, 100)):
        rows = (expected >= low) & (expected < high)
        error = later[rows].std() / np.sqrt(rows.sum())
        assert expected[rows].mean() == pytest.approx(later[rows].mean(), abs=4 * error)


@pytest.mark.parametrize("variant", list(PUBLISHED))
def test_known_parameters_are_found_again_within_their_intervals(variant):
    truth = (1.2, 6.0, 0.9, 3.0)
    inside = 0
    for seed in range(10):
        fit = fit_buying(simulated(seed, truth, 1500, variant)[0], variant=variant).fit
        inside += sum(
            fit.interval(name).lower <= value <= fit.interval(name).upper
            for name, value in zip(NAMES, truth, strict=True)
        )
    assert inside >= 34, f"{inside} of 40 intervals of 95 % hold the truth"


def test_the_chance_to_drop_out_may_be_even():
    """Where a is 1 the published formula is 0 / 0; the sum is continuous there."""
    result = customers((3, 50, 100))
    near = [known("bg_nbd", 1.2, 6.0, a, 3.0).expected_purchases(result, weeks=20)[0] for a in (0.999, 1.0, 1.001)]
    assert near[1] == pytest.approx((near[0] + near[2]) / 2, rel=1e-5)


def test_who_bought_lately_is_more_likely_alive_and_who_bought_once_never_left():
    model = known("bg_nbd", 0.243, 4.414, 0.793, 2.426)
    chance = model.probability_alive(customers((0, 0, 300), (5, 50, 300), (5, 290, 300)))
    assert chance[0] == 1
    assert chance[1] < chance[2] < 1


def test_customers_that_do_not_differ_are_refused_or_found_and_never_reported_unproved():
    rng = np.random.default_rng(3)
    result = customers(*((x, 7 * 90 if x else 0, 700) for x in rng.poisson(5, 400)))
    with pytest.raises(DataError, match="no maximum that could be proved"):
        fit_buying(result)


@pytest.mark.parametrize(
    ("rows", "match"),
    [
        ([(0, 0, 100)] * 200, "none of 200 customers bought again"),
        ([(1, 50, 100)] * 99, "99 customers that bought, fewer than 100"),
        ([(1, 150, 100)] + [(1, 50, 100)] * 200, "1 histories cannot be"),
        ([(0, 5, 100)] + [(1, 50, 100)] * 200, "1 histories cannot be"),
        ([], "0 customers"),
    ],
)
def test_what_cannot_be_fitted_says_why(rows, match):
    with pytest.raises(DataError, match=match):
        fit_buying_model(customers(*rows))


def test_too_few_is_not_available_rather_than_wrong():
    with pytest.raises(NotAvailableError) as refused:
        fit_buying(customers((1, 50, 100)))
    assert refused.value.reason == "too_few_customers"


ORDERS = pd.DataFrame(
    {
        "customer_id": ["a", "a", "a", "a", "b", "c", "c", "d"],
        "ordered_on": pd.to_datetime(
            [
                "2026-01-05",
                "2026-01-05",
                "2026-02-04",
                "2026-03-06",
                "2026-03-01",
                "2026-01-10",
                "2026-02-10",
                "2026-04-01",
            ]
        ),
        "amount_fen": [300, 200, 900, -100, 700, 100, 500, 800],
    }
)


@pytest.mark.parametrize("engine", ["pandas", "duckdb"])
def test_purchases_are_days_with_a_positive_total(engine):
    result = ORDERS if engine == "pandas" else duckdb.from_arrow(__import__("pyarrow").Table.from_pandas(ORDERS))
    summary = repeat_purchases(result, as_of=date(2026, 3, 31))
    REPEAT_PURCHASES.verify(summary)
    assert summary[["customer_id", "n_repeat", "recency_days", "age_days"]].to_numpy().tolist() == [
        ["a", 1, 30, 85], ["b", 0, 0, 30], ["c", 1, 31, 80],
    ]  # fmt: skip
    assert summary["mean_value_fen"].dropna().tolist() == [900.0, 500.0]
    assert summary["mean_value_fen_reason"].tolist()[1] == "no_repeat"


def test_what_comes_after_the_date_changes_nothing():
    later = ORDERS.assign(amount_fen=ORDERS["amount_fen"].where(ORDERS["ordered_on"] <= "2026-02-28", 10**9))
    before, after = (repeat_purchases(frame, as_of=date(2026, 2, 28)) for frame in (ORDERS, later))
    pd.testing.assert_frame_equal(before, after)


def test_what_there_is_no_model_or_no_time_for_is_refused_by_name():
    with pytest.raises(SettingError, match="no variant 'pareto_nbd'"):
        fit_buying(customers((2, 100, 200)), variant="pareto_nbd")
    for weeks in (-5, 0):
        with pytest.raises(SettingError, match="weeks ahead"):
            known("bg_nbd", 0.243, 4.414, 0.793, 2.426).expected_purchases(customers((2, 213, 272)), weeks=weeks)
