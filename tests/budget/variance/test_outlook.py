"""Where the year ends if the months left go as budgeted."""

from __future__ import annotations

import pytest
from budget_accounts import ACCOUNTS
from tables import table

from bizlab.budget.monthly import monthly
from bizlab.budget.variance.outlook import OUTLOOK, outlook, outlook_findings
from bizlab.periods import Month


@pytest.fixture
def lines(plan):
    """The adjustment raises marketing from July, and takes back 10 of every month that has passed."""
    return plan("""
        | version_id | owner_id | account   | jan_jun | jul_dec |
        | 2026-B1    | SA-S     | marketing | 100     | 100     |
        | 2026-B1    | SA-S     | travel    | 20      | 20      |
        | 2026-B2    | SA-S     | marketing | 90      | 150     |
        | 2026-B2    | SA-S     | travel    | 20      | 20      |
    """)


def test_the_outlook_is_spending_so_far_and_the_budget_left(lines, postings, adjusted_in_july, unchanged):
    """July: 650 spent on marketing against 6 x 100 + 150 as then in force; 5 months of 150 are left."""
    actuals = postings("""
        | posted_on  | owner_id | account   | amount_fen |
        | 2026-02-01 | SA-S     | marketing | 500        |
        | 2026-07-02 | SA-S     | marketing | 150        |
        | 2026-07-03 | SA-S     | training  | 30         |
    """)
    by_month = monthly(lines, actuals, adjusted_in_july, months=Month(2026, 7).year_to_date)
    expected = (
        table("""
        | account   | actual_fen | remaining_fen | outlook_fen | budget_fen | variance_fen | restated_fen | ytd  |
        | marketing | 650        | 750           | 1400        | 1440       | -40          | -60          | -100 |
        | travel    | 0          | 100           | 100         | 240        | -140         | 0            | -140 |
        | training  | 30         | 0             | 30          | 0          | 30           | 0            | 30   |
        | total     | 680        | 850           | 1530        | 1680       | -150         | -60          | -210 |
    """)
        .set_index("account")
        .rename(columns={"ytd": "ytd_variance_fen"})
    )
    with unchanged(by_month, lines):
        year = outlook(by_month, lines, version_id="2026-B2", month=Month(2026, 7), accounts=ACCOUNTS)
    assert all(check.passed for check in OUTLOOK.verify(year))
    rows = year.set_index("account")
    assert rows.loc[expected.index, expected.columns].equals(expected)
    assert rows.loc["training", ["variance_rate_reason"]].tolist() == ["no_plan"]
    assert rows.loc["marketing", "variance_rate"] == pytest.approx(-40 / 1440)


def test_at_the_end_of_the_year_nothing_is_left(lines, postings, adjusted_in_july):
    actuals = postings("""
        | posted_on  | owner_id | account   | amount_fen |
        | 2026-12-31 | SA-S     | marketing | 1500       |
    """)
    by_month = monthly(lines, actuals, adjusted_in_july, months=Month(2026, 12).year_to_date)
    total = (
        outlook(by_month, lines, version_id="2026-B2", month=Month(2026, 12), accounts=ACCOUNTS)
        .set_index("account")
        .loc["total"]
    )
    assert total[["remaining_fen", "outlook_fen", "variance_fen"]].tolist() == [0, 1500, 1500 - 1680]


def test_the_year_is_weighed_by_its_variance_and_material_above_both_thresholds(lines, postings, adjusted_in_july):
    """July: 340 less than the budget of 1,680, which is above 5 % and above 300 fen, and not above 400."""
    actuals = postings("""
        | posted_on  | owner_id | account   | amount_fen |
        | 2026-07-02 | SA-S     | marketing | 490        |
    """)
    by_month = monthly(lines, actuals, adjusted_in_july, months=Month(2026, 7).year_to_date)
    year = outlook(by_month, lines, version_id="2026-B2", month=Month(2026, 7), accounts=ACCOUNTS)
    (finding,) = outlook_findings(year, materiality_rate=0.05, materiality_fen=300)
    assert (finding.key, finding.direction, finding.material, finding.weight) == ("outlook", "good", True, 340.0)
    assert finding.refs["outlook_fen"].path == "outlook[total].outlook_fen"
    assert not outlook_findings(year, materiality_rate=0.05, materiality_fen=400)[0].material
