"""The budget table (营销预算表) of a version, and what an adjustment changed in it.

Layout of the table: account, total, share, the four quarters (BUD-1).
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from bizlab.budget.accounts import ACCOUNT, IS_TOTAL, OWNER, PLACE, TOTAL, Nature, refuse_unknown
from bizlab.budget.versions import lines_of
from bizlab.contracts.check import Check
from bizlab.contracts.columns import column, ratio, table, words
from bizlab.contracts.finding import Finding
from bizlab.contracts.says import says
from bizlab.labels import Label
from bizlab.units.kinds import Unit

QUARTERS = ("q1_fen", "q2_fen", "q3_fen", "q4_fen")

BUDGET_TABLE = table(
    "budget_table",
    "营销预算表 | Budget table",
    "每个科目一行,末行为总金额 | one row per account, the last the total",
    ACCOUNT,
    column("total_fen", "总额 | Total", "四个季度之和 | sum of the quarters"),
    ratio(
        "share_rate",
        "占比 | Share",
        "科目总额 ÷ 总金额 | total of the account ÷ total of all accounts",
        missing=words(no_budget="总金额为零 | the total is zero"),
    ),
    (column(name, f"第{n}季度 | Q{n}") for n, name in enumerate(QUARTERS, start=1)),
    IS_TOTAL,
    key="account",
    sums={"total_fen = q1_fen + q2_fen + q3_fen + q4_fen": "总额 = 四个季度之和 | total = sum of the quarters"},
)

VERSION_BRIDGE = table(
    "version_bridge",
    "预算调整前后 | Budget before and after adjustment",
    "每个有变动的责任单元与科目一行,末行为全部预算 | "
    "one row per owner and account that changed, the last the whole budget",
    OWNER,
    ACCOUNT,
    column("before_fen", "调整前全年 | Full year before"),
    column("change_fen", "调整额 | Change"),
    column("after_fen", "调整后全年 | Full year after"),
    IS_TOTAL,
    key="owner_id account",
    sums={"after_fen = before_fen + change_fen": "调整后 = 调整前 + 调整额 | after = before + change"},
)


def budget_table(lines: pd.DataFrame, *, version_id: str, accounts: Mapping[str, Nature]) -> pd.DataFrame:
    """A version as the budget table shows it: `BUDGET_TABLE`.

    Parameters
    ----------
    lines : under the contract ``budget_lines``, fen per version, account, owner and month.
    accounts : in the order of the table, with the nature of each; one without lines has a row of zeros.

    Raises
    ------
    DataError : the version has no lines, or none in some month; an account that is not given.

    >>> months = [f"2026-{number:02d}" for number in range(1, 13)]
    >>> lines = pd.DataFrame({"version_id": "B1", "account": "travel", "owner_id": "SA-E", "month": months,
    ...                       "amount_fen": [0, 0, 500] + [0] * 9})
    >>> accounts = {"travel": "expense", "other": "expense"}
    >>> shown = ["account", "total_fen", "share_rate", "q1_fen", "q2_fen"]
    >>> budget_table(lines, version_id="B1", accounts=accounts)[shown]
      account  total_fen  share_rate  q1_fen  q2_fen
    0  travel        500         1.0     500       0
    1   other          0         0.0       0       0
    2   total        500         1.0     500       0
    """
    mine = lines_of(lines, version_id=version_id)
    refuse_unknown(mine, accounts, place="budget_lines")
    quarter = "q" + ((mine["month"].str[5:].astype("int64") + 2) // 3).astype("str") + "_fen"
    planned = mine.assign(quarter=quarter, amount_fen=mine["amount_fen"].astype("Int64"))
    wide = planned.pivot_table(index="account", columns="quarter", values="amount_fen", aggfunc="sum")
    wide = wide.reindex(index=list(accounts), columns=list(QUARTERS)).fillna(0).astype("int64")
    wide.loc[TOTAL] = wide.sum()
    wide["total_fen"] = wide[list(QUARTERS)].sum(axis=1)
    whole = int(wide.loc[TOTAL, "total_fen"])
    return BUDGET_TABLE.conform(
        wide.reset_index().assign(
            share_rate=wide["total_fen"].to_numpy() / whole if whole else float("nan"),
            share_rate_reason=None if whole else "no_budget",
            is_total=lambda frame: frame["account"] == TOTAL,
        )
    )


def version_bridge(lines: pd.DataFrame, *, before: str, after: str) -> pd.DataFrame:
    """What changed between two versions of a year: `VERSION_BRIDGE`.

    Parameters
    ----------
    lines : under the contract ``budget_lines``.
    before, after : version ids; the original of the year and the one in force, as a rule.

    Raises
    ------
    DataError : a version has no lines, or none in some month.
    """
    sums = {
        column: lines_of(lines, version_id=version_id).groupby(PLACE)["amount_fen"].sum().astype("Int64")
        for column, version_id in (("before_fen", before), ("after_fen", after))
    }
    both = pd.concat(sums, axis=1).fillna(0).sort_index().reset_index()
    whole = both[["before_fen", "after_fen"]].sum().to_frame().T.assign(owner_id=TOTAL, account=TOTAL)
    changed = both[both["before_fen"] != both["after_fen"]]
    shown = pd.concat([changed, whole], ignore_index=True)
    return VERSION_BRIDGE.conform(
        shown.assign(change_fen=shown["after_fen"] - shown["before_fen"], is_total=shown["owner_id"] == TOTAL)
    )


def bridge_findings(bridge: pd.DataFrame, *, materiality_rate: float, materiality_fen: int) -> list[Finding]:
    """What an adjustment changed.

    Parameters
    ----------
    bridge : from `version_bridge`, shown under the key ``bridge``.
    materiality_rate, materiality_fen : a change is material above both, share of the budget before and fen.
    """
    return [
        says(
            row,
            VERSION_BRIDGE,
            "{owner_id}的{account}全年预算经调整变动 {change_fen},现为 {after_fen} | "
            "{owner_id}: the full-year budget for {account} was adjusted by {change_fen} and is now {after_fen}",
            key=f"adjusted-{row['owner_id']}-{row['account']}",
            table="bridge",
            material=abs(row["change_fen"]) > max(materiality_fen, materiality_rate * abs(row["before_fen"])),
            weight=abs(float(row["change_fen"])),
            basis="现行版本与年初生效版本相比 | the version in force against the one the year began with",
        )
        for row in bridge[~bridge["is_total"]].to_dict("records")
    ]


def bridge_checks(bridge: pd.DataFrame) -> list[Check]:
    """The changes listed in `VERSION_BRIDGE` add up to the change of the whole budget."""
    parts, whole = bridge[~bridge["is_total"]], bridge[bridge["is_total"]]
    label = Label("各项调整之和 = 预算总额的变动", "the changes add up to the change of the whole budget")
    changes, change = int(parts["change_fen"].sum()), int((whole["after_fen"] - whole["before_fen"]).sum())
    return [Check("version_bridge.changes", label, changes, change, Unit.FEN)]
