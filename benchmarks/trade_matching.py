"""Internal trade matched one to one: narwhals on DuckDB against hand-written SQL and against pandas.

What differs, trade by trade, and the sums of every status, three times over; results are compared before a time is
believed. Run with ``python benchmarks/trade_matching.py [--rows 1000000] [--repeats 5] [--without-pandas]``; rows are
trades, each booked by two sides.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import time
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import TypeAlias

import duckdb
import numpy as np
import pandas as pd
from pandas.testing import assert_frame_equal

from bizlab.amoeba.trade.matching import MATCHING, TRADE_STATUSES, match_trades, settled
from bizlab.amoeba.trade.pairing import Tolerance

Result: TypeAlias = tuple[pd.DataFrame, pd.DataFrame]
Work: TypeAlias = Callable[[], Result]
LAST = date(2026, 10, 31)
DAYS = 730
TOLERANCE = Tolerance(days=1, fen=1)
FAULTS = 1_000
SQL = """
create or replace temp table matching as
select coalesce(s.trade_id, b.trade_id) as trade_id,
       case when s.trade_id is null then 'buyer_only'
            when b.trade_id is null then 'seller_only'
            when s.seller_id <> b.seller_id or s.buyer_id <> b.buyer_id then 'parties_differ'
            when abs(s.amount_fen - b.amount_fen) > $fen then 'amount_differs'
            when abs(datediff('day', s.traded_on, b.traded_on)) > $days then 'date_differs'
            when s.product_id <> b.product_id or s.quantity <> b.quantity then 'item_differs'
            when s.amount_fen <> b.amount_fen or s.traded_on <> b.traded_on then 'within_tolerance'
            else 'matched' end as status,
       coalesce(s.seller_id, b.seller_id) as seller_id,
       coalesce(s.buyer_id, b.buyer_id) as buyer_id,
       case when s.seller_id <> b.seller_id or s.buyer_id <> b.buyer_id
            then b.seller_id || ' → ' || b.buyer_id end as other_parties,
       s.traded_on, b.traded_on as bought_on,
       coalesce(s.amount_fen, 0) as sold_fen, coalesce(b.amount_fen, 0) as bought_fen,
       sold_fen - bought_fen as difference_fen
from sold s full join bought b on s.trade_id = b.trade_id
"""
SUMS = """
select status, count(*) as n_trades, sum(sold_fen)::bigint as sold_fen, sum(bought_fen)::bigint as bought_fen,
       sum(difference_fen)::bigint as difference_fen
from matching group by status
"""


def made(rows: int) -> dict[str, pd.DataFrame]:
    """Both sides' bookings: all but a few thousand alike, the buyer's in another order."""
    rng = np.random.default_rng(20261031)
    units = np.array([f"EQ-AS-{n:02d}" for n in range(60)])
    quantity = rng.integers(1, 200, rows)
    sold = pd.DataFrame(
        {
            "trade_id": pd.Series([f"IT{n:09d}" for n in range(rows)], dtype="str"),
            "seller_id": pd.Series(units[rng.integers(0, 30, rows)], dtype="str"),
            "buyer_id": pd.Series(units[rng.integers(30, 60, rows)], dtype="str"),
            "product_id": pd.Series(np.array([f"P{n:03d}" for n in range(40)])[rng.integers(0, 40, rows)], dtype="str"),
            "quantity": quantity,
            "amount_fen": quantity * rng.integers(1_000, 500_000, rows),
            "traded_on": (np.datetime64(LAST - timedelta(days=DAYS)) + rng.integers(0, DAYS, rows)).astype(
                "datetime64[us]"
            ),
        }
    )
    dearer, wrong, late, other, gone, lost = np.split(rng.choice(rows, 6 * FAULTS, replace=False), 6)
    bought = sold.copy()
    bought.loc[dearer, "amount_fen"] += 1
    bought.loc[wrong, "quantity"] += 1
    bought.loc[late, "traded_on"] += pd.to_timedelta(rng.integers(1, 4, FAULTS), unit="D")
    bought.loc[other, "buyer_id"] = "EQ-AS-99"
    return {"sold": sold.drop(index=gone), "bought": bought.drop(index=lost).sample(frac=1, random_state=1)}


def by_sql(connection: duckdb.DuckDBPyConnection) -> Result:
    """Matched once into a temporary table, then read twice, as one writes it by hand."""
    connection.execute(SQL, {"days": TOLERANCE.days, "fen": TOLERANCE.fen})
    return connection.sql("select * from matching where status <> 'matched'").df(), connection.sql(SUMS).df()


def by_library(connection: duckdb.DuckDBPyConnection) -> Result:
    """The library's functions on the tables of DuckDB."""
    matching = match_trades(connection.table("sold"), connection.table("bought"), tolerance=TOLERANCE)
    return settled(matching)


def by_pandas(sold: pd.DataFrame, bought: pd.DataFrame) -> Result:
    """As an analyst writes it in pandas."""
    both = sold.merge(bought, on="trade_id", how="outer", suffixes=("", "_b"), indicator=True)
    booked = both["_merge"] == "both"
    parties = booked & ((both["seller_id"] != both["seller_id_b"]) | (both["buyer_id"] != both["buyer_id_b"]))
    off = (both["amount_fen"] - both["amount_fen_b"]).abs()
    apart = (both["traded_on"] - both["traded_on_b"]).dt.days.abs()
    item = booked & ((both["product_id"] != both["product_id_b"]) | (both["quantity"] != both["quantity_b"]))
    rules = {
        "buyer_only": both["_merge"] == "right_only",
        "seller_only": both["_merge"] == "left_only",
        "parties_differ": parties,
        "amount_differs": off > TOLERANCE.fen,
        "date_differs": apart > TOLERANCE.days,
        "item_differs": item,
        "within_tolerance": (off > 0) | (apart > 0),
    }
    matching = both.assign(
        status=np.select(list(rules.values()), list(rules), "matched"),
        seller_id=both["seller_id"].fillna(both["seller_id_b"]),
        buyer_id=both["buyer_id"].fillna(both["buyer_id_b"]),
        other_parties=(both["seller_id_b"] + " → " + both["buyer_id_b"]).where(parties),
        bought_on=both["traded_on_b"],
        sold_fen=both["amount_fen"].fillna(0).astype("int64"),
        bought_fen=both["amount_fen_b"].fillna(0).astype("int64"),
    )
    matching["difference_fen"] = matching["sold_fen"] - matching["bought_fen"]
    sums = matching.groupby("status", as_index=False)[["sold_fen", "bought_fen", "difference_fen"]].sum()
    counts = matching.groupby("status", as_index=False).size()["size"]
    return matching[matching["status"] != "matched"], sums.assign(n_trades=counts)


def comparable(result: Result) -> Result:
    """Both tables in one form, whoever computed them."""
    different, statuses = MATCHING.conform(result[0]), TRADE_STATUSES.conform(result[1])
    return (
        different.sort_values("trade_id").reset_index(drop=True),
        statuses.sort_values("status").reset_index(drop=True),
    )


def timed(works: Mapping[str, Work], repeats: int) -> dict[str, tuple[float, Result]]:
    """Median seconds and the result of each, one after another in turn, so that all see the machine alike."""
    seconds: dict[str, list[float]] = {name: [] for name in works}
    results: dict[str, Result] = {}
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
    parser.add_argument("--without-pandas", action="store_true", help="hold the bookings in DuckDB alone")
    asked = parser.parse_args()
    tables = made(asked.rows)
    with duckdb.connect(config={"threads": 2, "preserve_insertion_order": False}) as connection:
        for name, frame in tables.items():
            connection.register("given", frame)
            connection.execute(f"create table {name} as select * from given")
            connection.unregister("given")
        works: dict[str, Work] = {
            "SQL by hand": lambda: by_sql(connection),
            "match_trades on DuckDB": lambda: by_library(connection),
        }
        if asked.without_pandas:
            del tables, frame
        else:
            works["pandas by hand"] = lambda: by_pandas(**tables)
        found = timed(works, asked.repeats)
    base, expected = found["SQL by hand"]
    print(f"internal trade, {asked.rows:,} trades booked by two sides, median of {asked.repeats}")
    for name, (seconds, result) in found.items():
        for ours, theirs in zip(comparable(result), comparable(expected), strict=True):
            assert_frame_equal(ours, theirs)
        print(f"{name:<24}{seconds:>9.3f} s{seconds / base:>8.2f} x")
    print(f"peak memory of the process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.1f} GB")


if __name__ == "__main__":
    main()
