"""This month's variances beside last month's, and how long they have lasted."""

from __future__ import annotations

import pandas as pd
import pytest
from budget_accounts import ACCOUNTS

from bizlab.budget.variance.movement import MOVEMENT, movement
from bizlab.periods import Month


@pytest.fixture
def months() -> pd.DataFrame:
    """Spending of each month against a budget of 100 a month."""
    spent = {
        ("SA-E", "travel"): [90, 110, 120, 130],
        ("SA-E", "marketing"): [150, 150, 100, 110],
        ("SA-W", "travel"): [100, 95, 90, 60],
    }
    rows = [
        (f"2026-0{number}", owner, account, 100, actual)
        for (owner, account), actuals in spent.items()
        for number, actual in enumerate(actuals, start=1)
    ]
    rows.append(("2026-04", "SA-W", "training", 0, 70))
    return pd.DataFrame(rows, columns=["month", "owner_id", "account", "budget_fen", "actual_fen"])


def test_variances_stand_beside_those_of_the_month_before(months, unchanged):
    with unchanged(months):
        movements = movement(months, month=Month(2026, 4), accounts=ACCOUNTS)
    assert all(check.passed for check in MOVEMENT.verify(movements))
    rows = movements.set_index(["owner_id", "account"])
    shown = ["previous_variance_fen", "change_fen", "variance_fen", "n_months_over"]
    assert {place: rows.loc[place, shown].tolist() for place in rows.index} == {
        ("SA-E", "marketing"): [0, 10, 10, 1],
        ("SA-E", "travel"): [20, 10, 30, 3],
        ("SA-E", "total"): [20, 20, 40, 4],
        ("SA-W", "travel"): [-10, -30, -40, 0],
        ("SA-W", "training"): [0, 70, 70, 1],
        ("SA-W", "total"): [-10, 40, 30, 1],
        ("total", "marketing"): [0, 10, 10, 1],
        ("total", "travel"): [10, -20, -10, 0],
        ("total", "training"): [0, 70, 70, 1],
        ("total", "total"): [10, 60, 70, 4],
    }


def test_january_has_no_month_before_it_in_its_budget_year(months):
    movements = movement(months[months["month"] == "2026-01"], month=Month(2026, 1), accounts=ACCOUNTS)
    assert movements["previous_variance_fen"].isna().all()
    assert set(movements["change_fen_reason"]) == {"first_month"}
    assert movements.set_index(["owner_id", "account"]).loc[("SA-E", "marketing"), "n_months_over"] == 1


def test_the_order_of_rows_does_not_matter(months):
    month = Month(2026, 4)
    assert movement(months.sample(frac=1, random_state=5), month=month, accounts=ACCOUNTS).equals(
        movement(months, month=month, accounts=ACCOUNTS)
    )
