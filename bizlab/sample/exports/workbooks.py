"""Workbooks as people export them: title rows, headers in two rows, total lines, hidden rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import xlsxwriter

Cell = str | int | float | date | datetime | None
EXPORTED_AT = datetime(2026, 11, 2, 9, 0, 0)


@dataclass(frozen=True)
class Sheet:
    """One sheet.

    Parameters
    ----------
    name : name of the sheet.
    titles : lines above the header.
    headers : headers; a pair is a merged group and the header below it.
    rows : the lines, total lines among them.
    hidden : numbers of the lines (from 0) that the sender hid.
    """

    name: str
    titles: Sequence[str]
    headers: Sequence[str | tuple[str, str]]
    rows: Sequence[Sequence[Cell]]
    hidden: frozenset[int] = field(default_factory=frozenset)


def write_workbook(path: Path, sheets: Sequence[Sheet]) -> None:
    """Write a workbook; the same sheets give the same bytes."""
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(path, options) as book:
        book.set_properties({"created": EXPORTED_AT, "author": "", "company": "云帆智造"})
        styles = {
            "head": book.add_format({"bold": True, "align": "center", "bg_color": "#D9E1F2", "border": 1}),
            "title": book.add_format({"bold": True, "font_size": 14}),
            "day": book.add_format({"num_format": "yyyy-mm-dd"}),
            "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        for sheet in sheets:
            _write_sheet(book.add_worksheet(sheet.name), sheet, styles)


def _write_sheet(page: xlsxwriter.worksheet.Worksheet, sheet: Sheet, styles: dict[str, object]) -> None:
    for line, title in enumerate(sheet.titles):
        page.write_string(line, 0, title, styles["title"])
    top = len(sheet.titles)
    below = _write_headers(page, sheet.headers, top, styles["head"])
    page.freeze_panes(below, 0)
    page.set_column(0, len(sheet.headers) - 1, 14)
    for number, row in enumerate(sheet.rows):
        for column, value in enumerate(row):
            _write_cell(page, below + number, column, value, styles)
        if number in sheet.hidden:
            page.set_row(below + number, None, None, {"hidden": True})


def _write_headers(
    page: xlsxwriter.worksheet.Worksheet, headers: Sequence[str | tuple[str, str]], top: int, style: object
) -> int:
    """Write one or two header rows; return the first line below them."""
    if all(isinstance(header, str) for header in headers):
        for column, header in enumerate(headers):
            page.write_string(top, column, str(header), style)
        return top + 1
    groups = [header[0] for header in headers]
    start = 0
    for column in range(1, len(groups) + 1):
        if column == len(groups) or groups[column] != groups[start]:
            if column - start == 1:
                page.write_string(top, start, groups[start], style)
            else:
                page.merge_range(top, start, top, column - 1, groups[start], style)
            start = column
    for column, header in enumerate(headers):
        page.write_string(top + 1, column, header[1], style)
    return top + 2


def _write_cell(
    page: xlsxwriter.worksheet.Worksheet, line: int, column: int, value: Cell, styles: dict[str, object]
) -> None:
    if value is None:
        return
    if isinstance(value, str):
        page.write_string(line, column, value)
    elif isinstance(value, datetime):
        page.write_datetime(line, column, value, styles["moment"])
    elif isinstance(value, date):
        page.write_datetime(line, column, value, styles["day"])
    else:
        page.write_number(line, column, value)
