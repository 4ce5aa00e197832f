"""Budget and spending month by month: the year to date under the versions as they were in force."""

from __future__ import annotations

import pytest
from tables import table

from bizlab.budget.monthly import MONTHLY, TREND, TREND_LINES, monthly, trend, trend_lines
from bizlab.errors import DataError
from bizlab.periods import Month


@pytest.fixture
def lines(plan):
    return plan("""
        | version_id | owner_id | account   | jan_jun | jul_dec |
        | 2026-B1    | SA-S     | marketing | 300     | 300     |
        | 2026-B2    | SA-S     | marketing | 310     | 500     |
    """)


@pytest.fixture
def actuals(postings):
    return postings("""
        | posted_on  | owner_id | account   | amount_fen |
        | 2025-12-31 | SA-S     | marketing | 9999       |
        | 2026-06-01 | SA-S     | marketing | 250        |
        | 2026-06-30 | SA-S     | marketing | 90         |
        | 2026-07-01 | SA-S     | marketing | 480        |
        | 2026-07-15 | SA-S     | training  | 70         |
        | 2026-07-16 | SA-S     | training  | -70        |
    """)


def test_june_stays_under_the_old_version_and_july_comes_under_the_new_one(lines, actuals, adjusted_in_july, unchanged):
    expected = table("""
        | month   | owner_id | account   | budget_fen | actual_fen |
        | 2026-06 | SA-S     | marketing | 300        | 340        |
        | 2026-07 | SA-S     | marketing | 500        | 480        |
        | 2026-07 | SA-S     | training  | 0          | 0          |
    """)
    with unchanged(lines, actuals, adjusted_in_july):
        by_month_ = monthly(lines, actuals, adjusted_in_july, months=[Month(2026, 6), Month(2026, 7)])
    MONTHLY.verify(by_month_)
    assert by_month_.to_dict("records") == expected.to_dict("records")


def test_the_order_of_rows_does_not_matter(lines, actuals, adjusted_in_july):
    months = Month(2026, 7).year_to_date
    mixed = [frame.sample(frac=1, random_state=3) for frame in (lines, actuals, adjusted_in_july)]
    assert monthly(*mixed, months=months).equals(monthly(lines, actuals, adjusted_in_july, months=months))


def test_amounts_stay_exact_where_a_float_would_not(plan, postings, adjusted_in_july):
    """2**53 + 1 fen is no float, and a place without postings must not turn the budget into one."""
    lines = plan(f"""
        | version_id | owner_id | account   | jan_jun     | jul_dec |
        | 2026-B1    | SA-S     | marketing | {2**53 + 1} | 1       |
    """)
    actuals = postings("""
        | posted_on  | owner_id | account | amount_fen |
        | 2026-01-05 | SA-S     | travel  | 5          |
    """)
    by_month_ = monthly(lines, actuals, adjusted_in_july, months=[Month(2026, 1)])
    assert by_month_["budget_fen"].tolist() == [2**53 + 1, 0]


def test_a_month_before_any_budget_is_refused(lines, actuals, adjusted_in_july):
    with pytest.raises(DataError, match="No budget of 2025 is in force on 2025-12-31"):
        monthly(lines, actuals, adjusted_in_july, months=[Month(2025, 12), Month(2026, 1)])


def test_a_version_in_force_that_was_not_delivered_is_refused(lines, actuals, adjusted_in_july):
    with pytest.raises(DataError, match="2026-B2 has no lines"):
        monthly(lines[lines["version_id"] == "2026-B1"], actuals, adjusted_in_july, months=[Month(2026, 7)])


def test_the_trend_is_the_whole_year_and_what_has_not_happened_is_missing(lines, actuals, adjusted_in_july, unchanged):
    """Month by month: 6 x 300 as then in force, 6 x 500 as adjusted; spending 340 in June and 480 in July."""
    by_month = monthly(lines, actuals, adjusted_in_july, months=Month(2026, 7).year_to_date)
    with unchanged(by_month, lines, adjusted_in_july):
        year = trend(by_month, lines, adjusted_in_july, month=Month(2026, 7))
    TREND.verify(year)
    assert year["version_id"].tolist() == ["2026-B1"] * 6 + ["2026-B2"] * 6
    assert year["budget_fen"].tolist() == [300] * 6 + [500] * 6
    assert year["budget_to_date_fen"].iloc[-1] == 6 * 300 + 6 * 500
    assert year["actual_fen"].dropna().tolist() == [0, 0, 0, 0, 0, 340, 480]
    assert year["actual_to_date_fen"].dropna().tolist() == [0, 0, 0, 0, 0, 340, 820]
    assert year["actual_fen_reason"].fillna("-").tolist() == ["-"] * 7 + ["not_yet"] * 5


def test_the_trend_of_december_has_no_month_to_come(lines, actuals, adjusted_in_july):
    by_month = monthly(lines, actuals, adjusted_in_july, months=Month(2026, 12).year_to_date)
    year = trend(by_month, lines, adjusted_in_july, month=Month(2026, 12))
    assert year["actual_fen"].notna().all()
    assert len(year) == 12


def test_the_chart_has_a_line_each_for_budget_and_actual(lines, actuals, adjusted_in_july):
    by_month = monthly(lines, actuals, adjusted_in_july, months=Month(2026, 7).year_to_date)
    drawn = trend_lines(trend(by_month, lines, adjusted_in_july, month=Month(2026, 7)))
    TREND_LINES.verify(drawn)
    july = drawn[drawn["month"] == "2026-07"].set_index("line")["amount_fen"]
    assert july.to_dict() == {"budget": 2300, "actual": 820}
    december = drawn[drawn["month"] == "2026-12"].set_index("line")["amount_fen"]
    assert december["budget"] == 4800
    assert december.isna()["actual"]
