"""The workbook read back with another library holds the figures of the JSON."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from datetime import datetime

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from bizlab.labels import Label
from bizlab.report import codec
from bizlab.report.shown import Results, ShownColumn, ShownTable, Whole
from bizlab.report.workbooks import workbook
from bizlab.report.workbooks.workbook import workbook_bytes
from bizlab.units.kinds import Unit

PER_CELL = {"fen": 100, "fen_per_hour": 100, "fen_per_person": 100, "minutes": 60}


def opened(results: Results, *, values: bool = True, lang: str = "zh") -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(workbook_bytes([results], lang=lang)), data_only=values)


def with_tables(results: Results, *tables: ShownTable) -> Results:
    return replace(results, tables=tables, charts=(), findings=())


def figures_in(sheet: Worksheet) -> dict[str, object]:
    """Cells under the names that the JSON gives them: the key in the last column, the column's name above."""
    rows = list(sheet.iter_rows(min_row=3, values_only=True))
    names, last = rows[0], len(rows[1]) - 1
    if rows[0][0] is None:
        return {f"{rows[0][place]}.{row[last]}": row[place] for row in rows[2:] for place in range(1, last)}
    return {f"{row[last]}.{names[place]}": row[place] for row in rows[2:] for place in range(last)}


@pytest.mark.parametrize(
    ("title", "key"), [("单位时间核算表", "sheet"), ("核算表(三个巴)", "statement"), ("十年", "long")]
)
def test_numbers_read_back_are_those_of_the_json(results, title, key):
    listed = {figure["key"]: figure for figure in json.loads(codec.to_json(results))["figures"]}
    read = figures_in(opened(results)[title])
    compared = 0
    for name, number in read.items():
        figure = listed[name]
        if isinstance(figure["value"], int | float):
            assert number * PER_CELL.get(figure["unit"], 1) == pytest.approx(figure["value"], rel=1e-12)
            compared += 1
    assert compared >= 17
    assert all(name.startswith(f"{key}[") for name in read)


def test_text_stays_text_however_it_looks(results):
    sheet = opened(results, values=False, lang="en")["Unit-hour sheet"]
    hostile = next(cell for row in sheet.iter_rows() for cell in row if str(cell.value).startswith("=HYPERLINK"))
    assert hostile.data_type == "s" or hostile.data_type == "inlineStr"
    assert hostile.hyperlink is None


def test_a_line_that_is_a_sum_is_a_live_formula_with_its_value(results):
    live = opened(results, values=False)["核算表(三个巴)"]
    cells = opened(results)["核算表(三个巴)"]
    assert live["B7"].value == "=B5+B6"
    assert cells["B7"].value == 12_345_678.90
    assert live["B7"].font.bold


def test_a_flat_total_is_a_live_sum_only_where_it_is_the_sum(results):
    columns = (ShownColumn("name", Unit.TEXT, Label("名", "Name")), ShownColumn("a_fen", Unit.FEN, Label("甲", "A")))
    flat = ShownTable(
        key="flat",
        title=Label("小计", "Totals"),
        grain=Label("行", "row"),
        columns=(*columns, replace(columns[1], name="b_fen")),
        key_columns=("name",),
        rows=(("x", 100, 100), ("y", 250, 250), ("all", 350, 349)),
        row_keys=(("x",), ("y",), ("all",)),
        totals=frozenset({2}),
    )
    sheet = opened(with_tables(results, flat), values=False)["小计"]
    assert sheet["B7"].value == "=SUM(B5:B6)"
    assert sheet["C7"].value == 3.49


def test_cells_have_formats_dates_are_dates_and_panes_are_frozen(results):
    columns = (ShownColumn("on", Unit.DATE, Label("日期", "Date")), ShownColumn("rate", Unit.RATE, Label("率", "Rate")))
    dated = ShownTable(
        "d", Label("日", "Day"), Label("日", "day"), columns, ("on",), (("2026-10-31", 0.125),), (("2026-10-31",),)
    )
    sheet = opened(with_tables(results, dated))["日"]
    assert sheet["A5"].value == datetime(2026, 10, 31)
    assert sheet["B5"].value == 0.125
    assert sheet["B5"].number_format.startswith("0.0%")
    assert sheet.freeze_panes == "B5"


def test_the_same_results_give_the_same_bytes(results):
    assert workbook_bytes([results], lang="en") == workbook_bytes([results], lang="en")


def test_sheet_names_are_legal_and_tell_apart(results):
    title = Label("a/b:c*[d]?" + "很长的名字" * 9, "x")
    tables = [replace(results.tables[2], key=f"k{number}", title=title) for number in range(3)]
    names = opened(with_tables(results, *tables)).sheetnames
    assert len(set(names)) == len(names) == 6
    assert all(len(name) <= 31 for name in names)


def test_contents_findings_and_checks_have_sheets_of_their_own(failing_results):
    book = opened(failing_results)
    assert book.sheetnames[:3] == ["目录", "发现", "核对"]
    assert [cell.value for cell in book["目录"]["B"]][3:6] == ["各巴毛利率", "单位时间收益走势", "单位时间核算表"]
    assert "sheet[MA,2026-10].margin_rate" in book["发现"]["F2"].value
    assert [cell.value for cell in book["核对"][2]][2:6] == ["不符", 12_345_678.90, 12_345_678.89, 0.01]


def test_what_is_taken_off_is_taken_off_in_the_formula(results):
    sheet = replace(results.tables[1], identities=("internal_fen = gross_fen - external_fen",))
    lines = opened(with_tables(results, sheet), values=False)["核算表(三个巴)"]
    assert lines["B6"].value == "=B7-B5"
    assert lines["B7"].value == 12_345_678.90


def test_what_the_summary_repeats_is_listed_once(results):
    repeated = replace(results, analysis="month_summary")
    book = openpyxl.load_workbook(io.BytesIO(workbook_bytes([results, repeated], lang="zh")))
    assert book["发现"].max_row == 1 + len(results.findings)
    assert book["核对"].max_row == 1 + len(results.checks)


def test_a_sheet_of_a_long_table_says_what_it_leaves_out_and_where_that_is(results):
    long = next(table for table in results.tables if table.key == "long")
    book = opened(with_tables(results, replace(long, whole=Whole(1_200_000, "tables/01.long.csv"))))
    said = f"本工作表列出 {len(long.rows)} 行，共 1,200,000 行；全部见 tables/01.long.csv"
    assert book["十年"]["A2"].value.endswith(said)
    assert book["目录"]["C4"].value == 1_200_000


def test_a_table_that_no_sheet_can_hold_is_cut_aloud(results, monkeypatch):
    monkeypatch.setattr(workbook, "SHEET_ROWS", 14)
    sheet = opened(with_tables(results, next(table for table in results.tables if table.key == "long")))["十年"]
    assert sheet.max_row == 14
    assert re.search(r"本工作表列出 10 行，共 [0-9]+ 行；全部见 JSON$", sheet["A2"].value)


def test_a_text_that_no_cell_can_hold_says_so(results):
    column = ShownColumn("name", Unit.TEXT, Label("名称", "Name"))
    words = Label("文", "Texts")
    table = ShownTable(
        "texts", words, words, (column,), ("name",), (("长" * 32_767,), ("长" * 40_000,)), (("1",), ("2",))
    )
    sheet = opened(with_tables(results, table))["文"]
    assert sheet["A5"].value == "长" * 32_767
    assert len(sheet["A6"].value) == 32_767
    assert sheet["A6"].value.endswith("长…（单元格放不下；全文见 JSON）")
