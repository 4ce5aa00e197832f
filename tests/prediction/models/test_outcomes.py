"""Outcomes: who was at risk, and what the days after the date brought."""

from datetime import date, timedelta

import duckdb
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from tables import table

from bizlab.errors import DataError, SettingError
from bizlab.prediction.models.outcomes import bought, churned, converted

AS_OF = date(2026, 6, 30)
WITHIN = {"as_of": AS_OF, "horizon_days": 30, "observed_until": date(2026, 7, 30)}

ORDERS = table("""
| customer_id | ordered_on | product_line |
|---|---|---|
| 001 | 2026-06-30 | sensor |
| 001 | 2026-07-01 | gateway |
| 002 | 2026-07-30 | sensor |
| 003 | 2026-07-31 | sensor |
| 004 | 2026-04-01 | sensor |
| 005 | 2026-07-15 | gateway |
| 999 | 2026-07-15 | gateway |
""")
PEOPLE = table("""
| customer_id | created_on |
|---|---|
| 004 | 2026-01-05 |
| 003 | 2026-01-05 |
| 002 | 2026-06-30 |
| 001 | 2026-01-05 |
| 005 | 2026-07-01 |
| 006 | 2026-01-05 |
""")


def happened(frame: pd.DataFrame) -> dict[str, bool]:
    assert frame["outcome"].dtype == bool
    return dict(zip(frame["customer_id"], frame["outcome"].tolist(), strict=True))


def test_the_day_after_counts_and_the_last_day_of_the_horizon_counts():
    """001 on day 1, 002 on day 30, 003 on day 31; 005 was not known on the date, 999 is nobody."""
    assert happened(bought(ORDERS, PEOPLE, **WITHIN)) == {
        "001": True, "002": True, "003": False, "004": False, "006": False,
    }  # fmt: skip


def test_who_had_ordered_on_the_day_itself_can_no_longer_convert():
    assert happened(converted(ORDERS, PEOPLE, **WITHIN)) == {"002": True, "003": False, "006": False}


def test_churn_is_asked_of_recent_buyers_only():
    """004 ordered 90 days before the date: active within 91 days, not within 90."""
    assert happened(churned(ORDERS, PEOPLE, active_days=91, **WITHIN)) == {"001": False, "004": True}
    assert happened(churned(ORDERS, PEOPLE, active_days=90, **WITHIN)) == {"001": False}


def test_a_time_of_day_on_the_last_day_still_counts():
    late = pd.DataFrame({"customer_id": ["006"], "ordered_on": pd.to_datetime(["2026-07-30 23:59:59"])})
    assert happened(bought(late, PEOPLE, **WITHIN))["006"]
    at_night = pd.DataFrame({"customer_id": ["006"], "ordered_on": pd.to_datetime(["2026-06-30 23:59:59"])})
    assert not happened(bought(at_night, PEOPLE, **WITHIN))["006"]


@pytest.mark.parametrize("outcome", [bought, converted])
def test_a_horizon_that_is_not_over_is_refused(outcome):
    with pytest.raises(DataError, match="ends on 2026-07-30, but orders are known until 2026-07-29"):
        outcome(ORDERS, PEOPLE, **(WITHIN | {"observed_until": date(2026, 7, 29)}))


def test_impossible_settings_and_broken_populations_are_refused():
    with pytest.raises(SettingError, match="horizon of 0 days"):
        bought(ORDERS, PEOPLE, **(WITHIN | {"horizon_days": 0}))
    with pytest.raises(SettingError, match="0 active days"):
        churned(ORDERS, PEOPLE, active_days=0, **WITHIN)
    with pytest.raises(DataError, match=r"repeats a customer.*004"):
        bought(ORDERS, pd.concat([PEOPLE, PEOPLE.head(1)]), **WITHIN)


def test_gaps_in_the_orders_count_for_nothing():
    gaps = pd.DataFrame(
        {"customer_id": [None, "006"], "ordered_on": pd.to_datetime(["2026-07-02", None]), "product_line": [None, None]}
    )
    with_gaps = pd.concat([ORDERS, gaps], ignore_index=True)
    assert_frame_equal(bought(with_gaps, PEOPLE, **WITHIN), bought(ORDERS, PEOPLE, **WITHIN))
    assert_frame_equal(converted(with_gaps, PEOPLE, **WITHIN), converted(ORDERS, PEOPLE, **WITHIN))


def test_every_engine_says_the_same():
    connection = duckdb.connect()
    for engine in (pl.from_pandas, lambda f: pl.from_pandas(f).lazy(), connection.from_df):
        orders, people = engine(ORDERS), engine(PEOPLE)
        assert_frame_equal(bought(orders, people, **WITHIN), bought(ORDERS, PEOPLE, **WITHIN))
        assert_frame_equal(
            churned(orders, people, active_days=91, **WITHIN), churned(ORDERS, PEOPLE, active_days=91, **WITHIN)
        )
    connection.close()


def test_nothing_ordered_at_all():
    assert not bought(ORDERS.head(0), PEOPLE, **WITHIN)["outcome"].any()
    assert len(churned(ORDERS.head(0), PEOPLE, active_days=90, **WITHIN)) == 0


def test_inputs_are_left_as_they_were(unchanged):
    with unchanged(ORDERS, PEOPLE):
        churned(ORDERS, PEOPLE, active_days=91, **WITHIN)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.lists(st.tuples(st.sampled_from("abcd"), st.integers(-100, 100)), max_size=12),
    st.integers(1, 60),
    st.integers(1, 90),
)
def test_against_a_loop_over_customers(events, horizon, active):
    """The same three questions, asked one customer at a time."""
    orders = pd.DataFrame(events, columns=["customer_id", "day"])
    orders["ordered_on"] = pd.to_datetime([AS_OF + timedelta(days=d) for d in orders["day"]])
    people = pd.DataFrame({"customer_id": list("abcd"), "created_on": pd.Timestamp("2025-01-01")})
    days = {c: [d for who, d in events if who == c] for c in "abcd"}
    within = {"as_of": AS_OF, "horizon_days": horizon, "observed_until": AS_OF + timedelta(days=horizon)}
    buys = {c: any(0 < d <= horizon for d in days[c]) for c in "abcd"}
    assert happened(bought(orders, people, **within)) == buys
    assert happened(converted(orders, people, **within)) == {
        c: buys[c] for c in "abcd" if not any(d <= 0 for d in days[c])
    }
    assert happened(churned(orders, people, active_days=active, **within)) == {
        c: not buys[c] for c in "abcd" if any(-active < d <= 0 for d in days[c])
    }
