"""A file of tables is one contract a table; what does not hold together is refused with file and line."""

import re
from pathlib import Path

import pytest

from bizlab.contracts.table import Identity
from bizlab.errors import SettingError
from bizlab.labels import Label
from bizlab.tables import TABLES, project_tables
from bizlab.units.kinds import Unit

ROOT = Path(__file__).parents[2]
EXAMPLE = re.search(
    r"^    system: MES\n.+?^(?=\S)", (ROOT / "bizlab/tables/README.md").read_text("utf-8"), re.DOTALL | re.MULTILINE
)[0]


def described(folder, text, name="mes"):
    """The tables of a project that describes its own in one file."""
    (folder / "tables").mkdir(exist_ok=True)
    (folder / "tables" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return project_tables(folder)


def refusal(folder, text):
    with pytest.raises(SettingError) as caught:
        described(folder, text)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_the_table_of_the_readme_is_read_as_it_says(tmp_path):
    table = described(tmp_path, "\n".join(line[4:] for line in EXAMPLE.splitlines()))["outputs"]
    assert [(column.name, column.unit, column.nullable) for column in table.columns] == [
        ("unit_id", Unit.CODE, False),
        ("made_on", Unit.DATE, False),
        ("shift", Unit.CODE, False),
        ("n_made", Unit.COUNT, False),
        ("n_good", Unit.COUNT, False),
        ("n_bad", Unit.COUNT, False),
        ("remark", Unit.TEXT, True),
    ]
    assert table.label == Label("产量", "Output")
    assert (table.system, table.key, table.occurred) == ("MES", ("unit_id", "made_on", "shift"), "made_on")
    assert table["unit_id"].refers == "units"
    assert table["shift"].choices == ("day", "night")
    assert table["shift"].words["night"] == Label("夜班", "Night shift")
    assert table.identities == (
        Identity("n_made = n_good + n_bad", Label("产出 = 合格 + 不合格", "made = good + bad")),
    )


def test_a_project_has_the_library_s_tables_and_its_own(tmp_path):
    assert project_tables(tmp_path) == TABLES
    assert list(described(tmp_path, PLAIN)) == [*TABLES, "outputs"]


PLAIN = """\
system: MES
choices:
  shifts: {day: 白班 | Day shift, night: 夜班 | Night shift}
columns:
  unit_id: {label: 单元编号 | Unit id, refers: units}
tables:
  outputs:
    label: 产量 | Output
    grain: 每单元每班一行 | one row per unit and shift
    key: [unit_id, made_on]
    occurred: made_on
    known_at: known_at
    columns:
      unit_id:
      made_on: {label: 日期 | Date}
      shift: {label: 班次 | Shift, choices: shifts}
      n_made: {label: 产出 | Made}
      known_at: {label: 录入时间 | Recorded at}
    sums:
      n_made = n_made: 产出 = 产出 | made = made
"""


@pytest.mark.parametrize(
    ("right", "wrong", "line", "problem"),
    [
        ("Made}", "Made, unit: peices}", 17, "There is no unit 'peices'"),
        ("Made}", "Made, unit: cuont}", 17, "There is no unit 'cuont'.+write 'count'"),
        ("n_made: {", "made: {", 17, "The name 'made' tells no unit.+write 'unit:' with one of text, phrase, code"),
        ("[unit_id, made_on]", "[unit_id, mad_on]", 10, "There is no column 'mad_on'.+write 'made_on'"),
        ("[unit_id, made_on]", "[]", 10, "'key' cannot be used"),
        ("occurred: made_on", "occurred: made_at", 11, "There is no date 'made_at'.+write 'made_on'"),
        ("occurred: made_on", "occurred: n_made", 11, "There is no date 'n_made'.+write 'made_on'"),
        (
            "known_at: known_at\n",
            "known_at: unit_id\n",
            12,
            "There is no date 'unit_id'.+choose from made_on, known_at",
        ),
        ("n_made = n_made:", "n_made = n_mode:", 20, "There is no whole number 'n_mode'.+write 'n_made'"),
        ("n_made = n_made:", "n_made = made_on:", 20, "There is no whole number 'made_on'"),
        ("n_made = n_made:", "n_made = n_made * 2:", 20, "is not a sum of columns"),
        ("refers: units", "refers: unit", 5, "There is no table 'unit'.+write 'units'"),
        ("choices: shifts", "choices: shift", 16, "There is no list of choices 'shift'.+write 'shifts'"),
        ("{day: 白班 | Day shift, night: 夜班 | Night shift}", "{}", 3, "'shifts' cannot be used"),
        ("夜班 | Night shift", "夜班", 3, "'夜班' is not in both languages"),
        ("夜班 | Night shift", '" | Night shift"', 3, "is not in both languages"),
        ("产出 | Made}", "产出 | Made | 件}", 17, "is not in both languages"),
        ("      unit_id:\n", "      unit:\n", 14, "Nothing is said of the column 'unit'"),
        ("label: 产出", "lable: 产出", 17, "There is no setting 'lable'.+write 'label'"),
        ("    grain:", "    grian:", 9, "There is no setting 'grian'.+write 'grain'"),
        ("columns:\n  unit_id", "column:\n  unit_id", 4, "There is no setting 'column'.+write 'columns'"),
        ("    grain: 每单元每班一行 | one row per unit and shift\n", "", 7, "The setting 'grain' is missing"),
        ("  outputs:", "  Outputs:", 7, "'Outputs' is not a name"),
        ("  outputs:", "  orders:", 7, "The name 'orders' stands twice.+the library's own"),
        ("Made}", "Made, nullable: maybe}", 17, "'nullable' cannot be used"),
    ],
)
def test_what_does_not_hold_together_is_refused_with_file_and_line(tmp_path, right, wrong, line, problem):
    assert PLAIN.count(right) == 1
    message = refusal(tmp_path, PLAIN.replace(right, wrong))
    assert f"tables/mes.yaml, line {line}" in message
    assert re.search(problem, message), message


def test_an_id_names_the_column_of_its_name_or_the_one_key(tmp_path):
    """Stays of persons are many, so that their key is not what an id of a person names."""
    message = refusal(tmp_path, PLAIN.replace("refers: units", "refers: persons").replace("unit_id", "worker_id"))
    assert "The key of 'persons' is more than one column, and none is called 'worker_id'" in message
    assert "tables/mes.yaml, line 5" in message
    named = described(tmp_path, PLAIN.replace("refers: units", "refers: persons").replace("unit_id", "person_id"))
    assert named["outputs"]["person_id"].refers == "persons"
    assert TABLES["persons"].ids("person_id") == "person_id"
    assert TABLES["units"].ids("owner_id") == "unit_id"


def test_two_files_may_not_describe_one_table(tmp_path):
    described(tmp_path, PLAIN)
    with pytest.raises(
        SettingError, match=r"'outputs' stands twice. Where: tables/mes.yaml, line 7; tables/wms.yaml, line 7"
    ):
        described(tmp_path, PLAIN, "wms")


def test_a_table_may_refer_to_one_of_a_later_file(tmp_path):
    later = PLAIN.replace("  outputs:", "  machines:")
    described(tmp_path, later, "wms")
    assert (
        described(tmp_path, PLAIN.replace("refers: units", "refers: machines"))["outputs"]["unit_id"].refers
        == "machines"
    )


def test_the_library_s_own_files_hold_every_form_of_column():
    """Read against the tables themselves, one of each kind."""
    orders, prices, trades = TABLES["orders"], TABLES["transfer_prices"], TABLES["internal_trades_bought"]
    assert (orders.system, orders.key, orders.occurred, orders.known_at) == (
        "ERP",
        ("order_line_id",),
        "ordered_on",
        "known_at",
    )
    assert orders["quantity"].unit is Unit.COUNT
    assert orders["amount_fen"].unit is Unit.FEN
    assert not orders["due_on"].nullable
    assert TABLES["customers"]["credit_code"].nullable
    assert prices["base_fen"].definition == Label(
        "市场价:每件市场价;成本加成:单位成本;佣金:对外售价;协商定价:无",
        "market: the market price of a piece; cost plus: its unit cost; commission: its price to the customer outside; "
        "negotiated: none",
    )
    assert trades.columns == TABLES["internal_trades_sold"].columns
    assert trades["confirmed_at"] == TABLES["expense_records"]["confirmed_at"]
    assert TABLES["persons"]["valid_from"].label.zh == "开始日期"
    assert TABLES["unit_parents"]["valid_from"].label.zh == "生效日期"
