"""Every unit passes from the text of an export through warehouse, page, workbook and form: none is half known."""

import csv
import io
from datetime import datetime

import openpyxl
import pandas as pd
import pytest

from bizlab.cli.reference.tables import tables_page, units_page
from bizlab.contracts.column import Column
from bizlab.contracts.table import Table
from bizlab.data import warehouse
from bizlab.data.sources.config import SourceSettings
from bizlab.errors import ContractError, SettingError
from bizlab.forms.workbook import FormSheet, form_bytes
from bizlab.labels import LANGS, Label
from bizlab.periods import Month
from bizlab.report import codec, display
from bizlab.report.charts import charts
from bizlab.report.format import exact, spoken, spoken_change
from bizlab.report.grid import grid
from bizlab.report.plain import plain_table
from bizlab.report.shown import Results
from bizlab.report.view import shown_table
from bizlab.report.workbooks.export import csv_bytes, xlsx_bytes
from bizlab.report.workbooks.workbook import workbook_bytes
from bizlab.sample.exports.cells import plain
from bizlab.tables import TABLES
from bizlab.units.kinds import NUMERIC, WHOLE, Unit, unit_of
from bizlab.units.parse import parser_of
from bizlab.units.row import Kind

MONTH = Month(2026, 10)
WRITTEN = {
    Kind.TEXT: ("说明 A", "说明 A"),
    Kind.CODE: ("Ａ１", "A1"),
    Kind.YES_NO: ("是", True),
    Kind.DAY: ("2026-10-08", "2026-10-08"),
    Kind.MONTH: ("2026年10月", "2026-10"),
    Kind.MOMENT: ("2026-10-08 17:30:00", "2026-10-08T17:30:00"),
    Kind.WHOLE: ("1,234", 1234),
    Kind.REAL: ("12.5", 12.5),
}
"""What stands in an export, and what is shown of it, in the usual unit of the source."""


def label(unit):
    return Label(f"列 {unit}", f"Column {unit}")


READINGS = Table(
    name="readings",
    label=Label("读数", "Readings"),
    grain=Label("每条读数一行", "one row per reading"),
    columns=(
        Column("reading", Unit.CODE, Label("编号", "Number")),
        *(Column(f"of_{unit}", unit, label(unit), nullable=True) for unit in Unit),
    ),
    key=("reading",),
    system="mes",
)
METERS = Table(
    name="meters",
    label=Label("机台读数", "Readings of a machine"),
    grain=Label("每台机一行", "one row per machine"),
    columns=(
        Column("machine_id", Unit.CODE, Label("机台", "Machine")),
        Column("used_kwh", Unit.KWH, Label("用电", "Electricity"), nullable=True),
        Column("scrap_kg", Unit.KG, Label("废料", "Scrap"), nullable=True),
        Column("defects_ppm", Unit.PPM, Label("不良率", "Defects"), nullable=True),
        Column("cycle_seconds", Unit.SECONDS, Label("节拍", "Cycle"), nullable=True),
    ),
    key=("machine_id",),
    system="mes",
)


def read(folder, contract, lines, units):
    """A table of a project: written as csv, declared, read under its contract and stored."""
    (folder / "in").mkdir()
    (folder / "params").mkdir()
    with (folder / "in" / "table.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([contract.names, *lines])
    declared = "".join(f"      {column}: '{unit}'\n" for column, unit in units.items())
    (folder / "params" / "sources.yaml").write_text(
        f"exports: in\ntables:\n  {contract.name}:\n    files: table.csv\n    format: csv\n"
        f"    encoding: utf-8\n    separator: ','\n" + (f"    units:\n{declared}" if declared else ""),
        encoding="utf-8",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(TABLES, contract.name, contract)
        store = warehouse.open_project(folder)
        return store.load(contract.name), store.load("rejects")


@pytest.fixture(scope="module")
def readings(tmp_path_factory):
    lines = [["full", *(WRITTEN[unit.row.kind][0] for unit in Unit)], ["blank", *("" for _ in Unit)]]
    frame, rejects = read(tmp_path_factory.mktemp("readings"), READINGS, lines, {})
    assert rejects.empty
    return frame.sort_values("reading", ascending=False, ignore_index=True)


@pytest.fixture(scope="module")
def shown(readings):
    return shown_table(readings, READINGS, key="readings")


@pytest.fixture(scope="module")
def results(shown):
    named = Label("读数", "Readings")
    return Results("readings", named, named, str(MONTH), {}, (shown,), (), (), (), {})


def value_of(shown, unit):
    return shown.rows[0][place(unit)]


def place(unit):
    return [column.unit for column in READINGS.columns[1:]].index(unit) + 1


@pytest.mark.parametrize("unit", Unit)
def test_a_text_comes_out_of_the_warehouse_as_the_value_that_its_contract_promises(readings, shown, unit):
    values = readings[f"of_{unit}"]
    assert str(values.dtype) == unit.row.kind.nullable
    assert values.isna().tolist() == [False, True]
    assert value_of(shown, unit) == WRITTEN[unit.row.kind][1] * (unit.row.source().per if unit in NUMERIC else 1)


@pytest.mark.parametrize("unit", Unit)
def test_results_carry_it_and_come_back_the_same(results, unit):
    back = codec.from_json(codec.to_json(results))
    assert back == results
    assert back.tables[0].columns[place(unit)].unit is unit


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("unit", Unit)
def test_the_page_shows_it_with_its_unit(shown, unit, lang):
    laid, row = grid(shown), unit.row
    head, cell = laid.heads[place(unit)], laid.lines[0].cells[place(unit)]
    assert (head.unit.text(lang) if head.unit else None) == (row.word.text(lang) if row.word else None)
    html = display.show_table(shown, lang=lang).html
    assert cell.text.text(lang) in html
    assert laid.lines[1].cells[place(unit)].text.text(lang) == "—"
    if unit in NUMERIC:
        assert (head.kind, cell.kind) == ("n", "n")
        on_page = float(cell.text.en.replace(",", "").lstrip("<"))
        assert on_page == pytest.approx(float(value_of(shown, unit) / row.scale), abs=10**-row.places)


@pytest.mark.parametrize("unit", [unit for unit in Unit if unit in NUMERIC])
def test_sentences_and_charts_say_the_unit(shown, readings, unit):
    column, value = shown.columns[place(unit)], value_of(shown, unit)
    for lang in LANGS:
        assert (unit.row.word or Label("", "")).text(lang) in spoken(value, column).text(lang)
        assert spoken(-value, column).text(lang) == f"−{spoken(value, column).text(lang)}"
        assert spoken_change(0, value, column).text(lang).startswith("+")
    whole = exact(value, unit).strip("¥%").replace(",", "")
    if whole and not unit.row.clock:
        assert float(whole) == float(value / unit.row.scale)
    kept = readings.head(1)
    drawn = charts.bars(kept, READINGS, key="c", title=label(unit), x=f"of_{unit}", y="reading", alt=label(unit))
    assert spoken(value, column).zh in drawn.svg["zh"]


@pytest.mark.parametrize("unit", Unit)
def test_the_months_workbook_holds_it_under_its_number_format(results, shown, unit):
    book = openpyxl.load_workbook(io.BytesIO(workbook_bytes([results], lang="en")))
    sheet, row, value = book["Readings"], unit.row, value_of(shown, unit)
    head, cell = (sheet.cell(line, place(unit) + 1) for line in (4, 5))
    assert cell.number_format == (row.excel or "General")
    assert head.value == label(unit).en + (f" ({row.word.en})" if row.word and not row.is_percent else "")
    if unit in NUMERIC:
        assert cell.value * float(row.per_cell) == pytest.approx(value)
    elif row.excel:
        assert cell.value == datetime.fromisoformat(value)
    assert sheet.cell(6, place(unit) + 1).value is None


@pytest.mark.parametrize("unit", Unit)
def test_a_list_for_another_system_says_the_same_as_csv_and_as_workbook(shown, unit):
    heads, full, blank = csv.reader(io.StringIO(csv_bytes(shown, lang="en").decode("utf-8-sig")))
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(shown, lang="en"))).active
    figure = sheet.cell(2, place(unit) + 1)
    assert sheet.cell(1, place(unit) + 1).value == heads[place(unit)]
    assert figure.number_format == (unit.row.excel.partition(";")[0] or "General")
    if unit in NUMERIC:
        assert float(full[place(unit)]) == pytest.approx(figure.value)
        assert figure.value * float(unit.row.per_cell) == pytest.approx(value_of(shown, unit))
    assert blank[place(unit)] == ""


@pytest.mark.parametrize("unit", Unit)
def test_a_blank_form_asks_for_it_in_every_unit_of_the_source(unit):
    contract = Table("filled", *(READINGS.label,) * 2, (READINGS["reading"], READINGS[f"of_{unit}"]), ("reading",))
    for name in [source.name for source in unit.row.sources] or [None]:
        units = {f"of_{unit}": name} if name else {}
        source = SourceSettings(files="f.xlsx", format="excel", sheet="读数", units=units)
        form = form_bytes([FormSheet(contract, source, 5, {})], {}, month=MONTH, title=label(unit))
        book = openpyxl.load_workbook(io.BytesIO(form))
        asked = [row for row in book["填写说明"].iter_rows(values_only=True) if row[1] == label(unit).zh]
        (checks,) = [book["读数"].data_validations.dataValidation]
        checked = [check for check in checks if "B4" in check.sqref]
        assert bool(checked) == (unit.row.kind not in {Kind.TEXT, Kind.CODE, Kind.MONTH})
        if name and not unit.row.clock:
            assert name in asked[0][2]
            assert unit.row.source(name).english in asked[0][5]


@pytest.mark.parametrize("unit", Unit)
def test_what_the_sample_company_exports_reads_back_as_the_same(shown, readings, unit):
    column = READINGS[f"of_{unit}"]
    cell = plain(readings[column.name].iloc[0], column)
    text = f"{cell:%Y-%m-%d %H:%M:%S}" if isinstance(cell, datetime) else str(cell)
    again = readings.head(1).assign(**{column.name: [parser_of(unit)(text)]})
    assert value_of(shown_table(again, READINGS, key="readings"), unit) == value_of(shown, unit)


@pytest.mark.parametrize("unit", Unit)
def test_a_contract_refuses_what_it_cannot_hold_and_docs_name_the_unit(unit):
    assert f"| {unit} |" in tables_page({"readings": READINGS})
    assert f"| `{unit}` |" in units_page()
    if unit in WHOLE:
        with pytest.raises(ContractError, match=f"do not fit the unit '{unit}'"):
            READINGS.conform(READINGS.empty().assign(**{f"of_{unit}": pd.Series([1.5])}).head(1))


def test_names_tell_the_unit_and_no_two_units_claim_one():
    endings = [(ending, unit) for unit in Unit for ending in unit.row.endings]
    assert {unit_of(f"x{ending}") for ending, _ in endings} == {unit for _, unit in endings}
    assert all(unit_of(f"x{ending}") is unit for ending, unit in endings)
    own = plain_table(pd.DataFrame({"used_kwh": [3_412], "defects_ppm": [300.5]}), "own")[1]
    assert [column.unit for column in own.columns] == [Unit.COUNT, Unit.KWH, Unit.PPM]
    assert not [(one, other) for one, _ in endings for other, _ in endings if one != other and one.endswith(other)]


def test_a_workshop_reads_energy_weight_defects_and_cycle_times(tmp_path):
    """Worked by hand: 3.412 MWh are 3,412 kWh, 1.25 t are 1,250 kg, 0.03 % are 300 ppm, 7.5 min are 450 s."""
    lines = [
        ["M1", "3.412", "1.25", "0.03", "7.5"],
        ["M2", "", "-0.02", "12.00005", "0.5"],
        ["M3", "1.2万", "0", "", ""],
    ]
    units = {"used_kwh": "MWh", "scrap_kg": "t", "defects_ppm": "%", "cycle_seconds": "min"}
    frame, rejects = read(tmp_path, METERS, lines, units)
    assert rejects.empty
    assert frame["used_kwh"].tolist() == [3_412, pd.NA, 12_000_000]
    assert frame["scrap_kg"].tolist() == [1_250, -20, 0]
    assert frame["defects_ppm"].tolist()[:2] == [300.0, 120_000.5]
    assert frame["cycle_seconds"].tolist() == [450, 30, pd.NA]

    table = shown_table(frame, METERS, key="meters")
    laid = grid(table)
    assert [head.unit for head in laid.heads[1:]] == [("kWh", "kWh"), ("kg", "kg"), ("ppm", "ppm"), ("秒", "s")]
    assert [[cell.text.zh for cell in line.cells[1:]] for line in laid.lines] == [
        ["3,412", "1,250", "300", "450"],
        ["—", "(20)", "120,001", "30"],
        ["12,000,000", "0", "—", "—"],
    ]
    assert laid.lines[1].cells[3].exact == "120,000.5"
    assert spoken(450, table.columns[4]) == ("450 秒", "450 s")
    assert spoken(-20, table.columns[2]) == ("−20 kg", "−20 kg")

    named = Label("机台", "Machines")
    results = Results("meters", named, named, str(MONTH), {}, (table,), (), (), (), {})
    sheet = openpyxl.load_workbook(io.BytesIO(workbook_bytes([results], lang="zh")))["机台读数"]
    assert [cell.value for cell in sheet[4]][1:5] == ["用电 (kWh)", "废料 (kg)", "不良率 (ppm)", "节拍 (秒)"]
    assert [[cell.value for cell in sheet[line]][1:5] for line in (5, 6)] == [
        [3_412, 1_250, 300, 450],
        [None, -20, 120_000.5, 30],
    ]
    assert {cell.number_format for cell in sheet[5][1:5]} == {"#,##0;[Red](#,##0)"}


def test_what_is_finer_than_the_unit_or_in_no_unit_of_it_is_refused(tmp_path):
    lines = [["M1", "0.5", "1", "1", "1"], ["M2", "1", "0.5", "1", "1"], ["M3", "1", "1", "many", "0.5"]]
    frame, rejects = read(tmp_path, METERS, lines, {})
    assert frame.empty
    assert rejects[["column", "rule"]].to_numpy().tolist() == [
        ["used_kwh", "finer than one kWh"],
        ["scrap_kg", "finer than one kg"],
        ["defects_ppm", "not a number"],
    ]


def test_a_source_in_a_unit_that_is_not_known_is_refused_with_the_nearest(tmp_path):
    with pytest.raises(SettingError, match=r"(?s)no unit for column used_kwh 'GWh'.*write '[Mk]Wh'"):
        read(tmp_path, METERS, [], {"used_kwh": "GWh"})


def test_the_larger_unit_of_a_table_is_chosen_for_each_unit_by_its_own_values():
    """Twelve million yuan stand in 万元; a thousand million kWh beside them have no larger unit and stay."""
    columns = (METERS["machine_id"], METERS["used_kwh"], Column("cost_fen", Unit.FEN, Label("电费", "Cost")))
    contract = Table("bills", *(METERS.label,) * 2, columns, ("machine_id",))
    frame = pd.DataFrame({"machine_id": ["M1"], "used_kwh": [10**9], "cost_fen": [1_200_000_000]})
    laid = grid(shown_table(frame, contract, key="bills"))
    assert [head.unit.zh for head in laid.heads[1:]] == ["kWh", "万元"]
    assert [cell.text.en for cell in laid.lines[0].cells[1:]] == ["1,000,000,000", "1,200.00"]
