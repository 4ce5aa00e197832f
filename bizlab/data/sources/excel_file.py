"""Worksheets as lines of texts, merged cells filled, hidden rows noted."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path, PurePosixPath
from typing import Any
from xml.etree import ElementTree as ET

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum

from bizlab.data.sources.config import SourceSettings
from bizlab.data.sources.sheet import Sheet
from bizlab.errors import SourceError

_MOST_BYTES = 500_000_000
_MOST_RATIO = 200
_SPREADSHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def read_excel(path: Path, source: SourceSettings, *, file: str) -> Sheet:
    """The lines of one worksheet.

    Numbers become text with fifteen significant digits, as many as a spreadsheet keeps; dates
    become ISO text; a merged cell gives its text to every cell that it covers.

    Raises
    ------
    SourceError : the file is no workbook, is damaged or a zip bomb, or has no such sheet.
    """
    _refuse_bomb(path, file)
    try:
        book = CalamineWorkbook.from_path(str(path))
    except (CalamineError, OSError, zipfile.BadZipFile) as fault:
        raise SourceError(
            f"The workbook cannot be opened: {fault}",
            place=file,
            way_out="open it in a spreadsheet program; if that fails too, ask the sender for it again",
        ) from fault
    name = _sheet_name(book, source, file)
    sheet = book.get_sheet_by_name(name)
    rows = [[_text(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or []:
        for row in range(top, min(bottom, len(rows) - 1) + 1):
            for column in range(left, min(right, len(rows[row]) - 1) + 1):
                rows[row][column] = rows[top][left]
    lines = tuple((number, tuple(row)) for number, row in enumerate(rows, start=1))
    return Sheet(file, name, lines, hidden=tuple(_hidden_rows(path, name)))


def _sheet_name(book: Any, source: SourceSettings, file: str) -> str:
    names = [entry.name for entry in book.sheets_metadata if entry.typ == SheetTypeEnum.WorkSheet]
    if source.sheet is None:
        return str(names[0])
    if source.sheet not in names:
        raise SourceError(
            f"There is no sheet '{source.sheet}'", place=file, way_out=f"declare one of {', '.join(names)}"
        )
    return source.sheet


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return format(value, ".15g") if abs(value) < 1e15 else format(value, ".0f")
    if isinstance(value, datetime):
        moment = (value + timedelta(microseconds=500_000)).replace(microsecond=0)
        return moment.date().isoformat() if moment.time() == time() else moment.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


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
            way_out="remove formatted but empty rows and columns, or send it as csv",
        )


def _hidden_rows(path: Path, name: str) -> Iterator[int]:
    """Numbers of hidden lines, read from the worksheet's XML; older xls files do not tell."""
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        part = _worksheet_part(archive, name)
        if part is None:
            return
        for row in re.finditer(rb"<row\b[^>]*>", archive.read(part)):
            number = re.search(rb'\br="(\d+)"', row[0])
            if number and re.search(rb'\bhidden="(?:1|true)"', row[0]):
                yield int(number[1])


def _worksheet_part(archive: zipfile.ZipFile, name: str) -> str | None:
    if "xl/workbook.xml" not in archive.namelist():
        return None
    book = ET.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314  expat bounds entity expansion
    relations = ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    for sheet in book.iter(f"{_SPREADSHEET}sheet"):
        if sheet.get("name") == name:
            target = targets[sheet.get(_RELATION)]
            return target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)
    return None
