"""The BG/BB model against the published donors, a likelihood computed step by step, and simulated customers."""

from __future__ import annotations

from datetime import date
from itertools import product

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from scipy.optimize import approx_fprime
from scipy.special import roots_jacobi
from tables import table

from bizlab.errors import DataError
from bizlab.prediction.models.bg_bb import REPEATS, fit_bg_bb, identified, log_likelihood, repeat_months
from bizlab.prediction.models.likelihood import Fit
from bizlab.sample import generate

DONORS = """
| n_repeat | last_repeat | n_donors |
|----------|-------------|----------|
| 0        | 0           | 3464     |
| 1        | 1           | 1091     |
| 1        | 2           | 277      |
| 1        | 3           | 129      |
| 1        | 4           | 78       |
| 1        | 5           | 119      |
| 1        | 6           | 129      |
| 2        | 2           | 613      |
| 2        | 3           | 255      |
| 2        | 4           | 155      |
| 2        | 5           | 173      |
| 2        | 6           | 234      |
| 3        | 3           | 322      |
| 3        | 4           | 181      |
| 3        | 5           | 225      |
| 3        | 6           | 357      |
| 4        | 4           | 240      |
| 4        | 5           | 284      |
| 4        | 6           | 512      |
| 5        | 5           | 335      |
| 5        | 6           | 728      |
| 6        | 6           | 1203     |
"""
"""Fader, Hardie and Shang (2010): 11,104 first-time donors of 1995 over the years 1996 to 2001; the copy is
``donations.csv`` of the package lifetimes 0.11.3."""

NAMES = ("alpha", "beta", "gamma", "delta")
PARAMETER = st.floats(0.1, 20)
COUNTS = ["n_repeat", "last_repeat", "n_opportunities"]


def customers(*rows: tuple[int, int, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=COUNTS)


@pytest.fixture(scope="module")
def donors() -> pd.DataFrame:
    patterns = table(DONORS).assign(n_opportunities=6)
    return patterns.loc[patterns.index.repeat(patterns["n_donors"])].reset_index(drop=True)


@pytest.fixture(scope="module")
def fitted(donors: pd.DataFrame) -> Fit:
    return fit_bg_bb(donors, place="donors")


def test_the_published_donors(fitted: Fit) -> None:
    """The estimates and the log-likelihood of the same paper."""
    assert fitted.n == 11_104
    assert fitted.estimates == pytest.approx((1.204, 0.750, 0.657, 2.783), abs=0.0006)
    assert fitted.log_likelihood == pytest.approx(-33225.6, abs=0.05)
    assert fitted.n_agreeing == fitted.n_starts


def test_the_published_donors_determine_every_parameter(fitted: Fit) -> None:
    assert identified(fitted, place="donors") is fitted


def drawn(first: float, second: float) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights that integrate polynomials up to degree 59 over Beta(first, second) exactly (Gauss-Jacobi)."""
    nodes, weights = roots_jacobi(30, second - 1, first - 1)
    return (nodes + 1) / 2, weights / weights.sum()


def chance(history: tuple[int, ...], parameters: tuple[float, float, float, float]) -> float:
    """Chance of a history of 0 and 1, step by step for every chance to buy and to leave, then averaged over both."""
    buys, of_buys = drawn(*parameters[:2])
    leaves, of_leaves = drawn(*parameters[2:])
    buys = buys[:, None]
    alive, gone = np.ones((30, 30)), np.zeros((30, 30))
    for bought in history:
        gone = np.zeros_like(gone) if bought else gone + alive * leaves
        alive = alive * (1 - leaves) * (buys if bought else 1 - buys)
    return float(of_buys @ (alive + gone) @ of_leaves)


@given(st.tuples(PARAMETER, PARAMETER, PARAMETER, PARAMETER), st.integers(1, 6))
@settings(deadline=None, max_examples=40)
def test_all_histories_together_are_certain(parameters: tuple[float, float, float, float], n: int) -> None:
    """The likelihood of each of the 2^n histories by its counts; over all of them they make 1."""
    total = 0.0
    for history in product([0, 1], repeat=n):
        last = max((i + 1 for i, bought in enumerate(history) if bought), default=0)
        counts = [np.array([float(value)]) for value in (sum(history), last, n)]
        value, _ = log_likelihood(*counts, n_customers=np.ones(1))(np.array(parameters))
        assert np.exp(value) == pytest.approx(chance(history, parameters))
        total += np.exp(value)
    assert total == pytest.approx(1)


COUNTED = st.integers(1, 30).flatmap(
    lambda n: st.integers(0, n).flatmap(
        lambda last: st.tuples(st.integers(min(last, 1), last), st.just(last), st.just(n))
    )
)


@given(st.tuples(PARAMETER, PARAMETER, PARAMETER, PARAMETER), st.lists(COUNTED, min_size=1, max_size=6))
@settings(deadline=None, max_examples=60)
def test_the_gradient_is_the_slope(
    parameters: tuple[float, float, float, float], patterns: list[tuple[int, int, int]]
) -> None:
    x, last, n = np.array(patterns, dtype=float).T
    objective = log_likelihood(x, last, n, n_customers=np.arange(1.0, len(x) + 1))
    at = np.log(parameters)
    numeric = approx_fprime(at, lambda z: objective(np.exp(z))[0], 1e-7)
    assert objective(np.exp(at))[1] * np.exp(at) == pytest.approx(numeric, rel=1e-3, abs=1e-4)


def simulated(rng: np.random.Generator, n: int, parameters: dict[str, float]) -> pd.DataFrame:
    """Customers observed for 4 to 20 opportunities."""
    buys = rng.beta(parameters["alpha"], parameters["beta"], n)[:, None]
    lived = rng.geometric(rng.beta(parameters["gamma"], parameters["delta"], n))[:, None] - 1
    observed, at = rng.integers(4, 21, n)[:, None], np.arange(1, 21)[None, :]
    bought = (rng.random((n, 20)) < buys) & (at <= lived) & (at <= observed)
    return customers(*zip(bought.sum(axis=1), (bought * at).max(axis=1), observed[:, 0], strict=True))


def test_simulated_customers_give_back_their_parameters() -> None:
    """Intervals of 95 % over 6 seeded sets; fewer than 4 hits have a chance of 0.2 %."""
    truth = {"alpha": 0.8, "beta": 2.5, "gamma": 0.6, "delta": 6.0}
    rng = np.random.default_rng(2026)
    hits = dict.fromkeys(NAMES, 0)
    for _ in range(6):
        fit = fit_bg_bb(simulated(rng, 3_000, truth), place="simulated")
        for name in NAMES:
            lower, upper = fit.interval(name)
            hits[name] += lower < truth[name] < upper
    assert min(hits.values()) >= 4


REFUSED = {
    "There is no customer": [],
    "None of 2 customers has had an opportunity": [(0, 0, 0)] * 2,
    "Only 3 customers have had an opportunity, fewer than 100": [(1, 1, 2)] * 3 + [(0, 0, 0)],
    "None of 200 bought again": [(0, 0, 5)] * 200,
    "All 200 bought at every opportunity": [(5, 5, 5)] * 200,
    "no maximum that could be proved": [(1, 1, 2), (1, 2, 2), (0, 0, 2), (2, 2, 2)] * 50,
    "0 <= n_repeat <= last_repeat": [(3, 2, 5)] * 200,
    "does not keep": [(0, 2, 5)] * 200,
}


@pytest.mark.parametrize("problem", REFUSED)
def test_refused_by_name(problem: str) -> None:
    with pytest.raises(DataError, match=problem) as refused:
        fit_bg_bb(pd.DataFrame(REFUSED[problem], columns=COUNTS, dtype="int64"), place="sensors")
    assert "sensors" in refused.value.place


ORDERS = """
| customer_id | ordered_on | quantity |
|-------------|------------|----------|
| 000101      | 2026-01-20 | 5        |
| 000101      | 2026-01-31 | 1        |
| 000101      | 2026-03-02 | 2        |
| 000101      | 2026-03-30 | 2        |
| 000101      | 2026-05-05 | 0        |
| 000101      | 2026-06-10 | 9        |
| 000102      | 2025-12-31 | 1        |
| 000103      | 2026-05-31 | 3        |
| 000104      | 2026-06-01 | 3        |
"""


def test_months_of_repeat_orders() -> None:
    """On 2026-06-29 June still runs. 000101 ordered again in March, the second of four months; May is a rebate."""
    repeats = repeat_months(table(ORDERS), as_of=date(2026, 6, 29))
    REPEATS.verify(repeats)
    assert repeats.to_numpy().tolist() == [
        ["000101", "2026-01", 1, 2, 4],
        ["000102", "2025-12", 0, 0, 5],
        ["000103", "2026-05", 0, 0, 0],
    ]


def test_a_month_counts_on_its_last_day() -> None:
    repeats = repeat_months(table(ORDERS), as_of=date(2026, 6, 30))
    assert repeats[COUNTS].to_numpy().tolist() == [[2, 5, 5], [0, 0, 6], [0, 0, 1], [0, 0, 0]]


def test_every_engine_counts_the_same_months() -> None:
    orders = table(ORDERS)
    expected = repeat_months(orders, as_of=date(2026, 6, 30))
    for native in (pl.from_pandas(orders), duckdb.from_df(orders)):
        assert_frame_equal(repeat_months(native, as_of=date(2026, 6, 30)), expected)
    assert_frame_equal(repeat_months(orders, as_of=date(2025, 12, 30)), REPEATS.empty())


def test_the_months_of_the_sample_counted_by_hand() -> None:
    orders = generate()["orders"].query("product_line in ['sensor', 'gateway']")
    repeats = repeat_months(duckdb.from_df(orders), as_of=date(2026, 10, 15)).set_index("customer_id")
    bought = orders[(orders["quantity"] > 0) & (orders["ordered_on"] < "2026-10-01")]
    months = bought["ordered_on"].dt.to_period("M").groupby(bought["customer_id"])
    assert repeats.index.tolist() == sorted(months.groups)
    assert repeats["n_repeat"].tolist() == (months.nunique() - 1).tolist()
    last, first = months.max(), months.min()
    assert repeats["last_repeat"].tolist() == [(b - a).n for a, b in zip(first, last, strict=True)]
    assert repeats["n_opportunities"].tolist() == [(pd.Period("2026-09") - a).n for a in first]
