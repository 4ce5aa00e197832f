"""Budgets as workbooks in 万元 with the months across, and the postings of finance as csv in GBK."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

import pandas as pd

from bizlab.contracts.table import Table
from bizlab.sample.exports.cells import plain_rows
from bizlab.sample.exports.crm import csv_bytes, labels
from bizlab.sample.exports.manifests import Control, control, write_manifest
from bizlab.sample.exports.workbooks import Cell, Sheet, write_workbook

Frame: TypeAlias = pd.DataFrame
FEN_PER_WAN = 1_000_000
CUT_FILE = "actual_lines_2025.csv"
CUT_BYTES = 7
"""The last line of the file is cut within its amount: three decimals, line end and two digits."""
COPIED_FILE = "actual_lines_2024.csv"
COPY = "actual_lines_2024 (1).csv"


def write_budget(recorded: dict[str, Frame], folder: Path, contracts: Mapping[str, Table]) -> None:
    """Write the folder of budgets and postings."""
    folder.mkdir(parents=True, exist_ok=True)
    versions = contracts["budget_versions"]
    rows = plain_rows(recorded["budget_versions"], versions, versions.names)
    (folder / "versions.csv").write_bytes(csv_bytes(labels(versions, versions.names), rows).encode("utf-8-sig"))
    controls = [control(recorded["budget_versions"], versions, file="versions.csv")]
    controls += [
        _budget(part, folder, contracts, str(version))
        for version, part in recorded["budget_lines"].groupby("version_id")
    ]
    controls += _actual_lines(recorded["actual_lines"], folder, contracts)
    write_manifest(folder, controls)


def _budget(lines: Frame, folder: Path, contracts: Mapping[str, Table], version: str) -> Control:
    """One workbook a version: owners by account, months across, a subtotal for each owner."""
    contract = contracts["budget_lines"]
    words = contract["account"].words
    wide = lines.pivot_table(index=["owner_id", "account"], columns="month", values="amount_fen", aggfunc="sum")
    headers = ["版本", "科目", "责任单元", *(f"{m[:4]}年{int(m[5:])}月" for m in wide.columns), "全年"]
    rows: list[list[Cell]] = []
    for owner, part in wide.groupby(level="owner_id"):
        for (_, account), amounts in part.iterrows():
            rows.append([version, words[account].zh, str(owner), *_wan(amounts)])
        rows.append([f"小计 {owner}", None, None, *_wan(part.sum())])
    rows.append(["合计", None, None, *_wan(wide.sum())])
    title = (f"{version[:4]}年度营销预算表 {version}", "单位:万元")
    file = f"budget_{version}.xlsx"
    write_workbook(folder / file, [Sheet("预算", title, headers, rows)])
    return control(lines, contract, file=file, sheet="预算", column="amount_fen", unit="万元")


def _wan(amounts: pd.Series[int]) -> list[Cell]:
    """Amounts in 万元, and their sum at the end; nothing where nothing is planned."""
    cells: list[Cell] = [None if pd.isna(fen) else int(fen) / FEN_PER_WAN for fen in amounts]
    return [*cells, int(amounts.sum()) / FEN_PER_WAN]


def _actual_lines(lines: Frame, folder: Path, contracts: Mapping[str, Table]) -> list[Control]:
    """One file a year; that of 2025 is cut, that of 2024 was delivered twice."""
    contract = contracts["actual_lines"]
    columns = ("posting_id", "account", "owner_id", "posted_on", "remark", "amount_fen")
    controls = []
    for year, part in lines.groupby(lines["posted_on"].dt.year):
        file = f"actual_lines_{year}.csv"
        text = csv_bytes(labels(contract, columns, units={"amount_fen": "元"}), plain_rows(part, contract, columns))
        content = text.encode("gbk")
        (folder / file).write_bytes(content[:-CUT_BYTES] if file == CUT_FILE else content)
        if file == COPIED_FILE:
            (folder / COPY).write_bytes(content)
        controls.append(control(part, contract, file=file, column="amount_fen"))
    return controls
