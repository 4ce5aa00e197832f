"""Versions of a budget: which one is in force on a date, and whether it came there in order.

A version passes through draft, reviewed, effective and year-end review; an adjustment through applied
for, reviewed and effective (BUD-1). It stays in force until the next version of its year takes effect,
so no two are in force at once. It holds the whole year: an adjusted version repeats what it leaves alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd

from bizlab.contracts.columns import code, column, table, text, words
from bizlab.contracts.finding import Finding
from bizlab.contracts.says import says
from bizlab.errors import DataError, some
from bizlab.periods import Month
from bizlab.tables import TABLES

STATUS_WORDS = TABLES["budget_versions"]["status"].words
IN_FORCE = ("effective", "adjustment_effective")
RESTS_ON = {
    "reviewed": ("draft", "adjustment_applied"),
    "effective": ("reviewed",),
    "adjustment_effective": ("reviewed",),
    "year_end_review": IN_FORCE,
}
"""For each status those of which at least one must come before it."""
PROBLEMS = words(
    skipped="缺少前一状态 | a status before it was never recorded",
    too_early="早于前一状态 | dated before the status it rests on",
    replaces="未经调整即替换生效版本 | replaces a version in force without an adjustment",
    adjusts_nothing="没有可调整的生效版本 | adjusts a year that has no version in force",
)

STATUS_EXCEPTIONS = table(
    "status_exceptions",
    "版本状态异常 | Versions out of order",
    "每个版本的每个异常状态一行 | one row per version and status out of order",
    code("version_id", "版本 | Version"),
    column("status", "状态 | Status", words=STATUS_WORDS),
    column("status_on", "日期 | Date"),
    text("decided_by", "责任人 | Decided by"),
    column("problem", "问题 | Problem", choices=PROBLEMS),
    key="version_id status",
)

IN_FORCE_BY_MONTH = table(
    "in_force",
    "各月生效的版本 | Version in force by month",
    "每月一行 | one row per month",
    column("month", "月份 | Month"),
    code(
        "version_id",
        "预算版本 | Budget version",
        "当月最后一天生效的版本 | the version in force on the last day of the month",
    ),
    key="month",
)


def version_in_force(versions: pd.DataFrame, *, on: date) -> str:
    """The budget of a date: the version of its year that was the last to take effect by then.

    Parameters
    ----------
    versions : under the contract ``budget_versions``, one row per version and change of status.
    on : the date; its calendar year is the budget year.

    Raises
    ------
    DataError : no version of the year is in force on the date, or two took effect on the same day.

    >>> frame = pd.DataFrame({"version_id": ["B1", "B2"], "year": ["2026", "2026"], "decided_by": ["CEO", "CEO"],
    ...     "status": ["effective", "adjustment_effective"], "status_on": pd.to_datetime(["2026-01-01", "2026-07-01"])})
    >>> version_in_force(frame, on=date(2026, 6, 30)), version_in_force(frame, on=date(2026, 7, 1))
    ('B1', 'B2')
    >>> version_in_force(frame, on=date(2025, 12, 31))
    Traceback (most recent call last):
    bizlab.errors.DataError: No budget of 2025 is in force on 2025-12-31. Where: table budget_versions, year 2025. \
Fix: record the day on which a version of the year took effect.
    """
    effective = _effective(versions, str(on.year))
    by_then = effective[effective["status_on"] <= pd.Timestamp(on)]
    if by_then.empty:
        raise DataError(
            f"No budget of {on.year} is in force on {on.isoformat()}",
            place=f"table budget_versions, year {on.year}",
            fix="record the day on which a version of the year took effect",
        )
    return _only(by_then[by_then["status_on"] == by_then["status_on"].max()])


def original_version(versions: pd.DataFrame, *, year: int) -> str:
    """The version with which a year began: the first to take effect.

    Raises
    ------
    DataError : the year has no version in force, or two took effect on the same day.
    """
    effective = _effective(versions, str(year))
    if effective.empty:
        return version_in_force(versions, on=date(year, 12, 31))
    return _only(effective[effective["status_on"] == effective["status_on"].min()])


def in_force_by_month(versions: pd.DataFrame, *, months: Sequence[Month]) -> pd.DataFrame:
    """The version with whose budget a month is compared: `IN_FORCE_BY_MONTH`.

    That is the one in force on the month's last day, so an adjustment in July does not rewrite June, and one
    that takes effect within a month holds for the whole of it.

    Raises
    ------
    DataError : no version is in force at the end of a month.
    """
    return IN_FORCE_BY_MONTH.frame((str(month), version_in_force(versions, on=month.last)) for month in months)


def lines_of(lines: pd.DataFrame, *, version_id: str) -> pd.DataFrame:
    """The lines of one version.

    Parameters
    ----------
    lines : under the contract ``budget_lines``, fen per version, account, owner and month.

    Raises
    ------
    DataError : the version has no lines at all, or none in some month of its year.
    """
    mine = lines[lines["version_id"] == version_id]
    years = sorted(set(mine["month"].str[:4]))
    whole_year = [str(month) for year in years for month in Month(int(year), 12).year_to_date]
    lacking = [month for month in whole_year if month not in set(mine["month"])]
    if mine.empty or lacking:
        raise DataError(
            f"The version {version_id} has no lines" + (f" in {some(lacking)}" if lacking else ""),
            place=f"table budget_lines, version {version_id}",
            fix="deliver its budget for all twelve months; an adjusted version repeats what it leaves alone",
        )
    return mine


def status_exceptions(versions: pd.DataFrame) -> pd.DataFrame:
    """Statuses that a version reached out of order: `STATUS_EXCEPTIONS`.

    A status rests on another that must be recorded on the same day or before it (see `RESTS_ON`); a year
    has one original version, and what follows it is an adjustment of a version in force.
    """
    ordered = versions.sort_values(["version_id", "status_on", "status"], kind="stable")
    problems = [(row, _problem(row, versions)) for row in ordered.to_dict("records")]
    return STATUS_EXCEPTIONS.frame({**row, "problem": problem} for row, problem in problems if problem)


def status_findings(exceptions: pd.DataFrame) -> list[Finding]:
    """Each status that a version reached out of order, from `STATUS_EXCEPTIONS`."""
    return [
        says(
            row,
            STATUS_EXCEPTIONS,
            "预算版本 {version_id} 的状态“{status}”({status_on}):{problem} | "
            "budget version {version_id}, status '{status}' on {status_on}: {problem}",
            key=f"out-of-order-{row['version_id']}-{row['status']}",
            direction="bad",
            basis="编制、评审、生效依次进行 | drafting, review and effect follow each other",
        )
        for row in exceptions.to_dict("records")
    ]


def _problem(row: dict[str, object], versions: pd.DataFrame) -> str | None:
    """What is wrong with one change of status."""
    same = versions[versions["version_id"] == row["version_id"]]
    before = same[same["status"].isin(RESTS_ON.get(str(row["status"]), ()))]
    if row["status"] in RESTS_ON and before.empty:
        return "skipped"
    if row["status"] in RESTS_ON and (before["status_on"] > row["status_on"]).all():
        return "too_early"
    effective = _effective(versions, str(row["year"]))
    earlier = effective[effective["status_on"] < row["status_on"]]
    if row["status"] == "effective" and (earlier["version_id"] != row["version_id"]).any():
        return "replaces"
    if row["status"] == "adjustment_effective" and "adjustment_applied" not in set(same["status"]):
        return "skipped"
    return "adjusts_nothing" if row["status"] == "adjustment_effective" and earlier.empty else None


def _effective(versions: pd.DataFrame, year: str) -> pd.DataFrame:
    return versions[(versions["year"] == year) & versions["status"].isin(IN_FORCE)]


def _only(took_effect: pd.DataFrame) -> str:
    names = sorted(set(took_effect["version_id"]))
    if len(names) > 1:
        day = took_effect["status_on"].iloc[0].date().isoformat()
        raise DataError(
            f"The versions {some(names)} took effect on the same day, so it is not known which is the budget",
            place=f"table budget_versions, {day}",
            fix="correct the day of one of them",
        )
    return str(names[0])
