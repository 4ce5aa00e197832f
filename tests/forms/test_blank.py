"""Blank forms: filled in as people type, they read back without change; blank, they read as nothing."""

from __future__ import annotations

import shutil
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import yaml
from pandas.testing import assert_frame_equal

from bizlab.cli.main import main
from bizlab.data import warehouse
from bizlab.errors import SettingError
from bizlab.forms.blank import write_form
from bizlab.periods import Month
from bizlab.tables import TABLES
from bizlab.units.kinds import Unit

ROOT = Path(__file__).parents[2]
OCTOBER = Month(2026, 10)
DAILY = ("revenue_records", "expense_records", "hour_records", "internal_trades_sold", "internal_trades_bought",
         "order_intake", "headcount")  # fmt: skip
MASTER = ("units", "persons", "transfer_prices")
FIRST_LINE = 4
KEYED = {"internal_trades_sold": "seller_id", "internal_trades_bought": "buyer_id"}


@pytest.fixture
def project(tmp_path):
    """A project with the sample's master data and its own mapping of the daily forms, and no form yet."""
    settings = yaml.safe_load((ROOT / "params" / "sources.yaml").read_text("utf-8"))
    tables = {name: settings["tables"][name] for name in (*DAILY, *MASTER)}
    (tmp_path / "params").mkdir()
    written = yaml.safe_dump({"exports": "in", "tables": tables}, allow_unicode=True)
    (tmp_path / "params" / "sources.yaml").write_text(written, encoding="utf-8")
    (tmp_path / "params" / "base.yaml").write_text("lang: zh\n")
    shutil.copy(ROOT / "params" / "lists.yaml", tmp_path / "params")
    (tmp_path / "params" / "2026-10.yaml").write_text('month: "2026-10"\n')
    (tmp_path / "in" / "amoeba").mkdir(parents=True)
    master = ROOT / "data" / "sample" / "exports" / "amoeba" / "master.xlsx"
    (tmp_path / "in" / "amoeba" / "master.xlsx").write_bytes(master.read_bytes())
    return tmp_path


@pytest.fixture(scope="module")
def october():
    """The sample's October, table by table, in the order of the keys."""
    store = warehouse.open_project(ROOT)
    return {name: within(store.load(name, as_of=OCTOBER.last), TABLES[name]) for name in DAILY}


def within(frame, contract):
    return frame[frame[contract.occurred] >= pd.Timestamp(OCTOBER.first)].reset_index(drop=True)


def typed(value, column, *, as_clock=False):
    """A value as somebody types it: yuan, hours as a number or as h:mm, a date, the words of the list."""
    if pd.isna(value):
        return None
    if column.unit is Unit.FEN:
        return value / 100
    if column.unit is Unit.MINUTES:
        return f"{value // 60}:{value % 60:02d}" if as_clock else value / 60
    if column.unit is Unit.DATE:
        return value.date()
    if column.unit is Unit.TIMESTAMP:
        return value.to_pydatetime()
    return column.choice_labels[value].zh if column.choices else value


def fill(path, rows):
    """Type rows into the form's sheets, every third line with hours as h:mm."""
    book = openpyxl.load_workbook(path)
    for name, frame in rows.items():
        sheet = book[sheet_of(name)]
        for line, row in enumerate(frame.to_dict("records"), start=FIRST_LINE):
            for place, column in enumerate(TABLES[name].columns, start=1):
                sheet.cell(line, place, typed(row[column.name], column, as_clock=line % 3 == 0))
    book.save(path)


def calculate(path):
    """Give the total lines their values, as a spreadsheet does."""
    book = openpyxl.load_workbook(path)
    for name in DAILY:
        sheet = book[sheet_of(name)]
        (total,) = [cell for cell in sheet[sheet.max_row] if str(cell.value).startswith("=SUM(")]
        entered = sheet[total.value.removeprefix("=SUM(").removesuffix(")")]
        total.value = sum(cell.value for (cell,) in entered if isinstance(cell.value, int | float))
    book.save(path)


def sheet_of(name):
    return yaml.safe_load((ROOT / "params" / "sources.yaml").read_text("utf-8"))["tables"][name]["sheet"]


def read_back(project, name="daily_2026-10.xlsx"):
    form = project / "forms" / name
    form.replace(project / "in" / "amoeba" / form.name)
    return warehouse.open_project(project)


def test_the_company_s_october_reads_back_row_by_row(project, october):
    path = write_form(project, OCTOBER, folder="forms")
    fill(path, october)
    store = read_back(project)
    for name, expected in october.items():
        assert_frame_equal(store.load(name), expected)
    assert sum(len(frame) for frame in october.values()) > 6_000
    assert store.load("rejects").empty
    assert store.load("warnings").empty


def test_a_unit_s_form_reads_back_and_its_totals_agree(project, october):
    own = {name: frame[frame[KEYED.get(name, "unit_id")] == "SA-E1"] for name, frame in october.items()}
    path = write_form(project, OCTOBER, folder="forms", unit_id="SA-E1")
    fill(path, {name: frame for name, frame in own.items() if name != "hour_records"})
    calculate(path)
    store = read_back(project, path.name)
    for name in ("revenue_records", "order_intake", "internal_trades_bought", "headcount"):
        assert_frame_equal(store.load(name), own[name].reset_index(drop=True))
        assert len(own[name]) > 10
    assert store.load("warnings").empty


def test_a_total_that_is_not_the_sum_is_noticed(project, october):
    path = write_form(project, OCTOBER, folder="forms")
    fill(path, {"order_intake": october["order_intake"]})
    calculate(path)
    book = openpyxl.load_workbook(path)
    sheet = book["承接订单"]
    sheet.cell(sheet.max_row, 4).value += 0.01
    book.save(path)
    warnings = read_back(project).load("warnings")
    assert warnings[["table", "rule"]].to_numpy().tolist() == [["order_intake", "total_line_differs"]]


def test_a_blank_form_is_no_rows_and_no_rejects(project):
    write_form(project, OCTOBER, folder="forms")
    store = read_back(project)
    assert all(store.load(name).empty for name in DAILY)
    assert store.load("rejects").empty
    assert store.load("warnings").empty
    assert all(check.passed for check in store.checks())


BAD = {
    "费用": [
        ["E1", "FIN", "材料", date(2026, 10, 8), 5, None, None, None],
        ["E2", "FIN", "材料费", date(2026, 10, 8), 0.005, None, None, None],
        ["E3", "FIN", "材料费", "10/8", 5, None, None, None],
        ["E4", None, "材料费", date(2026, 10, 8), 5, None, None, None],
        ["E5", "FIN", "材料费", date(2026, 10, 8), "五", None, None, None],
        ["E6", "FIN", "材料费", date(2026, 10, 8), 5, None, "昨天", None],
        ["E7", "FIN", "Materials", date(2026, 10, 8), 5, None, datetime(2026, 10, 8, 17, 30), None],
        ["E7", "FIN", "材料费", date(2026, 10, 8), 6, None, None, None],
    ],
    "工时": [["P00001", "PO", date(2026, 10, 8), "正常", 7.33], ["P00001", "PO", date(2026, 10, 8), "正常", 0]],
    "人数": [["PO", date(2026, 10, 8), 2.5]],
}


def test_entries_that_cannot_be_are_rejected_with_their_place_and_rule(project):
    path = write_form(project, OCTOBER, folder="forms")
    book = openpyxl.load_workbook(path)
    for name, rows in BAD.items():
        for line, row in enumerate(rows, start=FIRST_LINE):
            for place, value in enumerate(row, start=1):
                book[name].cell(line, place, value)
    book.save(path)
    store = read_back(project)
    rejects = store.load("rejects").sort_values(["sheet", "line"])
    assert set(rejects["file"]) == {"in/amoeba/daily_2026-10.xlsx"}
    listed = rejects[["sheet", "line", "column", "text", "rule"]].astype("object")
    assert listed.where(listed.notna(), None).to_numpy().tolist() == [
        ["人数", 4, "n_persons", "2.5", "not a whole number"],
        ["工时", 4, "minutes", "7.33", "finer than one minute; write h:mm"],
        ["费用", 4, "kind", "材料", "not one of the values allowed"],
        ["费用", 5, "amount_fen", "0.005", "finer than one fen"],
        ["费用", 6, "recorded_on", "10/8", "not a date in the declared formats"],
        ["费用", 7, "unit_id", "", "missing"],
        ["费用", 8, "amount_fen", "五", "not a number"],
        ["费用", 9, "confirmed_at", "昨天", "not a date in the declared formats"],
        ["费用", 11, "record_id", "E7", "key_conflict"],
    ]
    assert store.load("expense_records")["record_id"].tolist() == ["E7"]
    assert store.load("hour_records")["minutes"].tolist() == [0]


def test_lists_hold_who_and_what_there_is_in_the_month(project):
    """SA-S1 was closed before October; only the unit's own persons can be chosen."""
    path = write_form(project, OCTOBER, folder="forms", unit_id="EQ-AS-2A")
    lists = openpyxl.load_workbook(path)["列表"]
    columns = [[cell.value for cell in column if cell.value] for column in lists.iter_cols()]
    by_head = {column[0]: column[1:] for column in reversed(columns) if column}
    assert "SA-S1" not in by_head["单元编号"]
    assert {"EQ-AS-2A", "YF", "PO"} <= set(by_head["单元编号"])
    assert len(by_head["人员编号"]) == 10
    assert by_head["工时类别"] == ["正常", "加班"]


def test_the_same_month_gives_the_same_bytes_and_a_filled_form_is_never_overwritten(project):
    path = write_form(project, OCTOBER, folder="forms")
    again = write_form(project, OCTOBER, folder="elsewhere")
    assert path.read_bytes() == again.read_bytes()
    with pytest.raises(SettingError, match="may be filled in"):
        write_form(project, OCTOBER, folder="forms")
    assert path.read_bytes() == again.read_bytes()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--unit", "EQ-AS2A"], "write 'EQ-AS-2A'"),
        (["--month", "2026-03", "--unit", "SA-S2"], "No unit 'SA-S2' is open in 2026-03"),
        (["--month", "2026-13"], "is not a month"),
        (["--folder", "../forms"], "leads outside the project"),
    ],
)
def test_what_cannot_be_written_is_refused(project, monkeypatch, capsys, arguments, message):
    monkeypatch.chdir(project)
    assert main(["templates", *arguments]) == 2
    assert message in capsys.readouterr().err
    assert not list(project.rglob("daily_*.xlsx"))


def test_the_command_takes_the_month_after_the_latest(project, monkeypatch, capsys):
    monkeypatch.chdir(project)
    assert main(["templates", "--unit", "EQ-AS-2A"]) == 0
    assert capsys.readouterr().out == "forms/daily_2026-11_EQ-AS-2A.xlsx: blank forms of 2026-11\n"


def test_a_project_without_daily_forms_is_told_so(project):
    settings = project / "params" / "sources.yaml"
    content = yaml.safe_load(settings.read_text("utf-8"))
    for name in DAILY:
        del content["tables"][name]
    settings.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    with pytest.raises(SettingError, match="No table of daily records"):
        write_form(project, OCTOBER, folder="forms")
