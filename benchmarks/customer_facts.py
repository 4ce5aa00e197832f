"""Customer facts over order rows: narwhals on DuckDB against hand-written SQL and against pandas.

The same eight facts a customer three times over, results compared before a time is believed. Run with
``python benchmarks/customer_facts.py [--rows 1000000] [--repeats 5]``.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import TypeAlias

import duckdb
import numpy as np
import pandas as pd
from pandas.testing import assert_frame_equal

from bizlab.tagging import Dictionary, customer_facts, parse_dictionary

Work: TypeAlias = Callable[[], pd.DataFrame]
AS_OF = date(2026, 10, 31)
DAYS = 730
COLUMNS = ["n_lines", "quantity", "total_fen", "recent_fen", "first_on", "recency_days", "n_products", "n_months"]
WORDS = {"zh": "词", "en": "word"}
RULES = {
    "n_lines": ("count", {"measure": "count"}),
    "quantity": ("quantity", {"measure": "sum", "column": "quantity"}),
    "total_fen": ("fen", {"measure": "sum", "column": "amount_fen"}),
    "recent_fen": ("fen", {"measure": "sum", "column": "amount_fen", "window_days": 365}),
    "first_on": (None, {"measure": "min", "column": "ordered_on"}),
    "recency_days": ("days", {"measure": "days_since", "column": "ordered_on"}),
    "n_products": ("count", {"measure": "count_distinct", "column": "product_id"}),
    "n_months": ("count", {"measure": "count_months", "column": "ordered_on"}),
}
SQL = """
with figures as (
    select customer_id,
           count(*) as n_lines,
           sum(quantity)::bigint as quantity,
           sum(amount_fen)::bigint as total_fen,
           coalesce(sum(amount_fen) filter (ordered_on > $as_of - interval 365 day), 0)::bigint as recent_fen,
           min(ordered_on) as first_on,
           max(ordered_on) as last_on,
           count(distinct product_id) as n_products,
           count(distinct year(ordered_on) * 12 + month(ordered_on)) as n_months
    from orders
    where ordered_on < $as_of + interval 1 day
    group by customer_id
)
select c.customer_id,
       coalesce(n_lines, 0) as n_lines,
       coalesce(quantity, 0) as quantity,
       coalesce(total_fen, 0) as total_fen,
       coalesce(recent_fen, 0) as recent_fen,
       first_on,
       datediff('day', last_on::date, $as_of) as recency_days,
       coalesce(n_products, 0) as n_products,
       coalesce(n_months, 0) as n_months
from customers c left join figures using (customer_id)
order by c.customer_id
"""


def dictionary() -> Dictionary:
    """The eight facts as a tag dictionary."""
    fixed = {"name": WORDS, "definition": WORDS, "tier": "fact", "layer": "enterprise", "refresh": "-", "owner": WORDS}
    tags = []
    for tag_id, (unit, rule) in RULES.items():
        kind = {"type": "number", "unit": unit} if unit else {"type": "date"}
        tags.append({"id": tag_id, **fixed, **kind, "rule": {"table": "orders", **rule}})
    tables = {"customers": "created_on", "orders": "ordered_on"}
    return parse_dictionary({"tags": tags, "tables": {n: {"occurred": on, "empty": WORDS} for n, on in tables.items()}})


def made(rows: int) -> dict[str, pd.DataFrame]:
    """Customers and order lines, about 20 lines a customer."""
    rng = np.random.default_rng(20261031)
    ids = np.array([f"{number:08d}" for number in range(max(rows // 20, 1))])
    days = np.datetime64(AS_OF - timedelta(days=DAYS)) + rng.integers(0, DAYS + 60, rows)
    orders = pd.DataFrame(
        {
            "customer_id": pd.Series(ids[(len(ids) * rng.random(rows) ** 1.5).astype(np.int64)], dtype="str"),
            "product_id": pd.Series(np.array([f"P{n:03d}" for n in range(40)])[rng.integers(0, 40, rows)], dtype="str"),
            "quantity": rng.integers(1, 200, rows),
            "amount_fen": rng.integers(1_000, 50_000_000, rows),
            "ordered_on": days.astype("datetime64[us]"),
        }
    )
    created = np.datetime64(AS_OF - timedelta(days=DAYS)).astype("datetime64[us]")
    return {
        "customers": pd.DataFrame({"customer_id": pd.Series(ids, dtype="str"), "created_on": created}),
        "orders": orders,
    }


def by_pandas(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The facts as an analyst writes them in pandas."""
    as_of = pd.Timestamp(AS_OF)
    orders = tables["orders"][tables["orders"]["ordered_on"] <= as_of]
    recent = orders["amount_fen"].where(orders["ordered_on"] > as_of - pd.Timedelta(days=365), 0)
    month = orders["ordered_on"].dt.year * 12 + orders["ordered_on"].dt.month
    found = (
        orders.assign(recent=recent, month=month)
        .groupby("customer_id")
        .agg(
            n_lines=("quantity", "size"),
            quantity=("quantity", "sum"),
            total_fen=("amount_fen", "sum"),
            recent_fen=("recent", "sum"),
            first_on=("ordered_on", "min"),
            last_on=("ordered_on", "max"),
            n_products=("product_id", "nunique"),
            n_months=("month", "nunique"),
        )
    )
    found = found.reindex(tables["customers"]["customer_id"].sort_values())
    counts = ["n_lines", "quantity", "total_fen", "recent_fen", "n_products", "n_months"]
    found[counts] = found[counts].fillna(0)
    return found.assign(recency_days=(as_of - found["last_on"]).dt.days).reset_index()


def comparable(frame: pd.DataFrame) -> pd.DataFrame:
    """The eight facts in one form, whoever computed them."""
    numbers = {name: frame[name].astype("Int64") for name in COLUMNS if name != "first_on"}
    days = frame["first_on"].astype("datetime64[us]")
    return pd.DataFrame({"customer_id": frame["customer_id"].astype("str"), **numbers, "first_on": days})


def timed(works: Mapping[str, Work], repeats: int) -> dict[str, tuple[float, pd.DataFrame]]:
    """Median seconds and the result of each, one after another in turn, so that all see the machine alike."""
    seconds: dict[str, list[float]] = {name: [] for name in works}
    results: dict[str, pd.DataFrame] = {}
    for _ in range(repeats):
        for name, work in works.items():
            start = time.perf_counter()
            results[name] = work()
            seconds[name].append(time.perf_counter() - start)
    return {name: (statistics.median(seconds[name]), results[name]) for name in works}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=5)
    asked = parser.parse_args()
    tables, tags = made(asked.rows), dictionary()
    with duckdb.connect(config={"threads": 2, "preserve_insertion_order": False}) as connection:
        for name, frame in tables.items():
            connection.register("given", frame)
            connection.execute(f"create table {name} as select * from given")
            connection.unregister("given")
        lazy = {name: connection.table(name) for name in tables}
        works: dict[str, Work] = {
            "SQL by hand": lambda: connection.sql(SQL, params={"as_of": AS_OF}).df(),
            "tags on DuckDB": lambda: customer_facts(tags, lazy, as_of=AS_OF).frame,
            "pandas by hand": lambda: by_pandas(tables),
        }
        found = timed(works, asked.repeats)
    base, expected = found["SQL by hand"]
    print(
        f"customer facts, {asked.rows:,} order lines, {len(tables['customers']):,} customers, median of {asked.repeats}"
    )
    for name, (seconds, result) in found.items():
        assert_frame_equal(comparable(result), comparable(expected))
        print(f"{name:<16}{seconds:>9.3f} s{seconds / base:>8.2f} x")


if __name__ == "__main__":
    main()
