"""A blank form as a workbook: how to fill it in, a sheet for each table, and the lists to choose from."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from xlsxwriter.utility import xl_col_to_name

from bizlab.contracts.column import Column
from bizlab.contracts.table import Table
from bizlab.data.cleaning.conversion import control_column
from bizlab.data.sources.config import SourceSettings
from bizlab.data.sources.layout import TOTAL_WORDS
from bizlab.forms.entries import Entry, entry
from bizlab.labels import Label
from bizlab.periods import Month
from bizlab.report.lettering import text_width
from bizlab.report.workbooks.workbook import new_workbook

LISTS, HOW = "列表", "填写说明"
_HEADER = 3
_INTRODUCTION = (
    "每天记录,当天确认:本巴先确认,经营会计后确认。 | "
    "Record every day and confirm the same day: the unit first, then accounting.",
    "任何单元、任何人都不例外:每人每个工作日都要有工时,缺勤填 0。 | "
    "No unit and nobody is left out: hours of every person on every working day; absence is 0.",
    "表头与合计行不要改动;行数不够时,在合计行以上插入行。 | "
    "Leave the header and the total line as they are; where lines run out, insert some above the total line.",
    "填好后放入导出文件夹,与其他月份的日报同处;读入时逐行检查。 | "
    "Put the filled form beside the daily forms of other months; every line is checked when it is read.",
)


class Choices(NamedTuple):
    """A list of the sheet of lists: heads of its columns, and its rows; what is chosen stands in the first column."""

    heads: tuple[Label, ...]
    rows: Sequence[tuple[str, ...]]


class FormSheet(NamedTuple):
    """One table of a form: how it is read, how many lines it has room for, and the list of each column that has one."""

    contract: Table
    source: SourceSettings
    n_lines: int
    lists: Mapping[str, str]

    @property
    def header(self) -> int:
        """The line of the header, from 1: where the reader looks for it, else below the two title lines."""
        return self.source.header or _HEADER


def form_bytes(sheets: Sequence[FormSheet], lists: Mapping[str, Choices], *, month: Month, title: Label) -> bytes:
    """The blank workbook; the same arguments give the same bytes.

    Parameters
    ----------
    sheets : the tables, in their order.
    lists : by name; a list without rows is not checked against.
    title : who fills it in, for which month.
    """
    memory = io.BytesIO()
    book = new_workbook(memory)
    looks = {
        "title": book.add_format({"bold": True, "font_size": 14}),
        "quiet": book.add_format({"font_color": "#667380"}),
        "must": book.add_format({"bold": True, "bg_color": "#D6E2EB", "bottom": 1, "text_wrap": True}),
        "may": book.add_format({"bottom": 1, "text_wrap": True}),
        "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
    }
    how = book.add_worksheet(HOW)
    pages = [book.add_worksheet(str(sheet.source.sheet)) for sheet in sheets]
    ranges = _write_lists(book.add_worksheet(LISTS), lists, looks)
    explained: list[tuple[FormSheet, Column, Entry]] = []
    for page, sheet in zip(pages, sheets, strict=True):
        entries = _entries(sheet, month, ranges)
        _write_sheet(book, page, sheet, entries, looks, title)
        explained += [(sheet, column, asked) for column, asked in zip(sheet.contract.columns, entries, strict=True)]
    _write_how(how, explained, looks, title)
    book.close()
    return memory.getvalue()


def _write_lists(page: Any, lists: Mapping[str, Choices], looks: Mapping[str, Any]) -> dict[str, str]:
    """Write the lists side by side; return the cells to choose from, by name."""
    ranges, at = {}, 0
    for name, choices in lists.items():
        for place, head in enumerate(choices.heads):
            page.write_string(0, at + place, head.zh, looks["must"])
            for number, row in enumerate(choices.rows, start=1):
                page.write_string(number, at + place, row[place])
        if choices.rows:
            letter = xl_col_to_name(at)
            ranges[name] = f"='{LISTS}'!${letter}$2:${letter}${len(choices.rows) + 1}"
        at += len(choices.heads) + 1
    page.set_column(0, at, 16)
    page.freeze_panes(1, 0)
    return ranges


def _entries(sheet: FormSheet, month: Month, ranges: Mapping[str, str]) -> list[Entry]:
    known = {column: ranges[name] for column, name in sheet.lists.items() if name in ranges}
    top, end = sheet.header + 1, sheet.header + sheet.n_lines
    entries = []
    for place, column in enumerate(sheet.contract.columns):
        letter = xl_col_to_name(place)
        cells = (f"{letter}{top}", f"${letter}${top}:${letter}${end}")
        entries.append(entry(column, sheet.contract, sheet.source, month=month, cells=cells, ranges=known))
    return entries


def _write_sheet(
    book: Any, page: Any, sheet: FormSheet, entries: Sequence[Entry], looks: Mapping[str, Any], title: Label
) -> None:
    """Titles, header, what each column may hold, and the total line below the lines to fill in."""
    contract, header, below = sheet.contract, sheet.header, sheet.header + sheet.n_lines
    titles = [(f"{contract.label.zh} · {title.zh}", "title"), (f"{contract.grain.zh} · {contract.grain.en}", "quiet")]
    for line, (text, look) in enumerate(titles[: header - 1]):
        page.write_string(line, 0, text, looks[look])
    control = control_column(contract)
    for place, (column, asked) in enumerate(zip(contract.columns, entries, strict=True)):
        page.write_string(header - 1, place, column.label.zh, looks["may" if column.nullable else "must"])
        if asked.check:
            message = {"input_title": column.label.zh[:32], "input_message": f"{asked.words.zh}\n{asked.words.en}"}
            refusal = {"error_title": column.label.zh[:32], "error_message": f"应为:{asked.words.zh}\n{asked.words.en}"}
            page.data_validation(header, place, below - 1, place, asked.check | message | refusal)
        width = max(14.0, text_width(column.label.zh) * 2.2, 18.0 if "hh" in asked.number_format else 0.0)
        page.set_column(place, place, width, book.add_format({"num_format": asked.number_format}))
        bold = book.add_format({"num_format": asked.number_format, "bold": True, "top": 1})
        if column.name == control:
            letter = xl_col_to_name(place)
            page.write_formula(below, place, f"=SUM({letter}{header + 1}:{letter}{below})", bold, 0)
        elif place == 0:
            page.write_string(below, place, TOTAL_WORDS[0], bold)
    page.freeze_panes(header, 0)


def _write_how(
    page: Any, explained: Sequence[tuple[FormSheet, Column, Entry]], looks: Mapping[str, Any], title: Label
) -> None:
    page.write_string(0, 0, f"{title.zh} · {title.en}", looks["title"])
    for line, words in enumerate(map(Label.of, _INTRODUCTION), start=1):
        page.write_string(line, 0, words.zh)
        page.write_string(line, 4, words.en)
    top = len(_INTRODUCTION) + 2
    for place, head in enumerate(("工作表", "列", "填写内容", "必填", "Column", "What goes in")):
        page.write_string(top, place, head, looks["must"])
    for line, (sheet, column, asked) in enumerate(explained, start=top + 1):
        must = "" if column.nullable else "是"
        texts = (sheet.source.sheet or "", column.label.zh, asked.words.zh, must, column.label.en, asked.words.en)
        for place, text in enumerate(texts):
            page.write_string(line, place, text, looks["wrap"])
    page.freeze_panes(top + 1, 0)
    for place, width in enumerate((12, 18, 44, 8, 28, 56)):
        page.set_column(place, place, width)
