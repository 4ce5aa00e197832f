"""Staging: worked journeys; the same from a plain walk through the days, from other engines and in any order."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

import duckdb
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from bizlab.lifecycle import ENTRIES, Records, entries
from bizlab.tables import TABLES

AS_OF = date(2026, 10, 31)


def journey(records: Records, stages, as_of: date = AS_OF) -> list[tuple[str, str]]:
    """Stages with their dates, in order."""
    frame = entries(records, stages=stages, as_of=as_of).sort_values(["customer_id", "entry_no"])
    return [(row.stage, row.entered_on.date().isoformat()) for row in frame.itertuples()]


def moves(records: Records, stages) -> list[str]:
    return list(entries(records, stages=stages, as_of=AS_OF).sort_values(["customer_id", "entry_no"])["move"])


def test_a_lead_skips_falls_back_and_is_lost(records, stages):
    typed = """
    | event_id | customer_id | stage     | entered_on |
    | E1       | 000101      | lead      | 2026-01-05 |
    | E2       | 000101      | mql       | 2026-02-01 |
    | E3       | 000101      | nurturing | 2026-03-01 |
    | E4       | 000101      | lost      | 2026-04-01 |
    | E5       | 000101      | lead      | 2026-06-01 |
    """
    assert moves(records(stage_events=typed), stages) == ["first", "skip", "regression", "dropped", "returned"]


def test_several_entries_of_one_day_stand_in_the_order_of_the_stages(records, stages):
    typed = """
    | event_id | customer_id | stage | entered_on |
    | E1       | 000101      | lost  | 2026-01-05 |
    | E2       | 000101      | sql   | 2026-01-05 |
    | E3       | 000101      | lead  | 2026-01-05 |
    """
    assert [stage for stage, _ in journey(records(stage_events=typed), stages)] == ["lead", "sql", "lost"]


def test_an_entry_into_the_stage_where_it_stands_is_the_same_stay(records, stages):
    typed = """
    | event_id | customer_id | stage | entered_on |
    | E1       | 000101      | lead  | 2026-01-05 |
    | E2       | 000101      | lead  | 2026-02-05 |
    """
    assert journey(records(stage_events=typed), stages) == [("lead", "2026-01-05")]


def test_a_company_that_nobody_staged_stands_where_the_setting_says(records, stages):
    customers = """
    | customer_id | created_on |
    | 000101      | 2026-01-05 |
    | 000102      | 2026-11-01 |
    """
    assert journey(records(customers=customers), stages) == [("traffic", "2026-01-05")]


def test_the_order_converts_whatever_sellers_typed(records, stages):
    """Typed conversion on 5 March; the first order of hardware is of 20 March. The return of 2 April is no order."""
    typed = """
    | event_id | customer_id | stage     | entered_on |
    | E1       | 000101      | sql       | 2026-03-01 |
    | E2       | 000101      | converted | 2026-03-05 |
    """
    orders = """
    | order_id | customer_id | product_line | ordered_on | amount_fen |
    | SO1      | 000101      | service      | 2026-03-10 | 500        |
    | SO2      | 000101      | sensor       | 2026-03-20 | 90000      |
    | SO3      | 000101      | sensor       | 2026-04-02 | -90000     |
    """
    assert (
        journey(records(stage_events=typed, orders=orders), stages, date(2026, 4, 2))
        == [
            ("sql", "2026-03-01"),
            ("converted", "2026-03-20"),
            ("onboarding", "2026-04-03"),
        ][:2]
    )


def test_a_customer_grows_buys_again_renews_and_stays_there(records, stages):
    """Facts lead forward only: the order after the renewal does not take the company back to repurchase."""
    orders = """
    | order_id | customer_id | ordered_on | amount_fen |
    | SO1      | 000101      | 2026-01-10 | 90000      |
    | SO2      | 000101      | 2026-06-01 | 90000      |
    | SO3      | 000101      | 2026-08-01 | 90000      |
    """
    periods = """
    | subscription_id | period_no | customer_id | starts_on  | ends_on    | signed_on  |
    | SUB1            | 1         | 000101      | 2026-01-20 | 2026-07-19 | 2026-01-15 |
    | SUB1            | 2         | 000101      | 2026-07-20 | 2027-01-19 | 2026-07-10 |
    """
    assert journey(records(orders=orders, subscriptions=periods), stages) == [
        ("converted", "2026-01-10"),
        ("onboarding", "2026-01-20"),
        ("growth", "2026-04-10"),
        ("repurchase", "2026-06-01"),
        ("renewal", "2026-07-10"),
    ]


def test_growth_waits_for_a_second_order_or_a_subscription(records, stages):
    orders = """
    | order_id | customer_id | ordered_on | product_line | amount_fen |
    | SO1      | 000101      | 2026-01-10 | sensor       | 90000      |
    | SO2      | 000101      | 2026-06-01 | service      | 500        |
    """
    assert journey(records(orders=orders), stages) == [
        ("converted", "2026-01-10"),
        ("onboarding", "2026-01-24"),
        ("growth", "2026-06-01"),
    ]


def test_a_customer_without_orders_and_subscription_churns_and_comes_back_with_an_order(records, stages):
    """Order of 1 January + 180 days = 30 June; on 1 July it has churned. It orders again on 1 September."""
    orders = """
    | order_id | customer_id | ordered_on | amount_fen |
    | SO1      | 000101      | 2026-01-01 | 90000      |
    | SO2      | 000101      | 2026-09-01 | 90000      |
    """
    assert journey(records(orders=orders), stages) == [
        ("converted", "2026-01-01"),
        ("onboarding", "2026-01-15"),
        ("churned", "2026-07-01"),
        ("repurchase", "2026-09-01"),
    ]


def test_time_alone_does_not_bring_a_lost_company_back(records, stages):
    orders = """
    | order_id | customer_id | ordered_on | amount_fen |
    | SO1      | 000101      | 2026-09-01 | 90000      |
    """
    typed = """
    | event_id | customer_id | stage | entered_on |
    | E1       | 000101      | lost  | 2026-09-05 |
    """
    assert journey(records(orders=orders, stage_events=typed), stages) == [
        ("converted", "2026-09-01"),
        ("lost", "2026-09-05"),
    ]


def test_a_subscription_signed_late_began_for_us_on_the_day_it_was_signed(records, stages):
    periods = """
    | subscription_id | period_no | customer_id | starts_on  | ends_on    | signed_on  |
    | SUB1            | 1         | 000101      | 2026-01-01 | 2026-12-31 | 2026-05-10 |
    """
    assert journey(records(subscriptions=periods), stages) == [("onboarding", "2026-05-10")]


def test_the_contract_holds_and_inputs_stay_as_they_were(records, stages, unchanged):
    given = records(
        customers="""
        | customer_id | created_on |
        | 000101      | 2026-01-05 |
        """,
        orders="""
        | order_id | customer_id | ordered_on | amount_fen |
        | SO1      | 000101      | 2026-01-10 | 90000      |
        """,
    )
    with unchanged(*given):
        frame = entries(given, stages=stages, as_of=AS_OF)
    ENTRIES.verify(ENTRIES.conform(frame))


DAYS = st.integers(0, 700).map(lambda n: pd.Timestamp(2024, 12, 1) + pd.Timedelta(days=n))
COMPANIES = st.sampled_from(["A", "B"])


@st.composite
def histories(draw) -> Records:
    """Any history of two companies: typed entries of every stage, orders, returns, subscriptions."""
    every = [
        "traffic",
        "lead",
        "nurturing",
        "mql",
        "sql",
        "converted",
        "onboarding",
        "growth",
        "renewal",
        "lost",
        "churned",
    ]
    typed = draw(st.lists(st.tuples(COMPANIES, st.sampled_from(every), DAYS), max_size=8))
    lines = st.sampled_from(["sensor", "gateway", "service"])
    orders = draw(st.lists(st.tuples(COMPANIES, DAYS, lines, st.sampled_from([-100, 100, 200])), max_size=8))
    periods = draw(st.lists(st.tuples(COMPANIES, DAYS, st.integers(-20, 20), st.integers(1, 3)), max_size=5))
    created = draw(st.lists(st.tuples(COMPANIES, DAYS), max_size=2, unique_by=lambda row: row[0]))
    return Records(
        _frame(created, "customers", ["customer_id", "created_on"]),
        _frame([(f"E{n}", *row) for n, row in enumerate(typed)], "stage_events",
               ["event_id", "customer_id", "stage", "entered_on"]),
        _frame([(f"SO{n}", *row) for n, row in enumerate(orders)], "orders",
               ["order_id", "customer_id", "ordered_on", "product_line", "amount_fen"]),
        _frame([(f"S{n}", number, who, day + timedelta(days=shift), day + timedelta(days=shift + 90), day)
                for n, (who, day, shift, number) in enumerate(periods)], "subscriptions",
               ["subscription_id", "period_no", "customer_id", "starts_on", "ends_on", "signed_on"]),
    )  # fmt: skip


def _frame(rows: list, name: str, columns: list[str]) -> pd.DataFrame:
    empty = TABLES[name].empty()[columns]
    return pd.DataFrame(rows, columns=columns).astype(empty.dtypes.to_dict())


def _sorted(frame: pd.DataFrame) -> pd.DataFrame:
    return ENTRIES.conform(frame).sort_values(["customer_id", "entry_no"], ignore_index=True)


@given(histories())
@settings(max_examples=25, deadline=None, derandomize=True)
def test_a_plain_walk_through_the_days_gives_the_same_journeys(stages, given_records):
    expected = walk(given_records, AS_OF)
    frame = _sorted(entries(given_records, stages=stages, as_of=AS_OF))
    walked = defaultdict(list)
    for row in frame.itertuples():
        walked[row.customer_id].append((row.stage, row.entered_on))
    assert walked == expected


@given(histories(), st.integers(0, 700))
@settings(max_examples=15, deadline=None, derandomize=True)
def test_what_happens_later_never_rewrites_a_journey(stages, given_records, n):
    """As of an earlier day the journeys are the beginning of the later ones."""
    day = date(2024, 12, 1) + timedelta(days=n)
    before = _sorted(entries(given_records, stages=stages, as_of=day))
    later = _sorted(entries(given_records, stages=stages, as_of=AS_OF))
    shared = ["customer_id", "entry_no", "stage", "entered_on", "from_stage", "move"]
    begun = later[later["entered_on"] <= pd.Timestamp(day)]
    assert_frame_equal(before[shared], begun[shared].reset_index(drop=True))


@given(histories(), st.randoms(use_true_random=False))
@settings(max_examples=12, deadline=None, derandomize=True)
def test_the_order_of_rows_does_not_matter(stages, given_records, random):
    shuffled = Records(*(frame.sample(frac=1, random_state=random.randrange(1000)) for frame in given_records))
    expected = _sorted(entries(given_records, stages=stages, as_of=AS_OF))
    assert_frame_equal(_sorted(entries(shuffled, stages=stages, as_of=AS_OF)), expected)


@given(histories())
@settings(max_examples=12, deadline=None, derandomize=True)
def test_duckdb_and_polars_give_what_pandas_gives(stages, given_records):
    expected = _sorted(entries(given_records, stages=stages, as_of=AS_OF))
    with duckdb.connect() as connection:
        relations = Records(*(connection.from_df(frame) for frame in given_records))
        on_duckdb = entries(relations, stages=stages, as_of=AS_OF)
        assert isinstance(on_duckdb, duckdb.DuckDBPyRelation)
        assert_frame_equal(_sorted(on_duckdb.df()), expected)
    on_polars = entries(Records(*map(pl.from_pandas, given_records)), stages=stages, as_of=AS_OF)
    assert isinstance(on_polars, pl.DataFrame)
    assert_frame_equal(_sorted(on_polars.to_pandas()), expected)


@pytest.mark.parametrize("as_of", [date(2025, 3, 31), AS_OF])
def test_without_any_record_there_is_no_journey(records, stages, as_of):
    assert len(entries(records(), stages=stages, as_of=as_of)) == 0


def walk(given_records: Records, as_of: date) -> dict[str, list]:
    """The rules of params/stages.yaml once more, written for one company and one day at a time."""
    companies = set().union(*(frame["customer_id"] for frame in given_records))
    journeys = {who: _walk_one(given_records, who, pd.Timestamp(as_of)) for who in companies}
    return {who: steps for who, steps in journeys.items() if steps}


STAGES = [
    "traffic", "lead", "nurturing", "mql", "sql", "converted", "onboarding", "growth", "repurchase", "renewal",
    "lost", "churned",
]  # fmt: skip
TYPED = {"traffic", "lead", "nurturing", "mql", "sql", "lost"}


def _walk_one(given_records: Records, who: str, as_of: pd.Timestamp) -> list:
    customers, typed, orders, periods = (frame[frame["customer_id"] == who] for frame in given_records)
    bought = orders[orders["amount_fen"] > 0]
    hardware = sorted(set(bought.loc[bought["product_line"] != "service", "ordered_on"]))
    any_day = sorted(set(bought["ordered_on"]))
    began = sorted(max(row.signed_on, row.starts_on) for row in periods.itertuples())
    happenings = defaultdict(list)
    for row in typed.itertuples():
        if row.stage in TYPED:
            happenings[row.entered_on].append((row.stage, "typed"))
    for nth, day in enumerate(hardware, start=1):
        happenings[day].append(("converted" if nth == 1 else "repurchase", "fact"))
    if hardware:
        happenings[hardware[0] + pd.Timedelta(days=14)].append(("onboarding", "time"))
        active = sorted([*any_day[1:2], *began[:1]])
        if active:
            happenings[max(hardware[0] + pd.Timedelta(days=90), active[0])].append(("growth", "time"))
    for row in periods.itertuples():
        if row.period_no == 1:
            happenings[max(row.signed_on, row.starts_on)].append(("onboarding", "fact"))
        else:
            happenings[row.signed_on].append(("renewal", "fact"))
    for day in _days_of_churn(any_day, periods, as_of):
        happenings[day].append(("churned", "fact"))
    if len(customers) and not any(day <= customers["created_on"].iloc[0] for day in happenings):
        happenings[customers["created_on"].iloc[0]].append(("traffic", "created"))
    return _follow(happenings, as_of)


def _days_of_churn(any_day: list, periods: pd.DataFrame, as_of: pd.Timestamp) -> list:
    """Day by day: active is within 180 days of an order or from signing to 180 days after the last day covered."""
    spans = [(day, day + pd.Timedelta(days=180)) for day in any_day]
    spans += [(row.signed_on, row.ends_on + pd.Timedelta(days=180)) for row in periods.itertuples()]
    days, was_active = [], False
    for day in pd.date_range("2024-11-01", as_of):
        is_active = any(start <= day <= end for start, end in spans)
        if was_active and not is_active:
            days.append(day)
        was_active = is_active
    return days


def _follow(happenings: dict, as_of: pd.Timestamp) -> list:
    steps, reached = [], -1
    in_state = False
    for day in sorted(day for day in happenings if day <= as_of):
        for stage, source in sorted(happenings[day], key=lambda item: STAGES.index(item[0])):
            rank = STAGES.index(stage)
            always = source == "typed" or rank >= 10
            if not always and (rank < reached or (source == "time" and in_state)):
                continue
            if always:
                in_state = rank >= 10
            reached = -1 if rank >= 10 else rank
            if not steps or steps[-1][0] != stage:
                steps.append((stage, day))
    return steps
