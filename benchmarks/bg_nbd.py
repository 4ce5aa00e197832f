"""Fitting BG/NBD to simulated customers: histories counted and analytic slopes against two other ways.

- plain scipy: the same likelihood customer by customer, slopes by differences, one start, the search that scipy takes
  by itself;
- `lifetimes`, archived and no dependency of ours: it runs in an environment of its own, its import is outside the
  clock, and it is left out where there is none::

      python -m venv lifetimes_env && lifetimes_env/bin/python -m pip install lifetimes==0.11.3
      LIFETIMES_PYTHON=lifetimes_env/bin/python python benchmarks/bg_nbd.py

Ours tries three starts and proves the maximum; both others take one and trust it. Each ends at its own parameters;
the log-likelihood there is computed by one function for all, so that none is credited with its own arithmetic. Run with
``python benchmarks/bg_nbd.py [--customers 1000000] [--repeats 3]``.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import gammaln

from bizlab.prediction.models.buying import NAMES, Histories, collapsed, fit_buying, log_likelihood

TRUTH = (0.8, 12.0, 0.9, 3.5)
WEEKS = 104
SAME = 0.01
"""Log-likelihoods this near are one maximum."""
THEIRS = """
import json, sys, time
import pandas as pd
from lifetimes import BetaGeoFitter
held = pd.read_csv(sys.argv[1])
x, latest, known = held["n_repeat"], held["recency_days"] / 7, held["age_days"] / 7
start = time.perf_counter()
found = BetaGeoFitter(penalizer_coef=0.0).fit(x, latest, known).params_
print(json.dumps([time.perf_counter() - start, [float(found[name]) for name in ("r", "alpha", "a", "b")]]))
"""


def made(customers: int) -> pd.DataFrame:
    """Customers that live the model's story, all at once, in whole days; one row each."""
    rng = np.random.default_rng(20261031)
    r, alpha, a, b = TRUTH
    rate, chance = rng.gamma(r, 1 / alpha, customers), rng.beta(a, b, customers)
    known = rng.integers(WEEKS * 7 // 2, WEEKS * 7, customers) / 7
    at, latest, x = np.zeros(customers), np.zeros(customers), np.zeros(customers, dtype=np.int64)
    buying = np.arange(customers)
    while buying.size:
        with np.errstate(divide="ignore", over="ignore"):
            at[buying] += rng.exponential(1, buying.size) / rate[buying]
        buying = buying[at[buying] <= known[buying]]
        x[buying] += 1
        latest[buying] = at[buying]
        buying = buying[rng.random(buying.size) >= chance[buying]]
    return pd.DataFrame(
        {
            "n_repeat": x,
            "recency_days": np.round(latest * 7).astype(np.int64),
            "age_days": np.round(known * 7).astype(np.int64),
        }
    )


def ours(held: pd.DataFrame) -> tuple[float, Sequence[float]]:
    """Seconds and parameters of our fit, counting the histories included."""
    start = time.perf_counter()
    found = fit_buying(held).fit.estimates
    return time.perf_counter() - start, found


def plain(held: pd.DataFrame) -> tuple[float, Sequence[float]]:
    """Seconds and parameters as the paper's likelihood is usually written down and handed to scipy."""
    start = time.perf_counter()
    x, latest, known = held["n_repeat"].to_numpy(), held["recency_days"].to_numpy() / 7, held["age_days"].to_numpy() / 7

    def negative(logs: np.ndarray) -> float:
        r, alpha, a, b = np.exp(logs)
        head = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        chance = gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
        alive = -(r + x) * np.log(alpha + known)
        gone = np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + latest)
        return -float(np.mean(head + chance + np.where(x > 0, np.logaddexp(alive, gone), alive)))

    found = np.exp(minimize(negative, np.log([0.5, 5.0, 0.5, 2.0])).x)
    return time.perf_counter() - start, [float(value) for value in found]


def lifetimes(held: pd.DataFrame, python: str) -> tuple[float, Sequence[float]]:
    """Seconds and parameters of `lifetimes`, in its own environment and by its own clock."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "histories.csv"
        held.to_csv(data, index=False)
        told = subprocess.run([python, "-W", "ignore", "-c", THEIRS, data], capture_output=True, text=True, check=True)
    seconds, found = json.loads(told.stdout.splitlines()[-1])
    return seconds, found


def report(name: str, runs: list[tuple[float, Sequence[float]]], histories: Histories, base: float | None) -> float:
    """Print one way's median, its ratio to ours, and where it ended; give the median."""
    seconds = statistics.median(run[0] for run in runs)
    value, _ = log_likelihood(histories, "bg_nbd")(np.array(runs[0][1]))
    ended = "  ".join(f"{name} {found:.4f}" for name, found in zip(NAMES, runs[0][1], strict=True))
    print(f"{name:<14}{seconds:>9.3f} s{seconds / (base or seconds):>9.1f} x{value:>18.3f}  {ended}")
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    asked = parser.parse_args()
    held = made(asked.customers)
    histories = collapsed(held)
    print(f"BG/NBD, {len(held):,} customers, {len(histories.x):,} histories, median of {asked.repeats}, true {TRUTH}")
    python = os.environ.get("LIFETIMES_PYTHON")
    found: dict[str, list[tuple[float, Sequence[float]]]] = {"ours": [], "plain scipy": [], "lifetimes": []}
    for _ in range(asked.repeats):
        found["ours"].append(ours(held))
        found["plain scipy"].append(plain(held))
        if python:
            found["lifetimes"].append(lifetimes(held, python))
    base = report("ours", found["ours"], histories, None)
    for name in ("plain scipy", "lifetimes"):
        if found[name]:
            report(name, found[name], histories, base)
    if not python:
        print("lifetimes     left out: LIFETIMES_PYTHON names no interpreter that has it")
    best = max(log_likelihood(histories, "bg_nbd")(np.array(runs[0][1]))[0] for runs in found.values() if runs)
    reached = log_likelihood(histories, "bg_nbd")(np.array(found["ours"][0][1]))[0]
    if best - reached > SAME:
        raise SystemExit(f"ours ended {best - reached:.3f} below the best log-likelihood")


if __name__ == "__main__":
    main()
