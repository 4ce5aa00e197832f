"""Fact tags counted by hand, the same from every engine, blind to the future."""

import copy
import re
from datetime import date

import duckdb
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from bizlab.errors import SettingError
from bizlab.tagging import customer_facts, parse_dictionary

AS_OF = date(2026, 10, 31)


def value(snapshot, customer: str, tag: str):
    value = snapshot.frame.set_index("customer_id").loc[customer, tag]
    return None if pd.isna(value) else value


def reason(snapshot, customer: str, tag: str):
    return value(snapshot, customer, f"{tag}_reason")


def test_what_one_customer_bought(dictionary, tables):
    """Customer 001: 100000 on 2025-10-31 (one day before the window), 60000 - 10000, 20000 on the as-of day."""
    facts = customer_facts(dictionary, tables, as_of=AS_OF)
    expected = {
        "n_orders": 3,
        "order_quantity": 16,
        "order_amount_fen": 170000,
        "order_quantity_12m": 6,
        "order_amount_12m_fen": 70000,
        "first_order_on": pd.Timestamp("2025-10-31"),
        "last_order_on": pd.Timestamp("2026-10-31"),
        "recency_days": 0,
        "n_product_lines": 3,
        "last_product_line": "monitoring",
        "n_active_months": 3,
    }
    assert {tag: value(facts, "001", tag) for tag in expected} == expected


def test_the_settlement_cycle_weighs_days_by_amount(dictionary, tables):
    """1000.00 paid after 40 days and 200.00 after 10: (1000 x 40 + 200 x 10) / 1200 = 35; against the due date 10 and
    -20 days: (1000 x 10 - 200 x 20) / 1200 = 5. The payment of 2026-11-02 is not known yet."""
    facts = customer_facts(dictionary, tables, as_of=AS_OF)
    assert value(facts, "001", "settlement_days") == pytest.approx(35)
    assert value(facts, "001", "late_days") == pytest.approx(5)


def test_overdue_is_what_is_open_past_the_due_date(dictionary, tables):
    """001 owes 300.00 of order 2; order 3 is not due yet. 002 owes 300.00 since yesterday."""
    facts = customer_facts(dictionary, tables, as_of=AS_OF)
    assert [value(facts, c, "overdue_fen") for c in ("001", "002", "003")] == [30000, 30000, 0]
    on_due_day = customer_facts(dictionary, tables, as_of=date(2026, 10, 30))
    assert value(on_due_day, "002", "overdue_fen") == 0


def test_nothing_is_zero_and_unknown_and_not_applicable_are_missing_with_their_reason(dictionary, tables):
    facts = customer_facts(dictionary, tables, as_of=AS_OF)
    assert value(facts, "003", "n_orders") == 0
    assert value(facts, "003", "order_amount_fen") == 0
    assert not value(facts, "003", "has_ordered_12m")
    assert (value(facts, "003", "last_order_on"), reason(facts, "003", "last_order_on")) == (None, "no_orders")
    assert (value(facts, "002", "settlement_days"), reason(facts, "002", "settlement_days")) == (None, "no_payments")
    assert (value(facts, "003", "kp_rate"), reason(facts, "003", "kp_rate")) == (None, "zero_base")
    assert (value(facts, "003", "company_age_years"), reason(facts, "003", "company_age_years")) == (
        None,
        "not_recorded",
    )
    assert reason(facts, "001", "settlement_days") is None


def test_payments_before_the_window_are_another_reason_than_none_at_all(dictionary, tables):
    later = customer_facts(dictionary, tables, as_of=date(2026, 12, 31))
    assert reason(later, "001", "settlement_days") is None
    much_later = customer_facts(dictionary, tables, as_of=date(2028, 12, 31))
    assert reason(much_later, "001", "settlement_days") == "none_matching"


def test_people_subscriptions_and_ages(dictionary, tables):
    """20 years are complete on the day itself: founded 2006-11-01 is 19, founded 2006-10-31 is 20."""
    facts = customer_facts(dictionary, tables, as_of=AS_OF)
    assert [value(facts, c, "company_age_years") for c in ("001", "002")] == [19, 20]
    assert [value(facts, "001", tag) for tag in ("n_contacts", "n_kp", "n_users")] == [2, 1, 1]
    assert value(facts, "001", "kp_rate") == 0.5
    assert [bool(value(facts, c, "has_subscription")) for c in ("001", "002", "003")] == [True, False, False]
    assert value(facts, "001", "subscription_ends_on") == pd.Timestamp("2027-01-31")


def test_the_industry_is_counted_over_its_known_companies(dictionary, tables):
    facts = customer_facts(dictionary, tables, as_of=AS_OF)
    assert value(facts, "001", "industry_n_companies") == 2
    assert value(facts, "003", "industry_n_companies") == 1
    assert value(facts, "002", "industry_amount_12m_fen") == 70000 + 30000
    assert value(facts, "003", "industry_penetration_rate") == 0


def test_customers_entered_later_are_not_there_yet(dictionary, tables):
    assert customer_facts(dictionary, tables, as_of=AS_OF).frame["customer_id"].tolist() == ["001", "002", "003"]


def test_nothing_later_changes_anything(dictionary, tables):
    """Every later event is moved, enlarged and doubled; not one tag may notice."""
    before = customer_facts(dictionary, tables, as_of=AS_OF).frame
    occurred = {name: use.occurred for name, use in dictionary.tables.items() if name in tables}
    changed = {}
    for name, frame in tables.items():
        later = frame[occurred[name]] > pd.Timestamp(AS_OF)
        moved = frame[later].copy()
        moved[occurred[name]] += pd.Timedelta(days=40)
        for column in moved.columns.intersection(["amount_fen", "quantity"]):
            moved[column] *= 1000
        changed[name] = pd.concat([frame[~later], moved, moved], ignore_index=True)
    assert any(len(changed[name]) > len(tables[name]) for name in tables)
    assert_frame_equal(customer_facts(dictionary, changed, as_of=AS_OF).frame, before)


def test_a_row_of_an_unknown_customer_fails_the_check_and_names_the_difference(dictionary, tables):
    tables["orders"] = pd.concat([tables["orders"], tables["orders"].head(1).assign(customer_id="999")])
    checks = {check.key: check for check in customer_facts(dictionary, tables, as_of=AS_OF).checks}
    assert checks["facts.order_amount_fen"].difference == -100000
    assert checks["facts.n_contacts"].passed


@pytest.mark.parametrize("engine", ["pandas", "polars", "duckdb"])
def test_a_payment_whose_order_is_not_at_hand_adds_no_days(dictionary, tables, engine):
    stray = tables["settlements"].head(1).assign(settlement_id="R9", order_id="O9", amount_fen=10**9)
    tables["settlements"] = pd.concat([tables["settlements"], stray], ignore_index=True)
    if engine == "polars":
        tables = {name: pl.from_pandas(frame) for name, frame in tables.items()}
    if engine == "duckdb":
        tables = {name: duckdb.from_df(frame) for name, frame in tables.items()}
    facts = customer_facts(dictionary, tables, as_of=AS_OF)
    assert value(facts, "001", "settlement_days") == pytest.approx(35)


def test_inputs_are_not_changed(dictionary, tables, unchanged):
    with unchanged(*tables.values()):
        customer_facts(dictionary, tables, as_of=AS_OF)


@pytest.mark.parametrize("as_of", [AS_OF, date(2025, 10, 31), date(2024, 6, 1)])
def test_every_engine_gives_the_same_facts(dictionary, tables, as_of):
    expected = customer_facts(dictionary, tables, as_of=as_of).frame
    by_polars = {name: pl.from_pandas(frame).lazy() for name, frame in tables.items()}
    by_duckdb = {name: duckdb.from_df(frame) for name, frame in tables.items()}
    assert_frame_equal(customer_facts(dictionary, by_polars, as_of=as_of).frame, expected)
    assert_frame_equal(customer_facts(dictionary, by_duckdb, as_of=as_of).frame, expected)


WORDS = {"zh": "词", "en": "word"}
RULES = {
    "n": ("count", {"measure": "count"}),
    "n_large": ("count", {"measure": "count", "where": {"amount_fen": {"above": "1000元"}}}),
    "total_fen": ("fen", {"measure": "sum", "column": "amount_fen"}),
    "recent_fen": ("fen", {"measure": "sum", "column": "amount_fen", "window_days": 300}),
    "largest_fen": ("fen", {"measure": "max", "column": "amount_fen", "where": {"quantity": {"min": 1}}}),
    "mean_fen_per_piece": ("score", {"measure": "ratio", "numerator": "amount_fen", "denominator": "quantity"}),
    "n_lines": ("count", {"measure": "count_distinct", "column": "product_line", "window_days": 300}),
    "n_months": ("count", {"measure": "count_months", "column": "ordered_on"}),
    "recency": ("days", {"measure": "days_since", "column": "ordered_on"}),
}


def random_company(rows):
    """A dictionary of every measure, and orders as drawn."""
    entry = {"name": WORDS, "definition": WORDS, "tier": "fact", "layer": "enterprise", "type": "number"}
    entry |= {"refresh": "monthly", "owner": WORDS}
    tags = [{"id": i, "unit": unit, "rule": {"table": "orders", **rule}, **entry} for i, (unit, rule) in RULES.items()]
    last = {"table": "orders", "measure": "last", "column": "product_line"}
    tags.append({"id": "last_line", **entry, "type": "category", "rule": last})
    uses = {"customers": "created_on", "orders": "ordered_on"}
    config = {"tags": tags, "tables": {name: {"occurred": on, "empty": WORDS} for name, on in uses.items()}}
    customers = pd.DataFrame({"customer_id": ["001", "002", "003"], "created_on": pd.Timestamp("2024-01-01")})
    columns = ["customer_id", "product_line", "quantity", "amount_fen", "day"]
    orders = pd.DataFrame(rows, columns=columns).astype(
        {"customer_id": "str", "product_line": "str", "quantity": "int64", "amount_fen": "int64", "day": "int64"}
    )
    orders["ordered_on"] = (pd.Timestamp("2024-06-01") + pd.to_timedelta(orders["day"], "D")).astype("datetime64[us]")
    customers["created_on"] = customers["created_on"].astype("datetime64[us]")
    return parse_dictionary(config), {"customers": customers, "orders": orders}


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["001", "002", "003"]),
        st.sampled_from(["sensor", "gateway", "service"]),
        st.integers(0, 50),
        st.integers(-(10**7), 10**9),
        st.integers(0, 900),
    ),
    max_size=12,
)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(rows=ROWS, shuffle=st.randoms(use_true_random=False))
def test_order_of_rows_and_engine_do_not_matter(rows, shuffle):
    dictionary, tables = random_company(rows)
    expected = customer_facts(dictionary, tables, as_of=AS_OF).frame
    order = list(range(len(rows)))
    shuffle.shuffle(order)
    shuffled = tables | {"orders": tables["orders"].iloc[order].reset_index(drop=True)}
    assert_frame_equal(customer_facts(dictionary, shuffled, as_of=AS_OF).frame, expected)
    by_duckdb = {name: duckdb.from_df(frame) for name, frame in shuffled.items()}
    assert_frame_equal(customer_facts(dictionary, by_duckdb, as_of=AS_OF).frame, expected)
    by_polars = {name: pl.from_pandas(frame) for name, frame in shuffled.items()}
    assert_frame_equal(customer_facts(dictionary, by_polars, as_of=AS_OF).frame, expected)


def test_a_column_that_the_table_does_not_have_is_named_with_tag_and_part_of_the_rule(config, tables):
    broken = copy.deepcopy(config)
    tag = next(tag for tag in broken["tags"] if tag["id"] == "n_kp")
    tag["rule"]["where"] = {"rolle": "kp"}
    message = "The table 'contacts' has no column 'rolle'. Where: tags, tag 'n_kp'.rule.where."
    with pytest.raises(SettingError, match=re.escape(message)):
        customer_facts(parse_dictionary(broken), tables, as_of=AS_OF)


def test_a_table_that_is_not_at_hand_is_named(dictionary, tables):
    del tables["subscriptions"]
    with pytest.raises(SettingError, match="The table 'subscriptions' is not at hand"):
        customer_facts(dictionary, tables, as_of=AS_OF)
