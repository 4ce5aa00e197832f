"""What a notebook may and may not do with its run."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from jobs import executed, job, printed
from tables import table

from bizlab.contracts.check import Check
from bizlab.contracts.column import Column
from bizlab.contracts.finding import Finding, Ref
from bizlab.contracts.table import Identity, Table
from bizlab.errors import ContractError, SettingError
from bizlab.labels import Label
from bizlab.report import codec
from bizlab.run.session import open_run
from bizlab.units.kinds import Unit

ROOT = Path(__file__).parents[2]
WORDS = Label("表", "table")
SHEET = Table(
    name="sheet",
    label=WORDS,
    grain=WORDS,
    key=("unit_id",),
    columns=(
        Column("unit_id", Unit.CODE, WORDS),
        Column("a_fen", Unit.FEN, WORDS),
        Column("b_fen", Unit.FEN, WORDS),
    ),
    identities=(Identity("a_fen = b_fen", WORDS),),
)
FRAME = table("| unit_id | a_fen | b_fen |\n| M | 5 | 5 |\n| N | 7 | 8 |", SHEET)


@pytest.fixture
def run(monkeypatch):
    monkeypatch.chdir(ROOT / "notebooks")
    return open_run("unit_hour", month="2026-09", lang="en")


def test_tables_end_with_the_month(run):
    assert run.as_of == date(2026, 9, 30)
    assert run.load("orders")["ordered_on"].max().date() <= run.as_of
    lazily = run.scan("orders").collect("pandas").to_native()
    assert len(lazily) == len(run.load("orders"))
    (source,) = run.sources(["orders"])
    assert source.n_rows == len(lazily)


def test_a_page_is_given_the_columns_that_it_declares_and_no_others(run):
    columns = ["unit_id", "kind", "recorded_on", "amount_fen"]
    assert list(run.load("expense_records")) == run.scan("expense_records").collect_schema().names() == columns
    assert list(run.load("drivers")) == list(run.contracts["drivers"].names), "declared whole"


def test_what_is_no_frame_is_not_shown(run):
    with pytest.raises(ContractError, match=r"A Series cannot be shown.*give a pandas frame"):
        run.show(FRAME["a_fen"])


def test_what_is_shown_brings_its_sums_as_checks(run):
    run.show(FRAME, SHEET, key="sheet")
    run.check([Check("mine", WORDS, 1, 1, Unit.COUNT)])
    results = run.frozen()
    assert {check.key: check.passed for check in results.checks} == {"sheet.a_fen": False, "mine": True}
    assert results.month == "2026-09"
    assert results.parameters["lang"] == "en"
    assert any(name.startswith("input:data/sample/exports/") for name in results.provenance)


def test_what_a_run_leaves_is_written_and_read_back(monkeypatch):
    monkeypatch.chdir(ROOT / "notebooks")
    run = open_run("unit_hour", month="2026-09", allocation_order=["FI", "HR"])
    run.show(FRAME, SHEET, key="sheet")
    results = run.frozen()
    assert results.parameters["allocation_order"] == ("FI", "HR")
    assert codec.from_json(codec.to_json(results)) == results


SOLD = Table(
    name="sold",
    label=WORDS,
    grain=WORDS,
    key=("owner_id", "customer_id"),
    columns=(
        Column("owner_id", Unit.CODE, WORDS, choice_labels={"total": Label("合计", "Total")}, refers="units"),
        Column("customer_id", Unit.CODE, WORDS, refers="customers"),
        Column("order_id", Unit.CODE, WORDS, refers="orders"),
    ),
)
SALES = table("| owner_id | customer_id | order_id |\n| SA-N | 002001 | O1 |\n| total | 002002 | O2 |", SOLD)


def words(run, key):
    (shown,) = (table for table in run.frozen().tables if table.key == key)
    return {column.name: {code: label.en for code, label in column.words.items()} for column in shown.columns}


def test_ids_are_shown_with_the_names_of_the_rows_that_they_refer_to(run):
    """Orders have no names; what the contract or the notebook says of a value goes with the names or before them."""
    units, customers = run.names("units"), run.names("customers")
    run.show(SALES, SOLD, key="sold")
    run.show(SALES, SOLD, key="other", names={"customer_id": {"002002": Label("最大客户", "The largest")}})
    named = {"SA-N": units["SA-N"].en, "total": "Total"}
    assert words(run, "sold") == {
        "owner_id": named,
        "customer_id": {customer: customers[customer].en for customer in ("002001", "002002")},
        "order_id": {},
    }
    assert words(run, "other")["customer_id"] == {"002001": customers["002001"].en, "002002": "The largest"}


def test_a_leader_is_told_the_names_of_units_and_of_nobody_else(monkeypatch):
    monkeypatch.chdir(ROOT / "notebooks")
    run = open_run("unit_hour", month="2026-10", reader="SA-N")
    run.show(SALES, SOLD, key="sold")
    assert set(words(run, "sold")["owner_id"]) == {"SA-N", "total"}
    assert words(run, "sold")["customer_id"] == {}


def test_results_with_lists_among_the_parameters_are_written_and_read_back(run):
    assert isinstance(run.frozen().parameters["allocation_order"], tuple)
    assert codec.from_json(codec.to_json(run.frozen())) == run.frozen()


def test_a_finding_without_a_figure_is_refused_with_what_there_is(run):
    run.show(FRAME, SHEET, key="sheet")
    run.finding([Finding("good", WORDS, {"a": Ref("sheet", ("M",), "a_fen")})])
    for ref in (Ref("shet", ("M",), "a_fen"), Ref("sheet", ("X",), "a_fen"), Ref("sheet", ("M",), "c_fen")):
        with pytest.raises(ContractError, match=r"rests on .* but no such"):
            run.finding([Finding("bad", WORDS, {"a": ref})])


def test_a_cell_may_run_twice_but_one_key_names_one_thing(run):
    for _ in range(2):
        run.show(FRAME, SHEET, key="sheet")
    assert len(run.frozen().tables) == 1
    with pytest.raises(ContractError, match="used for two things"):
        run.show(FRAME, SHEET, key="sheet", title=Label("另一个", "another"))
    with pytest.raises(ContractError, match="Keys are used twice: k"):
        run.check([Check("k", WORDS, 1, 1, Unit.COUNT), Check("k", WORDS, 1, 2, Unit.COUNT)])
    twice = replace(SHEET, identities=(*SHEET.identities, Identity("a_fen = b_fen + b_fen", WORDS)))
    with pytest.raises(ContractError, match=r"Keys are used twice: sums\.a_fen"):
        run.show(FRAME, twice, key="sums")


def test_names_and_settings_are_checked_at_the_door(monkeypatch, tmp_path):
    monkeypatch.chdir(ROOT)
    with pytest.raises(SettingError, match="write 'unit_hour'"):
        open_run("unithour", month="2026-10")
    with pytest.raises(SettingError, match="write 'stuck_days'"):
        open_run("lifecycle", month="2026-10", stuck_day=3)
    with pytest.raises(SettingError, match="The page 'unit_hour' has no parameter 'stuck_days'"):
        open_run("unit_hour", month="2026-10", stuck_days=3)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingError, match="No project found"):
        open_run("unit_hour", month="2026-10")


def test_what_papermill_injects_counts_even_where_the_notebook_does_not_pass_it_on(tmp_path):
    """papermill itself only warns of a name that the notebook does not know, and the default would stay in force."""
    (tmp_path / "params").mkdir()
    (tmp_path / "params" / "base.yaml").write_text("confidence: 0.9\nstuck_days: 60\n")
    (tmp_path / "notebooks").symlink_to(ROOT / "notebooks")
    cells = ["import bizlab\nparams = bizlab.open('segments', month='2026-10').params", "print(params.confidence)"]
    right, misspelt, no_number, wrong = executed(
        job(tmp_path, "right", *cells, confidence=0.8),
        job(tmp_path, "misspelt", *cells, confidense=0.8),
        job(tmp_path, "no_number", *cells, confidence=float("nan")),
        job(tmp_path, "wrong", *cells, confidence="80%"),
    )
    assert printed(right) == "0.8"
    assert "No page has a parameter 'confidense'" in misspelt.problem
    assert "write 'confidence'" in misspelt.problem
    assert "The parameter 'confidence' cannot be float('nan')" in no_number.problem
    assert "The parameter 'confidence' cannot be '80%'" in wrong.problem
