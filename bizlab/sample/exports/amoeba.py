"""The amoebas' daily forms, one workbook a month, and their master data."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

import pandas as pd

from bizlab.contracts.table import Table
from bizlab.sample.company.draws import generator
from bizlab.sample.exports.cells import dirtied, negative_in_brackets, plain, plain_rows
from bizlab.sample.exports.manifests import Control, control, write_manifest
from bizlab.sample.exports.workbooks import Cell, Sheet, write_workbook
from bizlab.units.kinds import Unit

Frame: TypeAlias = pd.DataFrame
DAILY = {
    "revenue_records": ("收入", "amount_fen"),
    "expense_records": ("费用", "amount_fen"),
    "hour_records": ("工时", "minutes"),
    "internal_trades_sold": ("内部销售", "amount_fen"),
    "internal_trades_bought": ("内部采购", "amount_fen"),
    "order_intake": ("承接订单", "amount_fen"),
    "headcount": ("人数", "n_persons"),
}
"""Sheet of each daily form, and the column whose total is given."""
MASTER = {
    "units": "组织单元",
    "unit_parents": "上级关系",
    "persons": "人员归属",
    "allocation_rules": "分摊规则",
    "drivers": "分摊动因",
    "transfer_prices": "内部价格",
}


def write_amoeba(recorded: dict[str, Frame], folder: Path, contracts: Mapping[str, Table], *, seed: int) -> None:
    """Write the amoebas' folder."""
    folder.mkdir(parents=True, exist_ok=True)
    controls = _master(recorded, folder, contracts) + _plans(recorded, folder, contracts)
    months = sorted(recorded["headcount"]["counted_on"].dt.strftime("%Y-%m").unique())
    parts = {name: _by_month(recorded[name], contracts[name]) for name in DAILY}
    for month in months:
        controls += _daily({name: part[month] for name, part in parts.items()}, folder, contracts, month, seed=seed)
    write_manifest(folder, controls)


def _by_month(frame: Frame, contract: Table) -> dict[str, Frame]:
    month = frame[str(contract.occurred)].dt.strftime("%Y-%m")
    return {str(key): part for key, part in frame.groupby(month)}


def _daily(
    parts: dict[str, Frame], folder: Path, contracts: Mapping[str, Table], month: str, *, seed: int
) -> list[Control]:
    file = f"daily_{month}.xlsx"
    sheets, controls = [], []
    for name, part in parts.items():
        sheet, column = DAILY[name]
        rng = generator(seed, f"dirt {name} {month}")
        contract = contracts[name]
        rows = plain_rows(part, contract, contract.names)
        dirt = [
            c if name != "hour_records" and c in {column, contract.occurred} else contract.key[0]
            for c in contract.names
        ]
        if contract[column].unit is Unit.FEN:
            rows = negative_in_brackets(rows, contract.names.index(column))
        rows = dirtied(rows, dirt, contract, rng)
        title = f"云帆智造 {contract.label.zh} {month[:4]}年{int(month[5:])}月"
        rows.append(_total_line(part, contract, column))
        sheets.append(Sheet(sheet, (title,), [c.label.zh for c in contract.columns], rows))
        controls.append(control(part, contract, file=file, sheet=sheet, column=column))
    write_workbook(folder / file, sheets)
    return controls


def _total_line(part: Frame, contract: Table, column: str) -> list[Cell]:
    """The total of a sheet, in yuan, hours or persons."""
    line: list[Cell] = [None] * len(contract.names)
    line[0] = "合计"
    row, total = contract[column].unit.row, int(part[column].sum())
    line[contract.names.index(column)] = total / row.source().per if row.sources else total
    return line


def _master(recorded: dict[str, Frame], folder: Path, contracts: Mapping[str, Table]) -> list[Control]:
    """A workbook with a sheet for each table, without titles and totals."""
    file = "master.xlsx"
    write_workbook(folder / file, [_sheet(recorded[name], contracts[name], sheet) for name, sheet in MASTER.items()])
    return [control(recorded[name], contracts[name], file=file, sheet=sheet) for name, sheet in MASTER.items()]


def _plans(recorded: dict[str, Frame], folder: Path, contracts: Mapping[str, Table]) -> list[Control]:
    """A workbook of plans: those of units with the kinds of expense across, and those of internal trade."""
    file, units, trades = "plans_2026.xlsx", "巴计划", "内部交易计划"
    own, pairs = (
        _sheet(recorded[t], contracts[t], name) for t, name in (("unit_plans", units), ("trade_plans", trades))
    )
    kind, amount = contracts["expense_plans"]["kind"].words, contracts["expense_plans"]["amount_fen"]
    spent = recorded["expense_plans"].set_index(["unit_id", "month", "kind"])["amount_fen"].unstack("kind")  # noqa: PD010
    by_unit = spent.reindex(pd.MultiIndex.from_frame(recorded["unit_plans"][["unit_id", "month"]]))[list(kind)]
    across = [[plain(value, amount) for value in values] for values in by_unit.to_numpy().tolist()]
    place = contracts["unit_plans"].names.index("revenue_fen") + 1
    headers = [*own.headers[:place], *(label.zh for label in kind.values()), *own.headers[place:]]
    rows = [[*row[:place], *amounts, *row[place:]] for row, amounts in zip(own.rows, across, strict=True)]
    write_workbook(folder / file, [Sheet(units, (), headers, rows), pairs])
    return [
        control(recorded[name], contracts[name], file=file, sheet=sheet)
        for name, sheet in (("unit_plans", units), ("expense_plans", units), ("trade_plans", trades))
    ]


def _sheet(frame: Frame, contract: Table, name: str) -> Sheet:
    return Sheet(name, (), [c.label.zh for c in contract.columns], plain_rows(frame, contract, contract.names))
