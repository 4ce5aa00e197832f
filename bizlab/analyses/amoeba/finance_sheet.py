"""One worksheet of the finance workbook: bilingual labels, number formats, folding, frozen panes and print set-up."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from bizlab.analyses.amoeba.finance_lines import FIRST_COLUMN, FIRST_ROW, Cell, Head, Line, Turned, reason_words
from bizlab.labels import Label
from bizlab.report.lettering import text_width
from bizlab.report.workbooks.workbook import cell_number
from bizlab.units.kinds import Unit

ABOUT = "说明 About"
LOOKS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 14},
    "quiet": {"font_color": "#667380", "font_size": 9},
    "head": {"bold": True, "text_wrap": True, "valign": "bottom", "align": "center", "bg_color": "#E4EAEE"},
    "left": {"align": "left"},
    "id": {"font_color": "#667380", "font_size": 9, "align": "center", "bottom": 1},
    "total": {"bold": True, "top": 1, "bg_color": "#F3F5F6"},
    "class": {"font_color": "#46515B"},
    "inside": {"indent": 1},
    "why": {"font_color": "#667380", "font_size": 8, "text_wrap": True, "align": "right"},
    "wrap": {"text_wrap": True, "valign": "top"},
    "link": {"font_color": "#2F6690", "underline": 1},
    "bad": {"bold": True, "font_color": "#B3492F"},
}
_CLOSED = Label("(已关闭)", "(closed)")
_UNITS = "金额单位:元;工时单位:小时 · amounts in RMB, time in hours"
A4, A3 = 9, 8
_A4_WIDTH, _A3_WIDTH = 150, 230
_LEAST, _MOST = 13.0, 24.0
LINE_HEIGHT = 15


class Styles:
    """The workbook's formats, each made once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[str, ...], Any] = {}

    def __call__(self, *looks: str, number: str = "") -> Any:
        if (*looks, number) not in self._made:
            properties: dict[str, Any] = {"valign": "vcenter"}
            for look in looks:
                properties |= LOOKS[look]
            if number:
                properties["num_format"] = number
            self._made[*looks, number] = self._book.add_format(properties)
        return self._made[*looks, number]


class Traced(NamedTuple):
    """A cell and the name of the figure in it."""

    row: int
    column: int
    figure: str


def write_turned(sheet: Any, turned: Turned, styles: Styles, *, title: Label, month: str) -> list[Traced]:
    """Fill a worksheet with a turned table.

    Parameters
    ----------
    title, month : of the analysis, and ``YYYY-MM`` for the footer.

    Returns
    -------
    Every cell that holds a figure, or says why there is none.
    """
    widths = [_column_width(turned, column) for column in range(len(turned.heads))]
    _top(sheet, turned, styles, title)
    _heads(sheet, turned.heads, widths, styles)
    for number, (line, cells) in enumerate(zip(turned.lines, turned.cells, strict=True)):
        _line(sheet, FIRST_ROW + number, line, cells, styles)
    labels = _label_widths(turned.lines)
    for place, width in enumerate(labels):
        sheet.set_column(place, place, width)
    _print(sheet, label_width=sum(labels), width=sum(widths), month=month)
    return [
        Traced(FIRST_ROW + line, FIRST_COLUMN + column, cell.figure)
        for line, cells in enumerate(turned.cells)
        for column, cell in enumerate(cells)
        if cell.figure
    ]


def _top(sheet: Any, turned: Turned, styles: Styles, title: Label) -> None:
    sheet.write_string(0, 0, f"{title.zh} · {title.en}", styles("title"))
    sheet.set_row(0, 22)
    sheet.write_string(1, 0, f"{turned.title.zh} · {turned.title.en} · {_UNITS}", styles("quiet"))
    for place, text in enumerate(("项目", "Item", "公式 Formula")):
        sheet.write_blank(2, place, None, styles("head"))
        sheet.write_blank(3, place, None, styles("head"))
        sheet.write_string(4, place, text, styles("head", "id", "left"))
    sheet.write_url(2, 0, f"internal:'{ABOUT}'!A1", styles("head", "left", "link"), f"← {ABOUT}")


def _heads(sheet: Any, heads: Sequence[Head], widths: Sequence[float], styles: Styles) -> None:
    """The units' names, one language above the other, and their ids; deeper units fold away."""
    names = [Label(*(f"{name} {said}" for name, said in zip(h.name, _CLOSED, strict=True))) if h.closed else h.name
             for h in heads]  # fmt: skip
    for place, (head, name, width) in enumerate(zip(heads, names, widths, strict=True), start=FIRST_COLUMN):
        sheet.write_string(2, place, name.zh, styles("head"))
        sheet.write_string(3, place, name.en, styles("head"))
        sheet.write_string(4, place, head.unit_id, styles("head", "id"))
        sheet.set_column(place, place, width, None, {"level": head.fold})
    for row, texts in ((2, [name.zh for name in names]), (3, [name.en for name in names])):
        n_lines = max(
            (math.ceil(cells_wide(text) / width) for text, width in zip(texts, widths, strict=True)), default=1
        )
        sheet.set_row(row, LINE_HEIGHT * min(n_lines, 6))
    sheet.freeze_panes(FIRST_ROW, FIRST_COLUMN)
    sheet.outline_settings(visible=True, symbols_below=False, symbols_right=False)


def _line(sheet: Any, row: int, line: Line, cells: Sequence[Cell], styles: Styles) -> None:
    looks = () if line.kind == "plain" else (line.kind,)
    inside = ("inside",) if line.kind == "class" else ()
    for place, text in enumerate((line.label.zh, line.label.en, line.formula)):
        _text(sheet, row, place, text, styles(*looks, *(inside if place < 2 else ())))
    for place, cell in enumerate(cells, start=FIRST_COLUMN):
        _cell(sheet, row, place, cell, line.unit, looks, styles)
    unsaid = any(cell.value is None and cell.reason for cell in cells)
    sheet.set_row(row, 2 * LINE_HEIGHT if unsaid else None, None, {"level": 1} if line.kind == "class" else {})


def _cell(sheet: Any, row: int, place: int, cell: Cell, unit: Unit, looks: tuple[str, ...], styles: Styles) -> None:
    content: float | str = reason_words(cell.reason) if cell.reason else ""
    if isinstance(cell.value, int | float):
        content = cell_number(cell.value, unit)
    style = styles(*looks, *(["why"] if isinstance(content, str) else []), number=unit.row.excel)
    if cell.formula:
        sheet.write_formula(row, place, cell.formula, style, content)
    elif not isinstance(content, str):
        sheet.write_number(row, place, content, style)
    else:
        _text(sheet, row, place, content, style)


def _text(sheet: Any, row: int, place: int, text: str, style: Any) -> None:
    """A text, or a blank cell where there is none."""
    if text:
        sheet.write_string(row, place, text, style)
    else:
        sheet.write_blank(row, place, None, style)


def _column_width(turned: Turned, column: int) -> float:
    """Wide enough for the longest number with its brackets; names are wrapped."""
    values = ((cells[column].value, line.unit) for line, cells in zip(turned.lines, turned.cells, strict=True))
    numbers = [f"({cell_number(value, unit):,.2f})" for value, unit in values if isinstance(value, int | float)]
    return min(max(max(map(len, numbers), default=0) + 2.0, _LEAST), _MOST)


def _label_widths(lines: Sequence[Line]) -> list[float]:
    texts = zip(*((line.label.zh, line.label.en, line.formula) for line in lines), strict=True)
    return [min(max(max(map(cells_wide, column)) + 2, 10), 40) for column in texts]


def cells_wide(text: str) -> float:
    """A text's width in the digits that a column's width is counted in.

    >>> cells_wide("装配")
    4.0
    """
    return text_width(text) * 2


def _print(sheet: Any, *, label_width: float, width: float, month: str) -> None:
    """Landscape, header and labels on every sheet of paper, no more sheets than can be read."""
    small = label_width + width <= _A4_WIDTH
    sheet.set_landscape()
    sheet.set_paper(A4 if small else A3)
    sheet.fit_to_pages(1 if small else math.ceil(width / (_A3_WIDTH - label_width)), 1)
    sheet.repeat_rows(0, FIRST_ROW - 1)
    sheet.repeat_columns(0, FIRST_COLUMN - 1)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.set_footer(f"&L{month}&C&A&R&P / &N")
