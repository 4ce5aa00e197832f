"""A project's own table goes the way of the library's: read, checked, sealed, handed out as of a date."""

from datetime import date

import pytest

from bizlab.data import warehouse
from bizlab.errors import SettingError

OUTPUTS = """
system: amoeba
choices:
  shifts: {day: 白班 | Day shift, night: 夜班 | Night shift}
tables:
  outputs:
    label: 产量 | Output
    grain: 每单元每班一行 | one row per unit and shift
    key: [unit_id, made_on, shift]
    occurred: made_on
    columns:
      unit_id: {label: 单元编号 | Unit id, refers: units}
      made_on: {label: 日期 | Date}
      shift: {label: 班次 | Shift, choices: shifts}
      n_made: {label: 产出 | Made}
      n_good: {label: 合格 | Good}
      n_bad: {label: 不合格 | Bad}
    sums:
      n_made = n_good + n_bad: 产出 = 合格 + 不合格 | made = good + bad
"""
SOURCES = """
exports: in
totals: manifest.csv
tables:
  outputs: {files: outputs.csv, format: csv, encoding: utf-8, separator: ","}
"""
ROWS = """单元编号,日期,班次,产出,合格,不合格
A,2026-10-01,白班,100,97,3
A,2026-10-01,夜班,90,80,5
A,2026-10-02,早班,70,70,0
B,2026-11-01,day,80,80,0
"""


@pytest.fixture
def own(tmp_path):
    """A project of one table, which it describes itself."""
    for name, text in (("tables/mes.yaml", OUTPUTS), ("params/sources.yaml", SOURCES), ("in/outputs.csv", ROWS)):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text, encoding="utf-8")
    manifest = "file,sheet,table,rows,column,total\noutputs.csv,,outputs,4,n_made,340\n"
    (tmp_path / "in" / "manifest.csv").write_text(manifest, encoding="utf-8")
    return tmp_path


def test_it_is_handed_out_as_of_a_date_under_its_contract(own):
    store = warehouse.open_project(own)
    october = store.load("outputs", as_of=date(2026, 10, 31))
    assert october[["unit_id", "shift", "n_made"]].to_numpy().tolist() == [["A", "day", 100], ["A", "night", 90]]
    assert store.n_occurred(date(2026, 11, 1), date(2026, 11, 30)) == 1
    assert store.load("orders").empty


def test_what_does_not_fit_is_rejected_and_a_row_that_contradicts_itself_is_kept_and_noted(own):
    store = warehouse.open_project(own)
    rejects, warnings = store.load("rejects"), store.load("warnings")
    assert rejects[["line", "column", "text"]].to_numpy().tolist() == [[4, "shift", "早班"]]
    assert warnings[["line", "column", "text", "rule"]].to_numpy().tolist() == [
        [3, "n_made", "n_made = n_good + n_bad", "sum_differs"]
    ]
    assert all(check.passed for check in store.checks())


def test_a_changed_description_is_another_warehouse(own):
    before = warehouse.open_project(own).seal
    (own / "tables" / "mes.yaml").write_text(OUTPUTS.replace("{day:", "{early: 早班 | Early shift, day:"), "utf-8")
    after = warehouse.open_project(own)
    assert after.seal != before
    assert "early" in set(after.load("outputs")["shift"])


def test_the_warehouse_s_own_names_are_taken(own):
    (own / "tables" / "mes.yaml").write_text(OUTPUTS.replace("  outputs:", "  rejects:"), "utf-8")
    (own / "params" / "sources.yaml").write_text(SOURCES.replace("  outputs:", "  rejects:"), "utf-8")
    with pytest.raises(SettingError, match="has a table 'rejects' of its own"):
        warehouse.open_project(own)
