"""A table's files as one frame of raw texts, every row with its place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from bizlab.contracts.column import Column
from bizlab.contracts.table import Table
from bizlab.data.sources.config import Sources, SourceSettings, matching_files
from bizlab.data.sources.csv_file import read_csv
from bizlab.data.sources.excel_file import read_excel
from bizlab.data.sources.layout import Header, Line, lay_out
from bizlab.data.sources.parquet_file import read_parquet
from bizlab.data.sources.sheet import Sheet
from bizlab.units.kinds import NUMERIC

FILE, SHEET, LINE, SHORT, LONG = "_file", "_sheet", "_line", "_short", "_long"
PLACE = (FILE, SHEET, LINE)


@dataclass(frozen=True)
class RawTable:
    """The raw texts of a table.

    Parameters
    ----------
    contract, source : what it should be and how it was read.
    rows : one row a row of the files: a text for each contract column, file, sheet and line, and
        whether the line had fewer or more cells than the header.
    totals : the total lines, in the same columns.
    sheets : the sheets read, with their evidence and hidden lines.
    """

    contract: Table
    source: SourceSettings
    rows: pd.DataFrame
    totals: pd.DataFrame
    sheets: tuple[Sheet, ...]


def read_table(project: Path, sources: Sources, name: str) -> RawTable:
    """Read all files of a table as text; `SourceError` where one is missing, damaged, or not what was declared."""
    contract, source = sources.contracts[name], sources.tables[name]
    rows, totals, sheets = [], [], []
    for path in matching_files(project, sources, name):
        sheet = _sheet(path, source, path.relative_to(project.resolve()).as_posix())
        layout = lay_out(sheet, source, contract)
        rows.append(texts_of(layout.rows, layout.header, sheet, source, contract))
        totals.append(texts_of(layout.totals, layout.header, sheet, source, contract))
        sheets.append(sheet)
    every, total_lines = (pd.concat(parts, ignore_index=True) for parts in (rows, totals))
    return RawTable(contract, source, every, total_lines, tuple(sheets))


def _sheet(path: Path, source: SourceSettings, file: str) -> Sheet:
    if source.format == "csv":
        return read_csv(path, source, file=file)
    return read_excel(path, source, file=file) if source.format == "excel" else read_parquet(path, file=file)


def texts_of(
    lines: tuple[Line, ...], header: Header, sheet: Sheet, source: SourceSettings, contract: Table
) -> pd.DataFrame:
    """Lines as rows of `RawTable`."""
    padded = [(*cells, *[""] * (header.width - len(cells))) for _, cells in lines]
    numbers = [line for line, _ in lines]
    columns = {
        name: _cells(padded, numbers, header.columns[name], sheet, contract[name])
        if name in header.columns
        else source.constants.get(name, "")
        for name in contract.names
    }
    frame = pd.DataFrame(columns, index=range(len(lines)), dtype="object")
    frame[FILE], frame[SHEET] = sheet.file, sheet.sheet
    frame[LINE] = pd.Series(numbers, dtype="int64")
    frame[SHORT] = pd.Series([len(cells) < header.width for _, cells in lines], dtype="bool")
    # Of a csv line with text beyond its header the cells may have slipped; those of a worksheet cannot.
    is_csv = source.format == "csv"
    long = [is_csv and any(cell.strip() for cell in cells[header.width :]) for _, cells in lines]
    frame[LONG] = pd.Series(long, dtype="bool")
    return _unpivoted(frame, padded, header, source) if source.unpivot else frame


def _cells(padded: list[tuple[str, ...]], numbers: list[int], position: int, sheet: Sheet, column: Column) -> list[str]:
    """The texts of a column; an amount in merged cells counts once, names and dates for each row."""
    texts = [row[position] for row in padded]
    if not sheet.spread or column.unit not in NUMERIC:
        return texts
    return ["" if (line, position) in sheet.spread else text for line, text in zip(numbers, texts, strict=True)]


def _unpivoted(
    frame: pd.DataFrame, padded: list[tuple[str, ...]], header: Header, source: SourceSettings
) -> pd.DataFrame:
    """One row for each filled cell of the columns across."""
    if source.unpivot is None:
        return frame
    parts = []
    for position, value in header.across.items():
        cells = pd.Series([row[position] for row in padded], index=frame.index, dtype="object")
        part = frame.assign(**{source.unpivot.into: value, source.unpivot.value: cells})
        parts.append(part[cells.str.strip() != ""])
    return pd.concat(parts).sort_values([LINE], kind="stable").reset_index(drop=True)
