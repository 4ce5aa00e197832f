"""The identities of a variance hold, and say so where they do not."""

from __future__ import annotations

import pytest
from budget_accounts import ACCOUNTS

from bizlab.budget.monthly import monthly
from bizlab.budget.variance.variance import variance, variance_checks
from bizlab.periods import Month

JULY = Month(2026, 7)


@pytest.fixture
def lines(plan):
    return plan("""
        | version_id | owner_id | account   | jan_jun | jul_dec |
        | 2026-B1    | SA-S     | marketing | 300     | 300     |
        | 2026-B1    | SA-E     | travel    | 50      | 50      |
        | 2026-B2    | SA-S     | marketing | 300     | 500     |
        | 2026-B2    | SA-E     | travel    | 50      | 50      |
    """)


@pytest.fixture
def actuals(postings):
    return postings("""
        | posted_on  | owner_id | account   | amount_fen |
        | 2025-12-31 | SA-S     | marketing | 7          |
        | 2026-01-01 | SA-S     | marketing | 310        |
        | 2026-07-31 | SA-E     | travel    | 49         |
        | 2026-08-01 | SA-E     | travel    | 51         |
    """)


@pytest.fixture
def variances(lines, actuals, adjusted_in_july):
    by_month = monthly(lines, actuals, adjusted_in_july, months=JULY.year_to_date)
    return variance(by_month, month=JULY, materiality_rate=0.05, materiality_fen=10, accounts=ACCOUNTS)


def test_totals_postings_and_lines_in_force_agree(variances, lines, actuals, adjusted_in_july):
    """By hand: budget 6 x 350 + 550, July 550; postings 310 + 49, July 49."""
    checks = variance_checks(variances, lines, actuals, adjusted_in_july, month=JULY)
    sides = {check.key: (check.left, check.right) for check in checks}
    assert all(check.passed for check in checks)
    assert len(sides) == len(checks) == 20
    assert sides["variance.ytd.lines"] == (2650, 2650)
    assert sides["variance.month.lines"] == (550, 550)
    assert sides["variance.ytd.postings"] == (359, 359)
    assert sides["variance.month.postings"] == (49, 49)


@pytest.mark.parametrize(
    ("owner", "account", "failing"),
    [
        ("SA-E", "travel", {"owner_id", "account", "total"}),
        ("SA-E", "total", {"owner_id"}),
        ("total", "travel", {"account"}),
        ("total", "total", {"total", "postings"}),
    ],
)
def test_a_fen_too_many_is_seen_wherever_it_stands(
    variances, lines, actuals, adjusted_in_july, owner, account, failing
):
    place = (variances["period"] == "month") & (variances["owner_id"] == owner) & (variances["account"] == account)
    variances.loc[place, "actual_fen"] += 1
    checks = variance_checks(variances, lines, actuals, adjusted_in_july, month=JULY)
    assert {check.key.split(".")[-1] for check in checks if not check.passed} == failing


def test_a_budget_compared_with_the_wrong_version_is_seen(variances, lines, actuals, adjusted_in_july):
    first_alone = adjusted_in_july[adjusted_in_july["version_id"] == "2026-B1"]
    checks = variance_checks(variances, lines, actuals, first_alone, month=JULY)
    assert {check.key for check in checks if not check.passed} == {"variance.month.lines", "variance.ytd.lines"}
