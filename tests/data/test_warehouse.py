"""The warehouse hands out what was known by a date, can be rebuilt at any time, and is sealed."""

import os
from datetime import date, datetime

import pandas as pd
import pytest

from bizlab.data import warehouse
from bizlab.errors import BizlabError, ContractError, SourceError


def test_nothing_dated_later_is_handed_out(project):
    store = warehouse.open_project(project())
    assert store.load("order_intake")["record_id"].tolist() == ["R1", "R2", "R3"]
    assert store.load("order_intake", as_of=date(2026, 10, 2))["record_id"].tolist() == ["R1", "R2"]
    assert store.load("order_intake", as_of=date(2026, 9, 30)).empty
    assert store.n_occurred(date(2026, 10, 2), date(2026, 10, 3)) == 2


def test_the_same_rows_lazily_and_as_a_frame(project):
    store = warehouse.open_project(project())
    lazily = store.scan("order_intake", as_of=date(2026, 10, 2)).collect("pandas").to_native()
    assert sorted(lazily["record_id"]) == ["R1", "R2"]


def test_a_replay_sees_only_what_was_recorded_by_then(project):
    sources = """
exports: in
tables:
  stage_events: {files: events.csv, format: csv, encoding: utf-8, separator: ","}
"""
    events = """event_id,customer_id,stage,entered_on,known_at
1,C,lead,2026-09-01,2026-09-01 10:00:00
2,C,mql,2026-09-02,2026-10-05 10:00:00
"""
    store = warehouse.open_project(project(sources, events=events))
    replay = store.load("stage_events", as_of=date(2026, 9, 30), known_by=datetime(2026, 9, 30, 23, 59, 59))
    assert replay["event_id"].tolist() == ["1"]
    assert len(store.load("stage_events", as_of=date(2026, 9, 30))) == 2


def test_merged_companies_keep_one_id_everywhere_and_orphans_are_listed(project):
    sources = """
exports: in
tables:
  customers: {files: customers.csv, format: csv, encoding: utf-8, separator: ","}
  contacts: {files: contacts.csv, format: csv, encoding: utf-8, separator: ","}
"""
    contacts = "contact_id,customer_id,role,created_on\nK1,000002,kp,2025-05-01\nK2,000009,kp,2025-05-01\n"
    store = warehouse.open_project(project(sources, contacts=contacts))
    assert store.load("contacts")["customer_id"].tolist() == ["000001", "000009"]
    lost = store.load("warnings").query("rule == 'no_parent' and table == 'contacts'")
    assert lost["text"].tolist() == ["000009"]


def test_the_warehouse_is_reused_for_the_same_inputs_and_rebuilt_for_others(project):
    folder = project()
    steps = []
    first = warehouse.open_project(folder, report=steps.append)
    assert steps
    again = []
    assert warehouse.open_project(folder, report=again.append).seal == first.seal
    assert again == []
    changed = warehouse.open_project(project(intake="记录编号,单元编号,承接日期,金额\nR1,A,2026-10-01,5\n"))
    assert changed.seal != first.seal
    assert len(changed.load("order_intake")) == 1


def test_a_deleted_warehouse_comes_back_the_same(project):
    folder = project()
    before = warehouse.open_project(folder).load("customers")
    for path in (folder / warehouse.FOLDER).glob("*.duckdb"):
        path.unlink()
    pd.testing.assert_frame_equal(warehouse.open_project(folder).load("customers"), before)


def test_the_senders_totals_are_held_against_what_came(project):
    manifest = [
        ("intake.csv", "", "order_intake", "8", "amount_fen", "32612.50"),
        ("units.csv", "", "units", "1", "", ""),
    ]
    checks = {check.key: check for check in warehouse.open_project(project(manifest=manifest)).checks()}
    assert checks["sent.order_intake.in/intake.csv.rows"].difference == -1
    assert checks["sent.order_intake.in/intake.csv.total"].passed
    assert checks["sent.units.in/units.csv.rows"].passed


def test_a_broken_build_leaves_no_half_warehouse(project):
    folder = project(units="unit_id\nA\n")
    with pytest.raises(BizlabError, match=r"Columns are missing: 单元名称"):
        warehouse.open_project(folder)
    assert not list((folder / ".bizlab").rglob("*.duckdb"))


def test_a_table_that_is_not_there_is_refused_by_name(project):
    with pytest.raises(ContractError, match="no table 'orderz'"):
        warehouse.open_project(project()).load("orderz")


def test_a_corrected_manifest_is_read_anew(project):
    line = ["intake.csv", "", "order_intake", "70", "amount_fen", "32612.50"]
    first = warehouse.open_project(project(manifest=[line]))
    second = warehouse.open_project(project(manifest=[[*line[:3], "7", *line[4:]]]))
    assert "in/manifest.csv" in {sealing.path for sealing in second.seals()}
    assert [store.load("account")["n_sent"].dropna().tolist() for store in (first, second)] == [[70], [7]]


def test_every_orphan_is_listed_at_the_first_row_that_holds_it(project):
    intake = (
        "记录编号,单元编号,承接日期,金额\nR1,X,2026-10-01,1\nR2,Y,2026-10-01,1\nR3,X,2026-10-02,1\nR4,A,2026-10-02,1\n"
    )
    lost = warehouse.open_project(project(intake=intake)).load("warnings").query("rule == 'no_parent'")
    assert lost[["file", "line", "column", "text"]].to_numpy().tolist() == [
        ["in/intake.csv", 2, "unit_id", "X"],
        ["in/intake.csv", 3, "unit_id", "Y"],
    ]


def test_a_payment_of_an_order_that_is_not_there_is_an_orphan(project):
    sources = """
exports: in
tables:
  orders: {files: orders.csv, format: csv}
  settlements: {files: paid.csv, format: csv}
"""
    orders = (
        "order_line_id,order_id,customer_id,unit_id,product_line,product_id,quantity,amount_fen,ordered_on,due_on,known_at\n"
        "L1,O1,C,S,sensor,P,1,5,2026-10-01,2026-10-31,2026-10-01 10:00:00\n"
    )
    paid = (
        "settlement_id,order_id,customer_id,amount_fen,paid_on,known_at\n"
        "S1,O1,C,5,2026-10-02,2026-10-02 10:00:00\nS2,O9,C,5,2026-10-02,2026-10-02 10:00:00\n"
    )
    lost = warehouse.open_project(project(sources, orders=orders, paid=paid)).load("warnings")
    assert lost[["table", "line", "column", "text"]].to_numpy().tolist() == [["settlements", 3, "order_id", "O9"]]


def test_only_the_newest_warehouses_stay(project):
    for number in range(5):
        folder = project(intake=f"记录编号,单元编号,承接日期,金额\nR{number},A,2026-10-01,5\n")
        warehouse.open_project(folder)
    left = [path.suffix for path in (folder / warehouse.FOLDER).iterdir() if path.is_file()]
    assert left == [".duckdb"] * 3


@pytest.mark.parametrize("change", ["rewritten", "added", "removed"])
def test_a_file_that_changes_while_it_is_read_is_refused_and_nothing_is_kept(project, change):
    """Its size and its date stay as they were."""
    folder = project()
    file = folder / "in" / "intake.csv"
    before, dates = file.read_text("utf-8"), file.stat()

    def meanwhile(step):
        if "order_intake" not in step:
            return
        match change:
            case "rewritten":
                file.write_text(before.replace("R3", "R7"), encoding="utf-8")
                os.utime(file, ns=(dates.st_atime_ns, dates.st_mtime_ns))
            case "added":
                (folder / "in" / "intake2.csv").write_text(before, encoding="utf-8")
            case "removed":
                (folder / "in" / "units.csv").rename(folder / "in" / "units.old")
                (folder / "in" / "units.csv").write_text("unit_id,name_zh,name_en,level,is_amoeba,opened_on\n", "utf-8")

    with pytest.raises(SourceError, match=r"changed, added or removed.*in/(intake2?|units)\.csv.*run again"):
        warehouse.open_project(folder, report=meanwhile)
    assert not [path for path in (folder / warehouse.FOLDER).iterdir() if path.is_file()]
    assert warehouse.open_project(folder).load("order_intake")["record_id"].tolist()
