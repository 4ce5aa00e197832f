"""Budget and spending month by month, each month under the version in force at its end."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from bizlab.budget.accounts import ACCOUNT, OWNER, PLACE
from bizlab.budget.versions import IN_FORCE_BY_MONTH, in_force_by_month, lines_of
from bizlab.contracts.columns import column, reason, table, words
from bizlab.periods import Month

MONTHLY = table(
    "monthly",
    "各月预算与支出 | Budget and spending by month",
    "每月、责任单元、科目一行 | one row per month, owner and account",
    column("month", "月份 | Month"),
    OWNER,
    ACCOUNT,
    column("budget_fen", "预算 | Budget"),
    column("actual_fen", "实际 | Actual"),
    key="month owner_id account",
)
_NOT_YET = words(not_yet="尚未发生 | not yet")

TREND = table(
    "trend",
    "全年各月与累计 | Months of the year, and cumulative",
    "全年每月一行 | one row per month of the year",
    MONTHLY["month"],
    IN_FORCE_BY_MONTH["version_id"],
    MONTHLY["budget_fen"],
    column("actual_fen", "实际 | Actual", nullable=True),
    reason("actual_fen", _NOT_YET),
    column("budget_to_date_fen", "累计预算 | Budget to date"),
    column("actual_to_date_fen", "累计实际 | Actual to date", nullable=True),
    reason("actual_to_date_fen", _NOT_YET),
    key="month",
)

LINES = words(budget="累计预算 | Budget to date", actual="累计实际 | Actual to date")
TREND_LINES = table(
    "trend_lines",
    "累计预算与累计实际 | Budget and actual to date",
    "每月、每条线一行 | one row per month and line",
    MONTHLY["month"],
    column("line", "线 | Line", choices=LINES),
    column("amount_fen", "累计金额 | Amount to date", nullable=True),
    key="month line",
)


def monthly(
    lines: pd.DataFrame, actuals: pd.DataFrame, versions: pd.DataFrame, *, months: Sequence[Month]
) -> pd.DataFrame:
    """Budget and spending of each month, owner and account: `MONTHLY`.

    Parameters
    ----------
    lines, actuals, versions : under the contracts ``budget_lines``, ``actual_lines``, ``budget_versions``.
    months : the months wanted; lines and postings of others are left out.

    Raises
    ------
    DataError : no version is in force at the end of a month, or the one in force has no lines.
    """
    in_force = in_force_by_month(versions, months=months)
    version_ids = sorted(set(in_force["version_id"]))
    budgets = pd.concat([lines_of(lines, version_id=version_id) for version_id in version_ids], ignore_index=True)
    planned = budgets.merge(in_force, on=["month", "version_id"])
    posted = actuals.assign(month=actuals["posted_on"].dt.strftime("%Y-%m"))
    posted = posted[posted["month"].isin(in_force["month"])]
    sums = {"budget_fen": _sums(planned), "actual_fen": _sums(posted)}
    return MONTHLY.conform(pd.concat(sums, axis=1).fillna(0).sort_index().reset_index())


def _sums(rows: pd.DataFrame) -> pd.Series[int]:
    """Whole fen throughout: a nullable column would otherwise turn into floats."""
    return rows.groupby(["month", *PLACE])["amount_fen"].sum().astype("Int64")


def trend(by_month: pd.DataFrame, lines: pd.DataFrame, versions: pd.DataFrame, *, month: Month) -> pd.DataFrame:
    """The whole year month by month, and cumulative: `TREND`.

    Months after ``month`` have the budget in force at the end of ``month`` and no spending yet.

    Parameters
    ----------
    by_month : from `monthly`, the months of the year up to ``month``.
    lines, versions : as for `monthly`.
    """
    passed = in_force_by_month(versions, months=month.year_to_date)
    now = str(passed["version_id"].iloc[-1])
    to_come = [str(later) for later in month.shift(1).to(Month(month.year, 12))]
    version_ids = [*passed["version_id"], *[now] * len(to_come)]
    year = pd.DataFrame({"month": [*passed["month"], *to_come], "version_id": version_ids})
    sums = by_month.groupby("month")[["budget_fen", "actual_fen"]].sum()
    planned = lines_of(lines, version_id=now).groupby("month")["amount_fen"].sum()
    budget = year["month"].map(pd.concat([sums["budget_fen"], planned[to_come]])).astype("int64")
    actual = year["month"].map(sums["actual_fen"]).astype("Int64")
    reason = pd.Series("not_yet", index=year.index).where(actual.isna())
    return TREND.conform(
        year.assign(
            budget_fen=budget,
            actual_fen=actual,
            actual_fen_reason=reason,
            budget_to_date_fen=budget.cumsum(),
            actual_to_date_fen=actual.cumsum(),
            actual_to_date_fen_reason=reason,
        )
    )


def trend_lines(year: pd.DataFrame) -> pd.DataFrame:
    """The two cumulative lines of a chart, from `TREND`: `TREND_LINES`."""
    return TREND_LINES.stacked(year.assign(line=line, amount_fen=year[f"{line}_to_date_fen"]) for line in LINES)
