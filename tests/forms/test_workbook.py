"""The blank workbook: checked cells, a live total, frozen header, and how to fill it in."""

import io

import openpyxl
import pytest

from bizlab.data.sources.config import SourceSettings
from bizlab.forms.workbook import HOW, LISTS, Choices, FormSheet, form_bytes
from bizlab.labels import Label
from bizlab.periods import Month
from bizlab.tables import TABLES

TITLE = Label("=甲班 2026年11月", "Team A, 2026-11")
UNITS = Choices((Label("单元编号", "Unit id"), Label("名称", "Name")), [("t", "甲班"), ("=1+1", "怪名")])


def sheet(table, name, *, header=None, lists=()):
    source = SourceSettings(files="x.xlsx", format="excel", sheet=name, header=header)
    return FormSheet(TABLES[table], source, 20, dict(lists))


@pytest.fixture
def book():
    sheets = [
        sheet("expense_records", "费用", lists={"unit_id": "units", "kind": "nothing"}),
        sheet("headcount", "人数", header=2),
    ]
    lists = {"units": UNITS, "nothing": Choices((Label("空", "Empty"),), [])}
    return openpyxl.load_workbook(io.BytesIO(form_bytes(sheets, lists, month=Month(2026, 11), title=TITLE)))


def checks(page):
    return {str(rule.sqref): rule for rule in page.data_validations.dataValidation}


def test_sheets_stand_in_order_with_frozen_headers_of_the_contract(book):
    assert book.sheetnames == [HOW, "费用", "人数", LISTS]
    page = book["费用"]
    assert [cell.value for cell in page[3]] == [column.label.zh for column in TABLES["expense_records"].columns]
    assert page.freeze_panes == "A4"
    assert "one row per expense" in page["A2"].value


def test_every_line_is_checked_and_the_total_line_is_not(book):
    rules = checks(book["费用"])
    assert set(rules) == {"A4:A23", "B4:B23", "D4:D23", "E4:E23", "G4:G23", "H4:H23"}
    assert rules["B4:B23"].formula1 == "'列表'!$A$2:$A$3"
    assert (rules["D4:D23"].formula1, rules["D4:D23"].formula2) == ("46327", "46356")
    assert "at most 2 decimals" in rules["E4:E23"].prompt
    assert "at most 2 decimals" in rules["E4:E23"].error


def test_the_total_line_is_live_and_below_the_lines(book):
    page = book["费用"]
    assert [cell.value for cell in page[24]][:5] == ["合计", None, None, None, "=SUM(E4:E23)"]
    assert page["E24"].font.bold


def test_the_header_stands_where_the_reader_is_told_to_look(book):
    page = book["人数"]
    assert [cell.value for cell in page[2]] == ["单元编号", "日期", "人数"]
    assert page["C23"].value == "=SUM(C3:C22)"


def test_words_that_look_like_formulas_stay_text(book):
    assert book[LISTS]["A3"].data_type == "s"
    assert book[HOW]["A1"].data_type == "s"


def test_how_to_fill_it_in_tells_every_column_in_both_languages(book):
    rows = [[cell.value for cell in row] for row in book[HOW].iter_rows(min_row=8)]
    explained = {(row[0], row[1]): row for row in rows if row[0]}
    assert len(explained) == len(TABLES["expense_records"].columns) + len(TABLES["headcount"].columns)
    assert explained["费用", "备注"][3] == ""
    assert explained["费用", "金额"][3] == "是"
    assert "reversal" in explained["费用", "金额"][5]
