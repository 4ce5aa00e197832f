"""Findings name what stands in the tables, and nothing else."""

from __future__ import annotations

import string

import pandas as pd
import pytest
from budget_accounts import ACCOUNTS

from bizlab.budget.budget_table import version_bridge
from bizlab.budget.monthly import monthly
from bizlab.budget.variance.findings import (
    bridge_findings,
    offset_findings,
    outlook_findings,
    status_findings,
    variance_findings,
)
from bizlab.budget.variance.movement import movement
from bizlab.budget.variance.offsets import offsets
from bizlab.budget.variance.outlook import outlook
from bizlab.budget.variance.variance import variance
from bizlab.budget.versions import status_exceptions
from bizlab.labels import LANGS
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


def keys(found):
    return [(finding.key, finding.direction, finding.material, finding.weight) for finding in found]


def test_the_month_says_what_is_material_what_had_no_plan_and_what_was_not_spent(months):
    variances = variance(months, month=MARCH, **MATERIAL, **LISTED)
    found = variance_findings(variances, movement(months, month=MARCH, **LISTED))
    assert keys(found) == [
        ("total-month-total-total", "bad", False, 2610.0),
        ("total-ytd-total-total", "bad", False, 2611.0),
        ("above-month-SA-E-marketing", "bad", True, 6000.0),
        ("below-month-SA-E-travel", "good", True, 5500.0),
        ("above-ytd-SA-E-marketing", "bad", True, 6001.0),
        ("below-ytd-SA-E-travel", "good", True, 5500.0),
        ("unplanned-month-SA-W-training", "bad", True, 2860.0),
        ("unspent-month-SA-N-training", "neutral", False, 850.0),
    ]
    lasting = next(finding for finding in found if finding.key == "above-month-SA-E-marketing")
    assert lasting.refs["n"].path == "movement[SA-E,marketing].n_months_over"
    assert lasting.refs["variance"].path == "variance[month,SA-E,marketing].variance_fen"


def test_at_most_three_variances_a_side_are_named_the_largest_first(by_month):
    rows = by_month("""
        | owner_id | account      | budget_fen | actual_fen |
        | SA-E     | marketing    | 10000      | 12000      |
        | SA-E     | travel       | 10000      | 15000      |
        | SA-N     | training     | 10000      | 14000      |
        | SA-N     | depreciation | 10000      | 13000      |
    """)
    found = variance_findings(variance(rows, month=MARCH, **MATERIAL, **LISTED), movement(rows, month=MARCH, **LISTED))
    named = [finding.key for finding in found if finding.key.startswith("above-month")]
    assert named == ["above-month-SA-E-travel", "above-month-SA-N-training", "above-month-SA-N-depreciation"]


def test_what_a_saving_hides_is_bad_news_and_only_of_the_month(months):
    hidden = offsets(variance(months, month=MARCH, **MATERIAL, **LISTED))
    assert set(hidden["period"]) == {"month", "ytd"}
    assert keys(offset_findings(hidden)) == [("hidden-owner_id-SA-E-marketing", "bad", True, 6000.0)]


def test_what_one_owner_saves_for_another_names_both(by_month):
    rows = by_month("""
        | owner_id | account | budget_fen | actual_fen |
        | SA-E     | travel  | 20000      | 26000      |
        | SA-W     | travel  | 20000      | 14500      |
    """)
    (found,) = offset_findings(offsets(variance(rows, month=MARCH, **MATERIAL, **LISTED)))
    assert found.key == "hidden-account-SA-E-travel"
    assert found.refs["saver"].path == "offsets[month,account,SA-E,travel].saving_owner_id"
    assert "saved_on" not in found.refs


def test_an_adjustment_and_the_outlook_are_weighed_by_their_size(plan, postings, adjusted_in_july):
    lines = plan("""
        | version_id | owner_id | account   | jan_jun | jul_dec |
        | 2026-B1    | SA-S     | marketing | 1000    | 1000    |
        | 2026-B1    | SA-S     | other     | 50      | 50      |
        | 2026-B2    | SA-S     | marketing | 1000    | 1500    |
        | 2026-B2    | SA-S     | other     | 50      | 40      |
    """)
    actuals = postings("""
        | posted_on  | owner_id | account   | amount_fen |
        | 2026-07-02 | SA-S     | marketing | 7500       |
    """)
    july = Month(2026, 7)
    bridge = version_bridge(lines, before="2026-B1", after="2026-B2")
    assert keys(bridge_findings(bridge, **MATERIAL)) == [
        ("adjusted-SA-S-marketing", "neutral", True, 3000.0),
        ("adjusted-SA-S-other", "neutral", False, 60.0),
    ]
    by_month = monthly(lines, actuals, adjusted_in_july, months=july.year_to_date)
    (year,) = outlook_findings(outlook(by_month, lines, version_id="2026-B2", month=july, **LISTED), **MATERIAL)
    assert keys([year]) == [("outlook", "good", False, 340.0)]


def test_a_version_out_of_order_is_named(history):
    versions = history("""
        | version_id | status    | status_on  |
        | 2026-B1    | effective | 2026-01-01 |
    """)
    (found,) = status_findings(status_exceptions(versions))
    assert found.refs["problem"].path == "status_exceptions[2026-B1,effective].problem"


def test_every_name_in_a_sentence_has_its_figure_and_no_sentence_holds_a_number(months):
    variances = variance(months, month=MARCH, **MATERIAL, **LISTED)
    found = variance_findings(variances, movement(months, month=MARCH, **LISTED)) + offset_findings(offsets(variances))
    for finding in found:
        for lang in LANGS:
            names = {name for _, name, _, _ in string.Formatter().parse(finding.text.text(lang)) if name}
            assert names == set(finding.refs)
            assert not any(character.isdigit() for character in finding.text.text(lang))


def test_every_reference_points_at_a_row_that_exists(months):
    variances = variance(months, month=MARCH, **MATERIAL, **LISTED)
    found = variance_findings(variances, movement(months, month=MARCH, **LISTED))
    rows = set(variances[["period", "owner_id", "account"]].itertuples(index=False, name=None))
    for finding in found:
        for name, ref in finding.refs.items():
            assert ref.column in variances or (name, ref.table) == ("n", "movement")
            assert ref.row in rows or name == "n"
