"""Spending against the budget: amount and rate, by account and owner, for the month and the year to date.

The budget of a past month is the one that was in force on that month's last day, so an adjustment in July
does not rewrite June; the year to date is the sum of its months, each under its own version. What the
adjusted budget makes of the whole year is shown by `outlook`. Source of the layout: static-budget variance,
Horngren, Datar and Rajan, *Cost Accounting: A Managerial Emphasis*, chapter 7.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from bizlab.budget.versions import ACCOUNT, ACCOUNTS, IS_TOTAL, OWNER, TOTAL, version_in_force
from bizlab.checks import Check
from bizlab.contracts import Column, Identity, Table
from bizlab.labels import Label
from bizlab.periods import Month
from bizlab.units import Unit

PERIODS = {"month": Label("本月", "Month"), "ytd": Label("本年累计", "Year to date")}
VERDICTS = {
    "adverse": Label("不利", "Adverse"),
    "favourable": Label("有利", "Favourable"),
    "level": Label("持平", "On budget"),
}
CASES = {
    "planned": Label("有预算有支出", "planned and spent"),
    "unplanned": Label("无预算支出", "spend without plan"),
    "unspent": Label("有预算未支出", "plan without spend"),
}
REASONS = {"no_plan": Label("无预算,比率无定义", "no plan, the rate is not defined")}
_PLACE = ["owner_id", "account"]

MONTHLY = Table(
    name="monthly",
    label=Label("各月预算与支出", "Budget and spending by month"),
    grain=Label("每月、责任单元、科目一行", "one row per month, owner and account"),
    key=("month", "owner_id", "account"),
    columns=(
        Column("month", Unit.MONTH, Label("月份", "Month")),
        OWNER,
        ACCOUNT,
        Column("budget_fen", Unit.FEN, Label("预算", "Budget")),
        Column("actual_fen", Unit.FEN, Label("实际", "Actual")),
    ),
)

VARIANCE = Table(
    name="variance",
    label=Label("预算偏差", "Budget variance"),
    grain=Label("每期间、责任单元、科目一行,含合计", "one row per period, owner and account, with totals"),
    key=("period", "owner_id", "account"),
    columns=(
        Column("period", Unit.CODE, Label("期间", "Period"), choices=tuple(PERIODS), choice_labels=PERIODS),
        OWNER,
        ACCOUNT,
        Column("budget_fen", Unit.FEN, Label("预算", "Budget")),
        Column("actual_fen", Unit.FEN, Label("实际", "Actual")),
        Column(
            "variance_fen",
            Unit.FEN,
            Label("偏差额", "Variance"),
            definition=Label("实际 − 预算;费用超出为不利", "actual − budget; an expense above budget is adverse"),
        ),
        Column(
            "variance_rate",
            Unit.RATE,
            Label("预算偏差率", "Variance rate"),
            nullable=True,
            definition=Label("偏差额 ÷ 预算", "variance ÷ budget"),
        ),
        Column(
            "variance_rate_reason", Unit.CODE, Label("无定义的原因", "Why not defined"), True, choice_labels=REASONS
        ),
        Column("verdict", Unit.CODE, Label("判断", "Verdict"), choices=tuple(VERDICTS), choice_labels=VERDICTS),
        Column(
            "is_favourable",
            Unit.BOOL,
            Label("是否有利", "Favourable"),
            definition=Label("不超预算", "not above budget"),
        ),
        Column("is_material", Unit.BOOL, Label("是否重大", "Material")),
        Column("case", Unit.CODE, Label("情形", "Case"), choices=tuple(CASES), choice_labels=CASES),
        Column(
            "n_adverse_months",
            Unit.COUNT,
            Label("连续不利月数", "Months adverse in a row"),
            definition=Label("截至本月连续超预算的月数", "months in a row, up to this one, above budget"),
        ),
        IS_TOTAL,
    ),
    identities=(
        Identity("variance_fen = actual_fen - budget_fen", Label("偏差额 = 实际 − 预算", "variance = actual − budget")),
    ),
)

OFFSETS = Table(
    name="offsets",
    label=Label("被节约掩盖的超支", "Overspending hidden by a saving"),
    grain=Label("每个被掩盖的科目一行", "one row per hidden account"),
    key=("owner_id", "account"),
    columns=(
        OWNER,
        ACCOUNT,
        VARIANCE["variance_fen"],
        VARIANCE["variance_rate"],
        Column(
            "saved_on",
            Unit.CODE,
            Label("由此科目的节约掩盖", "Hidden by the saving on"),
            choice_labels=ACCOUNT.choice_labels,
        ),
        Column("saving_fen", Unit.FEN, Label("节约额", "Saving")),
        Column("owner_variance_fen", Unit.FEN, Label("责任单元合计偏差", "Variance of the owner in total")),
    ),
)

TREND = Table(
    name="trend",
    label=Label("全年各月与累计", "Months of the year, and cumulative"),
    grain=Label("每月一行", "one row per month"),
    key=("month",),
    columns=(
        MONTHLY["month"],
        MONTHLY["budget_fen"],
        MONTHLY["actual_fen"],
        Column("budget_to_date_fen", Unit.FEN, Label("累计预算", "Budget to date")),
        Column("actual_to_date_fen", Unit.FEN, Label("累计实际", "Actual to date")),
    ),
)

OUTLOOK = Table(
    name="outlook",
    label=Label("全年展望(按预算)", "Full-year outlook (budget-based)"),
    grain=Label("每个科目一行,末行为总金额", "one row per account, the last the total"),
    key=("account",),
    columns=(
        ACCOUNT,
        Column("actual_fen", Unit.FEN, Label("累计实际", "Actual to date")),
        Column("remaining_fen", Unit.FEN, Label("剩余月份预算", "Budget of the months left")),
        Column("outlook_fen", Unit.FEN, Label("全年展望", "Full-year outlook")),
        Column("budget_fen", Unit.FEN, Label("现行全年预算", "Full-year budget in force")),
        Column("variance_fen", Unit.FEN, Label("全年偏差", "Full-year variance")),
        IS_TOTAL,
    ),
    identities=(
        Identity(
            "outlook_fen = actual_fen + remaining_fen",
            Label("展望 = 累计实际 + 剩余预算", "outlook = actual + budget left"),
        ),
        Identity("variance_fen = outlook_fen - budget_fen", Label("偏差 = 展望 − 预算", "variance = outlook − budget")),
    ),
)


def monthly(
    lines: pd.DataFrame, actuals: pd.DataFrame, versions: pd.DataFrame, *, months: Sequence[Month]
) -> pd.DataFrame:
    """Budget and spending of each month, every month under the version in force on its last day: `MONTHLY`.

    Parameters
    ----------
    lines, actuals, versions : under the contracts ``budget_lines``, ``actual_lines``, ``budget_versions``.
    months : the months wanted; postings outside them are left out.

    Raises
    ------
    DataError : no version is in force at the end of a month.
    """
    in_force = pd.DataFrame(
        [(str(month), version_in_force(versions, on=month.last)) for month in months],
        columns=["month", "version_id"],
        dtype="str",
    )
    planned = lines.merge(in_force, on=["month", "version_id"])
    posted = actuals.assign(month=actuals["posted_on"].dt.strftime("%Y-%m"))
    posted = posted[posted["month"].isin(in_force["month"])]
    place = ["month", *_PLACE]
    budget = planned.groupby(place)["amount_fen"].sum().rename("budget_fen")
    actual = posted.groupby(place)["amount_fen"].sum().rename("actual_fen")
    both = pd.concat([budget, actual], axis=1).fillna(0).sort_index().reset_index()
    return MONTHLY.conform(both)


def variance(by_month: pd.DataFrame, *, month: Month, materiality_rate: float, materiality_fen: int) -> pd.DataFrame:
    """Variances of the month and of the year to date, with totals by owner, by account and of all: `VARIANCE`.

    A variance is material when it passes both thresholds; one without a plan has no rate and is
    material by its amount alone.

    Parameters
    ----------
    by_month : from `monthly`, the months of the year up to ``month``.
    materiality_rate : share of the budget; materiality_fen : amount in fen.
    """
    ytd = by_month.groupby(_PLACE, as_index=False)[["budget_fen", "actual_fen"]].sum().assign(period="ytd")
    now = by_month[by_month["month"] == str(month)].assign(period="month")
    detail = pd.concat([now, ytd], ignore_index=True)[["period", *_PLACE, "budget_fen", "actual_fen"]]
    whole = _with_totals(detail, ["period"])
    runs = _with_totals(by_month, ["month"])
    whole = whole.merge(_months_adverse(runs, month), on=_PLACE, how="left")
    judged = _judged(whole, materiality_rate, materiality_fen)
    return VARIANCE.conform(_in_order(judged))


def _with_totals(detail: pd.DataFrame, within: list[str]) -> pd.DataFrame:
    """The rows with totals by owner, by account and of all, within each period."""
    amounts = ["budget_fen", "actual_fen"]
    by_owner = detail.groupby([*within, "owner_id"], as_index=False)[amounts].sum().assign(account=TOTAL)
    by_account = detail.groupby([*within, "account"], as_index=False)[amounts].sum().assign(owner_id=TOTAL)
    of_all = detail.groupby(within, as_index=False)[amounts].sum().assign(owner_id=TOTAL, account=TOTAL)
    return pd.concat([detail, by_owner, by_account, of_all], ignore_index=True)


def _months_adverse(by_month: pd.DataFrame, month: Month) -> pd.DataFrame:
    """For each owner and account, how many months in a row up to this one were above budget."""
    over = by_month.assign(over=by_month["actual_fen"] > by_month["budget_fen"])
    wide = over.pivot_table(index=_PLACE, columns="month", values="over", aggfunc="max")
    months = [str(one) for one in reversed(month.year_to_date)]
    flags = wide.reindex(columns=months).fillna(False).astype("bool")
    counts = flags.cumprod(axis=1).sum(axis=1)
    return counts.rename("n_adverse_months").reset_index()


def _judged(rows: pd.DataFrame, materiality_rate: float, materiality_fen: int) -> pd.DataFrame:
    difference = rows["actual_fen"] - rows["budget_fen"]
    planned = rows["budget_fen"] != 0
    rate = (difference / rows["budget_fen"].where(planned)).astype("float64")
    beyond_rate = rate.abs().gt(materiality_rate) | ~planned
    verdict = pd.Series("level", index=rows.index).mask(difference > 0, "adverse").mask(difference < 0, "favourable")
    case = pd.Series("planned", index=rows.index)
    case = case.mask(~planned & (rows["actual_fen"] != 0), "unplanned")
    case = case.mask(planned & (rows["actual_fen"] == 0), "unspent")
    return rows.assign(
        variance_fen=difference,
        variance_rate=rate,
        variance_rate_reason=pd.Series("no_plan", index=rows.index).where(~planned),
        verdict=verdict,
        is_favourable=difference <= 0,
        is_material=beyond_rate & difference.abs().gt(materiality_fen),
        case=case,
        n_adverse_months=rows["n_adverse_months"].fillna(0),
        is_total=(rows["owner_id"] == TOTAL) | (rows["account"] == TOTAL),
    )


def _in_order(rows: pd.DataFrame) -> pd.DataFrame:
    """Month before year to date; owners by id, the total last; accounts as in the budget table."""
    accounts = {name: number for number, name in enumerate((*ACCOUNTS, TOTAL))}
    order = rows.assign(_last=rows["owner_id"] == TOTAL, _account=rows["account"].map(accounts))
    return order.sort_values(["period", "_last", "owner_id", "_account"], kind="stable").drop(
        columns=["_last", "_account"]
    )


def offsets(variances: pd.DataFrame) -> pd.DataFrame:
    """Accounts materially over budget whose owner looks fine because a saving elsewhere hides them: `OFFSETS`.

    Parameters
    ----------
    variances : from `variance`; the month is looked at.
    """
    month = variances[variances["period"] == "month"]
    parts = month[(month["owner_id"] != TOTAL) & (month["account"] != TOTAL)]
    owners = month[(month["owner_id"] != TOTAL) & (month["account"] == TOTAL)].set_index("owner_id")
    fine = owners.index[~owners["is_material"]]
    over = parts[parts["owner_id"].isin(fine) & parts["is_material"] & (parts["variance_fen"] > 0)]
    saved = parts[parts["is_material"] & (parts["variance_fen"] < 0)]
    largest = saved.sort_values(["variance_fen", "account"], kind="stable").drop_duplicates("owner_id")
    largest = largest.set_index("owner_id")
    hidden = over[over["owner_id"].isin(largest.index)]
    return OFFSETS.conform(
        hidden.assign(
            saved_on=hidden["owner_id"].map(largest["account"]),
            saving_fen=hidden["owner_id"].map(-largest["variance_fen"]),
            owner_variance_fen=hidden["owner_id"].map(owners["variance_fen"]),
        )
    )


def trend(by_month: pd.DataFrame) -> pd.DataFrame:
    """Budget and spending month by month, and cumulative: `TREND`."""
    sums = by_month.groupby("month", as_index=False)[["budget_fen", "actual_fen"]].sum()
    return TREND.conform(
        sums.assign(budget_to_date_fen=sums["budget_fen"].cumsum(), actual_to_date_fen=sums["actual_fen"].cumsum())
    )


def outlook(by_month: pd.DataFrame, lines: pd.DataFrame, *, version_id: str, month: Month) -> pd.DataFrame:
    """Spending to date and the budget of the months left, against the full-year budget in force: `OUTLOOK`.

    This is arithmetic, not a forecast: it says where the year ends if the rest goes as budgeted.
    """
    mine = lines[lines["version_id"] == version_id]
    left = mine[mine["month"] > str(month)]
    table = pd.DataFrame(
        {
            "actual_fen": by_month.groupby("account")["actual_fen"].sum(),
            "remaining_fen": left.groupby("account")["amount_fen"].sum(),
            "budget_fen": mine.groupby("account")["amount_fen"].sum(),
        }
    )
    table = table.reindex(list(ACCOUNTS)).fillna(0).astype("int64")
    table.loc[TOTAL] = table.sum()
    table["outlook_fen"] = table["actual_fen"] + table["remaining_fen"]
    table["variance_fen"] = table["outlook_fen"] - table["budget_fen"]
    return OUTLOOK.conform(table.rename_axis("account").reset_index().assign(is_total=lambda f: f["account"] == TOTAL))


def variance_checks(
    variances: pd.DataFrame, by_month: pd.DataFrame, actuals: pd.DataFrame, *, month: Month
) -> list[Check]:
    """Totals equal their parts, and the spending of the month equals the postings dated in it."""
    checks = [
        _totals_check(variances, period, column, over)
        for period in PERIODS
        for column in ("budget_fen", "actual_fen", "variance_fen")
        for over in _PLACE
    ]
    dated = actuals["posted_on"].dt.strftime("%Y-%m")
    year_to_date = actuals[dated.isin([str(one) for one in month.year_to_date])]
    checks.append(
        Check(
            key="variance.postings",
            label=Label("本年累计实际 = 本年入账之和", "actual of the year to date = sum of its postings"),
            left=int(by_month["actual_fen"].sum()),
            right=int(year_to_date["amount_fen"].sum()),
            unit=Unit.FEN,
        )
    )
    return checks


def _totals_check(variances: pd.DataFrame, period: str, column: str, over: str) -> Check:
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
