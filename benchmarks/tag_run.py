"""The tags of a month for a million customers: every fact and model tag of ``params/tags.yaml``, time and memory.

Half of the customers buy, 20 order lines each over three years; the tables lie in a file of the warehouse's kind. What
makes them and what is measured run in processes of their own, so that peak memory is that of the run alone: Python,
DuckDB, rows and tags together. Run with ``python benchmarks/tag_run.py [--customers 100000] [--repeats 1]``.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bizlab.analyses.customers.tags import tags_of
from bizlab.data.warehouse import Warehouse
from bizlab.periods import Month
from bizlab.run.session import open_page
from bizlab.run.settings import Setting
from bizlab.run.tables import Tables
from bizlab.tables import TABLES

PROJECT = Path(__file__).parents[1]
MONTH = Month.parse("2026-10")
DAYS = 3 * 365
LAST = np.datetime64(MONTH.last)
Columns = dict[str, Any]
Whole = NDArray[np.int64]


def coded(table: str, column: str, rng: np.random.Generator, rows: int) -> pa.Array:
    """Codes of a column drawn from those that its contract allows."""
    choices = pa.array(TABLES[table][column].choices)
    return pa.DictionaryArray.from_arrays(rng.integers(0, len(choices), rows, dtype="int8"), choices).cast("str")


def known(rng: np.random.Generator, values: NDArray[Any], share: float) -> pa.Array:
    """The values, a share of them known and the rest missing."""
    return pa.array(values, mask=rng.random(len(values)) >= share)


def day(back: Whole) -> NDArray[np.datetime64]:
    """The dates so many days before the last day of the month."""
    return LAST - back.astype("timedelta64[D]")


def companies(rng: np.random.Generator, n: int) -> dict[str, Columns]:
    """Customers with their contacts, and subscriptions of every tenth."""
    of_contact, of_period = rng.integers(0, n, n * 3 // 2), rng.integers(0, n // 10, n // 5)
    signed = rng.integers(0, DAYS, len(of_period))
    return {
        "customers": {
            "customer_id": np.arange(n),
            "industry": coded("customers", "industry", rng, n),
            "region": coded("customers", "region", rng, n),
            "founded_on": known(rng, day(rng.integers(DAYS, 12_000, n)), 0.9),
            "n_employees": known(rng, np.exp(rng.normal(4, 1.5, n)).astype(np.int64), 0.8),
            "revenue_fen": known(rng, np.exp(rng.normal(22, 2, n)).astype(np.int64), 0.7),
            "n_active_users": known(rng, rng.integers(0, 200, n), 0.3),
            "rating": known(rng, rng.integers(1, 6, n), 0.3),
            "created_on": day(rng.integers(DAYS, 2 * DAYS, n)),
        },
        "contacts": {
            "customer_id": of_contact,
            "role": coded("contacts", "role", rng, len(of_contact)),
            "created_on": day(rng.integers(0, DAYS, len(of_contact))),
        },
        "subscriptions": {
            "customer_id": of_period,
            "signed_on": day(signed),
            "starts_on": day(signed - 10),
            "ends_on": day(signed - 374),
        },
    }


def purchases(rng: np.random.Generator, n: int) -> dict[str, Columns]:
    """Ten orders of two lines on average for every second customer; most are paid, some in two parts."""
    n_orders = 5 * n
    buyer, ordered = rng.integers(0, n // 2, n_orders) * 2, rng.integers(0, DAYS, n_orders)
    of_line = np.repeat(np.arange(n_orders), rng.integers(1, 4, n_orders))
    amount = rng.integers(100_000, 20_000_000, len(of_line))
    worth = np.bincount(of_line, weights=amount).astype(np.int64)
    paid = np.sort(rng.permutation(np.repeat(np.arange(n_orders), 2))[: n_orders + n_orders // 5])
    waited = rng.integers(5, 120, len(paid))
    seen = waited <= ordered[paid]
    return {
        "orders": {
            "order_id": of_line,
            "customer_id": buyer[of_line],
            "product_line": coded("orders", "product_line", rng, len(of_line)),
            "quantity": rng.integers(1, 200, len(of_line)),
            "amount_fen": amount,
            "ordered_on": day(ordered)[of_line],
            "due_on": day(ordered - 45)[of_line],
        },
        "settlements": {
            "order_id": paid[seen],
            "customer_id": buyer[paid][seen],
            "amount_fen": worth[paid][seen] // 2,
            "paid_on": day(ordered[paid] - waited)[seen],
        },
    }


def make(place: Path, n: int) -> None:
    """Write the tables; ids become text as long as a company's own."""
    rng = np.random.default_rng(20261031)
    text = {f"{name}_id": f"printf('{name[0].upper()}%09d', {name}_id) as {name}_id" for name in ("customer", "order")}
    with duckdb.connect(place) as connection:
        for tables in (companies, purchases):
            for name, columns in tables(rng, n).items():
                connection.register("given", pa.table(columns))
                chosen = ", ".join(text.get(column, column) for column in columns)
                connection.execute(f"create table {name} as select {chosen} from given")
                connection.unregister("given")


def run(place: Path) -> tuple[float, float]:
    """Seconds and peak gigabytes of the month's tags, all sums of which must come out."""
    store = Warehouse(place, "benchmark", TABLES, mapped=frozenset(TABLES))
    page = open_page(PROJECT, "customer_tags", {"month": Setting(str(MONTH), "benchmark")})
    page.tables = Tables(store, page.params)
    start = time.perf_counter()
    snapshot = tags_of(page, MONTH.last)[0].snapshot
    seconds = time.perf_counter() - start
    if not all(check.passed for check in snapshot.checks) or snapshot.frame["value_grade"].nunique() < 4:
        raise SystemExit("the tags do not add up")
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


def apart(work: Callable[..., Any], *given: Any) -> Any:
    """What a call gives in a fresh process."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, given)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "company.duckdb"
        apart(make, place, asked.customers)
        found = [apart(run, place) for _ in range(asked.repeats)]
    seconds, peak = statistics.median(one[0] for one in found), max(one[1] for one in found)
    print(
        f"tags of {asked.customers:,} customers: {seconds:.1f} s (median of {asked.repeats}), peak memory {peak:.2f} GB"
    )


if __name__ == "__main__":
    main()
