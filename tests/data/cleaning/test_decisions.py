"""The file of people's decisions: what it may say, and how a slip in it is refused."""

from datetime import date

import pytest

from bizlab.data import warehouse
from bizlab.data.cleaning.decisions import Decisions, load_decisions
from bizlab.errors import SettingError

ENTRY = """  - companies: ["000001", "000003"]
    decided_on: 2026-10-20
    by: 王芳
    why: 同一法人
"""


def write(folder, text):
    (folder / "params").mkdir(exist_ok=True)
    (folder / "params" / "merges.yaml").write_text(text, encoding="utf-8")
    return folder


def test_no_file_and_an_empty_one_decide_nothing(tmp_path):
    assert load_decisions(tmp_path) == Decisions()
    assert load_decisions(write(tmp_path, "# nothing yet\n")) == Decisions()


def test_a_decision_is_read_with_its_place(tmp_path):
    (decision,) = load_decisions(write(tmp_path, f"merge:\n{ENTRY}")).merge
    assert (decision.one, decision.other, decision.decided_on, decision.by) == (
        "000001",
        "000003",
        date(2026, 10, 20),
        "王芳",
    )
    assert decision.place == "params/merges.yaml, line 2, entry 1 of 'merge'"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"merg:\n{ENTRY}", r"no setting 'merg'.*line 1.*'merge' and 'apart'"),
        ("merge:\n" + ENTRY.replace("why:", "wy:"), r"no setting 'wy'.*line 5, entry 1 of 'merge'"),
        (
            "merge:\n" + ENTRY.replace("    why: 同一法人\n", ""),
            r"'why' cannot be used: field required.*entry 1 of 'merge'",
        ),
        ("merge:\n" + ENTRY.replace("王芳", '" "'), r"'by' cannot be used"),
        (
            "apart:\n" + ENTRY.replace("10-20", "02-30"),
            r"'decided_on' cannot be used: day is out of range.*line 3, entry 1",
        ),
        ("apart:\n" + ENTRY.replace("2026-10-20", "20.10.2026"), r"a date is written yyyy-mm-dd"),
        ("apart:\n" + ENTRY.replace("2026-10-20", "20261020"), r"a date is written yyyy-mm-dd"),
        ("merge:\n" + ENTRY.replace(', "000003"', ""), r"'companies' cannot be used.*two ids in quotes"),
        ("merge:\n" + ENTRY.replace('"000003"', "300003"), r"'companies' cannot be used.*valid string.*in quotes"),
        ("merge:\n" + ENTRY.replace("000003", "000001"), r"company 000001 is paired with itself.*entry 1"),
        (f"merge:\n{ENTRY}apart:\n{ENTRY}", r"decided about twice.*entry 1 of 'merge'; .*entry 1 of 'apart'"),
        (f"merge:\n{ENTRY}{ENTRY}", r"decided about twice.*entry 1 of 'merge'; .*entry 2 of 'merge'"),
        ("- 1\n", r"not a mapping"),
    ],
)
def test_a_slip_is_refused_with_entry_and_fix(tmp_path, text, message):
    with pytest.raises(SettingError, match=message):
        load_decisions(write(tmp_path, text))


SOURCES = """
exports: in
tables:
  customers: {files: customers.csv, format: csv, encoding: utf-8, separator: ","}
  contacts: {files: contacts.csv, format: csv, encoding: utf-8, separator: ","}
"""
CONTACTS = "contact_id,customer_id,role,created_on\nK1,000003,kp,2025-05-01\nK2,000002,kp,2025-05-01\n"


def test_a_decision_moves_the_rows_of_every_table_and_the_account_closes(project):
    folder = project(SOURCES, contacts=CONTACTS)
    before = warehouse.open_project(folder)
    after = warehouse.open_project(write(folder, f"merge:\n{ENTRY}"))
    assert before.seal != after.seal
    assert after.load("contacts")["customer_id"].tolist() == ["000001", "000001"]
    assert after.load("customers")["customer_id"].tolist() == ["000001", "000004"]
    (line,) = after.load("account").query("table == 'customers'").to_dict("records")
    assert (line["n_in"], line["n_kept"], line["n_merged"], line["n_rejected"]) == (4, 2, 2, 0)
    assert all(check.passed for check in after.checks())
    merged = after.load("merges").query("table == 'customers'")
    assert dict(zip(merged["id"], merged["rule"], strict=True)) == {
        "000002": "same_company_name",
        "000003": "same_company_decision",
    }


def test_companies_kept_apart_stay_two_and_are_no_candidates(project):
    folder = project(SOURCES, contacts=CONTACTS)
    store = warehouse.open_project(write(folder, "apart:\n" + ENTRY.replace("000003", "000002")))
    assert store.load("contacts")["customer_id"].tolist() == ["000003", "000002"]
    assert store.load("merge_map").empty
    assert store.load("duplicate_candidates")[["customer_id", "other_id", "reasons"]].to_numpy().tolist() == [
        ["000003", "000001", "code_one_character"]
    ]


def test_a_decision_about_an_unknown_company_stops_the_build_and_names_its_entry(project):
    folder = write(project(SOURCES, contacts=CONTACTS), "merge:\n" + ENTRY.replace("000003", "000033"))
    with pytest.raises(SettingError, match=r"no company '000033'.*merges.yaml, line 2, entry 1 of 'merge'"):
        warehouse.open_project(folder)


def test_decisions_without_a_table_of_companies_are_refused(project):
    sources = SOURCES.replace("  customers:", "  units: {files: units.csv, format: csv}\n  # customers:")
    with pytest.raises(SettingError, match="no company '000001'"):
        warehouse.open_project(write(project(sources, contacts=CONTACTS), f"merge:\n{ENTRY}"))
