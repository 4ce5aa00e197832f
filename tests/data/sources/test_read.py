"""Real files with real mess, read as text with their places."""

import shutil
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bizlab.data.cleaning.conversion import convert_column
from bizlab.data.sources.config import load_sources
from bizlab.data.sources.read import read_table
from bizlab.errors import BizlabError, SettingError, SourceError

ROOT = Path(__file__).parents[3]
SOURCES = """
exports: in
tables:
  order_intake:
    files: "intake*"
    format: {format}
"""
HOURS = """
exports: in
tables:
  hour_records: {files: hours.xlsx, format: excel}
"""
HEADER = ["记录编号", "单元编号", "承接日期", "金额"]


@pytest.fixture
def project(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "params").mkdir()

    def declare(text):
        (tmp_path / "params" / "sources.yaml").write_text(text, encoding="utf-8")
        shutil.copy(ROOT / "params" / "lists.yaml", tmp_path / "params")
        return load_sources(tmp_path)

    return tmp_path, declare


def workbook(path, rows, *, hidden=(), merged=()):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for number in hidden:
        book.active.row_dimensions[number].hidden = True
    for cells in merged:
        book.active.merge_cells(cells)
    book.save(path)


def test_a_workbook_keeps_its_numbers_to_the_last_digit_and_names_its_hidden_rows(project):
    folder, declare = project
    rows = [
        ["承接订单", None, None, None],
        ["记录编号", "单元编号", "承接日期", "金额"],
        ["007", "A", pd.Timestamp("2026-10-01"), 0.1 + 0.2],
        ["R2", None, 46300, "3.2万"],
        ["R3", "A", "2026-10-02", 1234567.89],
    ]
    workbook(folder / "in" / "intake.xlsx", rows, hidden=[4], merged=["A1:D1", "B3:B4"])
    raw = read_table(folder, declare(SOURCES.format(format="excel")), "order_intake")
    assert raw.rows["record_id"].tolist() == ["007", "R2", "R3"]
    assert raw.rows["unit_id"].tolist() == ["A", "A", "A"]
    assert raw.rows["received_on"].tolist() == ["2026-10-01", "46300", "2026-10-02"]
    assert raw.rows["amount_fen"].tolist() == ["0.3", "3.2万", "1234567.89"]
    assert raw.rows["_line"].tolist() == [3, 4, 5]
    assert raw.sheets[0].hidden == (4,)


def test_csv_lines_are_counted_as_an_editor_counts_them(project):
    folder, declare = project
    text = '记录编号,单元编号,承接日期,金额\nR1,"A\nB",2026-10-01,1\nR2,A,2026-10-02\n'
    (folder / "in" / "intake.csv").write_text(text, encoding="gb18030")
    raw = read_table(folder, declare(SOURCES.format(format="csv")), "order_intake")
    assert raw.rows["_line"].tolist() == [2, 4]
    assert raw.rows["_short"].tolist() == [False, True]
    assert {evidence.what for evidence in raw.sheets[0].evidence} == {"encoding", "separator"}


def test_parquet_gives_the_same_texts_as_csv(project):
    folder, declare = project
    frame = pd.DataFrame(
        {"record_id": ["1"], "unit_id": ["A"], "received_on": pd.to_datetime(["2026-10-01"]), "amount_fen": [1.5]}
    )
    frame.to_parquet(folder / "in" / "intake.parquet")
    raw = read_table(folder, declare(SOURCES.format(format="parquet")), "order_intake")
    assert raw.rows.loc[0, ["record_id", "amount_fen"]].tolist() == ["1", "1.5"]


def test_months_across_become_rows_and_empty_cells_do_not(project):
    folder, declare = project
    rows = [
        ["版本", "科目", "责任单元", "1月", "2月"],
        ["B1", "差旅费用", "SA", 1.5, None],
        ["合计", None, None, 1.5, None],
    ]
    workbook(folder / "in" / "budget.xlsx", rows)
    sources = declare(
        "exports: in\ntables:\n  budget_lines:\n    files: budget.xlsx\n    format: excel\n"
        '    unpivot: {into: month, value: amount_fen, headers: {1月: "2026-01", 2月: "2026-02"}}\n'
    )
    raw = read_table(folder, sources, "budget_lines")
    assert raw.rows[["month", "amount_fen"]].to_numpy().tolist() == [["2026-01", "1.5"]]
    assert len(raw.totals) == 1


@pytest.mark.parametrize(
    ("name", "content", "kind", "message"),
    [
        ("intake.xlsx", b"PK\x03\x04 cut short", "excel", "cannot be opened"),
        ("intake.csv", b"", "csv", "empty"),
        ("intake.csv", b'record_id,"unit\n', "csv", "cannot be cut|unexpected end"),
        ("intake.parquet", b"PAR1 nothing", "parquet", "cannot be read"),
        ("other.csv", b"x", "csv", "No file matches 'intake"),
    ],
)
def test_damaged_and_missing_files_are_refused_by_name(project, name, content, kind, message):
    folder, declare = project
    (folder / "in" / name).write_bytes(content)
    with pytest.raises(SourceError, match=message):
        read_table(folder, declare(SOURCES.format(format=kind)), "order_intake")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("exports: ../elsewhere\ntables: {}\n", "leads outside the project.*line 1"),
        ("exports: in\ntables:\n  order: {files: a, format: csv}\n", r"no table 'order'.*line 3.*write 'orders'"),
        ("exports: in\ntables:\n  orders:\n    files: a\n    fromat: csv\n", r"line 5.*write 'format'"),
        ("exports: in\ntables:\n  orders: {files: a, format: xml}\n", "format"),
        ("exports: in\ntables:\n  orders: {files: a, format: csv, separator: '||'}\n", "one character"),
        ("exports: in\ntables:\n  orders: {files: a, format: csv, units: {amount_fen: 千元}}\n", "no unit"),
        ("exports: in\ntables:\n  orders: {files: a, format: csv, columns: {甲: amount}}\n", "write 'amount_fen'"),
        (
            "exports: in\ntables:\n  hour_records: {files: a, format: csv, choices: {kind: {平时: norml}}}\n",
            "no value of kind 'norml'.*line 3.*write 'normal'",
        ),
        (
            "exports: in\ntables:\n  hour_records:\n    files: a\n    format: csv\n"
            "    unpivot: {into: kind, value: minutes, headers: {平时: norml}}\n",
            "no value of kind 'norml'",
        ),
    ],
)
def test_settings_that_cannot_be_used_name_file_line_and_the_nearest_name(project, text, message):
    _, declare = project
    with pytest.raises(SettingError, match=message):
        declare(text)


def test_a_pattern_that_climbs_out_of_the_exports_is_refused(project):
    folder, declare = project
    sources = declare('exports: in\ntables:\n  order_intake: {files: "../params/*", format: csv}\n')
    with pytest.raises(BizlabError, match="leads outside"):
        read_table(folder, sources, "order_intake")


def test_a_sheet_that_is_not_there_is_named_with_those_that_are(project):
    folder, declare = project
    workbook(folder / "in" / "intake.xlsx", [["记录编号"]])
    sources = declare(SOURCES.format(format="excel") + "    sheet: 订单\n")
    with pytest.raises(SourceError, match=r"no sheet '订单'.*declare one of Sheet"):
        read_table(folder, sources, "order_intake")


def test_an_unquoted_thousands_separator_makes_the_line_longer_than_its_header(project):
    folder, declare = project
    text = "记录编号,单元编号,承接日期,金额,\nR1,A,2026-10-01,1,000.50\nR2,A,2026-10-01,5,,\nR3,A,2026-10-01,5\n"
    (folder / "in" / "intake.csv").write_text(text, encoding="utf-8")
    raw = read_table(folder, declare(SOURCES.format(format="csv")), "order_intake")
    assert raw.rows["_long"].tolist() == [True, False, False]
    assert raw.rows["_short"].tolist() == [False, False, False]


def test_an_amount_in_merged_cells_counts_once_and_a_unit_for_every_row(project):
    folder, declare = project
    rows = [HEADER, ["R1", "A", "2026-10-01", 100], ["R2", None, "2026-10-01", None]]
    workbook(folder / "in" / "intake.xlsx", rows, merged=["B2:B3", "D2:D3"])
    raw = read_table(folder, declare(SOURCES.format(format="excel")), "order_intake")
    assert raw.rows[["unit_id", "amount_fen"]].to_numpy().tolist() == [["A", "100"], ["A", ""]]


def test_formulas_without_a_value_say_so(project):
    folder, declare = project
    rows = [HEADER, ["R1", "#N/A", "2026-10-01", "#DIV/0!"], ["R2", "A", "2026-10-01", "=1+1"]]
    workbook(folder / "in" / "intake.xlsx", rows)
    raw = read_table(folder, declare(SOURCES.format(format="excel")), "order_intake")
    assert raw.rows["unit_id"].tolist() == ["#N/A", "A"]
    assert raw.rows["amount_fen"].tolist() == ["#DIV/0!", "#UNCALCULATED"]


def test_hours_typed_as_clock_times_stay_hours(project):
    folder, declare = project
    rows = [["人员编号", "单元编号", "日期", "工时类别", "工时"]]
    rows += [["P1", "A", "2026-10-01", "正常", time(7, 30)], ["P2", "A", "2026-10-01", "正常", timedelta(hours=26)]]
    workbook(folder / "in" / "hours.xlsx", rows)
    raw = read_table(folder, declare(HOURS), "hour_records")
    assert raw.rows["minutes"].tolist() == ["7:30", "26:00"]


def test_one_cell_in_the_far_corner_is_refused_before_it_asks_for_billions(project):
    folder, declare = project
    book = openpyxl.Workbook()
    book.active.append(HEADER)
    book.active["XFD1048576"] = 1
    book.save(folder / "in" / "intake.xlsx")
    with pytest.raises(SourceError, match="17,179,869,184 cells"):
        read_table(folder, declare(SOURCES.format(format="excel")), "order_intake")


@pytest.mark.parametrize("kind", ["excel", "parquet"])
def test_a_damaged_file_is_read_or_refused_and_never_anything_else(project, kind):
    """Cut at random places and with random bits turned over."""
    folder, declare = project
    path = folder / "in" / f"intake.{kind}"
    if kind == "excel":
        workbook(path, [HEADER, *(["R1", "A", "2026-10-01", n] for n in range(30))])
    else:
        pd.DataFrame([["R1", "A", "2026-10-01", n] for n in range(30)], columns=HEADER).to_parquet(path)
    sources, whole, chance = declare(SOURCES.format(format=kind)), path.read_bytes(), np.random.default_rng(7)
    refused = 0
    for number in range(80):
        content = bytearray(whole if number % 2 else whole[: chance.integers(len(whole))])
        for _ in range(number % 2 * 4):
            content[chance.integers(len(content))] ^= 1 << int(chance.integers(8))
        path.write_bytes(bytes(content))
        try:
            read_table(folder, sources, "order_intake")
        except SourceError:
            refused += 1
    assert refused >= 40


@given(
    rows=st.lists(
        st.tuples(
            st.text("Ab7零号", min_size=1, max_size=6),
            st.sampled_from(["A", "B"]),
            st.dates(min_value=date(2000, 1, 1), max_value=date(2099, 12, 31)),
            st.integers(-(10**10), 10**10),
        ),
        min_size=1,
        max_size=6,
    )
)
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_clean_table_is_the_same_from_csv_workbook_and_parquet(project, rows):
    """Amounts go out in yuan with two decimals and must come back to the fen."""
    folder, declare = project
    cells = [[code, unit, day.isoformat(), Decimal(fen) / 100] for code, unit, day, fen in rows]
    expected = [[code, unit, day, fen] for code, unit, day, fen in rows]
    frame = pd.DataFrame(cells, columns=HEADER)
    frame.to_csv(folder / "in" / "intake.csv", index=False, encoding="gb18030")
    workbook(folder / "in" / "intake.xlsx", [HEADER, *cells])
    frame.to_parquet(folder / "in" / "intake.parquet")
    for kind, ending in (("csv", "csv"), ("excel", "xlsx"), ("parquet", "parquet")):
        text = SOURCES.format(format=kind).replace("intake*", f"intake.{ending}")
        if kind == "csv":
            text += "    encoding: gb18030\n"
        raw = read_table(folder, declare(text), "order_intake")
        read = [
            [
                converted
                for name in raw.contract.names
                for converted in [convert_column(raw.rows[name], raw.contract[name], raw.source).cells[row]]
            ]
            for row in range(len(raw.rows))
        ]
        assert read == expected, kind
