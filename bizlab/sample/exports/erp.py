"""The ERP's exports: workbooks with title rows, headers in two rows and total lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import pandas as pd

from bizlab.contracts.table import Table
from bizlab.sample.company.draws import generator
from bizlab.sample.exports.cells import dirtied, in_wan, negative_in_brackets, plain_rows
from bizlab.sample.exports.manifests import Control, control, write_manifest
from bizlab.sample.exports.workbooks import Cell, Sheet, write_workbook

Frame: TypeAlias = pd.DataFrame
ORDER_GROUPS = {
    "order_line_id": "订单",
    "order_id": "订单",
    "customer_id": "订单",
    "unit_id": "订单",
    "product_line": "产品",
    "product_id": "产品",
    "quantity": "产品",
    "amount_fen": "金额(元)",
    "ordered_on": "日期",
    "due_on": "日期",
    "known_at": "日期",
}
WAN_EXAMPLE_FEN = 3_200_000
HIDDEN_LINES = frozenset({40, 41, 42})


def write_erp(recorded: dict[str, Frame], folder: Path, contracts: Mapping[str, Table], *, seed: int) -> None:
    """Write the ERP's folder: orders, settlements and the ledger by year, subscriptions in one workbook."""
    folder.mkdir(parents=True, exist_ok=True)
    controls = _orders(recorded["orders"], folder, contracts, seed) + _settlements(
        recorded["settlements"], folder, contracts, seed
    )
    controls.append(_subscriptions(recorded["subscriptions"], folder, contracts, seed))
    controls += _ledger(recorded["gl_entries"], folder, contracts)
    write_manifest(folder, controls)


def _orders(orders: Frame, folder: Path, contracts: Mapping[str, Table], seed: int) -> list[Control]:
    contract = contracts["orders"]
    headers = [(ORDER_GROUPS[name], contract[name].label.zh) for name in contract.names]
    controls = []
    for year, part in orders.groupby(orders["ordered_on"].dt.year):
        rows = _dirty_rows(part, contract, seed, f"orders {year}")
        rows = _with_totals(rows, part["ordered_on"].dt.strftime("%Y年%m月").tolist(), part, contract)
        sheet = Sheet("销售订单", ("云帆智造 销售订单明细表", f"期间:{year}年 单位:元"), headers, rows)
        write_workbook(folder / f"orders_{year}.xlsx", [sheet])
        controls.append(control(part, contract, file=f"orders_{year}.xlsx", sheet=sheet.name, column="amount_fen"))
    return controls


def _settlements(settlements: Frame, folder: Path, contracts: Mapping[str, Table], seed: int) -> list[Control]:
    contract = contracts["settlements"]
    headers = [contract[name].label.zh for name in contract.names]
    controls = []
    for year, part in settlements.groupby(settlements["paid_on"].dt.year):
        rows = _dirty_rows(part, contract, seed, f"settlements {year}")
        rows.append(_total_line("合计", part, contract))
        hidden = HIDDEN_LINES if year == 2026 else frozenset()
        sheet = Sheet("回款明细", ("云帆智造 回款明细表",), headers, rows, hidden)
        write_workbook(folder / f"settlements_{year}.xlsx", [sheet])
        controls.append(control(part, contract, file=f"settlements_{year}.xlsx", sheet=sheet.name, column="amount_fen"))
    return controls


def _subscriptions(subscriptions: Frame, folder: Path, contracts: Mapping[str, Table], seed: int) -> Control:
    contract = contracts["subscriptions"]
    headers = [contract[name].label.zh for name in contract.names]
    rows = _dirty_rows(subscriptions, contract, seed, "subscriptions")
    rows.append(_total_line("总计", subscriptions, contract))
    write_workbook(folder / "subscriptions.xlsx", [Sheet("订阅合同", ("监测订阅合同台账", "单位:元"), headers, rows)])
    return control(subscriptions, contract, file="subscriptions.xlsx", sheet="订阅合同", column="amount_fen")


def _ledger(entries: Frame, folder: Path, contracts: Mapping[str, Table]) -> list[Control]:
    """Vouchers as the ledger prints them: entries in red stand in brackets."""
    contract = contracts["gl_entries"]
    headers = [contract[name].label.zh for name in contract.names]
    controls = []
    for year, part in entries.groupby(entries["posted_on"].dt.year):
        rows = plain_rows(part, contract, contract.names)
        for column in ("debit_fen", "credit_fen"):
            rows = negative_in_brackets(rows, contract.names.index(column))
        total = _total_line("合计", part, contract, ("debit_fen", "credit_fen"))
        titles = ("云帆智造 总账分录", f"会计年度:{year} 单位:元")
        file, sheet = f"gl_entries_{year}.xlsx", Sheet("总账", titles, headers, [*rows, total])
        write_workbook(folder / file, [sheet])
        controls.append(control(part, contract, file=file, sheet=sheet.name, column="debit_fen"))
    return controls


def _dirty_rows(frame: Frame, contract: Table, seed: int, part: str) -> list[list[Cell]]:
    """Rows with dirt; the first amount of 32,000.00 yuan is written 3.2万, rebates stand in brackets."""
    rows = plain_rows(frame, contract, contract.names)
    at = contract.names.index("amount_fen")
    rows = negative_in_brackets(rows, at)
    rows = dirtied(rows, contract.names, contract, generator(seed, f"dirt {part}"))
    for line in [i for i, fen in enumerate(frame["amount_fen"]) if fen == WAN_EXAMPLE_FEN][:1]:
        rows[line][at] = in_wan(WAN_EXAMPLE_FEN / 100)
    return rows


def _total_line(words: str, frame: Frame, contract: Table, columns: Sequence[str] = ("amount_fen",)) -> list[Cell]:
    line: list[Cell] = [None] * len(contract.names)
    line[0] = words
    for column in columns:
        line[contract.names.index(column)] = int(frame[column].sum()) / 100
    return line


def _with_totals(rows: list[list[Cell]], months: list[str], frame: Frame, contract: Table) -> list[list[Cell]]:
    """A subtotal below each month, and a total at the end."""
    lines: list[list[Cell]] = []
    for i, row in enumerate(rows):
        lines.append(row)
        if i + 1 == len(rows) or months[i + 1] != months[i]:
            of_month = frame[[month == months[i] for month in months]]
            lines.append(_total_line(f"小计 {months[i]}", of_month, contract))
    return [*lines, _total_line("合计", frame, contract)]
