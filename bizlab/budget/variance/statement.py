"""The budget report as managers read it: month and year to date side by side, by account or by owner."""

from __future__ import annotations

import pandas as pd

from bizlab.budget.accounts import ACCOUNT, ACCOUNTS, IS_TOTAL, OWNER, TOTAL
from bizlab.budget.variance.variance import PERIODS, REASONS, VARIANCE
from bizlab.contracts.column import Column
from bizlab.contracts.table import Identity, Table
from bizlab.labels import Label
from bizlab.units.kinds import Unit

_SHORT = {"month": Label("本月", "Month"), "ytd": Label("累计", "YTD")}
_WORDS = {"variance_rate": Label("偏差率", "Rate")}
_SHOWN = ("budget_fen", "actual_fen", "variance_fen", "variance_rate", "variance_rate_reason")


def _statement(name: str, label: Label, grain: Label, first: Column) -> Table:
    """A contract with the amounts of every period beside each other."""
    columns = [_of_period(VARIANCE[column], period) for period in PERIODS for column in _SHOWN]
    return Table(
        name=name,
        label=label,
        grain=grain,
        key=(first.name,),
        columns=(first, *columns, IS_TOTAL),
        identities=tuple(
            Identity(
                f"{period}_variance_fen = {period}_actual_fen - {period}_budget_fen",
                Label(f"{words.zh}:偏差额 = 实际 − 预算", f"{words.en}: variance = actual − budget"),
            )
            for period, words in PERIODS.items()
        ),
    )


def _of_period(column: Column, period: str) -> Column:
    when, what = _SHORT[period], _WORDS.get(column.name, column.label)
    return Column(
        f"{period}_{column.name}",
        column.unit,
        Label(f"{when.zh}{what.zh}", f"{when.en}: {what.en.lower()}"),
        column.nullable,
        definition=column.definition,
        choice_labels=REASONS if column.unit is Unit.CODE else None,
    )


BY_ACCOUNT = _statement(
    "by_account",
    Label("各科目预算执行", "Budget and spending by account"),
    Label("每个科目一行,末行为总金额", "one row per account, the last the total"),
    ACCOUNT,
)
BY_OWNER = _statement(
    "by_owner",
    Label("各责任单元预算执行", "Budget and spending by owner"),
    Label("每个责任单元一行,末行为总金额", "one row per owner, the last the total"),
    OWNER,
)


def by_account(variances: pd.DataFrame) -> pd.DataFrame:
    """The totals of each account: `BY_ACCOUNT`.

    Parameters
    ----------
    variances : from `variance`.

    Returns
    -------
    All accounts in the order of the budget table, also those without plan and spending, then the total.
    """
    totals = variances[variances["owner_id"] == TOTAL]
    return _side_by_side(totals, BY_ACCOUNT, [*ACCOUNTS, TOTAL])


def by_owner(variances: pd.DataFrame) -> pd.DataFrame:
    """The totals of each owner: `BY_OWNER`.

    Parameters
    ----------
    variances : from `variance`.
    """
    totals = variances[variances["account"] == TOTAL]
    owners = sorted(set(totals["owner_id"]) - {TOTAL})
    return _side_by_side(totals, BY_OWNER, [*owners, TOTAL])


def _side_by_side(totals: pd.DataFrame, contract: Table, order: list[str]) -> pd.DataFrame:
    """One row per account or owner; where a period holds nothing, nothing was planned and nothing spent."""
    (key,) = contract.key
    sides = {}
    for period in PERIODS:
        side = totals[totals["period"] == period].set_index(key).reindex(order)
        for column in _SHOWN[:3]:
            sides[f"{period}_{column}"] = side[column].fillna(0).astype("int64")
        sides[f"{period}_variance_rate"] = side["variance_rate"]
        sides[f"{period}_variance_rate_reason"] = pd.Series("no_plan", index=side.index).where(
            side["variance_rate"].isna()
        )
    frame = pd.DataFrame(sides).rename_axis(key).reset_index()
    return contract.conform(frame.assign(is_total=frame[key] == TOTAL))
