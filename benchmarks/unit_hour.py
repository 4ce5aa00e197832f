"""The month's unit-hour sheet of every node of a tree of 1,000 units: the library against SQL and pandas by hand.

A ledger of N lines of revenue, expense, hours and internal trade in the tables of a DuckDB file; ten units change their
parent in mid-month. All three start from these tables and the dated parents, and give the lines and ratios of the
sheet, expense by class among them, which are compared to the fen before a time is believed. No rule allocates anything.
The library also keeps what was booked by kind and nature before allocation. Run with
``python benchmarks/unit_hour.py [--lines 1000000] [--repeats 5]``.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import duckdb
import numpy as np
import pandas as pd
from pandas.testing import assert_frame_equal

from bizlab.amoeba.accounting.components import components
from bizlab.amoeba.accounting.ledger import INPUTS, LONG, Records
from bizlab.amoeba.results.unit_hour import unit_hour_sheet
from bizlab.periods import Month
from bizlab.tables import TABLES

KINDS = {"material": "material", "labour": "labour", "energy": "other_cost", "travel": "period_expense",
         "marketing": "period_expense", "depreciation": "other_cost", "freight": "other_cost",
         "other": "period_expense"}  # fmt: skip
"""The kinds of expense and their natures."""
COUNTED = [kind for kind, nature in KINDS.items() if nature != "labour"]
Work: TypeAlias = Callable[[], pd.DataFrame]
MONTH = Month.parse("2026-10")
FIRST, LAST = pd.Timestamp(MONTH.first), pd.Timestamp(MONTH.last)
MOVED = pd.Timestamp("2026-10-16")
WIDTHS = {"company": 1, "sbu": 4, "senior": 20, "middle": 100, "team": 875}
TRADES = ("internal_trades_sold", "internal_trades_bought")
SCANNED = (*LONG, *TRADES)
WHOLE = [
    "external_sales_fen",
    "internal_sales_fen",
    "gross_sales_fen",
    "internal_purchases_fen",
    "net_sales_fen",
    "direct_expense_fen",
    *(f"direct_{kind}_fen" for kind in COUNTED),
    "value_added_fen",
    "normal_minutes",
    "overtime_minutes",
    "total_minutes",
    "orders_fen",
]
RATIOS = ["avg_headcount", "value_per_hour", "sales_per_hour", "value_per_person", "sales_per_person"]
MAKING = """
set preserve_insertion_order = false;
create temp table line as
    select i, hash(i) as h, timestamp '2026-10-01' + to_days((hash(i) % 34)::int - 2) as day,
           floor(power((hash(i + 7) % 1000003) / 1000003.0, 1.5) * {teams})::int as n,
           'T' || lpad(n::text, 4, '0') as unit_id, (hash(i + 3) % 5000000)::bigint - 20000 as amount_fen
    from range({lines}) r(i);
create table revenue_records as
    select unit_id, ['product', 'service', 'other'][1 + (h % 3)::int] as kind, day as recorded_on, amount_fen
    from line where i % 20 < 6;
create table expense_records as
    select unit_id, day as recorded_on, amount_fen // 3 as amount_fen, {kinds}[1 + (h % 8)::int] as kind
    from line where i % 20 between 6 and 11;
create table hour_records as
    select unit_id, day as worked_on, if(h % 5 = 0, 'overtime', 'normal') as kind, (h % 600)::bigint as minutes
    from line where i % 20 between 12 and 17;
create table internal_trades_sold as
    select unit_id as seller_id, 'T' || lpad(((n * 7 + 1 + 131 * (h % 8)) % {teams})::text, 4, '0') as buyer_id,
           day as traded_on, amount_fen
    from line where i % 20 = 18 and seller_id <> buyer_id;
create table internal_trades_bought as
    select seller_id, buyer_id, traded_on, amount_fen + (hash(amount_fen) % 100 = 0)::bigint as amount_fen
    from internal_trades_sold;
create table order_intake as select unit_id, day as received_on, amount_fen from line where i % 20 = 19;
create table headcount as
    select unit_id, day as counted_on, (hash(unit_id, day) % 9)::bigint as n_persons
    from (select distinct unit_id, day from line where dayofweek(day) between 1 and 5);
drop table line;
"""
CLASSED = [f"direct_{kind}_fen" for kind in COUNTED]
APART = ", ".join(f"sum(amount) filter (kind = '{kind}')::bigint as direct_{kind}_fen" for kind in COUNTED)
SQL = f"""
with recursive above as (
    select unit_id, unit_id as node, $first as valid_from, $last as valid_to from units
    union all
    select above.unit_id, parent_id, greatest(above.valid_from, p.valid_from),
           least(above.valid_to, coalesce(p.valid_to, $last))
    from above join unit_parents p
      on p.unit_id = above.node and p.valid_from <= above.valid_to and coalesce(p.valid_to, $last) >= above.valid_from
),
days as (
    select unit_id, recorded_on as day, sum(amount_fen)::bigint as external_sales_fen
    from revenue_records where recorded_on between $first and $last group by all
    union all by name
    select unit_id, day, {APART}
    from (select unit_id, kind, recorded_on as day, sum(amount_fen)::bigint as amount
          from expense_records where recorded_on between $first and $last and kind <> 'labour' group by all)
    group by all
    union all by name
    select unit_id, worked_on as day, sum(minutes) filter (kind = 'normal')::bigint as normal_minutes,
           sum(minutes) filter (kind = 'overtime')::bigint as overtime_minutes
    from hour_records where worked_on between $first and $last group by all
    union all by name
    select unit_id, counted_on as day, sum(n_persons)::bigint as persons
    from headcount where counted_on between $first and $last group by all
    union all by name
    select unit_id, received_on as day, sum(amount_fen)::bigint as orders_fen
    from order_intake where received_on between $first and $last group by all
),
placed as (
    select node, sum(columns(days.* exclude (unit_id, day)))::bigint
    from days join above using (unit_id) where day between valid_from and valid_to group by node
),
sold as (
    select seller_id, buyer_id, traded_on as day, sum(amount_fen)::bigint as amount
    from internal_trades_sold where traded_on between $first and $last group by all
),
bought as (
    select seller_id, buyer_id, traded_on as day, sum(amount_fen)::bigint as amount
    from internal_trades_bought where traded_on between $first and $last group by all
),
sales as (
    select a.node, sum(amount)::bigint as amount
    from sold join above a on a.unit_id = seller_id and day between a.valid_from and a.valid_to
    anti join above b on b.unit_id = buyer_id and b.node = a.node and day between b.valid_from and b.valid_to
    group by a.node
),
purchases as (
    select a.node, sum(amount)::bigint as amount
    from bought join above a on a.unit_id = buyer_id and day between a.valid_from and a.valid_to
    anti join above b on b.unit_id = seller_id and b.node = a.node and day between b.valid_from and b.valid_to
    group by a.node
),
lined as (
    select unit_id, persons, coalesce(columns(placed.* exclude (node, persons)), 0),
           coalesce(sales.amount, 0) as internal_sales_fen, coalesce(purchases.amount, 0) as internal_purchases_fen
    from units left join placed on placed.node = unit_id left join sales on sales.node = unit_id
         left join purchases on purchases.node = unit_id
),
figures as (
    select *, {" + ".join(CLASSED)} as direct_expense_fen,
           external_sales_fen + internal_sales_fen as gross_sales_fen,
           gross_sales_fen - internal_purchases_fen as net_sales_fen,
           net_sales_fen - direct_expense_fen as value_added_fen,
           normal_minutes + overtime_minutes as total_minutes,
           persons / (select count(distinct day) from days where persons > 0) as avg_headcount
    from lined
)
select *, 60 * value_added_fen / nullif(total_minutes, 0) as value_per_hour,
       60 * net_sales_fen / nullif(total_minutes, 0) as sales_per_hour,
       value_added_fen / nullif(avg_headcount, 0) as value_per_person,
       net_sales_fen / nullif(avg_headcount, 0) as sales_per_person
from figures
"""


def tree() -> dict[str, pd.DataFrame]:
    """A thousand units on five levels and their dated parents; ten teams move in mid-month."""
    names = {level: [f"{level[0].upper()}{n:04d}" for n in range(width)] for level, width in WIDTHS.items()}
    names["senior"] = [f"N{n:04d}" for n in range(WIDTHS["senior"])]
    start = pd.Timestamp("2020-01-01")
    units = [(unit, unit, unit, level, True, start, None) for level, ids in names.items() for unit in ids]
    parents = []
    for (_, upper), (level, ids) in zip(list(names.items())[:-1], list(names.items())[1:], strict=True):
        for n, unit in enumerate(ids):
            moves = level == "team" and n < 10
            parents.append((unit, upper[n % len(upper)], start, MOVED - pd.Timedelta(days=1) if moves else None))
            if moves:
                parents.append((unit, upper[(n + 7) % len(upper)], MOVED, None))
    frames = {"units": units, "unit_parents": parents}
    return {
        name: TABLES[name].conform(pd.DataFrame(rows, columns=list(TABLES[name].names)))
        for name, rows in frames.items()
    }


def by_library(records: Records) -> pd.DataFrame:
    """The sheet as the library computes it, the long tables scanned where they are."""
    return unit_hour_sheet([components(records, month=MONTH)], period="month")


def by_sql(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    return connection.sql(SQL, params={"first": FIRST, "last": LAST}).df()


def by_pandas(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The sheet as an analyst writes it in pandas, reduced by unit and half of the month before it is joined."""
    above = pd.concat([paths(tables, day).assign(half=half) for half, day in enumerate((FIRST, LAST))])
    own = pd.DataFrame(lines(tables))
    named = own.reset_index().merge(above, on=["half", "unit_id"])
    figures = named.groupby("node")[list(own)].sum(min_count=1).reindex(tables["units"]["unit_id"])
    for line, name, mine, other in (
        ("internal_sales_fen", "internal_trades_sold", "seller_id", "buyer_id"),
        ("internal_purchases_fen", "internal_trades_bought", "buyer_id", "seller_id"),
    ):
        pairs = summed(tables[name], "traded_on", "amount_fen", ["seller_id", "buyer_id"]).reset_index()
        sides = pairs.merge(above, left_on=["half", mine], right_on=["half", "unit_id"])
        inside = sides.merge(above, left_on=["half", other, "node"], right_on=["half", "unit_id", "node"])
        figures[line] = (
            sides.groupby("node")["amount_fen"].sum().sub(inside.groupby("node")["amount_fen"].sum(), fill_value=0)
        )
    found = figures.fillna(dict.fromkeys(figures.columns.drop("persons"), 0))
    heads = tables["headcount"]
    worked = heads[(heads["counted_on"] >= FIRST) & (heads["counted_on"] <= LAST) & (heads["n_persons"] > 0)]
    return with_ratios(found, worked["counted_on"].nunique()).rename_axis("unit_id").reset_index()


def paths(tables: Mapping[str, pd.DataFrame], day: pd.Timestamp) -> pd.DataFrame:
    """Each unit with every node at or above it on a day."""
    parents = tables["unit_parents"]
    valid = parents[(parents["valid_from"] <= day) & (parents["valid_to"].isna() | (parents["valid_to"] >= day))]
    parent = valid.set_index("unit_id")["parent_id"]
    level = pd.DataFrame({"unit_id": tables["units"]["unit_id"], "node": tables["units"]["unit_id"]})
    found = [level]
    while len(level := level.assign(node=level["node"].map(parent)).dropna()):
        found.append(level)
    return pd.concat(found)


def lines(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.Series[int]]:
    """The lines by half of the month and unit."""
    expense, hours = tables["expense_records"], tables["hour_records"]
    expense = expense[expense["kind"].isin(COUNTED)]
    by_class = summed(expense, "recorded_on", "amount_fen", ["unit_id", "kind"]).unstack(fill_value=0)  # noqa: PD010
    by_kind = summed(hours, "worked_on", "minutes", ["unit_id", "kind"]).unstack(fill_value=0)  # noqa: PD010
    return {
        "external_sales_fen": summed(tables["revenue_records"], "recorded_on", "amount_fen"),
        "direct_expense_fen": by_class.sum(axis=1),
        **{f"direct_{kind}_fen": by_class[kind] for kind in by_class},
        "normal_minutes": by_kind["normal"],
        "overtime_minutes": by_kind["overtime"],
        "persons": summed(tables["headcount"], "counted_on", "n_persons"),
        "orders_fen": summed(tables["order_intake"], "received_on", "amount_fen"),
    }


def summed(rows: pd.DataFrame, day: str, column: str, by: Sequence[str] = ("unit_id",)) -> pd.Series[int]:
    """Sums by half of the month and the ids given."""
    within = rows[(rows[day] >= FIRST) & (rows[day] <= LAST)]
    half = (within[day] >= MOVED).astype("int64").rename("half")
    return within.groupby([half, *by])[column].sum()


def with_ratios(found: pd.DataFrame, working_days: int) -> pd.DataFrame:
    gross = found["external_sales_fen"] + found["internal_sales_fen"]
    net = gross - found["internal_purchases_fen"]
    value = net - found["direct_expense_fen"]
    minutes = found["normal_minutes"] + found["overtime_minutes"]
    hours, persons = minutes.where(minutes != 0) / 60, found["persons"] / working_days
    heads = persons.where(persons != 0)
    return found.assign(
        gross_sales_fen=gross,
        net_sales_fen=net,
        value_added_fen=value,
        total_minutes=minutes,
        avg_headcount=persons,
        value_per_hour=value / hours,
        sales_per_hour=net / hours,
        value_per_person=value / heads,
        sales_per_person=net / heads,
    )


def comparable(frame: pd.DataFrame) -> pd.DataFrame:
    """The sheet in one form, whoever computed it."""
    ordered = frame.assign(unit_id=frame["unit_id"].astype("str")).set_index("unit_id").sort_index()
    return pd.concat([ordered[WHOLE].astype("int64"), ordered[RATIOS].astype(float)], axis=1)


def timed(works: Mapping[str, Work], repeats: int) -> dict[str, tuple[float, float, pd.DataFrame]]:
    """Median seconds, median of the ratio to the first in the same turn, and the result of each."""
    seconds: dict[str, list[float]] = {name: [] for name in works}
    results: dict[str, pd.DataFrame] = {}
    for _ in range(repeats):
        for name, work in works.items():
            start = time.perf_counter()
            results[name] = work()
            seconds[name].append(time.perf_counter() - start)
    base = np.array(next(iter(seconds.values())))
    return {
        name: (statistics.median(taken), float(np.median(np.array(taken) / base)), results[name])
        for name, taken in seconds.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        config = {"threads": 2, "memory_limit": "1.5GB", "temp_directory": folder, "preserve_insertion_order": False}
        with duckdb.connect(Path(folder) / "company.duckdb", config=config) as connection:
            connection.execute(MAKING.format(lines=asked.lines, teams=WIDTHS["team"], kinds=list(KINDS)))
            small = tree()
            for name, frame in small.items():
                connection.register("given", frame)
                connection.execute(f"create table {name} as select * from given")
                connection.unregister("given")
            scanned = {name: connection.table(name) for name in SCANNED}
            empty = {name: TABLES[name].empty() for name in set(INPUTS) - scanned.keys() - small.keys()}
            records = Records(**small, **scanned, **empty, natures=KINDS)
            frames = small | {name: table.df() for name, table in scanned.items()}
            works: dict[str, Work] = {
                "SQL by hand": lambda: by_sql(connection),
                "sheet on DuckDB": lambda: by_library(records),
                "pandas by hand": lambda: by_pandas(frames),
            }
            found = timed(works, asked.repeats)
    expected = comparable(found["SQL by hand"][2])
    print(f"unit-hour sheet, {asked.lines:,} lines, {len(small['units']):,} units, median of {asked.repeats}")
    for name, (seconds, ratio, result) in found.items():
        assert_frame_equal(comparable(result), expected, check_exact=False, rtol=1e-12)
        assert (comparable(result)[WHOLE] == expected[WHOLE]).all(axis=None), "to the fen"
        print(f"{name:<16}{seconds:>9.3f} s{ratio:>8.2f} x")


if __name__ == "__main__":
    main()
