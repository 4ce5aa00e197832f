"""The budget report as managers read it: month and year to date side by side, by account or by owner."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from bizlab.budget.accounts import ACCOUNT, IS_TOTAL, OWNER, TOTAL
from bizlab.budget.variance.variance import PERIODS, REASONS, VARIANCE
from bizlab.contracts.column import Column
from bizlab.contracts.columns import column, ratio, table, words
from bizlab.contracts.table import Table

_SHORT = words(month="本月 | Month", ytd="累计 | YTD")
_AMOUNTS = ("budget_fen", "actual_fen", "variance_fen")


def _of_period(period: str) -> tuple[Column, ...]:
    """The columns of `VARIANCE` that a statement shows, under the name of a period."""
    when, rate = _SHORT[period], VARIANCE["variance_rate"]
    amounts = (
        column(f"{period}_{of.name}", f"{when.zh}{of.label.zh} | {when.en}: {of.label.en.lower()}", of.definition)
        for of in map(VARIANCE.__getitem__, _AMOUNTS)
    )
    label = f"{when.zh}偏差率 | {when.en}: rate"
    return (*amounts, *ratio(f"{period}_{rate.name}", label, rate.definition, missing=REASONS))


def _statement(name: str, label: str, grain: str, first: Column) -> Table:
    """A contract with the amounts of every period beside each other."""
    sums = {
        f"{period}_variance_fen = {period}_actual_fen - {period}_budget_fen": (
            f"{when.zh}:偏差额 = 实际 − 预算 | {when.en}: variance = actual − budget"
        )
        for period, when in PERIODS.items()
    }
    return table(name, label, grain, first, map(_of_period, PERIODS), IS_TOTAL, key=first.name, sums=sums)


BY_ACCOUNT = _statement(
    "by_account",
    "各科目预算执行 | Budget and spending by account",
    "每个科目一行,末行为总金额 | one row per account, the last the total",
    ACCOUNT,
)
BY_OWNER = _statement(
    "by_owner",
    "各责任单元预算执行 | Budget and spending by owner",
    "每个责任单元一行,末行为总金额 | one row per owner, the last the total",
    OWNER,
)


def by_account(variances: pd.DataFrame, *, accounts: Iterable[str]) -> pd.DataFrame:
    """The totals of every account of `VARIANCE`, those without plan and spending too, then the total: `BY_ACCOUNT`."""
    totals = variances[variances["owner_id"] == TOTAL]
    return _side_by_side(totals, BY_ACCOUNT, [*accounts, TOTAL])


def by_owner(variances: pd.DataFrame) -> pd.DataFrame:
    """The totals of each owner in `VARIANCE`: `BY_OWNER`."""
    totals = variances[variances["account"] == TOTAL]
    owners = sorted(set(totals["owner_id"]) - {TOTAL})
    return _side_by_side(totals, BY_OWNER, [*owners, TOTAL])


def _side_by_side(totals: pd.DataFrame, contract: Table, order: list[str]) -> pd.DataFrame:
    """One row per account or owner; where a period holds nothing, nothing was planned and nothing spent."""
    (key,) = contract.key
    sides = {}
    for period in PERIODS:
        side = totals[totals["period"] == period].set_index(key).reindex(order)
        for name in _AMOUNTS:
            sides[f"{period}_{name}"] = side[name].fillna(0).astype("int64")
        sides[f"{period}_variance_rate"] = side["variance_rate"]
        sides[f"{period}_variance_rate_reason"] = pd.Series("no_plan", index=side.index).where(
            side["variance_rate"].isna()
        )
    frame = pd.DataFrame(sides).rename_axis(key).reset_index()
    return contract.conform(frame.assign(is_total=frame[key] == TOTAL))
