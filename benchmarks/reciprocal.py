"""Reciprocal allocation among departments that all serve each other, against numpy by hand and against passing on.

From driver values to whole fen and minutes by department and bearer, for two pools with drivers of their own; results
compared before a time is believed. By hand stop at unrounded amounts. Run with
``python benchmarks/reciprocal.py [--departments 2000] [--bearers 500] [--repeats 3]``.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bizlab.amoeba.sharing import share_matrix

Parts: TypeAlias = NDArray[Any]


class Pool(NamedTuple):
    """What departments booked, and the driver values by which each serves all others and the bearers."""

    amounts: dict[str, int]
    weights: dict[str, dict[str, int]]


def made(departments: int, bearers: int) -> dict[str, Pool]:
    """Expense in fen and hours in minutes; about half of a department's service goes to other departments."""
    rng = np.random.default_rng(20261031)
    givers = [f"D{number:05d}" for number in range(departments)]
    units = [*givers, *(f"U{number:05d}" for number in range(bearers))]
    most = np.where(np.arange(len(units)) < departments, 100, max(100 * departments // bearers, 1))
    pools = {}
    for name, size in (("expense", 10**9), ("hours", 10**6)):
        values = rng.integers(0, most + 1, (departments, len(units)))
        np.fill_diagonal(values, 0)
        amounts = dict(zip(givers, rng.integers(-size // 100, size, departments).tolist(), strict=True))
        rows = (dict(zip(units, row, strict=True)) for row in values.tolist())
        pools[name] = Pool(amounts, dict(zip(givers, rows, strict=True)))
    return pools


def by_shares(pool: Pool) -> Parts:
    """The parts as the library allocates them."""
    return share_matrix(pool.weights, method="reciprocal").split(pool.amounts)


def portions(pool: Pool) -> tuple[Parts, Parts, Parts]:
    """Amounts, shares among departments and shares of the bearers; the driver values of all are in one order."""
    values = np.array([list(to.values()) for to in pool.weights.values()], float)
    shares, n = values / values.sum(axis=1, keepdims=True), len(values)
    return np.array(list(pool.amounts.values()), float)[:, None], shares[:, :n], shares[:, n:]


def by_solving(pool: Pool) -> Parts:
    """F = R + Q F as an analyst solves it."""
    amounts, among, outside = portions(pool)
    borne: Parts = amounts * np.linalg.solve(np.eye(len(among)) - among, outside)
    return borne


def by_passing_on(pool: Pool) -> Parts:
    """Round after round until the departments hold less than a fen altogether, kept apart by where it came from."""
    amounts, among, outside = portions(pool)
    held, borne = np.diag(amounts[:, 0]), np.zeros_like(outside)
    while np.abs(held).sum() >= 1:
        borne += held @ outside
        held = held @ among
    return borne


def timed(
    works: Mapping[str, Callable[[Pool], Parts]], pools: Mapping[str, Pool], repeats: int
) -> dict[str, tuple[float, dict[str, Parts]]]:
    """Median seconds for all pools and the result of each, one after another in turn, so that all see one machine."""
    seconds: dict[str, list[float]] = {name: [] for name in works}
    results: dict[str, dict[str, Parts]] = {}
    for _ in range(repeats):
        for name, work in works.items():
            start = time.perf_counter()
            results[name] = {pool: work(held) for pool, held in pools.items()}
            seconds[name].append(time.perf_counter() - start)
    return {name: (statistics.median(seconds[name]), results[name]) for name in works}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--departments", type=int, default=2000)
    parser.add_argument("--bearers", type=int, default=500)
    parser.add_argument("--repeats", type=int, default=3)
    asked = parser.parse_args()
    pools = made(asked.departments, asked.bearers)
    works = {"shares, whole fen": by_shares, "numpy by hand": by_solving, "passing on": by_passing_on}
    found = timed(works, pools, asked.repeats)
    base, solved = found["numpy by hand"]
    whole, passed = found["shares, whole fen"][1], found["passing on"][1]
    for name, pool in pools.items():
        assert whole[name].sum(axis=1).tolist() == list(pool.amounts.values()), "every fen and minute is borne"
        assert np.abs(whole[name] - solved[name]).max() < 1, "no part is a fen off"
        assert np.abs(passed[name] - solved[name]).max() < 1, "passing on has come to its end"
    print(
        f"reciprocal allocation, {asked.departments:,} departments, {asked.bearers:,} bearers, expense and hours, "
        f"median of {asked.repeats}"
    )
    for name, (seconds, _) in found.items():
        print(f"{name:<18}{seconds:>9.3f} s{seconds / base:>8.2f} x{seconds / len(pools):>9.3f} s a pool")


if __name__ == "__main__":
    main()
