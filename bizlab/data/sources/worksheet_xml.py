"""What only the worksheet's XML tells: hidden rows, formulas in error, formulas never calculated."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree as ET

from bizlab.data.sources.sheet import UNCALCULATED

_SPREADSHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_ROW = re.compile(rb"<row\b[^>]*>")
_ERROR = re.compile(rb'<c\b([^>]*\bt="e"[^>]*)>(?:<f\b[^>]*/>|<f\b[^>]*>[^<]*</f>)?<v>([^<]*)</v>')
_BARE_FORMULA = re.compile(rb"<c\b([^>]*)>(?:<f\b[^>]*/>|<f\b[^>]*>[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>")
_CELL = re.compile(rb'\br="([A-Z]+)([0-9]+)"')
_FILLED = re.compile(rb'<c r="([A-Z]+)([0-9]+)"[^>]*(?<!/)>')


@dataclass(frozen=True)
class Marks:
    """What the XML of a worksheet tells.

    Parameters
    ----------
    hidden : lines, from 1, that are hidden.
    cells : line and position (from 0) of formulas without a value, and the text to show for them.
    area : number of cells from the first to the last that is filled.
    """

    hidden: tuple[int, ...] = ()
    cells: dict[tuple[int, int], str] = field(default_factory=dict)
    area: int = 0


def read_marks(path: Path, sheet: str) -> Marks:
    """The marks of one worksheet; older xls files have no XML and so no marks.

    Raises
    ------
    zipfile.BadZipFile, zlib.error, KeyError, xml.etree.ElementTree.ParseError : the workbook is damaged.
    """
    if not zipfile.is_zipfile(path):
        return Marks()
    with zipfile.ZipFile(path) as archive:
        part = _worksheet_part(archive, sheet)
        content = archive.read(part) if part else b""
    cells: dict[tuple[int, int], str] = {}
    if b"<f" in content:
        for cell in _BARE_FORMULA.finditer(content):
            if b't="str"' not in cell[1]:
                cells |= _placed(cell[1], UNCALCULATED)
    for cell in _ERROR.finditer(content):
        cells |= _placed(cell[1], cell[2].decode())
    return Marks(hidden_rows(content), cells, area(content))


def hidden_rows(content: bytes) -> tuple[int, ...]:
    """Numbers of hidden lines.

    >>> hidden_rows(b'<row r="4" ht="15"/><row r="5" hidden="1"/>')
    (5,)
    """
    rows = [row[0] for row in _ROW.finditer(content) if re.search(rb'\bhidden="(?:1|true)"', row[0])]
    numbers = [re.search(rb'\br="(\d+)"', row) for row in rows]
    return tuple(int(number[1]) for number in numbers if number)


def area(content: bytes) -> int:
    """Number of cells of the smallest sheet that holds all filled ones.

    A single cell in the far corner makes a small file ask for billions.

    >>> area(b'<c r="A1" s="1"/><c r="B3"><v>1</v></c>')
    6
    """
    filled = _FILLED.findall(content)
    if not filled:
        return 0
    lines, letters = max(int(line) for _, line in filled), {letters for letters, _ in filled}
    return lines * (max(map(_position, letters)) + 1)


def _placed(attributes: bytes, text: str) -> dict[tuple[int, int], str]:
    cell = _CELL.search(attributes)
    return {(int(cell[2]), _position(cell[1])): text} if cell else {}


def _position(letters: bytes) -> int:
    """Position of a column from its letters: A is 0, AA is 26."""
    position = 0
    for letter in letters:
        position = position * 26 + letter - ord("A") + 1
    return position - 1


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
