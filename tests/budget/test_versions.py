"""Which budget is in force on a date, and versions that came there out of order."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import table

from bizlab.budget.versions import (
    IN_FORCE_BY_MONTH,
    STATUS_EXCEPTIONS,
    in_force_by_month,
    lines_of,
    original_version,
    status_exceptions,
    status_findings,
    version_in_force,
)
from bizlab.errors import DataError
from bizlab.periods import Month


@pytest.mark.parametrize(
    ("day", "version"),
    [
        (date(2026, 1, 1), "2026-B1"),
        (date(2026, 6, 30), "2026-B1"),
        (date(2026, 7, 1), "2026-B2"),
        (date(2026, 12, 31), "2026-B2"),
    ],
)
def test_the_budget_of_a_date_is_the_version_that_took_effect_last(adjusted_in_july, day, version):
    assert version_in_force(adjusted_in_july, on=day) == version


def test_a_budget_decided_before_its_year_is_not_the_budget_of_the_year_before(history):
    versions = history("""
        | version_id | status    | status_on  |
        | 2025-B1    | effective | 2025-01-01 |
        | 2026-B1    | effective | 2025-12-20 |
    """)
    assert version_in_force(versions, on=date(2025, 12, 31)) == "2025-B1"
    assert version_in_force(versions, on=date(2026, 1, 1)) == "2026-B1"


def test_a_reviewed_draft_is_not_in_force(history):
    versions = history("""
        | version_id | status   | status_on  |
        | 2026-B1    | draft    | 2025-10-30 |
        | 2026-B1    | reviewed | 2025-12-01 |
    """)
    with pytest.raises(DataError, match="No budget of 2026 is in force on 2026-03-31"):
        version_in_force(versions, on=date(2026, 3, 31))
    with pytest.raises(DataError, match="No budget of 2026"):
        original_version(versions, year=2026)


def test_two_versions_that_take_effect_on_one_day_are_refused(history):
    versions = history("""
        | version_id | status    | status_on  |
        | 2026-B1    | effective | 2026-01-01 |
        | 2026-B2    | effective | 2026-01-01 |
    """)
    with pytest.raises(DataError, match="2026-B1, 2026-B2 took effect on the same day"):
        version_in_force(versions, on=date(2026, 3, 31))


def test_a_month_is_compared_with_the_version_of_its_last_day(history):
    """The adjustment takes effect on 15 July: July is compared with it, June is not."""
    versions = history("""
        | version_id | status               | status_on  |
        | 2026-B1    | effective            | 2026-01-01 |
        | 2026-B2    | adjustment_effective | 2026-07-15 |
    """)
    in_force = in_force_by_month(versions, months=[Month(2026, 6), Month(2026, 7)])
    IN_FORCE_BY_MONTH.verify(in_force)
    assert in_force.to_dict("list") == {"month": ["2026-06", "2026-07"], "version_id": ["2026-B1", "2026-B2"]}
    assert original_version(versions, year=2026) == "2026-B1"


IN_2026 = st.dates(date(2026, 1, 1), date(2026, 12, 31))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(days=st.lists(IN_2026, min_size=1, max_size=6, unique=True), on=IN_2026, random=st.randoms())
def test_whatever_the_order_of_rows_a_day_has_the_version_that_a_calendar_gives_it(days, on, random):
    events = [(f"V{number}", "2026", "effective", pd.Timestamp(day), "总裁") for number, day in enumerate(days)]
    random.shuffle(events)
    versions = pd.DataFrame(events, columns=["version_id", "year", "status", "status_on", "decided_by"])
    current = None
    for day, version_id in sorted((day, f"V{number}") for number, day in enumerate(days)):
        current = version_id if day <= on else current
    if current is None:
        with pytest.raises(DataError):
            version_in_force(versions, on=on)
    else:
        assert version_in_force(versions, on=on) == current


def test_an_adjustment_is_reviewed_after_it_was_applied_for(adjusted_in_july, unchanged):
    """Nodes 04 to 06 of the budget process: apply, review, take effect. Nothing is out of order here."""
    with unchanged(adjusted_in_july):
        exceptions = status_exceptions(adjusted_in_july)
    STATUS_EXCEPTIONS.verify(exceptions)
    assert exceptions.empty


def test_one_version_may_pass_through_effect_and_adjustment_under_one_name(history):
    versions = history("""
        | version_id | status               | status_on  |
        | 2026-B1    | draft                | 2025-10-30 |
        | 2026-B1    | reviewed             | 2025-12-01 |
        | 2026-B1    | effective            | 2026-01-01 |
        | 2026-B1    | adjustment_applied   | 2026-06-08 |
        | 2026-B1    | adjustment_effective | 2026-07-01 |
    """)
    assert status_exceptions(versions).empty


def test_statuses_out_of_order_are_listed_with_what_is_wrong(history):
    versions = history("""
        | version_id | status               | status_on  |
        | 2026-A     | draft                | 2025-10-30 |
        | 2026-A     | effective            | 2026-01-01 |
        | 2026-A     | reviewed             | 2026-01-05 |
        | 2026-B     | draft                | 2026-02-01 |
        | 2026-B     | reviewed             | 2026-02-02 |
        | 2026-B     | effective            | 2026-03-01 |
        | 2026-C     | reviewed             | 2026-06-01 |
        | 2026-C     | adjustment_effective | 2026-07-01 |
        | 2027-A     | adjustment_applied   | 2026-12-01 |
        | 2027-A     | reviewed             | 2026-12-05 |
        | 2027-A     | adjustment_effective | 2027-01-01 |
        | 2028-A     | year_end_review      | 2028-12-31 |
    """)
    expected = table("""
        | version_id | status               | problem         |
        | 2026-A     | effective            | too_early       |
        | 2026-B     | effective            | replaces        |
        | 2026-C     | reviewed             | skipped         |
        | 2026-C     | adjustment_effective | skipped         |
        | 2027-A     | adjustment_effective | adjusts_nothing |
        | 2028-A     | year_end_review      | skipped         |
    """)
    exceptions = status_exceptions(versions.sample(frac=1, random_state=7))
    STATUS_EXCEPTIONS.verify(exceptions)
    assert exceptions[list(expected.columns)].to_dict("records") == expected.to_dict("records")
    first = status_findings(exceptions)[0]
    assert (first.key, first.direction) == ("out-of-order-2026-A-effective", "bad")
    assert first.refs["problem"].path == "status_exceptions[2026-A,effective].problem"


def test_a_version_without_lines_or_without_some_months_is_refused(plan):
    lines = plan("""
        | version_id | owner_id | account | jan_jun | jul_dec |
        | 2026-B1    | SA-E     | travel  | 100     | 100     |
        | 2026-B2    | SA-E     | travel  | 100     | 150     |
    """)
    second_half = lines[(lines["version_id"] == "2026-B1") | (lines["month"] >= "2026-07")]
    assert len(lines_of(second_half, version_id="2026-B1")) == 12
    with pytest.raises(DataError, match=r"2026-B2 has no lines in 2026-01, .* and 1 more"):
        lines_of(second_half, version_id="2026-B2")
    with pytest.raises(DataError, match="2026-B9 has no lines"):
        lines_of(second_half, version_id="2026-B9")
