"""The summary of repeat purchases: what a purchase is, whose it is, and the same answer on every engine."""

from datetime import date, timedelta

import duckdb
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizlab.prediction.models.occasions import occasions
from bizlab.prediction.models.purchases import REPEAT_PURCHASES, repeat_purchases

AS_OF = date(2026, 1, 31)
FIGURES = ["customer_id", "n_repeat", "recency_days", "age_days"]
ENGINES = {
    "pandas": lambda frame: frame,
    "polars": lambda frame: pl.from_pandas(frame).lazy(),
    "duckdb": lambda frame: duckdb.from_df(frame),
}


def lines(*rows):
    columns = ["customer_id", "ordered_on", "amount_fen"]
    frame = pd.DataFrame(rows, columns=columns).astype({"customer_id": "str", "amount_fen": "int64"})
    return frame.assign(ordered_on=pd.to_datetime(frame["ordered_on"]).astype("datetime64[us]"))


def by_hand(frame, as_of):
    """The definition, customer by customer, in plain Python."""
    days = {}
    for customer, at, amount in frame.itertuples(index=False):
        if at.date() <= as_of and not pd.isna(customer):
            result = days.setdefault(customer, {})
            result[at.date()] = result.get(at.date(), 0) + amount
    result = []
    for customer in sorted(days):
        bought = sorted((day, amount) for day, amount in days[customer].items() if amount > 0)
        if bought:
            (first, _), (last, _) = bought[0], bought[-1]
            later = [amount for _, amount in bought[1:]]
            mean = sum(later) / len(later) if later else None
            result.append([customer, len(later), (last - first).days, (as_of - first).days, mean])
    return result


@pytest.fixture(params=ENGINES)
def engine(request):
    return ENGINES[request.param]


def test_an_hour_of_the_day_makes_no_second_purchase(engine):
    """Two lines of one morning and afternoon are one purchase, and the as-of day counts to its last hour."""
    result = lines(
        ("a", "2026-01-01 15:00", 100),
        ("a", "2026-01-01 09:00", 200),
        ("a", "2026-01-15 08:00", 300),
        ("a", "2026-01-31 23:00", 400),
        ("a", "2026-02-01 00:00", 999),
    )
    summary = repeat_purchases(engine(result), as_of=AS_OF)
    assert summary[FIGURES].to_numpy().tolist() == [["a", 2, 30, 30]]
    assert summary["mean_value_fen"].tolist() == [350.0]


def test_a_line_without_a_customer_belongs_to_nobody(engine):
    result = lines(("a", "2026-01-01", 100), (None, "2026-01-01", 200), (None, "2026-01-02", 300))
    summary = repeat_purchases(engine(result), as_of=AS_OF)
    REPEAT_PURCHASES.verify(summary)
    assert summary["customer_id"].tolist() == ["a"]


def test_a_first_day_that_was_taken_back_is_not_the_first_purchase(engine):
    orders = lines(
        ("a", "2026-01-01", 500), ("a", "2026-01-01", -500), ("a", "2026-01-11", 70), ("a", "2026-01-21", 90)
    )
    summary = repeat_purchases(engine(orders), as_of=AS_OF)
    assert summary[FIGURES].to_numpy().tolist() == [["a", 1, 10, 20]]
    assert summary["mean_value_fen"].tolist() == [90.0]


def test_who_never_bought_is_not_in_it(engine):
    orders = lines(("a", "2026-01-01", -100), ("b", "2026-02-01", 100))
    summary = repeat_purchases(engine(orders), as_of=AS_OF)
    assert summary.empty
    assert list(summary.columns) == list(REPEAT_PURCHASES.names)


ROWS = st.lists(
    st.tuples(st.sampled_from(["a", "b", None]), st.integers(0, 40), st.integers(0, 23), st.integers(-300, 900)),
    max_size=25,
)


@settings(deadline=None, max_examples=40)
@given(ROWS, st.sampled_from(sorted(ENGINES)))
def test_every_engine_says_what_the_definition_says(rows, name):
    start = pd.Timestamp(AS_OF) - timedelta(days=30)
    orders = lines(*((who, start + timedelta(days=day, hours=hour), fen) for who, day, hour, fen in rows))
    summary = repeat_purchases(ENGINES[name](orders), as_of=AS_OF)
    expected = by_hand(orders, AS_OF)
    assert summary[FIGURES].to_numpy().tolist() == [row[:4] for row in expected]
    assert summary["mean_value_fen"].isna().tolist() == [row[4] is None for row in expected]
    assert summary["mean_value_fen"].dropna().tolist() == pytest.approx(
        [row[4] for row in expected if row[4] is not None]
    )
    assert summary["mean_value_fen_reason"].isna().tolist() == [row[4] is not None for row in expected]


def test_purchases_of_a_period_are_counted_as_the_summary_counts_them():
    """Hours of a day, a line of nobody, a day that ends below zero: one rule for both."""
    rows = [
        ("a", "2026-02-01 09:00", 500), ("a", "2026-02-01 17:00", 300), ("a", "2026-02-03 10:00", -5),
        (None, "2026-02-02 10:00", 900), ("b", "2026-02-28 23:59", 7), ("b", "2026-03-01 00:00", 9),
    ]  # fmt: skip
    orders = pd.DataFrame(rows, columns=["customer_id", "ordered_on", "amount_fen"])
    orders["ordered_on"] = pd.to_datetime(orders["ordered_on"])
    bought = occasions(orders, after=date(2026, 1, 31), last=date(2026, 2, 28))
    assert bought.to_numpy().tolist() == [["a", 1, 800], ["b", 1, 7]]
    summary = repeat_purchases(orders, as_of=date(2026, 2, 28)).set_index("customer_id")
    assert (summary["n_repeat"] + 1).to_dict() == bought.set_index("customer_id")["n_purchases"].to_dict()
