"""Findings name what stands in the tables, and nothing else."""

from __future__ import annotations

import pandas as pd
import pytest
from budget_accounts import ACCOUNTS

from bizlab.budget.variance.movement import movement
from bizlab.budget.variance.variance import variance, variance_findings
from bizlab.periods import Month

MARCH = Month(2026, 3)
MATERIAL = {"materiality_rate": 0.05, "materiality_fen": 1000}
LISTED = {"accounts": ACCOUNTS}


@pytest.fixture
def months(by_month) -> pd.DataFrame:
    february = by_month(
        """
        | owner_id | account   | budget_fen | actual_fen |
        | SA-E     | marketing | 20000      | 20001      |
        """,
        month="2026-02",
    )
    march = by_month("""
        | owner_id | account   | budget_fen | actual_fen |
        | SA-E     | marketing | 20000      | 26000      |
        | SA-E     | travel    | 20000      | 14500      |
        | SA-N     | training  | 850        | 0          |
        | SA-N     | salaries  | 50000      | 50100      |
        | SA-W     | training  | 0          | 2860       |
    """)
    return pd.concat([february, march], ignore_index=True)


def test_the_month_says_what_is_material_what_had_no_plan_and_what_was_not_spent(months):
    variances = variance(months, month=MARCH, **MATERIAL, **LISTED)
    findings = variance_findings(variances, movement(months, month=MARCH, **LISTED))
    assert [(finding.key, finding.direction, finding.material, finding.weight) for finding in findings] == [
        ("total-month-total-total", "bad", False, 2610.0),
        ("total-ytd-total-total", "bad", False, 2611.0),
        ("above-month-SA-E-marketing", "bad", True, 6000.0),
        ("below-month-SA-E-travel", "good", True, 5500.0),
        ("above-ytd-SA-E-marketing", "bad", True, 6001.0),
        ("below-ytd-SA-E-travel", "good", True, 5500.0),
        ("unplanned-month-SA-W-training", "bad", True, 2860.0),
        ("unspent-month-SA-N-training", "neutral", False, 850.0),
    ]
    lasting = next(finding for finding in findings if finding.key == "above-month-SA-E-marketing")
    assert lasting.refs["n_months_over"].path == "movement[SA-E,marketing].n_months_over"
    assert lasting.refs["variance_fen"].path == "variance[month,SA-E,marketing].variance_fen"


def test_at_most_three_variances_a_side_are_named_the_largest_first(by_month):
    rows = by_month("""
        | owner_id | account      | budget_fen | actual_fen |
        | SA-E     | marketing    | 10000      | 12000      |
        | SA-E     | travel       | 10000      | 15000      |
        | SA-N     | training     | 10000      | 14000      |
        | SA-N     | depreciation | 10000      | 13000      |
    """)
    variances = variance(rows, month=MARCH, **MATERIAL, **LISTED)
    findings = variance_findings(variances, movement(rows, month=MARCH, **LISTED))
    named = [finding.key for finding in findings if finding.key.startswith("above-month")]
    assert named == ["above-month-SA-E-travel", "above-month-SA-N-training", "above-month-SA-N-depreciation"]


def test_no_sentence_holds_a_number(months):
    """Every figure comes from a table."""
    variances = variance(months, month=MARCH, **MATERIAL, **LISTED)
    for finding in variance_findings(variances, movement(months, month=MARCH, **LISTED)):
        assert not any(character.isdigit() for text in finding.text for character in text)


def test_every_reference_points_at_a_row_that_exists(months):
    variances, movements = variance(months, month=MARCH, **MATERIAL, **LISTED), movement(months, month=MARCH, **LISTED)
    rows = {
        "variance": set(variances[["period", "owner_id", "account"]].itertuples(index=False, name=None)),
        "movement": set(movements[["owner_id", "account"]].itertuples(index=False, name=None)),
    }
    for finding in variance_findings(variances, movements):
        assert all(ref.row in rows[ref.table] for ref in finding.refs.values())
