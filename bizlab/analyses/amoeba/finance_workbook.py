"""The unit-hour sheet as finance keeps it (单位时间核算表): a worksheet a period, live subtotals, both languages.

The workbook is a rendering of the frozen results: it computes no figure, and a formula stands only where it gives the
figure that was frozen.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from xlsxwriter.utility import xl_rowcol_to_cell

from bizlab.amoeba.accounting.sharing import METHODS
from bizlab.analyses.amoeba.finance_lines import Turned, sheet_lines, turned_bridge, turned_sheet
from bizlab.analyses.amoeba.finance_sheet import A4, ABOUT, LINE_HEIGHT, Styles, Traced, cells_wide, write_turned
from bizlab.contracts.check import Check
from bizlab.labels import Label
from bizlab.report.shown import Results, ShownTable
from bizlab.report.words import WORDS, month_words
from bizlab.report.workbooks.workbook import cell_number, new_workbook

TRACE = "追溯 Trace"
SHEETS = {
    "sheet": "本月 Month",
    "ytd": "累计 Year to date",
    "week": "本周 Week",
    "day": "当日 Day",
    "company": "对比 Compared",
}
"""The sheets of the analysis that have a worksheet, by the keys of their tables, and the worksheets' names."""
BRIDGES = {"bridge": "变动分解 Bridge", "plan_bridge": "计划差异 Plan bridge"}
_WIDTHS = (60, 84, 16, 18, 18, 16, 48)
"""Of the columns of the first worksheet."""
_LABOUR = {
    True: Label("人工成本计入 B1", "labour cost is in B1"),
    False: Label("人工成本不计入 B1,C 为附加值", "labour cost is not in B1, so that C is value added"),
}
_HOW = (
    Label(
        "金额单位为元,工时单位为小时;括号与红色为负数。零就是零;没有数字之处写明原因。",
        "Amounts are in RMB, time in hours; negatives are red in brackets. Zero is zero; where there is no number, the reason stands.",  # noqa: E501
    ),
    Label(
        "A0、A、B1、B、C、D 与 F 至 I 是公式,改动上方的数字即随之重算。",
        "A0, A, B1, B, C, D and F to I are formulas: they follow when a number above is changed.",
    ),
    Label(
        "上级单元等于下级之和时也是公式;本身另有入账、或有单元月中调动时是数字。A2、B0 不相加:下级之间的交易已抵消。",
        "A parent that is the sum of the units below it is a formula too; one with entries of its own, or whose units moved within the month, is a number. A2 and B0 do not add up: trade below a parent is eliminated.",  # noqa: E501
    ),
    Label(
        "列按组织层级折叠:公司与SBU始终可见,左上角 1、2、3 展开或收起下级;B1 的各类费用同样可收起,未列示各类之处留空。",
        "Columns fold by level: the company and its SBUs stay, 1, 2, 3 at the top left show or hide what lies below; the classes of B1 fold too, and are blank where the analysis does not show them.",  # noqa: E501
    ),
    Label(
        f"工作表“{TRACE}”列出每个单元格对应的数字编号,与网页和 JSON 相同。",
        f"The worksheet “{TRACE}” names the figure in every cell, as page and JSON name it.",
    ),
)


class _Listed(NamedTuple):
    """A worksheet, the table that it was made from, and its traced cells."""

    name: str
    turned: Turned
    traced: list[Traced]


def finance_workbook_bytes(results: Results) -> bytes:
    """The workbook of the unit-hour sheet.

    Parameters
    ----------
    results : of the analysis ``unit_hour``, for any set of units. A worksheet is made for each table of `SHEETS` and
        `BRIDGES` that is there and has rows.

    Returns
    -------
    The xlsx file; the same results give the same bytes. Money stands in yuan, time in hours.
    """
    memory = io.BytesIO()
    book = new_workbook(memory)
    book.set_calc_mode("auto")
    styles = Styles(book)
    about = book.add_worksheet(ABOUT)
    title = _title(results)
    listed = []
    for name, turned in _turned(results.tables):
        sheet = book.add_worksheet(name)
        listed.append(_Listed(name, turned, write_turned(sheet, turned, styles, title=title, month=results.month)))
    _trace(book.add_worksheet(TRACE), listed, styles)
    _about(about, results, listed, styles)
    book.close()
    return memory.getvalue()


def _title(results: Results) -> Label:
    month = month_words(results.month)
    return Label(f"{results.title.zh} · {month.zh}", f"{results.title.en} · {month.en}")


def _turned(tables: Sequence[ShownTable]) -> Iterator[tuple[str, Turned]]:
    """The worksheets' tables in order."""
    by_key = {table.key: table for table in tables if table.rows}
    for key, name in SHEETS.items():
        if key in by_key:
            yield name, turned_sheet(by_key[key], tables, month=None if key == "company" else by_key.get("sheet"))
    heads = turned_sheet(by_key["sheet"], []).heads if "sheet" in by_key else ()
    folds = {head.unit_id: head.fold for head in heads}
    for key, name in BRIDGES.items():
        if key in by_key:
            yield name, turned_bridge(by_key[key], folds=folds)


def _trace(sheet: Any, listed: Iterable[_Listed], styles: Styles) -> None:
    """The name of the figure in every cell."""
    for place, text in enumerate(("工作表 Worksheet", "单元格 Cell", "数字编号 Figure key")):
        sheet.write_string(0, place, text, styles("head", "left"))
    cells = (
        (entry.name, xl_rowcol_to_cell(cell.row, cell.column), cell.figure) for entry in listed for cell in entry.traced
    )
    last = 0
    for last, texts in enumerate(cells, start=1):
        for place, text in enumerate(texts):
            sheet.write_string(last, place, text)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, last, 2)
    for place, width in enumerate((24, 12, 56)):
        sheet.set_column(place, place, width)
    sheet.repeat_rows(0)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&C&A&R&P / &N")


class _Page:
    """The first worksheet, written from top to bottom."""

    def __init__(self, sheet: Any, styles: Styles) -> None:
        self.sheet, self.styles, self.row = sheet, styles, 0
        for place, width in enumerate(_WIDTHS):
            sheet.set_column(place, place, width)

    def put(self, *texts: str, look: str = "wrap") -> None:
        """A row of texts, as high as its longest text needs."""
        for place, text in enumerate(texts):
            self.sheet.write_string(self.row, place, text, self.styles(look))
        if look == "wrap":
            n_lines = max(math.ceil(cells_wide(text) / (_WIDTHS[n] - 2)) for n, text in enumerate(texts))
            self.sheet.set_row(self.row, LINE_HEIGHT * max(n_lines, 1))
        self.row += 1

    def head(self, *texts: str) -> None:
        self.row += 1
        for place, text in enumerate(texts):
            self.sheet.write_string(self.row, place, text, self.styles("head", "left"))
        self.row += 1

    def link(self, name: str, content: str) -> None:
        self.sheet.write_string(self.row, 1, content, self.styles("wrap"))
        self.sheet.write_url(self.row, 0, f"internal:'{name}'!A1", self.styles("link"), name)
        self.row += 1

    def check(self, check: Check) -> None:
        """A check with both its sides; one that is off says where to look."""
        state, row = WORDS["holds" if check.passed else "off"], self.row
        where = check.detail or Label("", "")
        self.put(f"{check.label.zh} {where.zh}".strip(), f"{check.label.en} {where.en}".strip())
        self.sheet.write_string(row, 2, f"{state.zh} {state.en}", self.styles("wrap" if check.passed else "bad"))
        number = self.styles("wrap", number=check.unit.row.excel)
        for place, side in enumerate((check.left, check.right, check.difference), start=3):
            self.sheet.write_number(row, place, cell_number(side, check.unit), number)
        self.sheet.write_string(row, 6, f"check[{check.key}]", self.styles("quiet"))


def _about(sheet: Any, results: Results, listed: Sequence[_Listed], styles: Styles) -> None:
    """What the workbook is, what was set, where what stands, how to read it, and whether it adds up."""
    page, title = _Page(sheet, styles), _title(results)
    page.put(title.zh, look="title")
    page.put(title.en, look="quiet")
    page.head("设置", "Settings")
    for label in _settings(results):
        page.put(*label)
    page.head("工作表 Worksheets", "内容 Content")
    for entry in listed:
        page.link(entry.name, f"{entry.turned.title.zh} · {entry.turned.title.en}")
    page.link(TRACE, f"{WORDS['figure_key'].zh} · {WORDS['figure_key'].en}")
    page.head("如何阅读", "How to read it")
    for label in _HOW:
        page.put(*label)
    page.head("项目与口径", "Lines and definitions")
    for column in sheet_lines(results.tables).values():
        zh, en = column.definition or ("", "")
        page.put(f"{column.label.zh}:{zh}".removesuffix(":"), f"{column.label.en}: {en}".removesuffix(": "))
    page.head("核对", "Checks", "状态 State", "左边 Left", "右边 Right", "差额 Difference", "数字编号 Figure key")
    for check in results.checks:
        page.check(check)
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer(f"&L{results.month}&C&A&R&P / &N")


def _settings(results: Results) -> Iterator[Label]:
    labour = results.parameters.get("labour_in_expense")
    if isinstance(labour, bool):
        yield _LABOUR[labour]
    method = METHODS.get(str(results.parameters.get("allocation_method")))
    if method:
        yield Label(f"分摊方法:{method.zh}", f"method of allocation: {method.en.lower()}")
