"""One answer from every engine."""

from datetime import date, timedelta

import duckdb
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizlab import engine

DAYS = st.dates(date(1999, 12, 1), date(2100, 3, 2))
ENGINES = ("pandas", "polars", "duckdb")


def held_by(name: str, frame: pd.DataFrame):
    """The same rows in the hands of an engine."""
    if name == "pandas":
        return frame
    return pl.from_pandas(frame) if name == "polars" else duckdb.from_df(frame)


@pytest.mark.parametrize("name", ENGINES)
def test_days_between_dates_are_calendar_days_across_leap_years_and_times_of_day(name):
    """Truth: Python's own calendar. The evening of one day to the morning of the next is one day."""
    moments = pd.to_datetime(
        ["2024-02-28 23:59:59", "2024-03-01 00:00:01", "2100-02-28 12:00:00", "2100-03-01 00:00:00"]
    )
    frame = engine.lazy(held_by(name, pd.DataFrame({"at": moments.astype("datetime64[us]")})))
    numbers = engine.to_pandas(frame.select(engine.day_number("at")))["at"].tolist()
    assert numbers == [moment.date().toordinal() for moment in moments]
    assert (numbers[1] - numbers[0], numbers[3] - numbers[2]) == (2, 1)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.lists(DAYS, min_size=1, max_size=20))
def test_day_and_month_numbers_agree_with_the_calendar_on_every_engine(days):
    frame = pd.DataFrame({"on": pd.to_datetime(days).astype("datetime64[us]")})
    for name in ENGINES:
        lazy = engine.lazy(held_by(name, frame))
        found = engine.to_pandas(
            lazy.select(engine.day_number("on").alias("day"), engine.month_number("on").alias("month"))
        )
        assert sorted(found["day"]) == sorted(day.toordinal() for day in days)
        assert sorted(found["month"]) == sorted(day.year * 12 + day.month - 1 for day in days)


@pytest.mark.parametrize("name", ENGINES)
def test_a_missing_date_has_no_day_number(name):
    moments = pd.to_datetime([None, "2024-02-29"]).astype("datetime64[us]")
    frame = engine.lazy(held_by(name, pd.DataFrame({"at": moments})))
    found = engine.to_pandas(frame.select(engine.day_number("at").alias("day"), engine.month_number("at").alias("m")))
    assert found.isna().sum().tolist() == [1, 1]
    assert found.dropna().astype("int64").to_numpy().tolist() == [[date(2024, 2, 29).toordinal(), 2024 * 12 + 1]]


@pytest.mark.parametrize("name", ENGINES)
def test_sums_beyond_what_a_float_holds_stay_exact(name):
    big = 2**53
    frame = pd.DataFrame({"customer_id": ["a", "a", "b"], "amount_fen": [big, 1, -7]})
    sums = engine.to_pandas(engine.grouped(engine.lazy(held_by(name, frame)), "customer_id", sums=["amount_fen"]))
    assert sums["amount_fen"].dtype == "int64"
    assert dict(zip(sums["customer_id"], sums["amount_fen"], strict=True)) == {"a": big + 1, "b": -7}


@pytest.mark.parametrize("name", ENGINES)
def test_missing_values_count_as_no_distinct_value(name):
    frame = pd.DataFrame({"customer_id": ["a", "a", "a", "b"], "line": ["sensor", None, "sensor", None]})
    found = engine.to_pandas(engine.count_distinct(engine.lazy(held_by(name, frame)), "customer_id", "line", "n"))
    assert found.to_numpy().tolist() == [["a", 1]]


@pytest.mark.parametrize("name", ENGINES)
def test_the_last_value_is_that_of_the_latest_day_and_among_several_the_largest(name):
    days = pd.to_datetime(["2026-01-01", "2026-03-01", "2026-03-01", "2026-02-01"]).astype("datetime64[us]")
    frame = pd.DataFrame({"customer_id": "a", "on": days, "line": ["z", "gateway", "sensor", "y"]})
    lazy = engine.lazy(held_by(name, frame))
    found = engine.to_pandas(engine.last_value(lazy, "customer_id", column="line", order="on", name="last"))
    assert found.to_numpy().tolist() == [["a", "sensor"]]


PURCHASES = st.lists(
    st.tuples(st.sampled_from("ab"), st.sampled_from(["sensor", "gateway", None]), st.integers(1, 4)), max_size=12
)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(PURCHASES)
def test_lines_bought_and_the_line_bought_last_are_those_of_a_list_kept_by_hand(purchases):
    """Truth: for each customer the set of lines, and the largest pair of day and line."""
    of = {c: [(day, line) for who, line, day in purchases if who == c and line] for c in "ab"}
    n_lines = {c: len({line for _, line in bought}) for c, bought in of.items() if bought}
    last = {c: max(bought)[1] for c, bought in of.items() if bought}
    frame = pd.DataFrame(purchases, columns=["who", "line", "day"])
    frame = frame.astype({"who": "str", "line": "str", "day": "int64"})
    for name in ENGINES:
        lazy = engine.lazy(held_by(name, frame))
        counted = engine.to_pandas(engine.count_distinct(lazy, "who", "line", "n"))
        latest = engine.to_pandas(engine.last_value(lazy, "who", column="line", order="day", name="last"))
        assert dict(zip(counted["who"], counted["n"], strict=True)) == n_lines
        assert dict(zip(latest["who"], latest["last"], strict=True)) == last


@pytest.mark.parametrize("name", ENGINES)
def test_the_as_of_day_is_in_with_all_its_hours_and_the_next_is_out(name):
    as_of = date(2026, 10, 31)
    moments = pd.to_datetime([as_of, pd.Timestamp("2026-10-31 23:59:59"), as_of + timedelta(days=1)])
    frame = held_by(name, pd.DataFrame({"at": moments.astype("datetime64[us]")}))
    assert len(engine.to_pandas(engine.until(engine.lazy(frame), "at", as_of))) == 2


def test_a_whole_number_column_with_gaps_stays_whole():
    rows = engine.lazy(duckdb.sql("select 9007199254740993::bigint as x union all select null"))
    found = engine.to_pandas(rows)["x"]
    assert found.dtype == "Int64"
    assert found.dropna().tolist() == [9007199254740993]


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("n", [0, 3])
def test_text_arrives_as_pandas_holds_it_gaps_included(name, n):
    frame = pd.DataFrame({"unit_id": pd.Series(["阿米巴", None, ""][:n], dtype="str")})
    pd.testing.assert_frame_equal(engine.to_pandas(engine.lazy(held_by(name, frame))), frame)


@pytest.mark.parametrize("name", ENGINES)
def test_two_tables_side_by_side_keep_whole_numbers_beyond_what_a_float_holds(name):
    """2**53 + 1 is the first whole number that a float cannot hold."""
    exact = 2**53 + 1
    left = pd.DataFrame({"k": ["a", "b"], "x": [exact, 2]})
    right = pd.DataFrame({"k": ["b", "c"], "x": [3, exact]})
    joined = engine.full_join(*(engine.lazy(held_by(name, side)) for side in (left, right)), "k", suffix="_r")
    found = engine.to_pandas(joined).astype("object").fillna("")
    assert sorted(map(tuple, found[["k", "x", "k_r", "x_r"]].to_numpy().tolist()), key=str) == [
        ("", "", "c", exact),
        ("a", exact, "", ""),
        ("b", 2, "b", 3),
    ]
