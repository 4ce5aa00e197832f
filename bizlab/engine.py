"""The few places where engines differ: one rule each, for frames of pandas, polars, DuckDB and Spark.

Long tables arrive as whatever narwhals can hold and stay lazy; what is small enough to be read leaves
through `to_pandas`. Nothing outside this module may depend on which engine holds the rows.

- DuckDB sums whole numbers to HUGEINT, which leaves it as a float: `grouped` casts back.
- Day differences count midnights on one engine and whole 24 hours on another: `day_number` makes them a
  subtraction of integers.
- A distinct count inside a grouped query counts a missing value as one on some engines, and the distinct rows of
  chosen columns are a window over all rows on DuckDB (four times the time): `count_distinct` groups twice.
- No common 'row with the latest date': `last_value` takes the latest date of each value, then that of the key, so that
  what is joined is as small as the values are few.
- pandas makes floats of whole numbers that get gaps: `full_join` lets them be missing first.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, TypeAlias

import narwhals as nw
import pandas as pd
import pyarrow as pa

Lazy: TypeAlias = "nw.LazyFrame[Any]"
_TEXT = pd.StringDtype(na_value=float("nan"))


def lazy(frame: Any) -> Lazy:
    """Any frame that narwhals knows, lazily; a narwhals frame passes through.

    >>> lazy(pd.DataFrame({"a": [1]})).collect_schema().names()
    ['a']
    """
    held: Lazy = nw.from_native(frame).lazy()
    return held


def to_pandas(frame: Lazy) -> pd.DataFrame:
    """Collect a reduced frame as pandas, whole numbers staying whole where values are missing.

    Parameters
    ----------
    frame : lazy frame; one row of it is one row of the result.

    Returns
    -------
    pandas frame; order of rows as the engine gave them, so a caller sorts or reindexes by key.

    >>> import duckdb
    >>> to_pandas(lazy(duckdb.sql("select sum(x)::bigint as x from (values (9007199254740993)) t(x)")))["x"][0]
    np.int64(9007199254740993)
    """
    collected = frame.collect()
    if collected.implementation.is_pandas():
        return pd.DataFrame(collected.to_native()).reset_index(drop=True)
    table = collected.to_arrow()
    return pd.DataFrame({name: _held(table.column(name)) for name in table.column_names})


def _held(values: Any) -> pd.Series[Any]:
    """One Arrow column; a whole-number column with gaps becomes Int64 and never passes through a float.

    Text keeps its Arrow form, where pandas by itself makes a Python object of every value and text again of that.
    """
    kinds = {pa.string(): _TEXT, pa.large_string(): _TEXT}
    if values.null_count and pa.types.is_integer(values.type):
        kinds[values.type] = pd.Int64Dtype()
    held: pd.Series[Any] = values.to_pandas(date_as_object=False, types_mapper=kinds.get)
    return held


def grouped(
    frame: Lazy, key: str, *, sums: Sequence[str] = (), lowest: Sequence[str] = (), highest: Sequence[str] = ()
) -> Lazy:
    """Sums, minima and maxima of columns for each key; sums of whole numbers are int64 on every engine.

    Parameters
    ----------
    frame : lazy frame that has the key and the columns.
    sums : whole-number columns to add up; a missing value counts as nothing.
    lowest, highest : columns whose smallest or largest value is taken; missing values are passed over.

    Returns
    -------
    One row per key: ``key`` and the columns under their own names.

    >>> import duckdb
    >>> frame = lazy(duckdb.sql("select 'a' as k, 9007199254740992 as x union all select 'a', 1"))
    >>> to_pandas(grouped(frame, "k", sums=["x"]))["x"].tolist()
    [9007199254740993]
    """
    parts = [nw.col(name).sum() for name in sums]
    parts += [nw.col(name).min() for name in lowest] + [nw.col(name).max() for name in highest]
    return whole(frame.group_by(key).agg(*parts), sums)


def whole(frame: Lazy, names: Sequence[str]) -> Lazy:
    """Cast sums and counts back to int64 after an aggregation."""
    return frame.with_columns(*(nw.col(name).cast(nw.Int64) for name in names)) if names else frame


def day_number(name: str) -> nw.Expr:
    """Days since 0001-01-01 of a date column, as ``date.toordinal`` counts them.

    Differences of day numbers are whole days on every engine, whatever the time of day. A missing date stays
    missing; on pandas it makes the column a float, so fill it first where sums must be exact.

    >>> frame = lazy(pd.DataFrame({"on": pd.to_datetime(["2024-02-29", "2024-03-01"])}))
    >>> to_pandas(frame.select(day_number("on")))["on"].tolist() == [date(2024, 2, 29).toordinal(), 738946]
    True
    """
    before = nw.col(name).dt.year() - 1
    leaps = before // 4 - before // 100 + before // 400
    return before * 365 + leaps + nw.col(name).dt.ordinal_day()


def month_number(name: str) -> nw.Expr:
    """Months since year 0 of a date column: ``year * 12 + month - 1``.

    >>> frame = lazy(pd.DataFrame({"on": pd.to_datetime(["2025-12-31", "2026-01-01"])}))
    >>> to_pandas(frame.select(month_number("on")))["on"].diff().tolist()[1]
    1.0
    """
    return nw.col(name).dt.year() * 12 + nw.col(name).dt.month() - 1


def midnight(day: date) -> nw.Expr:
    """A day as a literal that compares with date and timestamp columns alike."""
    return nw.lit(datetime(day.year, day.month, day.day))


def until(frame: Lazy, column: str, as_of: date) -> Lazy:
    """Rows that happened on the as-of day or before it, timestamps of that day included.

    >>> frame = lazy(pd.DataFrame({"at": pd.to_datetime(["2026-10-31 18:00", "2026-11-01 00:00"])}))
    >>> len(to_pandas(until(frame, "at", date(2026, 10, 31))))
    1
    """
    return frame.filter(nw.col(column) < midnight(date.fromordinal(as_of.toordinal() + 1)))


def dated(table: Any, column: str, first: date, last: date) -> Lazy:
    """The rows of a table that a column of dates places in a period, both days included.

    >>> days = pd.DataFrame({"on": pd.to_datetime(["2026-09-30", "2026-10-01", "2026-10-31"])})
    >>> len(to_pandas(dated(days, "on", date(2026, 10, 1), date(2026, 10, 31))))
    2
    """
    return lazy(table).filter(nw.col(column) >= midnight(first), nw.col(column) <= midnight(last))


def full_join(left: Lazy, right: Lazy, key: str, *, suffix: str) -> Lazy:
    """The rows of two tables side by side, those without a counterpart too; whole numbers stay whole.

    Parameters
    ----------
    left, right : lazy frames of the same columns, in each of which a key stands once.

    Returns
    -------
    One row per key of either table: the columns of ``left``, then those of ``right`` under their names with
    ``suffix``, the key among them; all of one side are missing where it has no such row.

    >>> left, right = (lazy(pd.DataFrame({"k": [k], "x": [2**53 + 1]})) for k in "ab")
    >>> to_pandas(full_join(left, right, "k", suffix="_r"))[["k", "x", "x_r"]].sort_values("k").to_dict("list")
    {'k': ['a', nan], 'x': [9007199254740993, None], 'x_r': [None, 9007199254740993]}
    """
    return _with_gaps(left).join(_with_gaps(right), on=key, how="full", suffix=suffix)


def _with_gaps(frame: Lazy) -> Lazy:
    """The frame, its whole numbers in a type that may be missing."""
    if not frame.implementation.is_pandas():
        return frame
    held = to_pandas(frame)
    return lazy(held.astype(dict.fromkeys(held.select_dtypes("integer").columns, "Int64")))


def count_distinct(frame: Lazy, key: str, column: str, name: str) -> Lazy:
    """Distinct values of a column for each key; missing values count for nothing.

    Returns
    -------
    One row per key that has a value: ``key`` and the count under ``name``.

    >>> rows = pd.DataFrame({"customer_id": ["a", "a", "a", "b"], "line": ["sensor", "sensor", None, None]})
    >>> to_pandas(count_distinct(lazy(rows), "customer_id", "line", "n_lines")).to_dict("records")
    [{'customer_id': 'a', 'n_lines': 1}]
    """
    pairs = frame.group_by(key, column, drop_null_keys=True).agg(nw.len().alias("__rows"))
    return whole(pairs.group_by(key).agg(nw.len().alias(name)), [name])


def last_value(frame: Lazy, key: str, *, column: str, order: str, name: str) -> Lazy:
    """The column's value in the row with the latest ``order`` for each key.

    Where several rows share the latest ``order``, the largest value among them is taken, so that the answer does
    not depend on the order of rows.

    Returns
    -------
    One row per key that has a value: ``key`` and the value under ``name``.

    >>> rows = pd.DataFrame({"customer_id": ["a", "a", "a"], "day": [1, 2, 2], "line": ["x", "gateway", "sensor"]})
    >>> found = last_value(lazy(rows), "customer_id", column="line", order="day", name="last_line")
    >>> to_pandas(found).to_dict("records")
    [{'customer_id': 'a', 'last_line': 'sensor'}]
    """
    latest_of = frame.group_by(key, column, drop_null_keys=True).agg(nw.col(order).max().alias("__latest_of"))
    latest = latest_of.group_by(key).agg(nw.col("__latest_of").max().alias("__latest"))
    last = latest_of.join(latest, on=key, how="inner").filter(nw.col("__latest_of") == nw.col("__latest"))
    return last.group_by(key).agg(nw.col(column).max().alias(name))
