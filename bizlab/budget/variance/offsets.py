"""What hides in totals: overspending that a saving makes invisible."""

from __future__ import annotations

import pandas as pd

from bizlab.budget.accounts import ACCOUNT, OWNER, TOTAL, TOTAL_WORDS
from bizlab.budget.variance.variance import VARIANCE
from bizlab.contracts.columns import column, table, words
from bizlab.contracts.finding import Finding
from bizlab.contracts.says import says

HIDDEN_IN = words(owner_id="责任单元合计 | total of the owner", account="科目合计 | total of the account")

OFFSETS = table(
    "offsets",
    "被节约掩盖的超支 | Overspending hidden by a saving",
    "每期间、每个被掩盖的超支及掩盖它的合计一行 | one row per period, hidden overspending and total that hides it",
    VARIANCE["period"],
    column("hidden_in", "掩盖于 | Hidden in", choices=HIDDEN_IN),
    OWNER,
    ACCOUNT,
    VARIANCE["variance_fen"],
    VARIANCE["variance_rate"],
    VARIANCE["variance_rate_reason"],
    column("saving_owner_id", "节约单元 | Saved by", words={TOTAL: TOTAL_WORDS}, refers="units"),
    column("saving_account", "节约科目 | Saved on", words={TOTAL: TOTAL_WORDS}, refers="budget_accounts"),
    column(
        "saving_fen",
        "节约额 | Saving",
        "同一合计中最大有利偏差的绝对值 | size of the largest favourable variance in the same total",
    ),
    column("total_variance_fen", "合计偏差额 | Variance of the total"),
    key="period hidden_in owner_id account",
)

_SENTENCES = {
    "owner_id": "{owner_id}的{account}超支 {variance_fen},被{saving_account}节约 {saving_fen} 掩盖,"
    "合计只显示 {total_variance_fen} | "
    "{owner_id}: {account} is {variance_fen} over, hidden by {saving_fen} saved on {saving_account}; "
    "in total only {total_variance_fen} show",
    "account": "{owner_id}的{account}超支 {variance_fen},被{saving_owner_id}节约 {saving_fen} 掩盖,"
    "科目合计只显示 {total_variance_fen} | "
    "{owner_id}: {account} is {variance_fen} over, hidden by {saving_fen} that {saving_owner_id} saved; "
    "the account shows only {total_variance_fen}",
}


def offsets(variances: pd.DataFrame) -> pd.DataFrame:
    """Material adverse variances inside a total that is not material: `OFFSETS`, in the order of `VARIANCE`.

    The total of an owner, or of an account, looks fine while some of its parts are materially over and
    others materially under: the total alone would not show it. Where only one side is material there is
    nothing to hide behind, and the row is not listed.
    """
    parts = variances[~variances["is_total"] & variances["is_material"]]
    hidden = OFFSETS.stacked(_hidden_in(parts, variances, dimension) for dimension in HIDDEN_IN)
    return hidden.sort_values("period", kind="stable", ignore_index=True)


def offset_findings(hidden: pd.DataFrame) -> list[Finding]:
    """Each overspending of the month that a saving hides, from `OFFSETS`."""
    return [
        says(
            row,
            OFFSETS,
            _SENTENCES[row["hidden_in"]],
            key=f"hidden-{row['hidden_in']}-{row['owner_id']}-{row['account']}",
            direction="bad",
            material=True,
            weight=abs(float(row["variance_fen"])),
            basis="单项重大而合计不重大 | material by itself while the total is not",
        )
        for row in hidden[hidden["period"] == "month"].to_dict("records")
    ]


def _hidden_in(parts: pd.DataFrame, variances: pd.DataFrame, dimension: str) -> pd.DataFrame:
    """The adverse parts whose total over the other dimension is not material, beside the largest saving in it."""
    other = "account" if dimension == "owner_id" else "owner_id"
    total = ["period", dimension]
    fine = variances[(variances[other] == TOTAL) & (variances[dimension] != TOTAL) & ~variances["is_material"]]
    net = fine[[*total, "variance_fen"]].rename(columns={"variance_fen": "total_variance_fen"})
    saved = parts[parts["verdict"] == "favourable"]
    saved = saved.assign(
        saving_owner_id=saved["owner_id"],
        saving_account=saved["account"],
        saving_fen=saved["variance_fen"].abs(),
    ).sort_values(other, kind="stable")
    largest = saved.sort_values("saving_fen", ascending=False, kind="stable").drop_duplicates(total)
    saving = largest[[*total, "saving_owner_id", "saving_account", "saving_fen"]]
    over = parts[parts["verdict"] == "adverse"]
    return over.merge(net, on=total).merge(saving, on=total).assign(hidden_in=dimension)
