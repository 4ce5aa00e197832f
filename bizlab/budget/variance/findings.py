"""What the budget variance has to say. Every figure of a sentence stands in a table shown before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from bizlab.budget.accounts import TOTAL
from bizlab.contracts.columns import words
from bizlab.contracts.finding import Direction, Finding, Ref
from bizlab.labels import Label

_MOST = 3
_BASIS = Label(
    "与当月末生效的预算相比;偏差率与偏差额均超过阈值为重大,无预算时只看金额",
    "against the budget in force at the end of each month; material above both thresholds, rate and amount, "
    "or the amount alone without a plan",
)
_DIRECTIONS: dict[str, Direction] = {"adverse": "bad", "favourable": "good", "level": "neutral"}
_TEXTS = words(
    total="{period}费用 {actual},预算 {budget},偏差 {variance}(预算偏差率 {rate}) | "
    "{period}: {actual} spent of {budget} budgeted, variance {variance} (rate {rate})",
    above="{period}{owner}的{account}超预算 {variance}({rate}) | "
    "{period}, {owner}: {account} is {variance} above budget ({rate})",
    still_above="{period}{owner}的{account}超预算 {variance}({rate}),已连续 {n} 个月超预算 | "
    "{period}, {owner}: {account} is {variance} above budget ({rate}), for {n} months in a row",
    below="{period}{owner}的{account}低于预算,偏差 {variance}({rate}),需确认是节约还是推迟 | "
    "{period}, {owner}: {account} is below budget by a variance of {variance} ({rate}); saved, or only postponed?",
    unplanned="{period}{owner}的{account}发生 {actual},没有预算 | "
    "{period}, {owner}: {actual} spent on {account} without a plan",
    unspent="{period}{owner}的{account}有预算 {budget},没有支出 | "
    "{period}, {owner}: {budget} planned for {account}, nothing spent",
    hidden_in_owner_id="{owner}的{account}超支 {over},被{saved_on}节约 {saving} 掩盖,合计只显示 {net} | "
    "{owner}: {account} is {over} over, hidden by {saving} saved on {saved_on}; in total only {net} show",
    hidden_in_account="{owner}的{account}超支 {over},被{saver}节约 {saving} 掩盖,科目合计只显示 {net} | "
    "{owner}: {account} is {over} over, hidden by {saving} that {saver} saved; the account shows only {net}",
    adjusted="{owner}的{account}全年预算经调整变动 {change},现为 {after} | "
    "{owner}: the full-year budget for {account} was adjusted by {change} and is now {after}",
    outlook="若剩余月份按预算支出,全年为 {outlook},与现行全年预算 {budget} 相差 {variance}({rate}) | "
    "if the months left go as budgeted the year ends at {outlook}, {variance} ({rate}) from the full-year budget "
    "in force of {budget}",
    out_of_order="预算版本 {version} 的状态“{status}”({on}):{problem} | "
    "budget version {version}, status '{status}' on {on}: {problem}",
)
_PLACED = {
    "period": "period",
    "owner": "owner_id",
    "account": "account",
    "budget": "budget_fen",
    "actual": "actual_fen",
    "variance": "variance_fen",
    "rate": "variance_rate",
}


def variance_findings(
    variances: pd.DataFrame, movements: pd.DataFrame, *, table: str = "variance", movement_table: str = "movement"
) -> list[Finding]:
    """Month and year as a whole, the largest material variances, and spending and plans without the other.

    Parameters
    ----------
    variances : from `variance`, shown under the key ``table``.
    movements : from `movement`, shown under the key ``movement_table``.

    Returns
    -------
    For each period the total and at most three variances above and three below budget, the largest first;
    of the month every spending without a plan and every plan without spending.
    """
    lasting = movements.set_index(["owner_id", "account"])["n_months_over"]
    is_whole = (variances["owner_id"] == TOTAL) & (variances["account"] == TOTAL)
    found = [_placed("total", row, table) for row in _records(variances[is_whole])]
    for period in ("month", "ytd"):
        parts = variances[(variances["period"] == period) & ~variances["is_total"]]
        material = parts[parts["is_material"] & (parts["case"] == "planned")]
        for row in _largest(material[material["variance_fen"] > 0]):
            place = (str(row["owner_id"]), str(row["account"]))
            if period == "month" and int(lasting[place]) > 1:
                found.append(_placed("still_above", row, table, n=Ref(movement_table, place, "n_months_over")))
            else:
                found.append(_placed("above", row, table))
        found += [_placed("below", row, table) for row in _largest(material[material["variance_fen"] < 0])]
    month = variances[(variances["period"] == "month") & ~variances["is_total"]]
    return found + [
        _placed(case, row, table)
        for case in ("unplanned", "unspent")
        for row in month[month["case"] == case].to_dict("records")
    ]


def offset_findings(hidden: pd.DataFrame, *, table: str = "offsets") -> list[Finding]:
    """Each overspending of the month that a saving hides.

    Parameters
    ----------
    hidden : from `offsets`, shown under the key ``table``.
    """
    columns = {
        "owner": "owner_id",
        "account": "account",
        "over": "variance_fen",
        "saver": "saving_owner_id",
        "saved_on": "saving_account",
        "saving": "saving_fen",
        "net": "total_variance_fen",
    }
    return [
        Finding(
            key=f"hidden-{row['hidden_in']}-{row['owner_id']}-{row['account']}",
            text=(text := _TEXTS[f"hidden_in_{row['hidden_in']}"]),
            refs=_refs(table, (row["period"], row["hidden_in"], row["owner_id"], row["account"]), _used(text, columns)),
            direction="bad",
            material=True,
            weight=abs(float(row["variance_fen"])),
            basis=Label("单项重大而合计不重大", "material by itself while the total is not"),
        )
        for row in hidden[hidden["period"] == "month"].to_dict("records")
    ]


def bridge_findings(
    bridge: pd.DataFrame, *, materiality_rate: float, materiality_fen: int, table: str = "bridge"
) -> list[Finding]:
    """What an adjustment changed.

    Parameters
    ----------
    bridge : from `version_bridge`, shown under the key ``table``.
    materiality_rate, materiality_fen : a change is material above both, share of the budget before and fen.
    """
    columns = {"owner": "owner_id", "account": "account", "change": "change_fen", "after": "after_fen"}
    return [
        Finding(
            key=f"adjusted-{row['owner_id']}-{row['account']}",
            text=_TEXTS["adjusted"],
            refs=_refs(table, (row["owner_id"], row["account"]), columns),
            material=abs(row["change_fen"]) > max(materiality_fen, materiality_rate * abs(row["before_fen"])),
            weight=abs(float(row["change_fen"])),
            basis=Label("现行版本与年初生效版本相比", "the version in force against the one the year began with"),
        )
        for row in bridge[~bridge["is_total"]].to_dict("records")
    ]


def outlook_findings(
    outlooks: pd.DataFrame, *, materiality_rate: float, materiality_fen: int, table: str = "outlook"
) -> list[Finding]:
    """Where the year ends if the months left go as budgeted.

    Parameters
    ----------
    outlooks : from `outlook`, shown under the key ``table``.
    materiality_rate, materiality_fen : material above both, share of the full-year budget and fen.
    """
    columns = {
        "outlook": "outlook_fen",
        "budget": "budget_fen",
        "variance": "variance_fen",
        "rate": "variance_rate",
    }
    (row,) = outlooks[outlooks["is_total"]].to_dict("records")
    size = abs(row["variance_fen"])
    return [
        Finding(
            key="outlook",
            text=_TEXTS["outlook"],
            refs=_refs(table, (TOTAL,), columns),
            direction="bad" if row["variance_fen"] > 0 else "good" if row["variance_fen"] < 0 else "neutral",
            material=size > max(materiality_fen, materiality_rate * abs(row["budget_fen"])),
            weight=float(size),
            basis=Label("按预算推算,不是预测", "budgeted, not forecast"),
        )
    ]


def status_findings(exceptions: pd.DataFrame, *, table: str = "status_exceptions") -> list[Finding]:
    """Each status that a version reached out of order.

    Parameters
    ----------
    exceptions : from `status_exceptions`, shown under the key ``table``.
    """
    columns = {"version": "version_id", "status": "status", "on": "status_on", "problem": "problem"}
    return [
        Finding(
            key=f"out-of-order-{row['version_id']}-{row['status']}",
            text=_TEXTS["out_of_order"],
            refs=_refs(table, (row["version_id"], row["status"]), columns),
            direction="bad",
            basis=Label("编制、评审、生效依次进行", "drafting, review and effect follow each other"),
        )
        for row in exceptions.to_dict("records")
    ]


def _largest(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """The largest variances; equal ones in the order of the table."""
    size = rows["variance_fen"].abs()
    return _records(rows.loc[size.sort_values(ascending=False, kind="stable").index[:_MOST]])


def _records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]


def _placed(kind: str, row: Mapping[Any, Any], table: str, **others: Ref) -> Finding:
    """A finding about one row of the variance table."""
    text = _TEXTS[kind]
    return Finding(
        key="-".join([kind.removeprefix("still_"), *(str(row[name]) for name in ("period", "owner_id", "account"))]),
        text=text,
        refs=_refs(table, (row["period"], row["owner_id"], row["account"]), _used(text, _PLACED)) | others,
        direction="neutral" if kind == "unspent" else _DIRECTIONS[row["verdict"]],
        material=bool(row["is_material"]),
        weight=abs(float(row["variance_fen"])),
        basis=_BASIS,
    )


def _used(text: Label, columns: Mapping[str, str]) -> dict[str, str]:
    """The columns that a text names."""
    return {name: column for name, column in columns.items() if "{" + name + "}" in text.zh}


def _refs(table: str, key: tuple[Any, ...], columns: Mapping[str, str]) -> dict[str, Ref]:
    row = tuple(str(part) for part in key)
    return {name: Ref(table, row, column) for name, column in columns.items()}
