"""Reciprocal allocation among departments that serve each other: exact shares against numpy by hand.

From driver values to whole fen by department and bearer: few departments that serve all others, which serve bearers
alone, and as many that serve all as the library takes; results compared before a time is believed. `allocate` starts
with rules and drivers as they are read and ends with the trace; by hand stops at unrounded amounts. Run with
``python benchmarks/reciprocal.py [--bearers 500] [--repeats 3]``.
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
from bizlab.amoeba.accounting.sharing import MOST_PASSING, share_matrix
from bizlab.periods import Month
from bizlab.tables import TABLES

Parts: TypeAlias = NDArray[Any]
MONTH = Month(2026, 10)
CASES = ((1000, 20), (20, 20), (60, 60), (MOST_PASSING, MOST_PASSING))
"""Departments, and how many of them serve other departments."""


class Pool(NamedTuple):
    """What departments booked, and the driver values by which each serves others and the bearers.

    ``matrix`` has one row a department, one column each of the departments and the bearers; ``weights`` and the frames
    that `allocate` takes hold the same.
    """

    amounts: dict[str, int]
    matrix: NDArray[np.int64]
    weights: dict[str, dict[str, int]]
    frames: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]


def made(departments: int, passing: int, bearers: int) -> Pool:
    """Expense in fen; whoever serves departments serves all of them and all bearers, the others thirty bearers."""
    rng = np.random.default_rng(20261031)
    givers = np.array([f"D{number:05d}" for number in range(departments)])
    units = np.append(givers, [f"U{number:05d}" for number in range(bearers)])
    values = rng.integers(1, 1000, (departments, len(units)))
    values[passing:, :departments] = 0
    values[passing:, departments:] *= rng.random((departments - passing, bearers)).argsort(axis=1) < 30
    np.fill_diagonal(values, 0)
    amounts = dict(zip(givers.tolist(), rng.integers(-(10**7), 10**9, departments).tolist(), strict=True))
    weights = {
        giver: dict(zip(units[row > 0].tolist(), row[row > 0].tolist(), strict=True))
        for giver, row in zip(amounts, values, strict=True)
    }
    return Pool(amounts, values, weights, as_read(amounts, units, values))


def as_read(
    amounts: Mapping[str, int], units: NDArray[np.str_], values: NDArray[np.int64]
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Rules and driver values under their contracts, and what each department booked; a rule is named as its giver."""
    giver, unit = np.nonzero(values)
    rules = pd.DataFrame({"rule_id": list(amounts), "from_unit_id": list(amounts), "pool": "expense", "scope": "sbu"})
    rules = rules.assign(driver="area", valid_from=pd.Timestamp(MONTH.first), valid_to=pd.NaT)
    ids = pd.Series(units, dtype="str")
    drivers = {"rule_id": ids.take(giver).array, "unit_id": ids.take(unit).array, "value": values[giver, unit]}
    booked = pd.DataFrame({"unit_id": list(amounts), "expense_fen": list(amounts.values()), "minutes": 0})
    drivers = pd.DataFrame(drivers).assign(month=str(MONTH))
    return TABLES["allocation_rules"].conform(rules), TABLES["drivers"].conform(drivers), booked


def by_allocating(pool: Pool) -> pd.DataFrame:
    """The trace, from the tables to the tables."""
    return allocate(*pool.frames, month=MONTH, method="reciprocal").trace


def by_shares(pool: Pool) -> Parts:
    """The parts as the library allocates them."""
    return share_matrix(pool.weights, method="reciprocal").split(pool.amounts)


def by_solving(pool: Pool) -> Parts:
    """F = R + Q F as an analyst solves it."""
    shares, n = pool.matrix / pool.matrix.sum(axis=1, keepdims=True), len(pool.matrix)
    solved = np.linalg.solve(np.eye(n) - shares[:, :n], shares[:, n:])
    borne: Parts = np.array(list(pool.amounts.values()), float)[:, None] * solved
    return borne


def timed(work: Callable[[Pool], Any], pool: Pool, repeats: int) -> tuple[float, Any]:
    """Median seconds and the result."""
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        result = work(pool)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds), result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--bearers", type=int, default=500)
    parser.add_argument("--repeats", type=int, default=3)
    asked = parser.parse_args()
    print(f"reciprocal allocation to {asked.bearers:,} bearers, seconds a pool, median of {asked.repeats}")
    for departments, passing in CASES:
        pool = made(departments, passing, asked.bearers)
        works = (by_allocating, by_shares, by_solving)
        (traced, trace), (exact, parts), (by_hand, solved) = [timed(work, pool, asked.repeats) for work in works]
        assert parts.sum(axis=1).tolist() == list(pool.amounts.values()), "every fen is borne"
        assert trace.groupby("from_unit_id")["expense_fen"].sum().to_dict() == pool.amounts, "the trace tells all of it"
        assert np.abs(parts - solved).max() < 1, "no part is a fen off"
        print(
            f"{departments:>5,} departments, {passing:>3} serve others: allocate {traced:.2f}, shares {exact:.2f}, "
            f"numpy by hand {by_hand:.2f}"
        )


if __name__ == "__main__":
    main()
