"""The report with month and year to date side by side."""

from __future__ import annotations

import pandas as pd
import pytest
from budget_accounts import ACCOUNTS
from tables import table

from bizlab.budget.variance.statement import BY_ACCOUNT, BY_OWNER, by_account, by_owner
from bizlab.budget.variance.variance import variance
from bizlab.periods import Month


@pytest.fixture
def variances(by_month):
    january = by_month(
        """
        | owner_id | account  | budget_fen | actual_fen |
        | SA-E     | travel   | 100        | 130        |
        | SA-W     | training | 40         | 30         |
        """,
        month="2026-01",
    )
    february = by_month(
        """
        | owner_id | account  | budget_fen | actual_fen |
        | SA-E     | travel   | 100        | 90         |
        """,
        month="2026-02",
    )
    both = pd.concat([january, february], ignore_index=True)
    return variance(both, month=Month(2026, 2), materiality_rate=0.05, materiality_fen=5, accounts=ACCOUNTS)


COLUMNS = ["month_budget_fen", "month_actual_fen", "month_variance_fen", "ytd_budget_fen", "ytd_actual_fen"]


def test_all_seven_accounts_and_the_total_stand_in_order(variances, unchanged):
    expected = table("""
        | account      | month_budget_fen | month_actual_fen | month_variance_fen | ytd_budget_fen | ytd_actual_fen |
        | marketing    | 0                | 0                | 0                  | 0              | 0              |
        | management   | 0                | 0                | 0                  | 0              | 0              |
        | salaries     | 0                | 0                | 0                  | 0              | 0              |
        | travel       | 100              | 90               | -10                | 200            | 220            |
        | training     | 0                | 0                | 0                  | 40             | 30             |
        | depreciation | 0                | 0                | 0                  | 0              | 0              |
        | other        | 0                | 0                | 0                  | 0              | 0              |
        | total        | 100              | 90               | -10                | 240            | 250            |
    """)
    with unchanged(variances):
        statement = by_account(variances, accounts=ACCOUNTS)
    assert all(check.passed for check in BY_ACCOUNT.verify(statement))
    assert statement[["account", *COLUMNS]].to_dict("records") == expected.to_dict("records")
    assert statement["is_total"].tolist() == [False] * 7 + [True]


def test_an_owner_with_nothing_in_the_month_has_no_rate_for_it(variances, unchanged):
    with unchanged(variances):
        statement = by_owner(variances).set_index("owner_id")
    assert all(check.passed for check in BY_OWNER.verify(statement.reset_index()))
    assert statement.index.tolist() == ["SA-E", "SA-W", "total"]
    assert statement.loc["SA-W", COLUMNS].tolist() == [0, 0, 0, 40, 30]
    assert statement.loc["SA-W", ["month_variance_rate_reason", "ytd_variance_rate"]].tolist() == ["no_plan", -0.25]
    assert statement["ytd_variance_rate_reason"].isna().all()
