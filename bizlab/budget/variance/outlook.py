"""Where the year ends if the months left go as budgeted: arithmetic, not a forecast."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from bizlab.budget.accounts import ACCOUNT, IS_TOTAL, TOTAL, Nature, refuse_unknown
from bizlab.budget.variance.variance import REASONS, rate_of
from bizlab.budget.versions import lines_of
from bizlab.contracts.columns import column, ratio, table
from bizlab.contracts.finding import Finding
from bizlab.contracts.says import says
from bizlab.periods import Month

OUTLOOK = table(
    "outlook",
    "全年展望(按预算) | Budget-based outlook for the year",
    "每个科目一行,末行为总金额 | one row per account, the last the total",
    ACCOUNT,
    column("actual_fen", "累计实际 | Actual to date"),
    column("remaining_fen", "剩余月份预算 | Budget of the months left"),
    column("outlook_fen", "全年展望 | Outlook for the year"),
    column(
        "budget_fen",
        "现行全年预算 | Full-year budget in force",
        "期末生效版本的全年预算 | all months of the version in force at the end of the month",
    ),
    column("variance_fen", "全年偏差额 | Variance of the year"),
    ratio(
        "variance_rate",
        "全年偏差率 | Variance rate of the year",
        "全年偏差额 ÷ 现行全年预算的绝对值 | variance ÷ size of the full-year budget",
        missing=REASONS,
    ),
    column(
        "restated_fen",
        "追溯调整 | Restated",
        "已过月份在现行版本中的预算 − 当时生效的预算 | "
        "budget of the months passed in the version in force − as it was in force then",
    ),
    column("ytd_variance_fen", "累计偏差额 | Variance to date"),
    IS_TOTAL,
    key="account",
    sums={
        "outlook_fen = actual_fen + remaining_fen": "展望 = 累计实际 + 剩余预算 | outlook = actual + budget left",
        "variance_fen = outlook_fen - budget_fen": "全年偏差 = 展望 − 全年预算 | variance = outlook − full-year budget",
        "ytd_variance_fen = variance_fen + restated_fen": (
            "累计偏差 = 全年偏差 + 追溯调整 | variance to date = variance of the year + restated"
        ),
    },
)


def outlook(
    by_month: pd.DataFrame, lines: pd.DataFrame, *, version_id: str, month: Month, accounts: Mapping[str, Nature]
) -> pd.DataFrame:
    """Spending to date and the budget of the months left, against the full-year budget in force: `OUTLOOK`.

    Parameters
    ----------
    by_month : from `monthly`, the months of the year up to ``month``.
    lines : under the contract ``budget_lines``.
    version_id : the version in force at the end of ``month``.
    accounts : in the order of the budget table, with the nature of each.

    Raises
    ------
    DataError : the version has no lines, or none in some month; an account that is not given.
    """
    mine = lines_of(lines, version_id=version_id)
    for name, rows in (("budget_lines", mine), ("monthly", by_month)):
        refuse_unknown(rows, accounts, place=name)
    ahead = mine["month"] > str(month)
    sums = {
        "actual_fen": by_month.groupby("account")["actual_fen"].sum(),
        "then_fen": by_month.groupby("account")["budget_fen"].sum(),
        "passed_fen": mine[~ahead].groupby("account")["amount_fen"].sum(),
        "remaining_fen": mine[ahead].groupby("account")["amount_fen"].sum(),
    }
    table = pd.DataFrame({name: amounts.reindex(list(accounts), fill_value=0) for name, amounts in sums.items()})
    table.loc[TOTAL] = table.sum()
    table = table.rename_axis("account").reset_index()
    table["budget_fen"] = table["passed_fen"] + table["remaining_fen"]
    table["outlook_fen"] = table["actual_fen"] + table["remaining_fen"]
    table["variance_fen"] = table["outlook_fen"] - table["budget_fen"]
    return OUTLOOK.conform(
        table.assign(
            variance_rate=rate_of(table["variance_fen"], table["budget_fen"]),
            variance_rate_reason=pd.Series("no_plan", index=table.index).where(table["budget_fen"] == 0),
            restated_fen=table["passed_fen"] - table["then_fen"],
            ytd_variance_fen=table["actual_fen"] - table["then_fen"],
            is_total=table["account"] == TOTAL,
        )
    )


def outlook_findings(outlooks: pd.DataFrame, *, materiality_rate: float, materiality_fen: int) -> list[Finding]:
    """Where the year ends if the months left go as budgeted.

    Parameters
    ----------
    outlooks : from `outlook`.
    materiality_rate, materiality_fen : material above both, share of the full-year budget and fen.
    """
    (row,) = outlooks[outlooks["is_total"]].to_dict("records")
    size = abs(row["variance_fen"])
    return [
        says(
            row,
            OUTLOOK,
            "若剩余月份按预算支出,全年为 {outlook_fen},"
            "与现行全年预算 {budget_fen} 相差 {variance_fen}({variance_rate}) | "
            "if the months left go as budgeted the year ends at {outlook_fen}, {variance_fen} ({variance_rate}) from "
            "the full-year budget in force of {budget_fen}",
            key="outlook",
            direction="bad" if row["variance_fen"] > 0 else "good" if row["variance_fen"] < 0 else "neutral",
            material=size > max(materiality_fen, materiality_rate * abs(row["budget_fen"])),
            weight=float(size),
            basis="按预算推算,不是预测 | budgeted, not forecast",
        )
    ]
