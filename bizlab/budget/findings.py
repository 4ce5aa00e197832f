"""What the budget variance has to say."""

from __future__ import annotations

import pandas as pd

from bizlab.budget.versions import TOTAL
from bizlab.findings import Finding, Ref
from bizlab.labels import Label

_MOST = 3
_BASIS = Label(
    "与生效预算相比,偏差率与偏差额均超过阈值为重大",
    "against the budget in force; material above both thresholds, rate and amount",
)


def variance_findings(variances: pd.DataFrame, *, table: str = "variance") -> list[Finding]:
    """The month and the year as a whole, the largest material variances, and spending without a plan.

    Parameters
    ----------
    variances : from `variance`, shown under the key ``table``.
    """
    month = variances[variances["period"] == "month"]
    parts = month[~month["is_total"]]
    planned = parts[parts["is_material"] & (parts["case"] == "planned")]
    over = planned[planned["variance_fen"] > 0].sort_values("variance_fen", ascending=False, kind="stable")
    under = planned[planned["variance_fen"] < 0].sort_values("variance_fen", kind="stable")
    found = [_whole(variances, period, table) for period in ("month", "ytd")]
    found += [_one(row, "adverse", table) for row in over.head(_MOST).to_dict("records")]
    found += [_one(row, "favourable", table) for row in under.head(_MOST).to_dict("records")]
    found += [_one(row, "unplanned", table) for row in parts[parts["case"] == "unplanned"].to_dict("records")]
    found += [_one(row, "unspent", table) for row in parts[parts["case"] == "unspent"].to_dict("records")]
    return found


def offset_findings(hidden: pd.DataFrame, *, table: str = "offsets") -> list[Finding]:
    """Each account whose overspending a saving hides.

    Parameters
    ----------
    hidden : from `offsets`, shown under the key ``table``.
    """
    return [
        Finding(
            key=f"hidden-{row['owner_id']}-{row['account']}",
            text=Label(
                "{owner}的{account}超支 {over},被{saved_on}节约 {saving} 掩盖,合计只显示 {net}",
                "{owner}: {account} is {over} over, hidden by {saving} saved on {saved_on}; in total only {net} show",
            ),
            refs={
                name: Ref(table, (str(row["owner_id"]), str(row["account"])), column)
                for name, column in {
                    "owner": "owner_id",
                    "account": "account",
                    "over": "variance_fen",
                    "saved_on": "saved_on",
                    "saving": "saving_fen",
                    "net": "owner_variance_fen",
                }.items()
            },
            direction="bad",
            material=True,
            weight=float(row["variance_fen"]),
            basis=Label("单项重大而责任单元合计不重大", "material by itself while the owner in total is not"),
        )
        for row in hidden.to_dict("records")
    ]


def bridge_findings(bridge: pd.DataFrame, *, table: str = "bridge") -> list[Finding]:
    """What an adjustment changed.

    Parameters
    ----------
    bridge : from `version_bridge`, shown under the key ``table``.
    """
    return [
        Finding(
            key=f"adjusted-{row['owner_id']}-{row['account']}",
            text=Label(
                "{owner}的{account}全年预算经调整变动 {change},为 {after}",
                "{owner}: the full-year budget for {account} was changed by {change} to {after}",
            ),
            refs={
                name: Ref(table, (str(row["owner_id"]), str(row["account"])), column)
                for name, column in {
                    "owner": "owner_id",
                    "account": "account",
                    "change": "change_fen",
                    "after": "after_fen",
                }.items()
            },
            weight=abs(float(row["change_fen"])),
            basis=Label("现行版本与年初生效版本相比", "the version in force against the one of the year's start"),
        )
        for row in bridge[~bridge["is_total"]].to_dict("records")
    ]


_TEXTS = {
    "adverse": Label(
        "{owner}的{account}超预算 {variance}({rate}),连续 {n} 个月超支",
        "{owner}: {account} is {variance} over budget ({rate}), above it for {n} months in a row",
    ),
    "favourable": Label(
        "{owner}的{account}与预算相差 {variance}({rate}),需确认是节约还是推迟",
        "{owner}: {account} is {variance} from the budget ({rate}); saved or only postponed?",
    ),
    "unplanned": Label(
        "{owner}的{account}发生 {actual},没有预算", "{owner}: {actual} spent on {account} without a plan"
    ),
    "unspent": Label(
        "{owner}的{account}有预算 {budget},没有发生", "{owner}: {budget} planned for {account}, nothing spent"
    ),
}
_DIRECTIONS = {"adverse": "bad", "favourable": "good", "unplanned": "bad", "unspent": "neutral"}


def _one(row: dict[str, object], kind: str, table: str) -> Finding:
    key = (str(row["period"]), str(row["owner_id"]), str(row["account"]))
    columns = {
        "owner": "owner_id",
        "account": "account",
        "variance": "variance_fen",
        "rate": "variance_rate",
        "n": "n_adverse_months",
        "actual": "actual_fen",
        "budget": "budget_fen",
    }
    used = {name: column for name, column in columns.items() if "{" + name + "}" in _TEXTS[kind].zh}
    return Finding(
        key=f"{kind}-{row['owner_id']}-{row['account']}",
        text=_TEXTS[kind],
        refs={name: Ref(table, key, column) for name, column in used.items()},
        direction=_DIRECTIONS[kind],  # type: ignore[arg-type]
        material=bool(row["is_material"]),
        weight=abs(float(str(row["variance_fen"]))),
        basis=_BASIS,
    )


def _whole(variances: pd.DataFrame, period: str, table: str) -> Finding:
    key = (period, TOTAL, TOTAL)
    row = variances.set_index(["period", "owner_id", "account"]).loc[key]
    names = {"period": "period", "actual": "actual_fen", "variance": "variance_fen", "rate": "variance_rate"}
    direction = {"adverse": "bad", "favourable": "good", "level": "neutral"}[row["verdict"]]
    return Finding(
        key=f"total-{period}",
        text=Label(
            "{period}费用 {actual},与预算相差 {variance}(偏差率 {rate})",
            "{period}: {actual} spent, {variance} from the budget (rate {rate})",
        ),
        refs={name: Ref(table, key, column) for name, column in names.items()},
        direction=direction,  # type: ignore[arg-type]
        material=bool(row["is_material"]),
        weight=abs(float(row["variance_fen"])),
        basis=_BASIS,
    )
