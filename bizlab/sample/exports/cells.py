"""How values look in exports: mostly plain, sometimes the way people type them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd

from bizlab.contracts.column import Column
from bizlab.contracts.table import Table
from bizlab.sample.exports.workbooks import Cell
from bizlab.units.kinds import Unit
from bizlab.units.row import Kind

FULL_WIDTH = str.maketrans("0123456789.,", "０１２３４５６７８９．，")
EXCEL_EPOCH = date(1899, 12, 30)
DIRT_RATE = 0.015


def plain(value: Any, column: Column) -> Cell:
    """A value as a system exports it: yuan, hours, dates, the Chinese word of a code."""
    if value is None or pd.isna(value):
        return None
    match column.unit.row.kind:
        case Kind.WHOLE:
            return int(value) / column.unit.row.source().per if column.unit.row.sources else int(value)
        case Kind.REAL:
            return float(value) / column.unit.row.source().per
        case Kind.DAY:
            day: date = pd.Timestamp(value).date()
            return day
        case Kind.MOMENT:
            moment: datetime = pd.Timestamp(value).to_pydatetime().replace(microsecond=0)
            return moment
        case Kind.YES_NO:
            return "是" if value else "否"
    return column.choice_labels[value].zh if column.choice_labels else str(value)


def plain_rows(frame: pd.DataFrame, contract: Table, columns: Sequence[str]) -> list[list[Cell]]:
    """The rows of a table as they are exported, without dirt."""
    cells = [[plain(value, contract[name]) for value in frame[name].tolist()] for name in columns]
    return [list(row) for row in zip(*cells, strict=True)]


def dirtied(
    rows: list[list[Cell]], columns: Sequence[str], contract: Table, rng: np.random.Generator
) -> list[list[Cell]]:
    """The rows with some dates as text or serial and some numbers as people type them."""
    changed = [list(row) for row in rows]
    for at, name in enumerate(columns):
        ways = _ways(contract[name].unit)
        if not ways:
            continue
        hit = np.flatnonzero(rng.random(len(rows)) < DIRT_RATE)
        for line, way in zip(hit, rng.integers(0, len(ways), len(hit)), strict=True):
            value = changed[line][at]
            changed[line][at] = value if value is None or isinstance(value, str) else ways[way](value)
    return changed


def negative_in_brackets(rows: list[list[Cell]], at: int) -> list[list[Cell]]:
    """Negative amounts of a column as bookkeepers write them: ``(1,250.50)``."""
    return [
        [
            f"({-cell:,.2f})" if i == at and isinstance(cell, int | float) and cell < 0 else cell
            for i, cell in enumerate(row)
        ]
        for row in rows
    ]


def csv_text(cell: Cell) -> str:
    """A cell in a csv file.

    >>> csv_text(1250.5), csv_text(date(2026, 10, 8)), csv_text(None)
    ('1250.50', '2026-10-08', '')
    """
    if cell is None:
        return ""
    if isinstance(cell, float):
        return f"{cell:.2f}"
    return str(cell)


def thousands(value: Any) -> str:
    """
    >>> thousands(2666), thousands(1250.5)
    ('2,666', '1,250.50')
    """
    return f"{value:,.2f}" if isinstance(value, float) and value != int(value) else f"{int(value):,}"


def full_width(value: Any) -> str:
    """
    >>> full_width(2666)
    '２６６６'
    """
    return thousands(value).replace(",", "").translate(FULL_WIDTH)


def in_wan(value: Any) -> str:
    """Tens of thousands where that is exact to two places, else thousands.

    >>> in_wan(32000.0), in_wan(1234.5)
    ('3.2万', '1,234.50')
    """
    return f"{value / 10_000:g}万" if 10_000 <= value < 10_000_000 and value % 100 == 0 else thousands(value)


def _slashed(value: Any) -> str:
    return f"{value.year}/{value.month}/{value.day}"


def _dashed(value: Any) -> str:
    return f"{value:%Y-%m-%d}"


def _serial(value: Any) -> int:
    return int((value - EXCEL_EPOCH).days)


def _ways(unit: Unit) -> tuple[Callable[[Any], Cell], ...]:
    if unit is Unit.DATE:
        return (_slashed, _dashed, _serial)
    if unit is Unit.FEN:
        return (thousands, full_width, in_wan)
    if unit is Unit.COUNT:
        return (thousands, full_width)
    return ()
