"""The identities of a budget variance: totals and parts, postings, and lines of the versions."""

from __future__ import annotations

import pandas as pd

from bizlab.budget.accounts import PLACE, TOTAL
from bizlab.budget.variance.variance import PERIODS, VARIANCE
from bizlab.budget.versions import version_in_force
from bizlab.contracts.check import Check
from bizlab.labels import Label
from bizlab.periods import Month
from bizlab.units.kinds import Unit


def variance_checks(
    variances: pd.DataFrame, lines: pd.DataFrame, actuals: pd.DataFrame, versions: pd.DataFrame, *, month: Month
) -> list[Check]:
    """Totals equal their parts; spending equals the postings; the budget equals the lines in force.

    Parameters
    ----------
    variances : from `variance`, for the same ``month``.
    lines, actuals, versions : the tables that it was made of.
    """
    checks = [
        _totals(variances, period, column, over)
        for period in PERIODS
        for column in ("budget_fen", "actual_fen", "variance_fen")
        for over in PLACE
    ]
    checks += [_grand_total(variances, period, column) for period in PERIODS for column in ("budget_fen", "actual_fen")]
    for period, months in (("month", [month]), ("ytd", month.year_to_date)):
        checks += [
            _postings(variances, period, actuals, months),
            _lines_in_force(variances, period, lines, versions, months),
        ]
    return checks


def _totals(variances: pd.DataFrame, period: str, column: str, over: str) -> Check:
    """The totals over one dimension add up to the sum of the parts."""
    rows = variances[variances["period"] == period]
    other = "account" if over == "owner_id" else "owner_id"
    totals = rows[(rows[over] != TOTAL) & (rows[other] == TOTAL)]
    when, amount, dimension = PERIODS[period], VARIANCE[column].label, VARIANCE[over].label
    return Check(
        key=f"variance.{period}.{column}.{over}",
        label=Label(
            f"{when.zh}{amount.zh}:各{dimension.zh}合计之和 = 明细之和",
            f"{when.en}, {amount.en.lower()}: totals by {dimension.en.lower()} = sum of the parts",
        ),
        left=int(totals[column].sum()),
        right=int(rows.loc[~rows["is_total"], column].sum()),
        unit=Unit.FEN,
    )


def _grand_total(variances: pd.DataFrame, period: str, column: str) -> Check:
    rows = variances[variances["period"] == period]
    when, amount = PERIODS[period], VARIANCE[column].label
    return Check(
        key=f"variance.{period}.{column}.total",
        label=Label(
            f"{when.zh}{amount.zh}:总金额 = 明细之和", f"{when.en}, {amount.en.lower()}: grand total = sum of the parts"
        ),
        left=_whole(variances, period, column),
        right=int(rows.loc[~rows["is_total"], column].sum()),
        unit=Unit.FEN,
    )


def _postings(variances: pd.DataFrame, period: str, actuals: pd.DataFrame, months: list[Month]) -> Check:
    first, last = pd.Timestamp(months[0].first), pd.Timestamp(months[-1].last)
    dated = actuals[(actuals["posted_on"] >= first) & (actuals["posted_on"] <= last)]
    when = PERIODS[period]
    return Check(
        key=f"variance.{period}.postings",
        label=Label(f"{when.zh}实际 = 入账之和", f"{when.en}: actual = sum of the postings dated in it"),
        left=_whole(variances, period, "actual_fen"),
        right=int(dated["amount_fen"].sum()),
        unit=Unit.FEN,
    )


def _lines_in_force(
    variances: pd.DataFrame, period: str, lines: pd.DataFrame, versions: pd.DataFrame, months: list[Month]
) -> Check:
    amounts = lines.set_index(["version_id", "month"])["amount_fen"].sort_index()
    held = [amounts.loc[(version_in_force(versions, on=one.last), str(one))].sum() for one in months]
    when = PERIODS[period]
    return Check(
        key=f"variance.{period}.lines",
        label=Label(
            f"{when.zh}预算 = 各月末生效版本的预算之和",
            f"{when.en}: budget = lines of the version in force at the end of each month",
        ),
        left=_whole(variances, period, "budget_fen"),
        right=int(sum(held)),
        unit=Unit.FEN,
    )


def _whole(variances: pd.DataFrame, period: str, column: str) -> int:
    is_whole = (variances["owner_id"] == TOTAL) & (variances["account"] == TOTAL) & (variances["period"] == period)
    return int(variances.loc[is_whole, column].sum())
