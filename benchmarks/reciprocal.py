"""Reciprocal allocation among departments that serve each other, against numpy by hand and against passing on.

From driver values to whole fen and minutes by department and bearer, for two pools with drivers of their own, where all
departments serve all and where each serves a few; results compared before a time is believed. `allocate` starts with
rules and drivers as they are read and ends with the trace; by hand stop at unrounded amounts. Run with
``python benchmarks/reciprocal.py [--departments 2000] [--bearers 500] [--repeats 3]``.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bizlab.amoeba.accounting.allocation import allocate
from bizlab.amoeba.accounting.sharing import share_matrix
from bizlab.periods import Month
from bizlab.tables import TABLES

Parts: TypeAlias = NDArray[Any]
MONTH = Month(2026, 10)


class Pool(NamedTuple):
    """What departments booked, and the driver values by which each serves others and the bearers.

    ``matrix`` has one row a department, one column each of the departments and the bearers; ``weights`` and the frames
    that `allocate` takes hold the same.
    """

    amounts: dict[str, int]
    matrix: NDArray[np.int64]
    weights: dict[str, dict[str, int]]
    frames: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]


def made(departments: int, bearers: int, served: tuple[int, int]) -> dict[str, Pool]:
    """Expense in fen and hours in minutes, each department serving so many departments and so many bearers.

    About half of a department's service goes to other departments.
    """
    rng = np.random.default_rng(20261031)
    givers = np.array([f"D{number:05d}" for number in range(departments)])
    units = np.append(givers, [f"U{number:05d}" for number in range(bearers)])
    most = np.where(np.arange(len(units)) < departments, 100, max(100 * served[0] // served[1], 1))
    pools = {}
    for name, size in (("expense", 10**9), ("hours", 10**6)):
        picked = [
            rng.random((departments, n)).argsort(axis=1) < some
            for n, some in zip((departments, bearers), served, strict=True)
        ]
        values = rng.integers(0, most + 1, (departments, len(units))) * np.hstack(picked)
        np.fill_diagonal(values, 0)
        amounts = dict(zip(givers.tolist(), rng.integers(-size // 100, size, departments).tolist(), strict=True))
        weights = {
            giver: dict(zip(units[row > 0].tolist(), row[row > 0].tolist(), strict=True))
            for giver, row in zip(amounts, values, strict=True)
        }
        pools[name] = Pool(amounts, values, weights, as_read(name, amounts, units, values))
    return pools


def as_read(
    pool: str, amounts: Mapping[str, int], units: NDArray[np.str_], values: NDArray[np.int64]
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Rules and driver values under their contracts, and what each department booked; a rule is named as its giver."""
    giver, unit = np.nonzero(values)
    rules = pd.DataFrame({"rule_id": list(amounts), "from_unit_id": list(amounts), "pool": pool, "scope": "sbu"})
    rules = rules.assign(driver="area", valid_from=pd.Timestamp(MONTH.first), valid_to=pd.NaT)
    ids = pd.Series(units, dtype="str")
    drivers = {"rule_id": ids.take(giver).array, "unit_id": ids.take(unit).array, "value": values[giver, unit]}
    booked = pd.DataFrame({"unit_id": list(amounts), "expense_fen": 0, "minutes": 0})
    booked["expense_fen" if pool == "expense" else "minutes"] = list(amounts.values())
    drivers = pd.DataFrame(drivers).assign(month=str(MONTH))
    return TABLES["allocation_rules"].conform(rules), TABLES["drivers"].conform(drivers), booked


def by_allocating(pool: Pool) -> pd.DataFrame:
    """The trace, from the tables to the tables."""
    return allocate(*pool.frames, month=MONTH, method="reciprocal").trace


def by_shares(pool: Pool) -> Parts:
    """The parts as the library allocates them."""
    return share_matrix(pool.weights, method="reciprocal").split(pool.amounts)


def portions(pool: Pool) -> tuple[Parts, Parts, Parts]:
    """Amounts, shares among departments and shares of the bearers."""
    shares, n = pool.matrix / pool.matrix.sum(axis=1, keepdims=True), len(pool.matrix)
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
    works: Mapping[str, Callable[[Pool], Any]], pools: Mapping[str, Pool], repeats: int
) -> dict[str, tuple[float, dict[str, Any]]]:
    """Median seconds for all pools and the result of each, one after another in turn, so that all see one machine."""
    seconds: dict[str, list[float]] = {name: [] for name in works}
    results: dict[str, dict[str, Any]] = {}
    for _ in range(repeats):
        for name, work in works.items():
            start = time.perf_counter()
            results[name] = {pool: work(held) for pool, held in pools.items()}
            seconds[name].append(time.perf_counter() - start)
    return {name: (statistics.median(seconds[name]), results[name]) for name in works}


def laid_out(trace: pd.DataFrame, pool: Pool) -> Parts:
    """The amounts of a trace by department and bearer; departments bear nothing."""
    units = pd.Index([*pool.amounts, *sorted(set(trace["to_unit_id"]) - pool.amounts.keys())])
    parts = np.zeros((len(pool.amounts), len(units)), np.int64)
    place = units.get_indexer(trace["from_unit_id"]), units.get_indexer(trace["to_unit_id"])
    parts[place] = trace["expense_fen"] + trace["minutes"]
    assert not parts[:, : len(parts)].any()
    return parts[:, len(parts) :]


def compare(departments: int, bearers: int, served: tuple[int, int], repeats: int) -> None:
    """Time all ways and print them, once their results agree."""
    pools = made(departments, bearers, served)
    works: dict[str, Callable[[Pool], Any]] = {
        "allocate, traced": by_allocating,
        "shares, whole fen": by_shares,
        "numpy by hand": by_solving,
        "passing on": by_passing_on,
    }
    found = timed(works, pools, repeats)
    traces, whole, solved, passed = (results for _, results in found.values())
    for name, pool in pools.items():
        assert whole[name].sum(axis=1).tolist() == list(pool.amounts.values()), "every fen and minute is borne"
        assert np.array_equal(laid_out(traces[name], pool), whole[name]), "the trace is the same to the fen"
        assert np.abs(whole[name] - solved[name]).max() < 1, "no part is a fen off"
        assert np.abs(passed[name] - solved[name]).max() < 1, "passing on has come to its end"
    print(
        f"each serves {served[0]:,} departments and {served[1]:,} bearers; a pool has "
        f"{len(pools['expense'].frames[1]):,} driver values and {len(traces['expense']):,} rows of trace"
    )
    base = found["numpy by hand"][0]
    for name, (seconds, _) in found.items():
        print(f"{name:<18}{seconds:>9.3f} s{seconds / base:>8.2f} x{seconds / len(pools):>9.3f} s a pool")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--departments", type=int, default=2000)
    parser.add_argument("--bearers", type=int, default=500)
    parser.add_argument("--repeats", type=int, default=3)
    asked = parser.parse_args()
    print(
        f"reciprocal allocation, {asked.departments:,} departments, {asked.bearers:,} bearers, expense and hours, "
        f"median of {asked.repeats}"
    )
    for served in ((20, 30), (asked.departments, asked.bearers)):
        compare(asked.departments, asked.bearers, served, asked.repeats)


if __name__ == "__main__":
    main()
