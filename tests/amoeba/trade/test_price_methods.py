"""Agreed prices computed again: market, cost plus and commission by hand, and against decimals under random data."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from tables import table

from bizlab import amoeba
from bizlab.amoeba.trade.price_methods import (
    METHOD_COUNTS,
    RECOMPUTED,
    exact_rate,
    method_checks,
    method_counts,
    method_findings,
    method_price,
    off_method,
    recomputed_prices,
)
from bizlab.tables import TABLES

SOLD, PRICES = TABLES["internal_trades_sold"], TABLES["transfer_prices"]
OCTOBER = {"first": date(2026, 10, 1), "last": date(2026, 10, 31)}
AGREED = """
| product_id | seller_id | buyer_id | method     | price_fen | base_fen | rate  | valid_from | valid_to   |
| P          | M         | A        | cost_plus  | 1225      | 1000     | 0.225 | 2026-01-01 | 2026-10-15 |
| P          | M         | A        | cost_plus  | 1250      | 1000     | 0.225 | 2026-10-16 |            |
| Q          | M         | A        | market     | 2156      | 2200     | 0.02  | 2026-01-01 |            |
| R          | C         | S        | commission | 15600     | 24000    | 0.363 | 2026-01-01 |            |
| S          | C         | S        | negotiated | 900       |          |       | 2026-01-01 |            |
| T          | C         | S        | cost_plus  | 900       |          | 0.2   | 2026-01-01 |            |
| U          | C         | S        | market     | 900       | 1000     |       | 2026-01-01 |            |
| V          | C         | S        | market     | 1         | 1000     | 0     | 2025-01-01 | 2026-09-30 |
| W          | C         | S        | market     | 1         | 1000     | 0     | 2026-11-01 |            |
"""
BOOKED = """
| trade_id | seller_id | buyer_id | product_id | quantity | amount_fen | traded_on  |
| T1       | M         | A        | P          | 3        | 3675       | 2026-10-15 |
| T2       | M         | A        | P          | 4        | 5000       | 2026-10-16 |
| T3       | M         | A        | P          | -1       | -1250      | 2026-10-31 |
| T4       | M         | A        | Q          | 2        | 4400       | 2026-10-08 |
| T5       | C         | S        | R          | 1        | 15600      | 2026-10-08 |
| T6       | C         | S        | T          | 5        | 4500       | 2026-10-08 |
| T7       | C         | S        | X          | 1        | 77         | 2026-10-08 |
"""


@pytest.fixture
def prices():
    return table(AGREED, PRICES)


@pytest.fixture
def sold():
    return table(BOOKED, SOLD)


@pytest.mark.parametrize(
    ("method", "base_fen", "rate", "price_fen"),
    [
        ("market", 2200, "0.02", 2156),
        ("market", 2200, "0", 2200),
        ("cost_plus", 46100, "0.225", 56473),  # 564.725 is 564.73
        ("cost_plus", 1000, "-0.1", 900),  # below cost
        ("commission", 24000, "0.363", 15288),
        ("commission", 15, "0.3", 11),  # 10.5 fen, halves up
    ],
)
def test_a_price_by_its_method(method, base_fen, rate, price_fen):
    assert method_price(method, base_fen, Fraction(rate)) == price_fen


def test_what_is_agreed_against_what_the_method_gives(prices, sold, unchanged):
    """Trades count from the first to the last day of a price; returns count against deliveries."""
    with unchanged(prices, sold):
        recomputed = recomputed_prices(prices, sold, **OCTOBER)
    RECOMPUTED.verify(recomputed)
    columns = ["product_id", "valid_from", "price_fen", "method_fen", "difference_fen", "quantity", "effect_fen"]
    outcomes = [[row[0], row[1].day, *row[2:]] for row in recomputed[columns].astype("object").to_numpy().tolist()]
    assert outcomes == [
        ["R", 1, 15600, 15288, 312, 1, 312],
        ["P", 16, 1250, 1225, 25, 3, 75],
        ["P", 1, 1225, 1225, 0, 3, 0],
        ["Q", 1, 2156, 2156, 0, 2, 0],
        ["S", 1, 900, pd.NA, pd.NA, 0, pd.NA],
        ["T", 1, 900, pd.NA, pd.NA, 5, pd.NA],
        ["U", 1, 900, pd.NA, pd.NA, 0, pd.NA],
    ]
    reasons = recomputed.set_index("product_id")["method_fen_reason"].dropna()
    assert reasons.to_dict() == {"S": "negotiated", "T": "no_base", "U": "no_rate"}


def test_what_differs_and_what_lacks_its_making_is_listed_and_every_price_has_one_outcome(prices, sold):
    recomputed = recomputed_prices(prices, sold, **OCTOBER)
    assert off_method(recomputed)["product_id"].tolist() == ["R", "P", "T", "U"]
    counts = method_counts(recomputed)
    assert all(check.passed for check in METHOD_COUNTS.verify(counts))
    assert counts.drop(columns="at_agreed_fen").to_numpy().tolist() == [
        ["market", 2, 1, 0, 1],
        ["cost_plus", 3, 1, 1, 1],
        ["commission", 1, 0, 1, 0],
        ["negotiated", 1, 0, 0, 1],
    ]


def test_bookings_are_agreed_prices_deviations_and_what_has_no_price(prices, sold):
    """T4 is booked above its agreed price, T7 has none: 4,400 and 77 are in the sum all the same."""
    recomputed, deviations = recomputed_prices(prices, sold, **OCTOBER), amoeba.price_deviations(sold, prices)
    assert deviations["trade_id"].tolist() == ["T4", "T7"]
    (check,) = method_checks(recomputed, deviations, sold)
    assert (check.passed, check.left) == (True, 32_002)
    (broken,) = method_checks(recomputed.assign(at_agreed_fen=0), deviations, sold)
    assert broken.difference == 31_837


def test_prices_that_differ_are_told_with_their_effect_and_those_that_lack_something_without(prices, sold):
    findings = method_findings(off_method(recomputed_prices(prices, sold, **OCTOBER)))
    assert [(finding.key, finding.weight) for finding in findings] == [
        ("method-R-C-S-2026-01-01", 312.0),
        ("method-P-M-A-2026-10-16", 75.0),
        ("method-T-C-S-2026-01-01", 0.0),
        ("method-U-C-S-2026-01-01", 0.0),
    ]
    assert findings[0].refs["effect_fen"].path == "methods[R,C,S,2026-01-01].effect_fen"
    assert "effect_fen" not in findings[2].refs


def test_a_month_without_prices_or_sales_has_nothing_to_tell(prices, sold):
    assert recomputed_prices(PRICES.empty(), sold, **OCTOBER).empty
    assert recomputed_prices(prices, SOLD.empty(), **OCTOBER)["quantity"].sum() == 0
    assert method_counts(recomputed_prices(PRICES.empty(), sold, **OCTOBER)).empty


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.sampled_from(["market", "cost_plus", "commission"]),
    st.integers(0, 10**9),
    st.decimals(0, 2, places=4),
)
def test_a_rate_that_was_read_as_a_float_gives_the_price_of_its_decimal(method, base_fen, rate):
    """Second computation: decimal arithmetic on what was typed. A binary float would miss halves by a fen."""
    assert exact_rate(float(str(rate))) == Fraction(rate)
    factor = 1 + rate if method == "cost_plus" else 1 - rate
    expected = int((base_fen * factor).quantize(Decimal(1), ROUND_HALF_UP))
    assert method_price(method, base_fen, exact_rate(float(str(rate)))) == expected


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.integers(0, 10**6))
def test_the_order_of_rows_changes_nothing(seed):
    prices, sold = table(AGREED, PRICES), table(BOOKED, SOLD)
    other = [frame.sample(frac=1, random_state=seed) for frame in (prices, sold)]
    assert_frame_equal(recomputed_prices(*other, **OCTOBER), recomputed_prices(prices, sold, **OCTOBER))
