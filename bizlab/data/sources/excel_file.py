"""Worksheets as lines of texts, merged cells filled, hidden rows and formulas in error noted."""

from __future__ import annotations

import zipfile
import zlib
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum

from bizlab.data.sources.config import SourceSettings
from bizlab.data.sources.sheet import Sheet, number_text
from bizlab.data.sources.worksheet_xml import read_marks
from bizlab.errors import SourceError

_MOST_BYTES = 200_000_000
_MOST_RATIO = 60
_MOST_CELLS = 40_000_000
_OF_READERS = (CalamineError, zipfile.BadZipFile, zlib.error, ET.ParseError)
_DAMAGED = (*_OF_READERS, OSError, KeyError, EOFError, NotImplementedError)
"""What reading a damaged workbook raises, in the workbook reader, the zip reader and the XML reader."""


def read_excel(path: Path, source: SourceSettings, *, file: str) -> Sheet:
    """The lines of one worksheet.

    Numbers become text with fifteen significant digits, as many as a spreadsheet keeps; dates
    become ISO text, times of day and durations ``h:mm``; a merged cell gives its text to every
    cell that it covers; a formula in error gives its error.

    Raises
    ------
    SourceError : the file is not a workbook, is damaged or a zip bomb, or has no such sheet.
    """
    try:
        _refuse_bomb(path, file)
        return _lines(path, source, file)
    except _DAMAGED as fault:
        raise SourceError(
            f"The workbook cannot be opened: {fault}",
            place=file,
            fix="open it in a spreadsheet program; if that fails too, ask the sender for it again",
        ) from fault


def _lines(path: Path, source: SourceSettings, file: str) -> Sheet:
    book = CalamineWorkbook.from_path(str(path))
    name = _sheet_name(book, source, file)
    marks = read_marks(path, name)
    if marks.area > _MOST_CELLS:
        raise SourceError(
            f"The sheet '{name}' reaches over {marks.area:,} cells, nearly all of them empty",
            place=file,
            fix="delete the cells far below or beside the table, and save it again",
        )
    sheet = book.get_sheet_by_name(name)
    rows = [[_text(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
    for (line, position), text in marks.cells.items():
        if line <= len(rows) and position < len(rows[line - 1]) and not rows[line - 1][position]:
            rows[line - 1][position] = text
    spread = _spread_merged(rows, sheet.merged_cell_ranges or [])
    lines = tuple((number, tuple(row)) for number, row in enumerate(rows, start=1))
    return Sheet(file, name, lines, hidden=marks.hidden, spread=spread)


def _spread_merged(rows: list[list[str]], ranges: list[Any]) -> frozenset[tuple[int, int]]:
    """Fill merged cells with the text of their first one; returns the cells filled."""
    filled = set()
    for (top, left), (bottom, right) in ranges:
        for row in range(top, min(bottom, len(rows) - 1) + 1):
            for column in range(left, min(right, len(rows[row]) - 1) + 1):
                if (row, column) != (top, left):
                    rows[row][column] = rows[top][left]
                    filled.add((row + 1, column))
    return frozenset(filled)


def _sheet_name(book: Any, source: SourceSettings, file: str) -> str:
    names = [entry.name for entry in book.sheets_metadata if entry.typ == SheetTypeEnum.WorkSheet]
    if not names:
        raise SourceError("The workbook has no worksheet", place=file, fix="ask the sender for it again")
    if source.sheet is None:
        return str(names[0])
    if source.sheet not in names:
        raise SourceError(f"There is no sheet '{source.sheet}'", place=file, fix=f"declare one of {', '.join(names)}")
    return source.sheet


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, datetime):
        moment = (value + timedelta(microseconds=500_000)).replace(microsecond=0)
        return moment.date().isoformat() if moment.time() == time() else moment.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return _clock(timedelta(hours=value.hour, minutes=value.minute, seconds=value.second))
    return _clock(value) if isinstance(value, timedelta) else str(value)


def _clock(duration: timedelta) -> str:
    """Hours as people write them: ``7:30``, ``26:00``; seconds only where there are any."""
    minutes, seconds = divmod(round(duration.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02d}" + (f":{seconds:02d}" if seconds else "")


def _refuse_bomb(path: Path, file: str) -> None:
    """A small zip that unpacks to something huge is refused by what its directory says."""
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > _MOST_BYTES and unpacked > _MOST_RATIO * path.stat().st_size:
        raise SourceError(
            f"The workbook of {path.stat().st_size:,} bytes unpacks to {unpacked:,}",
            place=file,
            fix="remove formatted but empty rows and columns, or send it as csv",
        )
