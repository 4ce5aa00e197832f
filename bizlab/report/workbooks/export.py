"""Lists that leave for another system: one table as CSV or as a workbook, cells of text staying text.

CSV: UTF-8 with a byte order mark, so that Excel reads the Chinese; lines end in CR LF; fields are quoted where they
must be. A spreadsheet runs a text that begins with ``=``, ``+``, ``-`` or ``@`` (also in full width, after blanks, or
after a tab or line break) as a formula, so `neutral` puts an apostrophe before it, and before a text that begins with
an apostrophe itself: a reader who takes one leading apostrophe away from every text has the original again. Numbers
are not texts and stay as they are, a negative one too. CSV has no types: Excel shows the id 000123 as 123; the workbook
keeps it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, TextIO

import pandas as pd

from bizlab.contracts.column import Column, plain
from bizlab.contracts.table import Table
from bizlab.errors import DataError
from bizlab.labels import Lang
from bizlab.report.format import cell_text, unit_word
from bizlab.report.lettering import text_width
from bizlab.report.shown import ShownColumn, ShownTable, Value
from bizlab.report.view import Names, shown_columns
from bizlab.report.workbooks.workbook import CELL_TEXT, SHEET_ROWS, cell_number, cell_value, new_workbook, write_cell
from bizlab.units.kinds import NUMERIC

_STARTS = frozenset("=+-@＝＋－＠")
_BREAKS = ("\t", "\r", "\n")
_AT_ONCE = 50_000


def neutral(text: str) -> str:
    """The text, with an apostrophe before it where a spreadsheet would take it for a formula.

    >>> neutral("=1+1"), neutral("'s-Hertogenbosch"), neutral("云帆")
    ("'=1+1", "''s-Hertogenbosch", '云帆')
    """
    runs = text.lstrip()[:1] in _STARTS
    return f"'{text}" if runs or text.startswith((*_BREAKS, "'")) else text


def original(text: str) -> str:
    """The text that `neutral` was given.

    >>> original("'=1+1"), original("云帆")
    ('=1+1', '云帆')
    """
    return text.removeprefix("'")


def csv_bytes(table: ShownTable, *, lang: Lang) -> bytes:
    """The table as CSV: a line of heads with their units, then a line per row; the same bytes for the same table.

    Codes stand as their words, money in yuan with two places, time in hours, shares as fractions, dates as YYYY-MM-DD;
    a missing value is an empty field, and so differs from 0.
    """
    text = io.StringIO()
    writer = _headed(text, table.columns, lang)
    for row in table.rows:
        writer.writerow([_field(value, column, lang) for value, column in zip(row, table.columns, strict=True)])
    return text.getvalue().encode()


def write_csv(
    file: TextIO,
    frame: pd.DataFrame,
    contract: Table,
    *,
    lang: Lang,
    names: Names | None = None,
    columns: Sequence[str] | None = None,
) -> None:
    """Write a frame of any length as `csv_bytes` would write its shown table, some thousand rows at a time.

    Parameters
    ----------
    file : opened for UTF-8 with ``newline=""``.
    frame, contract, names, columns : as `shown_table` takes them.
    """
    shown = shown_columns(frame, contract, names=names, columns=columns)
    writer = _headed(file, shown, lang)
    for start in range(0, len(frame), _AT_ONCE):
        part = frame.iloc[start : start + _AT_ONCE]
        fields = [_fields(part[column.name], contract[column.name], column, lang) for column in shown]
        writer.writerows(zip(*fields, strict=True))


def _headed(file: TextIO, columns: Sequence[ShownColumn], lang: Lang) -> Any:
    """A writer into a file that has a byte order mark and the line of heads."""
    file.write("\ufeff")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow([neutral(_head(column, lang)) for column in columns])
    return writer


def _fields(values: pd.Series[Any], column: Column, shown: ShownColumn, lang: Lang) -> list[str]:
    """The fields of a column; what is equal is written out once."""
    codes, distinct = pd.factorize(values)
    fields = [*(_field(plain(value, column), shown, lang) for value in distinct), ""]  # a missing one has the code -1
    return [fields[code] for code in codes.tolist()]


def xlsx_bytes(table: ShownTable, *, lang: Lang) -> bytes:
    """The table as a workbook of one sheet: numbers, dates and texts in cells of their type, no formula, no link.

    Raises
    ------
    DataError : more rows, or a longer text, than a sheet can hold; nothing is cut off.
    """
    _refuse_too_large(table, lang)
    memory = io.BytesIO()
    book = new_workbook(memory)
    sheet = book.add_worksheet("list")
    bold = book.add_format({"bold": True, "bottom": 1})
    formats = {shape: book.add_format({"num_format": shape}) for shape in dict.fromkeys(map(_shape, table.columns))}
    for place, column in enumerate(table.columns):
        sheet.write_string(0, place, _head(column, lang), bold)
        sheet.set_column(place, place, _width(table, place, lang))
    for number, row in enumerate(table.rows, start=1):
        for place, (value, column) in enumerate(zip(row, table.columns, strict=True)):
            content = cell_value(value, column, lang=lang)
            write_cell(sheet, (number, place), content, None if isinstance(content, str) else formats[_shape(column)])
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(table.rows), max(len(table.columns) - 1, 0))
    book.close()
    return memory.getvalue()


def _head(column: ShownColumn, lang: Lang) -> str:
    """A column's label; what is measured says in which unit."""
    word = unit_word(column.unit) if column.unit.row.sources else None
    label = column.label.text(lang)
    return f"{label} ({word.text(lang)})" if word else label


def _shape(column: ShownColumn) -> str:
    """The number format without colours and brackets, which another system would have to undo."""
    return column.unit.row.excel.partition(";")[0]


def _field(value: Value, column: ShownColumn, lang: Lang) -> str:
    if value is None:
        return ""
    if column.unit in NUMERIC and isinstance(value, int | float):
        row = column.unit.row
        return f"{Decimal(value).scaleb(-row.places):f}" if row.is_decimal else str(cell_number(value, column.unit))
    return neutral(cell_text(value, column).text(lang))


def _refuse_too_large(table: ShownTable, lang: Lang) -> None:
    if len(table.rows) >= SHEET_ROWS:
        raise DataError(
            f"{len(table.rows):,} rows do not fit on a sheet", place=f"table {table.key}", fix="write it as .csv"
        )
    for row, keys in zip(table.rows, table.row_keys, strict=True):
        for value, column in zip(row, table.columns, strict=True):
            if isinstance(value, str) and len(cell_text(value, column).text(lang)) > CELL_TEXT:
                raise DataError(
                    f"A text is longer than the {CELL_TEXT:,} characters of a cell",
                    place=f"table {table.key}, row {','.join(keys)}, column {column.name}",
                    fix="write it as .csv, or leave the column out",
                )


def _width(table: ShownTable, place: int, lang: Lang) -> float:
    """A column's width in characters, from its head and first values, within reason."""
    column = table.columns[place]
    texts: Sequence[str] = [_head(column, lang), *(cell_text(r[place], column).text(lang) for r in table.rows[:200])]
    return min(max(text_width(text) for text in texts) * 1.9 + 3, 48.0)
