"""How a worksheet looks: labels, formats, folding, frozen panes and paper."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bizlab.analyses.amoeba.finance_workbook import finance_workbook_bytes

sys.path.insert(0, str(Path(__file__).parent))
from finance_company import DIRECT, HOSTILE, company, opened, results_of_tables, sheet_of, shown

WIDE = (("Y", 0), *((f"s{n}", 1 + (n % 3 > 0)) for n in range(59)))


@pytest.fixture(scope="module")
def book():
    return opened(finance_workbook_bytes(company()))


@pytest.fixture(scope="module")
def month(book):
    return book["本月 Month"]


def labels(sheet):
    return [[cell.value for cell in row] for row in sheet.iter_rows(min_row=6, max_col=3)]


def test_lines_are_named_in_both_languages_with_their_formula(month):
    lines = labels(month)
    assert lines[0] == ["A1 对公司外", "A1 External sales", None]
    assert ["A 销售净额", "A Net sales", "A0 − B0"] in lines
    assert ["F 单位时间收益", "F Value added per hour", "C ÷ D"] in lines
    assert lines[-1] == ["J 承接订单总额", "J Orders received", None]


def test_a_unit_is_named_in_both_languages_over_its_id():
    named = company(names={"a1": HOSTILE})
    sheet = opened(finance_workbook_bytes(named), values=False)["本月 Month"]
    assert [cell.value for cell in sheet["F"][2:5]] == [HOSTILE.zh, HOSTILE.en.replace("\x01", "_x0001_"), "a1"]
    assert [cell.value for cell in sheet["G"][2:5]] == ["a2", "a2", "a2"]


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("A1 External sales", "#,##0.00;[Red](#,##0.00)"),
        ("C Value added", "#,##0.00;[Red](#,##0.00)"),
        ("D Hours", "#,##0.0;[Red](#,##0.0)"),
        ("E Average headcount", "0.00"),
        ("F Value added per hour", "#,##0.00;[Red](#,##0.00)"),
    ],
)
def test_numbers_have_the_formats_of_finance(month, line, number):
    row = 6 + [label[1] for label in labels(month)].index(line)
    assert {month.cell(row, column).number_format for column in range(4, 13)} == {number}


def test_zero_is_zero_and_missing_says_why(month):
    rows = {label[1]: 6 + n for n, label in enumerate(labels(month))}
    assert month.cell(rows["D1 Normal hours"], 7).value == 0
    assert month.cell(rows["F Value added per hour"], 7).value == "未记录工时 no hours recorded"
    assert month.cell(rows["E Average headcount"], 11).value == "未记录人数 no headcount recorded"
    assert month.cell(rows["of which Materials"], 6).value is None


def test_units_below_the_second_level_and_classes_of_b1_fold(month):
    folds = [month.column_dimensions[letter].outlineLevel for letter in "DEHL"]
    assert folds == [0, 0, 0, 0]
    assert month.column_dimensions["F"].outlineLevel == 1
    assert month.column_dimensions["J"].outlineLevel == 2
    assert not month.sheet_properties.outlinePr.summaryRight
    assert not month.sheet_properties.outlinePr.summaryBelow
    folded = [label[1] for n, label in enumerate(labels(month)) if month.row_dimensions[6 + n].outlineLevel]
    assert folded[0] == "of which Materials"
    assert all(label.startswith("of which") for label in folded)
    assert len(folded) == len(DIRECT)


def test_the_bridge_folds_as_the_month_does(book, month):
    bridge = book["变动分解 Bridge"]
    assert [bridge.column_dimensions[letter].outlineLevel for letter in "EFHJL"] == [0, 1, 0, 2, 0]
    assert [month.cell(5, n).value for n in range(4, 13)] == [bridge.cell(5, n).value for n in range(4, 13)]


def test_labels_stay_in_sight_on_screen_and_on_paper(month):
    assert month.freeze_panes == "D6"
    assert month.print_title_rows == "$1:$5"
    assert month.print_title_cols == "$A:$C"
    assert month.page_setup.orientation == "landscape"
    assert "2026-10" in month.oddFooter.left.text
    assert month.oddFooter.right.text == "&P / &N"


def test_a_small_sheet_is_one_page_of_a4_a_large_one_some_of_a3():
    small = opened(finance_workbook_bytes(results_of_tables(shown(sheet_of((("Y", 0), ("A", 1))), "sheet"))))
    assert (small["本月 Month"].page_setup.paperSize, small["本月 Month"].page_setup.fitToWidth) == (9, None)
    large = opened(finance_workbook_bytes(results_of_tables(shown(sheet_of(WIDE), "sheet"))))
    assert large["本月 Month"].page_setup.paperSize == 8
    assert 3 < large["本月 Month"].page_setup.fitToWidth < 10


def test_a_closed_unit_says_so():
    month, year = sheet_of(), sheet_of((("Y", 0), ("gone", 2)), period="ytd")
    sheet = opened(finance_workbook_bytes(results_of_tables(shown(month, "sheet"), shown(year, "ytd"))))
    assert [cell.value for cell in sheet["累计 Year to date"]["E"][2:5]] == ["gone (已关闭)", "gone (closed)", "gone"]
