"""Spending against the budget: amount and rate, by account and owner, for the month and the year to date.

The year to date is the sum of its months, each under the version that was in force at its end; what an
adjustment makes of the whole year is shown by `outlook`. This is the static-budget variance of Horngren,
Datar and Rajan, *Cost Accounting: A Managerial Emphasis*, chapter 7; a flexible budget needs quantities,
which these tables do not hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product

import pandas as pd

from bizlab.budget.accounts import ACCOUNT, IS_TOTAL, OWNER, PLACE, TOTAL, Nature, refuse_unknown
from bizlab.budget.versions import version_in_force
from bizlab.contracts.check import Check
from bizlab.contracts.columns import column, ratio, table, words
from bizlab.contracts.finding import Direction, Finding, Ref
from bizlab.contracts.says import says
from bizlab.errors import DataError
from bizlab.labels import Label
from bizlab.periods import Month
from bizlab.units.kinds import Unit

PERIODS = words(month="本月 | Month", ytd="本年累计 | Year to date")
VERDICTS = words(adverse="不利 | Adverse", favourable="有利 | Favourable", level="持平 | On budget")
CASES = words(
    planned="有预算有支出 | planned and spent",
    unplanned="无预算支出 | spend without plan",
    unspent="有预算未支出 | plan without spend",
    idle="无预算无支出 | neither planned nor spent",
)
REASONS = words(no_plan="无预算,比率无定义 | no plan, the rate is not defined")
AMOUNTS = ["budget_fen", "actual_fen"]
IS_VARIANCE = {"variance_fen = actual_fen - budget_fen": "偏差额 = 实际 − 预算 | variance = actual − budget"}

VARIANCE = table(
    "variance",
    "预算偏差 | Budget variance",
    "每期间、责任单元、科目一行,含合计 | one row per period, owner and account, with totals",
    column("period", "期间 | Period", choices=PERIODS),
    OWNER,
    ACCOUNT,
    column("budget_fen", "预算 | Budget"),
    column("actual_fen", "实际 | Actual"),
    column("variance_fen", "偏差额 | Variance", "实际 − 预算 | actual − budget"),
    ratio(
        "variance_rate",
        "预算偏差率 | Variance rate",
        "偏差额 ÷ 预算的绝对值 | variance ÷ size of the budget",
        missing=REASONS,
    ),
    column(
        "verdict",
        "判断 | Verdict",
        "费用超预算为不利,收入超预算为有利 | above budget: adverse for an expense, favourable for revenue",
        choices=VERDICTS,
    ),
    column("is_favourable", "是否有利 | Favourable", nullable=True),
    column(
        "is_material",
        "是否重大 | Material",
        "偏差率与偏差额的绝对值都超过阈值;无预算时只看金额 | "
        "size of rate and of amount both above their thresholds; without a plan the amount alone",
    ),
    column("case", "情形 | Case", choices=CASES),
    IS_TOTAL,
    key="period owner_id account",
    sums=IS_VARIANCE,
)

MOST_NAMED = 3
_DIRECTIONS: dict[str, Direction] = {"adverse": "bad", "favourable": "good", "level": "neutral"}
_BASIS = (
    "与当月末生效的预算相比;偏差率与偏差额均超过阈值为重大,无预算时只看金额 | "
    "against the budget in force at the end of each month; material above both thresholds, rate and amount, "
    "or the amount alone without a plan"
)
_SENTENCES = {
    "total": "{period}费用 {actual_fen},预算 {budget_fen},偏差 {variance_fen}(预算偏差率 {variance_rate}) | "
    "{period}: {actual_fen} spent of {budget_fen} budgeted, variance {variance_fen} (rate {variance_rate})",
    "above": "{period}{owner_id}的{account}超预算 {variance_fen}({variance_rate}) | "
    "{period}, {owner_id}: {account} is {variance_fen} above budget ({variance_rate})",
    "still_above": "{period}{owner_id}的{account}超预算 {variance_fen}({variance_rate}),"
    "已连续 {n_months_over} 个月超预算 | "
    "{period}, {owner_id}: {account} is {variance_fen} above budget ({variance_rate}), "
    "for {n_months_over} months in a row",
    "below": "{period}{owner_id}的{account}低于预算,偏差 {variance_fen}({variance_rate}),需确认是节约还是推迟 | "
    "{period}, {owner_id}: {account} is below budget by a variance of {variance_fen} ({variance_rate}); "
    "saved, or only postponed?",
    "unplanned": "{period}{owner_id}的{account}发生 {actual_fen},没有预算 | "
    "{period}, {owner_id}: {actual_fen} spent on {account} without a plan",
    "unspent": "{period}{owner_id}的{account}有预算 {budget_fen},没有支出 | "
    "{period}, {owner_id}: {budget_fen} planned for {account}, nothing spent",
}


def variance(
    by_month: pd.DataFrame,
    *,
    month: Month,
    materiality_rate: float,
    materiality_fen: int,
    accounts: Mapping[str, Nature],
) -> pd.DataFrame:
    """Variances of the month and of the year to date, with totals by owner, by account and of all: `VARIANCE`.

    Parameters
    ----------
    by_month : from `monthly`, the months of the year up to ``month``.
    materiality_rate, materiality_fen : a variance is material above both, share of the budget and fen.
    accounts : in the order of the budget table, with the nature of each.

    Returns
    -------
    Month before year to date; owners by id and the total last; accounts as they are given.

    Raises
    ------
    DataError : nothing was posted in the month; an account that is not given; expense and revenue are mixed,
        whose sum would mean nothing.

    >>> by_month = pd.DataFrame({"month": "2026-03", "owner_id": "SA-W", "account": ["travel", "training"],
    ...                          "budget_fen": [100_00, 0], "actual_fen": [96_00, 20_00]})
    >>> accounts = {"travel": "expense", "training": "expense"}
    >>> variances = variance(
    ...     by_month, month=Month(2026, 3), materiality_rate=0.05, materiality_fen=10_00, accounts=accounts
    ... )
    >>> variances.loc[:2, ["account", "variance_fen", "variance_rate", "verdict", "is_material"]]
        account  variance_fen  variance_rate     verdict  is_material
    0    travel          -400          -0.04  favourable        False
    1  training          2000            NaN     adverse         True
    2     total          1600           0.16     adverse         True
    """
    _refuse(by_month, month, accounts)
    ytd = by_month.groupby(PLACE, as_index=False)[AMOUNTS].sum().assign(period="ytd")
    now = by_month[by_month["month"] == str(month)].assign(period="month")
    detail = pd.concat([now, ytd], ignore_index=True)[["period", *PLACE, *AMOUNTS]]
    judged = judge(
        with_totals(detail, "period"),
        nature=accounts[by_month["account"].iloc[0]],
        materiality_rate=materiality_rate,
        materiality_fen=materiality_fen,
    )
    return VARIANCE.conform(in_order(judged, accounts, "period"))


def variance_findings(variances: pd.DataFrame, movements: pd.DataFrame) -> list[Finding]:
    """Month and year as a whole, the largest material variances, and spending and plans without the other.

    Parameters
    ----------
    variances, movements : from `variance` and `movement`.

    Returns
    -------
    For each period the total and at most three variances above and three below budget, the largest first, of
    equal ones in the order of the table; of the month every spending without a plan and every plan without spending.
    """
    n_months_over = movements.set_index(PLACE)["n_months_over"]
    is_whole = (variances["owner_id"] == TOTAL) & (variances["account"] == TOTAL)
    chosen = [("total", row) for row in variances[is_whole].to_dict("records")]
    parts = variances[~variances["is_total"]]
    material = parts[parts["is_material"] & (parts["case"] == "planned")]
    by_size = material.loc[material["variance_fen"].abs().sort_values(ascending=False, kind="stable").index]
    for period in PERIODS:
        largest = by_size[by_size["period"] == period]
        for side, rows in (("above", largest["variance_fen"] > 0), ("below", largest["variance_fen"] < 0)):
            chosen += [(side, row) for row in largest[rows].head(MOST_NAMED).to_dict("records")]
    for case in ("unplanned", "unspent"):
        rows = parts[(parts["period"] == "month") & (parts["case"] == case)]
        chosen += [(case, row) for row in rows.to_dict("records")]
    findings = []
    for kind, row in chosen:
        place = (row["owner_id"], row["account"])
        lasts = kind == "above" and row["period"] == "month" and n_months_over[place] > 1
        findings.append(
            says(
                row,
                VARIANCE,
                _SENTENCES["still_above" if lasts else kind],
                key="-".join((kind, row["period"], *place)),
                direction="neutral" if kind == "unspent" else _DIRECTIONS[row["verdict"]],
                material=bool(row["is_material"]),
                weight=abs(float(row["variance_fen"])),
                basis=_BASIS,
                n_months_over=Ref("movement", place, "n_months_over"),
            )
        )
    return findings


def variance_checks(
    variances: pd.DataFrame, lines: pd.DataFrame, actuals: pd.DataFrame, versions: pd.DataFrame, *, month: Month
) -> list[Check]:
    """Totals equal their parts; spending equals the postings; the budget equals the lines in force.

    Parameters
    ----------
    variances : from `variance`, for the same ``month``.
    lines, actuals, versions : the tables that it was made of.
    """
    amounts = [*AMOUNTS, "variance_fen"]
    of_owners, of_accounts = variances["account"] == TOTAL, variances["owner_id"] == TOTAL
    kinds = {
        "parts": ~variances["is_total"],
        "owner_id": of_owners & ~of_accounts,
        "account": of_accounts & ~of_owners,
        "whole": of_owners & of_accounts,
    }
    sums = {kind: variances[rows].groupby("period")[amounts].sum().to_dict("index") for kind, rows in kinds.items()}
    parts, whole = sums["parts"], sums["whole"]
    checks = []
    for period, name, each in product(PERIODS, amounts, PLACE):
        when, amount, dimension = PERIODS[period], VARIANCE[name].label, VARIANCE[each].label
        label = Label(
            f"{when.zh}{amount.zh}:各{dimension.zh}合计之和 = 明细之和",
            f"{when.en}, {amount.en.lower()}: totals by {dimension.en.lower()} = sum of the parts",
        )
        checks.append(_check(f"{period}.{name}.{each}", label, sums[each][period][name], parts[period][name]))
    for period, name in product(PERIODS, AMOUNTS):
        when, amount = PERIODS[period], VARIANCE[name].label
        label = Label(
            f"{when.zh}{amount.zh}:总金额 = 明细之和", f"{when.en}, {amount.en.lower()}: grand total = sum of the parts"
        )
        checks.append(_check(f"{period}.{name}.total", label, whole[period][name], parts[period][name]))
    budget = lines.set_index(["version_id", "month"])["amount_fen"].sort_index()
    for period, months in (("month", [month]), ("ytd", month.year_to_date)):
        when = PERIODS[period]
        is_dated = actuals["posted_on"].between(pd.Timestamp(months[0].first), pd.Timestamp(months[-1].last))
        posted = actuals.loc[is_dated, "amount_fen"].sum()
        label = Label(f"{when.zh}实际 = 入账之和", f"{when.en}: actual = sum of the postings dated in it")
        checks.append(_check(f"{period}.postings", label, whole[period]["actual_fen"], posted))
        planned = sum(
            budget.loc[(version_in_force(versions, on=each_month.last), str(each_month))].sum() for each_month in months
        )
        label = Label(
            f"{when.zh}预算 = 各月末生效版本的预算之和",
            f"{when.en}: budget = lines of the version in force at the end of each month",
        )
        checks.append(_check(f"{period}.lines", label, whole[period]["budget_fen"], planned))
    return checks


def _check(key: str, label: Label, left: int, right: int) -> Check:
    return Check(f"variance.{key}", label, int(left), int(right), Unit.FEN)


def with_totals(detail: pd.DataFrame, within: str) -> pd.DataFrame:
    """The rows, and their totals by owner, by account and of all within each period or month."""
    by_owner = detail.groupby([within, "owner_id"], as_index=False)[AMOUNTS].sum().assign(account=TOTAL)
    by_account = detail.groupby([within, "account"], as_index=False)[AMOUNTS].sum().assign(owner_id=TOTAL)
    of_all = detail.groupby(within, as_index=False)[AMOUNTS].sum().assign(owner_id=TOTAL, account=TOTAL)
    return pd.concat([detail, by_owner, by_account, of_all], ignore_index=True)


def in_order(rows: pd.DataFrame, accounts: Iterable[str], *first: str) -> pd.DataFrame:
    """Owners by id and the total last; accounts in their order, then the total."""
    ranks = {name: number for number, name in enumerate([*accounts, TOTAL])}
    keyed = rows.assign(last=rows["owner_id"] == TOTAL, rank=rows["account"].map(ranks))
    ordered = keyed.sort_values([*first, "last", "owner_id", "rank", "account"], kind="stable")
    return ordered.drop(columns=["last", "rank"]).reset_index(drop=True)


def judge(
    rows: pd.DataFrame, *, nature: Nature = "expense", materiality_rate: float, materiality_fen: int
) -> pd.DataFrame:
    """Variance, rate, verdict, materiality and case of rows that hold ``budget_fen`` and ``actual_fen``."""
    difference = rows["actual_fen"] - rows["budget_fen"]
    planned, spent = rows["budget_fen"] != 0, rows["actual_fen"] != 0
    rate = rate_of(difference, rows["budget_fen"])
    effect = -difference if nature == "expense" else difference
    verdict = pd.Series("level", index=rows.index).mask(effect < 0, "adverse").mask(effect > 0, "favourable")
    case = pd.Series("planned", index=rows.index).mask(~planned & spent, "unplanned")
    return rows.assign(
        variance_fen=difference,
        variance_rate=rate,
        variance_rate_reason=pd.Series("no_plan", index=rows.index).where(~planned),
        verdict=verdict,
        is_favourable=(effect > 0).astype("boolean").mask(effect == 0),
        is_material=(rate.abs().gt(materiality_rate) | ~planned) & difference.abs().gt(materiality_fen),
        case=case.mask(planned & ~spent, "unspent").mask(~planned & ~spent, "idle"),
        is_total=(rows["owner_id"] == TOTAL) | (rows["account"] == TOTAL),
    )


def rate_of(difference: pd.Series[int], budget: pd.Series[int]) -> pd.Series[float]:
    """Variance as a share of the budget's size; missing where the budget is zero.

    >>> rate_of(pd.Series([50, -5, 7]), pd.Series([-100, 100, 0])).tolist()
    [0.5, -0.05, nan]
    """
    return (difference / budget.abs().where(budget != 0)).astype("float64")


def _refuse(by_month: pd.DataFrame, month: Month, accounts: Mapping[str, Nature]) -> None:
    """Stop where no variance could be meant."""
    refuse_unknown(by_month, accounts, place="monthly")
    if len({accounts[account] for account in set(by_month["account"])}) > 1:
        raise DataError(
            "Expense and revenue stand in one budget, and their sum would mean nothing",
            place="table monthly, column account",
            fix="compute the variances of expense and of revenue accounts apart",
        )
    if not by_month.loc[by_month["month"] == str(month), "actual_fen"].any():
        raise DataError(
            f"Nothing was posted in {month}",
            place=f"table actual_lines, month {month}",
            fix="deliver the postings of the month, or choose a month that has them",
        )
