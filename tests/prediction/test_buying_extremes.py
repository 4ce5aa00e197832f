"""Customers at the edge of what a buying model meets: a thousand purchases, and good data that must not be refused."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.stats import beta

from bizlab.prediction.models.buying import NAMES, BuyingModel, fit_buying, fit_buying_model
from bizlab.prediction.models.likelihood import Fit

KINDS = {
    "shop": (0.243, 4.414, 0.793, 2.426),
    "distributor": (1.2, 6.0, 0.9, 3.0),
    "plant": (1.5, 8.0, 0.4, 3.0),
    "daily": (3.0, 4.0, 0.8, 10.0),
}


def known(variant, *parameters):
    return BuyingModel(variant, Fit(NAMES, parameters, np.eye(4), 0.0, 1, 1, 1))


def simulated(seed, parameters, n, *, weeks=104):
    """Customers that live the story of BG/NBD, all at once, in whole days."""
    r, alpha, a, b = parameters
    rng = np.random.default_rng(seed)
    rate, chance, age = rng.gamma(r, 1 / alpha, n), rng.beta(a, b, n), rng.integers(weeks * 7 // 2, weeks * 7, n) / 7
    at, latest, x = np.zeros(n), np.zeros(n), np.zeros(n, dtype=int)
    buying = np.arange(n)
    while buying.size:
        with np.errstate(divide="ignore", over="ignore"):
            at[buying] += rng.exponential(1, buying.size) / rate[buying]
        buying = buying[at[buying] <= age[buying]]
        x[buying] += 1
        latest[buying] = at[buying]
        buying = buying[rng.random(buying.size) >= chance[buying]]
    days = {"recency_days": np.round(latest * 7).astype(int), "age_days": np.round(age * 7).astype(int)}
    return pd.DataFrame({"n_repeat": x, **days})


def test_a_new_customer_buys_as_published():
    """Hardie's worksheet of BG/NBD on CDNOW, as the tests of the lifetimes package quote it: E[X(t)] by week."""
    counted = pd.read_csv(Path(__file__).parent / "cdnow.csv", comment="#")
    model = fit_buying(counted.loc[counted.index.repeat(counted["n_customers"])])
    new = pd.DataFrame({"n_repeat": [0], "recency_days": [0], "age_days": [0]})
    result = [model.expected_purchases(new, weeks=weeks)[0] for weeks in (1 / 7, 1, 3, 31 + 6 / 7, 32, 78)]
    assert result == pytest.approx([0.0078, 0.0532, 0.1506, 1.0405, 1.0437, 1.8576], rel=3e-4, abs=6e-5)


@pytest.mark.parametrize("variant", ["bg_nbd", "mbg_nbd"])
@pytest.mark.parametrize("n_repeat", [0, 1, 30, 400, 1100, 5000])
def test_what_is_expected_is_the_mean_over_the_posterior(variant, n_repeat):
    """However often it bought: the chance to drop out is Beta(a, b + x) afterwards, or b + x + 1 for the variant."""
    r, alpha, a, b, weeks, age = 1.2, 6.0, 0.9, 3.0, 26, 2100
    result = pd.DataFrame({"n_repeat": [n_repeat], "recency_days": [age - 1 if n_repeat else 0], "age_days": [age]})
    chance = beta(a, b + n_repeat + (variant == "mbg_nbd"))
    rate = weeks / (alpha + age / 7)

    def to_come(share):
        """By the share of customers with a smaller chance, so that the density's peak at 0 is no matter."""
        p = chance.ppf(share)
        return (1 - (1 + p * rate) ** -(r + n_repeat)) / p

    model = known(variant, r, alpha, a, b)
    if_alive, _ = quad(to_come, 0, 1, limit=500, epsabs=0, epsrel=1e-7)
    alive = model.probability_alive(result)[0]
    assert model.expected_purchases(result, weeks=weeks)[0] == pytest.approx(if_alive * alive, rel=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_good_data_are_never_refused(kind):
    for seed in range(6):
        fit = fit_buying_model(simulated(seed, KINDS[kind], 800)).fit
        assert fit.n_agreeing >= 1
        assert all(np.isfinite(fit.standard_error(name)) for name in NAMES)
