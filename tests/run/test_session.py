"""What a notebook may and may not do with its run."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import nbformat
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
from bizlab.report.display import MIME
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
    assert not any(name.startswith("input:") for name in results.provenance)


def test_results_name_the_files_of_what_was_read_and_no_others(run):
    units = run.load("units")
    files = {name.removeprefix("input:") for name in run.frozen().provenance if name.startswith("input:")}
    assert files == run.tables.store.files_of({"units"})
    assert len(units)
    assert not any("orders" in file for file in files)


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


MANY = table("| unit_id | a_fen | b_fen |\n" + "".join(f"| U{n} | {n} | {n} |\n" for n in range(9)), SHEET)


def test_of_a_long_table_the_first_rows_are_shown_and_all_are_summed_checked_and_written(monkeypatch, tmp_path):
    monkeypatch.chdir(ROOT / "notebooks")
    monkeypatch.setenv("BIZLAB_RESULTS", str(tmp_path / "results"))
    run = open_run("unit_hour", month="2026-09", max_rows=3)
    broken = MANY.assign(b_fen=MANY["b_fen"].where(MANY["unit_id"] != "U8", 0))
    run.show(broken, SHEET, key="sheet")
    (shown,), (check,) = run.frozen().tables, run.frozen().checks
    assert (len(shown.rows), shown.n_rows) == (3, 9)
    assert not check.passed, "a sum that does not hold in a row that is left out"
    lines = (tmp_path / "tables" / "03_unit_hour.sheet.csv").read_text("utf-8-sig").splitlines()
    assert (len(lines), lines[-1]) == (10, "U8,0.08,0.00")
    assert ("max_rows", run.params.words("max_rows")) in run.frozen().parameter_words


def test_by_hand_no_file_is_written(run, tmp_path, monkeypatch):
    monkeypatch.delenv("BIZLAB_RESULTS", raising=False)
    before = set(ROOT.iterdir())
    long = MANY.loc[MANY.index.repeat(300)].assign(unit_id=[f"U{n}" for n in range(2_700)])
    run.show(long, SHEET, key="sheet")
    assert len(run.frozen().tables[0].rows) == 2_000
    assert set(ROOT.iterdir()) == before


def test_a_row_that_a_finding_rests_on_is_added_to_a_long_table(monkeypatch):
    monkeypatch.chdir(ROOT / "notebooks")
    run = open_run("unit_hour", month="2026-09", max_rows=3)
    run.show(MANY, SHEET, key="sheet")
    text = Label("{a_fen}", "{a_fen}")
    run.finding([Finding("far", text, {"a_fen": Ref("sheet", ("U7",), "a_fen")}, "bad")])
    assert [parts for (parts,) in run.frozen().tables[0].row_keys] == ["U0", "U1", "U2", "U7"]
    with pytest.raises(ContractError, match="no such row is shown"):
        run.finding([Finding("nobody", text, {"a_fen": Ref("sheet", ("U9",), "a_fen")}, "bad")])
    run.show(FRAME, SHEET, key="sheet")
    run.finding([Finding("near", text, {"a_fen": Ref("sheet", ("N",), "a_fen")}, "bad")])
    assert len(run.frozen().tables[0].rows) == 2, "shown again, it is what was shown last"


def test_an_added_row_stands_in_the_output_that_showed_the_table(tmp_path):
    """A kernel replaces what it displayed, and the executed notebook holds one table with the row."""
    cells = (
        f"import os; os.chdir({str(ROOT / 'notebooks')!r})",
        "from bizlab.contracts.columns import code, column, table\n"
        "from bizlab.contracts.finding import Finding, Ref\n"
        "from bizlab.labels import Label\n"
        "from bizlab.run.session import open_run\n"
        "import pandas as pd\n"
        "run = open_run('unit_hour', month='2026-09', max_rows=3)\n"
        "columns = code('unit_id', '单元 | Unit'), column('n_a', '数 | N')\n"
        "units = table('t', '表 | T', '一行 | a row', *columns, key='unit_id')\n"
        "run.show(pd.DataFrame({'unit_id': list('ABCDEFGH'), 'n_a': range(8)}), units, key='sheet')",
        "run.finding([Finding('far', Label('{n}', '{n}'), {'n': Ref('sheet', ('G',), 'n_a')}, 'bad')])",
    )
    (done,) = executed(job(tmp_path, "long", *cells))
    assert not done.problem
    outputs = [output for cell in nbformat.read(done.output, as_version=4).cells for output in cell.get("outputs", ())]
    (shown,) = (o.data[MIME]["object"] for o in outputs if o.get("data", {}).get(MIME, {}).get("kind") == "table")
    assert shown["row_keys"] == [["A"], ["B"], ["C"], ["G"]]
    assert not any("transient" in output for output in outputs)
