"""Variance, rate, verdict and materiality: published figures, worked cases, and a second computation by hand."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction

import pandas as pd
import pytest
from budget_accounts import ACCOUNTS
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import table

from bizlab.budget.accounts import TOTAL
from bizlab.budget.monthly import monthly
from bizlab.budget.variance.variance import VARIANCE, variance
from bizlab.errors import DataError
from bizlab.periods import Month
from bizlab.tables import TABLES

MARCH = Month(2026, 3)
TWO_WEIGHTS = {"materiality_rate": 0.05, "materiality_fen": 1000, "accounts": ACCOUNTS}


def of_month(variances: pd.DataFrame, owner: str) -> pd.DataFrame:
    return variances[(variances["period"] == "month") & (variances["owner_id"] == owner)].set_index("account")


def test_static_budget_variances_of_a_published_income_statement(by_month, unchanged):
    """Webb Company, April: Horngren, Datar and Rajan, *Cost Accounting*, 14th edition, exhibit 7-1 (dollars).

    Published: revenue 190,000 U; materials 98,400 F; labour 6,000 U; variable overhead 13,500 F; fixed costs
    9,000 U; operating income 14,900 against 108,000, a static-budget variance of 93,100 U.
    """
    costs = by_month("""
        | owner_id | account   | budget_fen | actual_fen |
        | Webb     | materials | 720000     | 621600     |
        | Webb     | labour    | 192000     | 198000     |
        | Webb     | overhead  | 144000     | 130500     |
        | Webb     | fixed     | 276000     | 285000     |
    """)
    sales = by_month("""
        | owner_id | account | budget_fen | actual_fen |
        | Webb     | revenue | 1440000    | 1250000    |
    """)
    published = table("""
        | account   | variance_fen | verdict    |
        | materials | -98400       | favourable |
        | labour    | 6000         | adverse    |
        | overhead  | -13500       | favourable |
        | fixed     | 9000         | adverse    |
        | total     | -96900       | favourable |
    """).set_index("account")
    natures = dict.fromkeys(["materials", "labour", "overhead", "fixed"], "expense") | {"revenue": "revenue"}
    with unchanged(costs, sales):
        spent = of_month(variance(costs, month=MARCH, **TWO_WEIGHTS | {"accounts": natures}), "Webb")
        earned = of_month(variance(sales, month=MARCH, **TWO_WEIGHTS | {"accounts": natures}), "Webb")
    assert spent.loc[published.index, published.columns].equals(published)
    assert earned.loc["revenue", ["variance_fen", "verdict"]].tolist() == [-190000, "adverse"]
    income = earned.loc[TOTAL] - spent.loc[TOTAL, ["budget_fen", "actual_fen", "variance_fen"]]
    assert income[["budget_fen", "actual_fen", "variance_fen"]].tolist() == [108000, 14900, -93100]


def test_a_variance_is_material_above_both_thresholds_and_not_on_them(by_month):
    """Thresholds: 5 % and 1,000 fen. A variance of exactly 5 %, or of exactly 1,000 fen, is not above."""
    variances = variance(
        by_month("""
            | owner_id | account      | budget_fen | actual_fen |
            | SA-E     | marketing    | 100000     | 105000     |
            | SA-E     | management   | 100000     | 105001     |
            | SA-E     | salaries     | 10000      | 11000      |
            | SA-E     | travel       | 10000      | 8999       |
            | SA-E     | depreciation | 1000000    | 1040000    |
        """),
        month=MARCH,
        **TWO_WEIGHTS,
    )
    expected = {"marketing": False, "management": True, "salaries": False, "travel": True, "depreciation": False}
    assert of_month(variances, "SA-E")["is_material"].drop(TOTAL).to_dict() == expected


def test_spending_without_a_plan_has_no_rate_and_counts_by_its_amount(by_month):
    variances = variance(
        by_month("""
            | owner_id | account   | budget_fen | actual_fen |
            | SA-N     | training  | 8500       | 0          |
            | SA-W     | marketing | 0          | 900        |
            | SA-W     | travel    | 500        | 500        |
            | SA-W     | training  | 0          | 28600      |
            | SA-W     | other     | 0          | 0          |
        """),
        month=MARCH,
        **TWO_WEIGHTS,
    )
    VARIANCE.verify(variances)
    west, north = of_month(variances, "SA-W"), of_month(variances, "SA-N")
    expected = table("""
        | account   | variance_rate_reason | verdict | is_material | case      |
        | marketing | no_plan              | adverse | False       | unplanned |
        | travel    | -                    | level   | False       | planned   |
        | training  | no_plan              | adverse | True        | unplanned |
        | other     | no_plan              | level   | False       | idle      |
    """).set_index("account")
    columns = list(expected.columns)
    assert west.loc[expected.index, columns].fillna("-").astype(str).equals(expected.astype(str))
    assert west["variance_rate"].isna().tolist() == [True, False, True, True, False]
    assert north.loc["training", ["variance_rate", "verdict", "case"]].tolist() == [-1.0, "favourable", "unspent"]
    assert west["is_favourable"].isna().tolist() == [False, True, False, True, False]


def test_a_rate_has_the_sign_of_its_variance_even_below_zero(by_month):
    """A planned refund of 100 of which only 50 came: 50 too much was spent, half of the plan."""
    variances = variance(
        by_month("""
            | owner_id | account | budget_fen | actual_fen |
            | SA       | other   | -100       | -50        |
            | SA       | travel  | 10         | 10         |
        """),
        month=MARCH,
        **TWO_WEIGHTS,
    )
    assert of_month(variances, "SA").loc["other", ["variance_fen", "variance_rate", "verdict"]].tolist() == [
        50,
        0.5,
        "adverse",
    ]


def test_rates_of_totals_come_from_sums_not_from_averaged_rates(by_month):
    """20 % of 100 and 2 % of 900 are 38 of 1,000, or 3.8 %, and not 11 %."""
    variances = variance(
        by_month("""
            | owner_id | account   | budget_fen | actual_fen |
            | SA-E     | travel    | 100        | 120        |
            | SA-E     | marketing | 900        | 918        |
        """),
        month=MARCH,
        **TWO_WEIGHTS,
    )
    assert of_month(variances, "SA-E").loc[TOTAL, "variance_rate"] == float(Fraction(38, 1000))


def test_rows_stand_in_the_order_of_the_report(by_month):
    rows = by_month("""
        | owner_id | account   | budget_fen | actual_fen |
        | SA-S     | other     | 1          | 1          |
        | SA-E     | travel    | 1          | 1          |
        | SA-E     | marketing | 1          | 1          |
    """)
    variances = variance(rows, month=MARCH, **TWO_WEIGHTS)
    month = variances[variances["period"] == "month"]
    assert list(zip(month["owner_id"], month["account"], strict=True)) == [
        ("SA-E", "marketing"),
        ("SA-E", "travel"),
        ("SA-E", "total"),
        ("SA-S", "other"),
        ("SA-S", "total"),
        ("total", "marketing"),
        ("total", "travel"),
        ("total", "other"),
        ("total", "total"),
    ]
    assert variances["period"].is_monotonic_increasing
    assert variance(rows.iloc[::-1], month=MARCH, **TWO_WEIGHTS).equals(variances)


def test_a_month_without_postings_is_refused(by_month):
    rows = by_month("""
        | owner_id | account | budget_fen | actual_fen |
        | SA-E     | travel  | 100        | 0          |
    """)
    with pytest.raises(DataError, match="Nothing was posted in 2026-03"):
        variance(rows, month=MARCH, **TWO_WEIGHTS)


def test_expense_and_revenue_are_not_added_up(by_month):
    rows = by_month("""
        | owner_id | account | budget_fen | actual_fen |
        | SA-E     | travel  | 100        | 90         |
        | SA-E     | sales   | 100        | 90         |
    """)
    with pytest.raises(DataError, match="not known whether sales is expense or revenue"):
        variance(rows, month=MARCH, **TWO_WEIGHTS)
    with pytest.raises(DataError, match="Expense and revenue stand in one budget"):
        variance(rows, month=MARCH, **TWO_WEIGHTS | {"accounts": {"travel": "expense", "sales": "revenue"}})


OWNERS = ("SA", "SA-E", "SA-W")
PLACES = st.tuples(st.sampled_from(OWNERS), st.sampled_from(list(ACCOUNTS)))
AMOUNT = st.integers(-5_000, 200_000)
LINES = st.dictionaries(st.tuples(st.sampled_from(["B1", "B2"]), PLACES, st.integers(1, 12)), AMOUNT, max_size=25)
POSTINGS = st.lists(st.tuples(PLACES, st.integers(1, 12), st.integers(1, 28), AMOUNT), min_size=1, max_size=25)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(lines=LINES, posted=POSTINGS, adjusted=st.integers(2, 12), number=st.integers(1, 12))
def test_a_second_computation_in_plain_python_gives_the_same_sums(lines, posted, adjusted, number):
    """Adding up lines and postings one by one, with the version looked up by hand."""
    floor = {(version, ("SA", "other"), month): 1 for version in ("B1", "B2") for month in range(1, 13)}
    lines = floor | lines
    posted = [*posted, (("SA", "other"), number, 1, 7)]
    sums = {"budget": defaultdict(int), "actual": defaultdict(int)}
    for (version, (owner, account), month), amount in lines.items():
        if month <= number and version == ("B2" if month >= adjusted else "B1"):
            _count(sums["budget"], owner, account, amount, is_now=month == number)
    for (owner, account), month, _, amount in posted:
        if month <= number:
            _count(sums["actual"], owner, account, amount, is_now=month == number)

    rows = [(f"2026-{v}", a, o, f"2026-{m:02d}", amount) for (v, (o, a), m), amount in lines.items()]
    budget_lines = pd.DataFrame(rows, columns=list(TABLES["budget_lines"].names))
    rows = [(f"JV{n}", a, o, f"2026-{m:02d}-{d:02d}", x, None) for n, ((o, a), m, d, x) in enumerate(posted)]
    actual_lines = pd.DataFrame(rows, columns=list(TABLES["actual_lines"].names))
    actual_lines["posted_on"] = pd.to_datetime(actual_lines["posted_on"])
    events = [("2026-B1", "effective", "2026-01-01"), ("2026-B2", "adjustment_effective", f"2026-{adjusted:02d}-01")]
    versions = TABLES["budget_versions"].conform(
        pd.DataFrame(events, columns=["version_id", "status", "status_on"]).assign(year="2026", decided_by="总裁")
    )
    month = Month(2026, number)
    found_months = monthly(budget_lines, actual_lines, versions, months=month.year_to_date)
    now = sum(amount for (_, posted_in, _, amount) in posted if posted_in == number)
    if not found_months.loc[found_months["month"] == str(month), "actual_fen"].any():
        assert now == 0
        return
    variances = variance(found_months, month=month, **TWO_WEIGHTS)
    for row in variances.to_dict("records"):
        place = (row["period"], row["owner_id"], row["account"])
        budget, actual = sums["budget"][place], sums["actual"][place]
        assert (row["budget_fen"], row["actual_fen"], row["variance_fen"]) == (budget, actual, actual - budget)
        assert pd.isna(row["variance_rate"]) == (budget == 0)
        if budget:
            assert row["variance_rate"] == pytest.approx(float(Fraction(actual - budget, abs(budget))))
    listed = set(variances[["period", "owner_id", "account"]].itertuples(index=False, name=None))
    assert {place for side in sums.values() for place, amount in side.items() if amount} <= listed


def _count(sums: dict[tuple[str, str, str], int], owner: str, account: str, amount: int, *, is_now: bool) -> None:
    """Add an amount to its place and to the three totals above it."""
    for period in ("month", "ytd") if is_now else ("ytd",):
        for place in ((owner, account), (owner, TOTAL), (TOTAL, account), (TOTAL, TOTAL)):
            sums[(period, *place)] += amount
