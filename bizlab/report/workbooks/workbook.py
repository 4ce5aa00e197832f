"""The workbook of a month: one sheet a table, typed cells, live subtotals, the same bytes each time."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from bizlab.labels import Lang, joined
from bizlab.report.format import cell_text, unit_word
from bizlab.report.lettering import text_width
from bizlab.report.pages.summary import ANALYSIS as SUMMARY
from bizlab.report.sentences import Figures, all_tables, statements
from bizlab.report.shown import Results, ShownColumn, ShownTable, Value
from bizlab.report.words import WORDS, counted, month_words
from bizlab.report.workbooks.subtotals import Formula, row_total, statement_sum
from bizlab.units.kinds import NUMERIC, Unit
from bizlab.units.row import Kind

_CREATED = datetime(2000, 1, 1)
_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
_SHEET_NAME = 31
SHEET_ROWS, CELL_TEXT = 1_048_576, 32_767
"""What Excel can hold: rows of a sheet, characters of a cell."""
_FIRST_ROW = 4
_LOOKS: dict[str, dict[str, Any]] = {
    "head": {"bold": True, "bottom": 1, "text_wrap": True, "valign": "bottom"},
    "title": {"bold": True, "font_size": 14},
    "total": {"bold": True, "top": 1, "bg_color": "#F3F5F6"},
    "quiet": {"font_color": "#667380"},
    "wrap": {"text_wrap": True},
    "bad": {"bold": True, "font_color": "#B3492F"},
}


def workbook_bytes(several: Sequence[Results], *, lang: Lang) -> bytes:
    """The workbook of a month.

    Money stands in yuan, time in hours, rates as percent; every table has a last column with the row's key as the JSON
    writes it, so that a cell can be traced: ``table[key].column``, where the column's name stands above its label.

    Parameters
    ----------
    several : results of the analyses, one sheet a table of each; what the month's summary repeats is listed once.
    lang : the language of its words.
    """
    memory = io.BytesIO()
    book = _Book(new_workbook(memory), lang)
    book.fill(several)
    book.close()
    return memory.getvalue()


def new_workbook(memory: io.BytesIO) -> Any:
    """An empty workbook in which text stays text and nothing depends on the day on which it is written."""
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(memory, options)
    book.set_properties({"created": _CREATED})
    return book


def cell_value(value: Value, column: ShownColumn, *, lang: Lang) -> Value | date | datetime:
    """A value as the workbook's cell holds it: yuan, hours, a date; words for a code.

    >>> from bizlab.labels import Label
    >>> cell_value(-123_456, ShownColumn("net_fen", Unit.FEN, Label("净额", "Net")), lang="zh")
    -1234.56
    """
    if value is None:
        return None
    if column.unit in NUMERIC and isinstance(value, int | float):
        return cell_number(value, column.unit)
    match column.unit.row.kind:
        case Kind.DAY:
            return date.fromisoformat(str(value))
        case Kind.MOMENT:
            return datetime.fromisoformat(str(value))
    return fitting(cell_text(value, column).text(lang), lang=lang)


def fitting(text: str, *, lang: Lang) -> str:
    """The text as a cell can hold it: one that is too long says so at its end, and where the whole of it is.

    >>> len(fitting("长" * 40_000, lang="zh")), fitting("长" * 40_000, lang="zh")[-9:]
    (32767, '全文见 JSON）')
    """
    if len(text) <= CELL_TEXT:
        return text
    end = WORDS["cut_short"].text(lang)
    return text[: CELL_TEXT - len(end)] + end


def cell_number(value: float, unit: Unit) -> float:
    """A number as the cell holds it: yuan, hours, a share of 1.

    >>> cell_number(-123_456, Unit.FEN), cell_number(90, Unit.MINUTES), cell_number(0.25, Unit.RATE)
    (-1234.56, 1.5, 0.25)
    """
    return value if unit.row.per_cell == 1 else float(value / unit.row.per_cell)


def write_cell(sheet: Any, place: tuple[int, int], content: Value | date | datetime, style: Any) -> None:
    """Write a `cell_value` by its type; a missing one leaves the cell as it is."""
    if isinstance(content, datetime | date):
        sheet.write_datetime(*place, content, style)
    elif isinstance(content, int | float):
        sheet.write_number(*place, content, style)
    elif content is not None:
        sheet.write_string(*place, content, style)


class _Book:
    """A workbook being written; the one place that holds its formats and sheet names."""

    def __init__(self, book: Any, lang: Lang) -> None:
        self._book, self._lang = book, lang
        self._formats: dict[tuple[str, ...], Any] = {}
        self._names: set[str] = set()
        book.set_calc_mode("auto")

    def close(self) -> None:
        self._book.close()

    def fill(self, several: Sequence[Results]) -> None:
        contents = self._sheet(self._word("contents"))
        findings, checks = self._sheet(self._word("findings")), self._sheet(self._word("checks"))
        listed = [(results, table, self._table(results, table)) for results in several for table in all_tables(results)]
        self._contents(contents, several, listed)
        first_hand = [results for results in several if results.analysis != SUMMARY]
        self._findings(findings, first_hand)
        self._checks(checks, first_hand)

    def _sheet(self, title: str) -> Any:
        plain = _FORBIDDEN.sub(" ", title).strip() or "-"
        name, number = plain[:_SHEET_NAME], 1
        while name.casefold() in self._names:
            number += 1
            name = f"{plain[: _SHEET_NAME - 4]} {number}"
        self._names.add(name.casefold())
        return self._book.add_worksheet(name)

    def _format(self, number: str = "", *looks: str) -> Any:
        key = (number, *looks)
        if key not in self._formats:
            properties: dict[str, Any] = {"valign": "top"} | ({"num_format": number} if number else {})
            for look in looks:
                properties |= _LOOKS[look] if look in _LOOKS else {"indent": int(look)}
            self._formats[key] = self._book.add_format(properties)
        return self._formats[key]

    def _word(self, name: str) -> str:
        return WORDS[name].text(self._lang)

    def _put(self, sheet: Any, row: int, place: int, text: str, *looks: str) -> None:
        sheet.write_string(row, place, text, self._format("", *looks))

    def _heads(self, sheet: Any, row: int, widths: Mapping[str, float]) -> None:
        """The words that head the columns, as wide as given; everything below them scrolls."""
        for place, (word, width) in enumerate(widths.items()):
            self._put(sheet, row, place, self._word(word), "head")
            sheet.set_column(place, place, width)
        sheet.freeze_panes(row + 1, 0)

    def _table(self, results: Results, table: ShownTable) -> str:
        sheet = self._sheet(table.title.text(self._lang))
        self._put(sheet, 0, 0, table.title.text(self._lang), "title")
        about = joined([results.title, month_words(results.month), table.grain]).text(self._lang)
        n_rows = min(len(table.rows), SHEET_ROWS - _FIRST_ROW) if table.layout == "rows" else len(table.rows)
        if n_rows < table.n_rows:
            left_out = counted("left_out_of_sheet", n_rows, all=table.n_rows).text(self._lang)
            about += f" · {left_out} {table.whole.file if table.whole else 'JSON'}"
        self._put(sheet, 1, 0, about, "quiet")
        if table.layout == "statement":
            self._statement(sheet, table)
        else:
            self._rows(sheet, table, n_rows)
        return str(sheet.get_name())

    def _rows(self, sheet: Any, table: ShownTable, n_rows: int) -> None:
        last = len(table.columns)
        for place, column in enumerate(table.columns):
            self._put(sheet, _FIRST_ROW - 2, place, column.name, "quiet")
            self._put(sheet, _FIRST_ROW - 1, place, self._head(column), "head")
        self._put(sheet, _FIRST_ROW - 1, last, self._word("figure_key"), "head")
        for row, values in enumerate(table.rows[:n_rows]):
            looks = ("total",) if row in table.totals else ()
            for place, (value, column) in enumerate(zip(values, table.columns, strict=True)):
                indent = (str(min(table.depths[row], 8)),) if place == 0 and table.depths and table.depths[row] else ()
                formula = row_total(table, row, place)
                self._cell(sheet, (_FIRST_ROW + row, place), value, column, (*looks, *indent), formula)
            self._put(sheet, _FIRST_ROW + row, last, f"{table.key}[{','.join(table.row_keys[row])}]", "quiet")
        sheet.freeze_panes(_FIRST_ROW, 1)
        for place, column in enumerate(table.columns):
            texts = [cell_text(values[place], column).text(self._lang) for values in table.rows[:200]]
            sheet.set_column(place, place, _width([self._head(column), *texts], column))
        sheet.set_column(last, last, 28)

    def _statement(self, sheet: Any, table: ShownTable) -> None:
        n_rows = len(table.rows)
        self._put(sheet, _FIRST_ROW - 1, 0, self._word("item"), "head")
        keys = [(place, column) for place, column in enumerate(table.columns) if column.name in table.key_columns]
        for row in range(n_rows):
            key = ",".join(table.row_keys[row])
            names = (cell_text(table.rows[row][place], column).text(self._lang) for place, column in keys)
            self._put(sheet, _FIRST_ROW - 2, 1 + row, f"{table.key}[{key}]", "quiet")
            self._put(sheet, _FIRST_ROW - 1, 1 + row, " · ".join(names) or key, "head")
        self._put(sheet, _FIRST_ROW - 1, 1 + n_rows, self._word("figure_key"), "head")
        lines = [(p, c) for p, c in enumerate(table.columns) if c.name not in table.key_columns]
        for line, (place, column) in enumerate(lines):
            looks = ("total",) if column.name in table.subtotals else ()
            self._put(sheet, _FIRST_ROW + line, 0, self._head(column), *looks)
            for row in range(n_rows):
                formula = statement_sum(table, row, column.name, [c.name for _, c in lines])
                self._cell(sheet, (_FIRST_ROW + line, 1 + row), table.rows[row][place], column, looks, formula)
            self._put(sheet, _FIRST_ROW + line, 1 + n_rows, column.name, "quiet")
        sheet.freeze_panes(_FIRST_ROW, 1)
        sheet.set_column(0, 0, _width([self._head(column) for _, column in lines]))
        sheet.set_column(1, n_rows, 18)
        sheet.set_column(1 + n_rows, 1 + n_rows, 28)

    def _head(self, column: ShownColumn) -> str:
        word = None if column.unit.row.is_percent else unit_word(column.unit)
        label = column.label.text(self._lang)
        return f"{label} ({word.text(self._lang)})" if word else label

    def _cell(
        self,
        sheet: Any,
        place: tuple[int, int],
        value: Value,
        column: ShownColumn,
        looks: tuple[str, ...],
        formula: Formula | None = None,
    ) -> None:
        content = cell_value(value, column, lang=self._lang)
        style = self._format(column.unit.row.excel, *looks)
        if formula is not None and isinstance(content, int | float):
            sheet.write_formula(*place, formula.text(_FIRST_ROW, xl_col_to_name(place[1])), style, content)
        elif content is None:
            sheet.write_blank(*place, None, style)
        else:
            write_cell(sheet, place, content, style)

    def _contents(
        self, sheet: Any, several: Sequence[Results], listed: Sequence[tuple[Results, ShownTable, str]]
    ) -> None:
        month = month_words(several[0].month).text(self._lang) if several else ""
        self._put(sheet, 0, 0, f"{self._word('contents')} · {month}", "title")
        self._heads(sheet, 2, {"analysis": 24, "table": 32, "rows_head": 10, "key": 20})
        for row, (results, table, name) in enumerate(listed, start=3):
            sheet.write_string(row, 0, results.title.text(self._lang))
            sheet.write_url(row, 1, f"internal:'{name}'!A1", string=name)
            sheet.write_number(row, 2, table.n_rows)
            self._put(sheet, row, 3, table.key, "quiet")

    def _findings(self, sheet: Any, several: Sequence[Results]) -> None:
        widths = {"analysis": 20, "finding": 72, "state": 10, "material": 10, "basis_head": 48, "figure_key": 40}
        self._heads(sheet, 0, widths)
        tones = {"good": "favourable", "bad": "adverse", "neutral": "neutral"}
        row = 1
        for results in several:
            known = {finding.key: finding for finding in results.findings}
            for said in statements(results.findings, Figures(all_tables(results))):
                texts = (
                    results.title.text(self._lang),
                    said.text().text(self._lang),
                    self._word(tones[said.direction]),
                    self._word("material") if said.material else "",
                    "".join(part.text for part in said.basis[self._lang]) if said.basis else "",
                    ", ".join(ref.path for ref in known[said.key].refs.values()),
                )
                for place, text in enumerate(texts):
                    self._put(sheet, row, place, fitting(text, lang=self._lang), "wrap")
                row += 1

    def _checks(self, sheet: Any, several: Sequence[Results]) -> None:
        numbers = {"left": 18, "right": 18, "difference": 18}
        self._heads(sheet, 0, {"analysis": 20, "check": 48, "state": 10, **numbers, "key": 32})
        pairs = [(results, check) for results in several for check in results.checks]
        for row, (results, check) in enumerate(pairs, start=1):
            column = ShownColumn("", check.unit, check.label)
            looks = () if check.passed else ("bad",)
            sheet.write_string(row, 0, results.title.text(self._lang))
            self._put(sheet, row, 1, check.label.text(self._lang), "wrap")
            self._put(sheet, row, 2, self._word("holds" if check.passed else "off"), *looks)
            for place, side in enumerate((check.left, check.right, check.difference), start=3):
                self._cell(sheet, (row, place), side, column, looks)
            self._put(sheet, row, 6, check.key, "quiet")


def _width(texts: Sequence[str], column: ShownColumn | None = None) -> float:
    """A column's width in characters, from its longest text, within reason."""
    longest = max(map(text_width, set(texts)), default=4.0) * 1.9
    least = 14.0 if column and column.unit in NUMERIC else 9.0
    return min(max(longest + 2, least), 48.0)
