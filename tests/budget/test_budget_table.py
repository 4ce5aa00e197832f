"""The budget table, and what an adjustment changed in it."""

from __future__ import annotations

from fractions import Fraction

import pytest
from budget_accounts import ACCOUNTS
from tables import table

from bizlab.budget.budget_table import (
    BUDGET_TABLE,
    VERSION_BRIDGE,
    bridge_checks,
    bridge_findings,
    budget_table,
    version_bridge,
)


@pytest.fixture
def lines(plan):
    """Marketing of the south is raised from July; training of the west is dropped for the whole year."""
    return plan("""
        | version_id | owner_id | account   | jan_jun | jul_dec |
        | 2026-B1    | SA-E     | travel    | 100     | 100     |
        | 2026-B1    | SA-S     | marketing | 300     | 400     |
        | 2026-B1    | SA-W     | training  | 50      | 50      |
        | 2026-B2    | SA-E     | travel    | 100     | 100     |
        | 2026-B2    | SA-S     | marketing | 300     | 600     |
    """)


def test_the_table_has_every_account_its_quarters_its_share_and_the_total_line(lines, unchanged):
    """Layout: budget table of the budgeting process (account, total, share, Q1 to Q4), BUD-1."""
    expected = table("""
        | account      | total_fen | q1_fen | q2_fen | q3_fen | q4_fen |
        | marketing    | 5400      | 900    | 900    | 1800   | 1800   |
        | management   | 0         | 0      | 0      | 0      | 0      |
        | salaries     | 0         | 0      | 0      | 0      | 0      |
        | travel       | 1200      | 300    | 300    | 300    | 300    |
        | training     | 0         | 0      | 0      | 0      | 0      |
        | depreciation | 0         | 0      | 0      | 0      | 0      |
        | other        | 0         | 0      | 0      | 0      | 0      |
        | total        | 6600      | 1200   | 1200   | 2100   | 2100   |
    """)
    with unchanged(lines):
        rows = budget_table(lines, version_id="2026-B2", accounts=ACCOUNTS)
    assert all(check.passed for check in BUDGET_TABLE.verify(rows))
    assert rows[list(expected.columns)].to_dict("records") == expected.to_dict("records")
    shares = rows.set_index("account")["share_rate"]
    assert shares["marketing"] == float(Fraction(5400, 6600))
    assert shares["total"] == 1.0
    assert rows["is_total"].tolist() == [False] * 7 + [True]


def test_a_budget_of_nothing_has_no_shares(plan):
    empty = plan("""
        | version_id | owner_id | account | jan_jun | jul_dec |
        | 2026-B1    | SA-E     | travel  | 0       | 0       |
    """)
    rows = budget_table(empty, version_id="2026-B1", accounts=ACCOUNTS)
    assert rows["share_rate"].isna().all()
    assert set(rows["share_rate_reason"]) == {"no_budget"}


def test_the_bridge_lists_what_changed_and_closes_to_the_fen(lines, unchanged):
    expected = table("""
        | owner_id | account   | before_fen | change_fen | after_fen | is_total |
        | SA-S     | marketing | 4200       | 1200       | 5400      | 0        |
        | SA-W     | training  | 600        | -600       | 0         | 0        |
        | total    | total     | 6000       | 600        | 6600      | 1        |
    """)
    with unchanged(lines):
        bridge = version_bridge(lines, before="2026-B1", after="2026-B2")
    assert all(check.passed for check in [*VERSION_BRIDGE.verify(bridge), *bridge_checks(bridge)])
    assert bridge.to_dict("records") == expected.astype({"is_total": bool}).to_dict("records")


def test_without_an_adjustment_the_bridge_is_its_total_alone(lines):
    bridge = version_bridge(lines, before="2026-B1", after="2026-B1")
    assert bridge[["owner_id", "change_fen"]].to_dict("records") == [{"owner_id": "total", "change_fen": 0}]


def test_a_change_that_is_not_listed_is_seen(lines):
    bridge = version_bridge(lines, before="2026-B1", after="2026-B2")
    (check,) = bridge_checks(bridge[bridge["account"] != "training"])
    assert (check.left, check.right) == (1200, 600)


def test_a_change_is_weighed_by_its_size_and_material_above_both_thresholds(lines):
    bridge = version_bridge(lines, before="2026-B1", after="2026-B2")
    findings = bridge_findings(bridge, materiality_rate=0.05, materiality_fen=1000)
    assert [(finding.key, finding.direction, finding.material, finding.weight) for finding in findings] == [
        ("adjusted-SA-S-marketing", "neutral", True, 1200.0),
        ("adjusted-SA-W-training", "neutral", False, 600.0),
    ]
