"""Versions of a budget: which one is in force on a date, what each holds, and what an adjustment changed."""

from __future__ import annotations

from datetime import date

import pandas as pd

from bizlab.checks import Check
from bizlab.contracts import Column, Identity, Table
from bizlab.errors import DataError, some
from bizlab.labels import Label
from bizlab.units import Unit

TOTAL = "total"
TOTAL_WORDS = Label("总金额", "Total")
ACCOUNT_WORDS = {
    "marketing": Label("市场费用", "Marketing"),
    "management": Label("管理分摊", "Management allocation"),
    "salaries": Label("人员工资", "Salaries"),
    "travel": Label("差旅费用", "Travel"),
    "training": Label("培训费用", "Training"),
    "depreciation": Label("资产折旧", "Depreciation"),
    "other": Label("其他", "Other"),
    TOTAL: TOTAL_WORDS,
}
"""The accounts in the order of the budget table (BUD-1)."""
ACCOUNTS = tuple(name for name in ACCOUNT_WORDS if name != TOTAL)
ORDER = ("draft", "reviewed", "effective", "adjustment_applied", "adjustment_effective", "year_end_review")
IN_FORCE = ("effective", "adjustment_effective")
QUARTERS = ("q1_fen", "q2_fen", "q3_fen", "q4_fen")

ACCOUNT = Column("account", Unit.CODE, Label("科目", "Account"), choice_labels=ACCOUNT_WORDS)
OWNER = Column("owner_id", Unit.CODE, Label("责任单元", "Owner"), choice_labels={TOTAL: TOTAL_WORDS})
IS_TOTAL = Column("is_total", Unit.BOOL, Label("是否合计", "Is a total"))

BUDGET_TABLE = Table(
    name="budget_table",
    label=Label("营销预算表", "Budget table"),
    grain=Label("每个科目一行,末行为总金额", "one row per account, the last the total"),
    key=("account",),
    columns=(
        ACCOUNT,
        Column("total_fen", Unit.FEN, Label("总额", "Total"), definition=Label("四个季度之和", "sum of the quarters")),
        Column(
            "share_rate",
            Unit.RATE,
            Label("占比", "Share"),
            nullable=True,
            definition=Label("科目总额 ÷ 总金额", "total of the account ÷ total of all accounts"),
        ),
        *(Column(name, Unit.FEN, Label(f"第{n}季度", f"Q{n}")) for n, name in enumerate(QUARTERS, start=1)),
        IS_TOTAL,
    ),
    identities=(
        Identity(
            "total_fen = q1_fen + q2_fen + q3_fen + q4_fen", Label("总额 = 四个季度之和", "total = sum of the quarters")
        ),
    ),
)

VERSION_BRIDGE = Table(
    name="version_bridge",
    label=Label("预算调整前后", "Budget before and after adjustment"),
    grain=Label(
        "每个有变动的科目与责任单元一行,末行为合计", "one row per account and owner that changed, the last the total"
    ),
    key=("owner_id", "account"),
    columns=(
        OWNER,
        ACCOUNT,
        Column("before_fen", Unit.FEN, Label("调整前全年", "Full year before")),
        Column("change_fen", Unit.FEN, Label("调整额", "Change")),
        Column("after_fen", Unit.FEN, Label("调整后全年", "Full year after")),
        IS_TOTAL,
    ),
    identities=(
        Identity("after_fen = before_fen + change_fen", Label("调整后 = 调整前 + 调整额", "after = before + change")),
    ),
)

STATUS_EXCEPTIONS = Table(
    name="status_exceptions",
    label=Label("版本状态异常", "Versions with a status out of order"),
    grain=Label("每个异常状态一行", "one row per status out of order"),
    key=("version_id", "status"),
    columns=(
        Column("version_id", Unit.CODE, Label("版本", "Version")),
        Column("status", Unit.CODE, Label("状态", "Status")),
        Column("status_on", Unit.DATE, Label("日期", "Date")),
        Column("earlier_status", Unit.CODE, Label("本应在前的状态", "Status that belongs before it")),
        Column("earlier_on", Unit.DATE, Label("其日期", "Its date")),
    ),
)


def version_in_force(versions: pd.DataFrame, *, on: date) -> str:
    """The budget of a date: the version of its year that was the last to become effective by then.

    Parameters
    ----------
    versions : under the contract ``budget_versions``, one row per version and change of status.
    on : the date; its calendar year decides the budget year.

    Raises
    ------
    DataError : no version of the year is effective on the date, or two became so on the same day.

    >>> frame = pd.DataFrame({"version_id": ["B1", "B2"], "year": ["2026", "2026"], "decided_by": ["CEO", "CEO"],
    ...     "status": ["effective", "adjustment_effective"], "status_on": pd.to_datetime(["2026-01-01", "2026-07-01"])})
    >>> version_in_force(frame, on=date(2026, 6, 30)), version_in_force(frame, on=date(2026, 7, 1))
    ('B1', 'B2')
    """
    known = versions[(versions["year"] == str(on.year)) & (versions["status_on"] <= pd.Timestamp(on))]
    effective = known[known["status"].isin(IN_FORCE)]
    if effective.empty:
        raise DataError(
            f"No budget of {on.year} is effective on {on.isoformat()}",
            place="table budget_versions",
            way_out="record the day on which a version became effective",
        )
    latest = effective[effective["status_on"] == effective["status_on"].max()]
    names = sorted(set(latest["version_id"]))
    if len(names) > 1:
        raise DataError(
            f"Versions {some(names)} became effective on the same day",
            place=f"table budget_versions, {latest['status_on'].iloc[0].date().isoformat()}",
            way_out="correct the day of one of them",
        )
    return str(names[0])


def status_exceptions(versions: pd.DataFrame) -> pd.DataFrame:
    """Statuses that are dated before one that must come first: see `STATUS_EXCEPTIONS`."""
    rank = {status: number for number, status in enumerate(ORDER)}
    pairs = versions.merge(versions, on="version_id", suffixes=("", "_other"))
    first = pairs["status_other"].map(rank) < pairs["status"].map(rank)
    late = pairs[first & (pairs["status_on_other"] > pairs["status_on"])]
    found = late.rename(columns={"status_other": "earlier_status", "status_on_other": "earlier_on"})
    worst = found.sort_values("earlier_on", kind="stable").drop_duplicates(["version_id", "status"], keep="last")
    return STATUS_EXCEPTIONS.conform(worst.sort_values(["version_id", "status"], kind="stable"))


def budget_table(lines: pd.DataFrame, *, version_id: str) -> pd.DataFrame:
    """A version as the budget table shows it: see `BUDGET_TABLE`.

    Parameters
    ----------
    lines : under the contract ``budget_lines``, fen per version, account, owner and month.

    Raises
    ------
    DataError : the version has no lines.
    """
    mine = lines[lines["version_id"] == version_id]
    if mine.empty:
        raise DataError(
            f"The version {version_id} has no lines", place="table budget_lines", way_out="deliver its budget workbook"
        )
    quarter = "q" + ((mine["month"].str[5:].astype("int64") + 2) // 3).astype("str") + "_fen"
    wide = mine.assign(quarter=quarter).pivot_table(
        index="account", columns="quarter", values="amount_fen", aggfunc="sum"
    )
    wide = wide.reindex(index=list(ACCOUNTS), columns=list(QUARTERS), fill_value=0).fillna(0).astype("int64")
    wide.loc[TOTAL] = wide.sum()
    wide["total_fen"] = wide[list(QUARTERS)].sum(axis=1)
    whole = int(wide.loc[TOTAL, "total_fen"])
    wide["share_rate"] = wide["total_fen"] / whole if whole else float("nan")
    return BUDGET_TABLE.conform(wide.reset_index().assign(is_total=lambda frame: frame["account"] == TOTAL))


def version_bridge(lines: pd.DataFrame, *, before: str, after: str) -> pd.DataFrame:
    """What changed between two versions, by owner and account: see `VERSION_BRIDGE`."""
    both = lines[lines["version_id"].isin([before, after])]
    sums = both.groupby(["owner_id", "account", "version_id"], as_index=False)["amount_fen"].sum()
    wide = sums.pivot_table(index=["owner_id", "account"], columns="version_id", values="amount_fen", aggfunc="sum")
    wide = wide.reindex(columns=list(dict.fromkeys([before, after]))).fillna(0).astype("int64")
    bridge = pd.DataFrame({"before_fen": wide[before], "after_fen": wide[after]}).reset_index()
    whole = pd.DataFrame(
        {"owner_id": [TOTAL], "account": [TOTAL], **{c: [bridge[c].sum()] for c in ("before_fen", "after_fen")}}
    )
    changed = bridge[bridge["before_fen"] != bridge["after_fen"]]
    shown = pd.concat([changed, whole], ignore_index=True)
    shown["change_fen"] = shown["after_fen"] - shown["before_fen"]
    return VERSION_BRIDGE.conform(shown.assign(is_total=shown["owner_id"] == TOTAL))


def bridge_checks(bridge: pd.DataFrame) -> list[Check]:
    """The changes listed add up to the change of the whole budget."""
    parts, whole = bridge[~bridge["is_total"]], bridge[bridge["is_total"]]
    return [
        Check(
            key="version_bridge.changes",
            label=Label("各项调整之和 = 预算总额的变动", "the changes add up to the change of the whole budget"),
            left=int(parts["change_fen"].sum()),
            right=int(whole["change_fen"].sum()),
            unit=Unit.FEN,
        )
    ]
