"""What a purchase is worth: the published fit, simulated customers, and the assumption made visible."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.stats import gamma as gamma_distribution

from bizlab.errors import DataError
from bizlab.prediction.models.gamma_gamma import GammaGamma, fit_gamma_gamma, log_likelihood
from bizlab.prediction.models.refusals import NotAvailableError

HERE = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def cdnow():
    values = pd.read_csv(HERE / "cdnow_values.csv", comment="#")
    return pd.DataFrame({"n_repeat": values["n_repeat"], "mean_value_fen": values["mean_value"] * 100})


@pytest.fixture(scope="module")
def fitted(cdnow):
    return fit_gamma_gamma(cdnow)


def gamma_fen(model):
    return model.fit["gamma"] * model.scale_fen


def test_the_published_fit_of_cdnow_is_found_again(fitted):
    """Fader and Hardie, note of 2013, section 5: p = 6.25, q = 3.74, gamma = 15.44 over 946 customers."""
    assert fitted.fit.n == 946
    assert (fitted.fit["p"], fitted.fit["q"]) == pytest.approx((6.25, 3.74), abs=0.006)
    assert gamma_fen(fitted) / 100 == pytest.approx(15.44, abs=0.01)


def test_scale_of_money_does_not_matter(cdnow, fitted):
    dear = fit_gamma_gamma(cdnow.assign(mean_value_fen=cdnow["mean_value_fen"] * 1e6))
    assert gamma_fen(dear) == pytest.approx(gamma_fen(fitted) * 1e6, rel=1e-6)


def test_a_customer_is_drawn_towards_the_mean_of_all(fitted):
    result = pd.DataFrame({"n_repeat": [0, 1, 50], "mean_value_fen": [np.nan, 10_000.0, 10_000.0]})
    once, seldom, often = fitted.expected_value_fen(result)
    p, q, _ = fitted.fit.estimates
    assert once == pytest.approx(p * gamma_fen(fitted) / (q - 1))
    assert once < seldom < often < 10_000


def test_expected_value_is_the_mean_of_the_posterior(fitted):
    """Afterwards the rate of a customer is Gamma(px + q, gamma + x m), its mean purchase p over the rate."""
    p, q, gamma = fitted.fit.estimates
    x, mean = 3, 1.7
    posterior = gamma_distribution(p * x + q, scale=1 / (gamma + x * mean))
    expected, _ = quad(lambda rate: p / rate * posterior.pdf(rate), 0, np.inf)
    result = pd.DataFrame({"n_repeat": [x], "mean_value_fen": [mean * fitted.scale_fen]})
    assert fitted.expected_value_fen(result)[0] / fitted.scale_fen == pytest.approx(expected, rel=1e-6)


def simulated(seed, n=2000, p=4.0, q=5.0, gamma=3.0):
    rng = np.random.default_rng(seed)
    x = 1 + rng.poisson(4, n)
    rate = rng.gamma(q, 1 / gamma, n)
    mean = rng.gamma(p * x, 1 / (rate * x))
    return pd.DataFrame({"n_repeat": x, "mean_value_fen": mean * 100})


def test_known_parameters_are_found_again_within_their_intervals():
    inside = 0
    for seed in range(12):
        model = fit_gamma_gamma(simulated(seed))
        scale = model.scale_fen / 100
        for name, truth in (("p", 4.0), ("q", 5.0), ("gamma", 3.0 / scale)):
            inside += model.fit.interval(name).lower <= truth <= model.fit.interval(name).upper
    assert inside >= 30, f"{inside} of 36 intervals of 95 % hold the truth"


def test_the_gradient_is_the_slope_of_the_likelihood():
    result = simulated(1, n=50)
    objective = log_likelihood(result["n_repeat"].to_numpy(float), result["mean_value_fen"].to_numpy() / 100)
    at = np.array([2.0, 3.0, 1.5])
    _, slope = objective(at)
    for i, step in enumerate(np.eye(3) * 1e-6):
        numeric = (objective(at + step)[0] - objective(at - step)[0]) / 2e-6
        assert slope[i] == pytest.approx(numeric, rel=1e-5)


def test_the_assumption_stands_beside_the_fit():
    free = fit_gamma_gamma(simulated(2)).association
    assert free.lower < 0 < free.upper
    tied = simulated(2)
    tied["mean_value_fen"] *= tied["n_repeat"]
    assert fit_gamma_gamma(tied).association.lower > 0


def test_a_mean_of_all_that_does_not_exist_is_missing_not_negative(fitted):
    heavy = GammaGamma(
        fitted.fit.__class__(("p", "q", "gamma"), (2.0, 0.8, 1.0), np.eye(3), 0.0, 1, 1, 1), 100.0, fitted.association
    )
    assert np.isnan(heavy.expected_value_fen(pd.DataFrame({"n_repeat": [0], "mean_value_fen": [np.nan]}))[0])


@pytest.mark.parametrize(
    ("summary", "error", "match"),
    [
        (simulated(1, n=49), NotAvailableError, "49 customers that bought again, fewer than 50"),
        (simulated(1).assign(mean_value_fen=0.0), DataError, "not above zero"),
        (simulated(1).assign(mean_value_fen=500.0), DataError, "no maximum"),
    ],
)
def test_what_cannot_be_fitted_says_why(summary, error, match):
    with pytest.raises(error, match=match):
        fit_gamma_gamma(summary)


def test_the_assumption_is_missing_where_all_bought_equally_often():
    """A young customer base in which nobody has bought more than twice."""
    once = simulated(1, n=300).assign(n_repeat=1)
    model = fit_gamma_gamma(once).association
    assert np.isnan(model).all()
