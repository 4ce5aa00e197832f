"""A step is made again when something that it is made of changes, and only then; it reads what it declares alone."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date, datetime
from enum import Enum
from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from bizlab.data.warehouse import open_project
from bizlab.errors import ContractError, SettingError
from bizlab.run.kept.code import Code
from bizlab.run.kept.step import Step
from bizlab.run.kept.steps import Steps
from bizlab.run.kept.store import FOLDER, Store
from bizlab.run.parameters import Confidence
from bizlab.run.tables import Tables

ROOT = Path(__file__).parents[3]
SOURCES = """
exports: in
totals: manifest.csv
tables:
  orders: {files: orders.csv, format: csv, encoding: utf-8, separator: ","}
  subscriptions: {files: subscriptions.csv, format: csv, encoding: utf-8, separator: ","}
"""
COLUMNS = (
    "order_line_id order_id customer_id unit_id product_line product_id quantity amount_fen ordered_on due_on known_at"
)
LINES = """
L1,O1,C1,SA,sensor,P1,1,100,2026-08-10,2026-09-10,2026-08-10 09:00:00
L2,O2,C1,SA,sensor,P1,2,200,2026-09-15,2026-10-15,2026-09-15 09:00:00
L3,O3,C2,SB,gateway,P2,3,300,2026-10-05,2026-11-05,2026-10-05 09:00:00
"""
ORDERS = COLUMNS.replace(" ", ",") + LINES
SUBSCRIPTIONS = """subscription_id,period_no,customer_id,starts_on,ends_on,amount_fen,signed_on
S1,1,C1,2026-08-01,2027-07-31,500,2026-08-01
"""
AUGUST, SEPTEMBER, OCTOBER = date(2026, 8, 31), date(2026, 9, 30), date(2026, 10, 31)


class Choice(Enum):
    """A choice."""

    A = "a"


class Reader(Tables):
    """The tables of a leader."""

    reader = "SA"


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    """A company with orders, subscriptions and two files of settings, and the warehouse of them."""
    folder = tmp_path_factory.mktemp("company")
    files = {"params/sources.yaml": SOURCES, "in/orders.csv": ORDERS, "in/subscriptions.csv": SUBSCRIPTIONS}
    files |= {"params/tags.yaml": "a: 1", "params/grading.yaml": "a: 1"}
    files |= {"in/manifest.csv": "file,sheet,table,rows,column,total\n"}
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    shutil.copy(ROOT / "params" / "lists.yaml", folder / "params")
    open_project(folder)
    return folder


@pytest.fixture
def project(company, tmp_path):
    """A copy of the company of which nothing but the warehouse is kept."""
    return shutil.copytree(company, tmp_path / "project")


def steps(project, tables=Tables, **parameters):
    """The steps of October, asked for in a process that has just begun."""
    given = Confidence(**{"month": "2026-10", **parameters})
    return Steps(project, tables(open_project(project), given), given)


MADE = []


def summed(given, **arguments):
    """The orders up to the day, and what else there is to read."""
    MADE.append(given.as_of)
    frame = given.load("orders")[["customer_id", "amount_fen"]]
    assert len(frame) == len(given.scan("orders").collect("pandas").to_native())
    settings = (
        given.config("tags")["a"],
        dict(given.config("models/none", optional=True)),
        given.parameter("confidence"),
    )
    return {"frame": frame, "settings": settings, "lines": given.choices("product_lines").where("is_hardware")}


SUMMED = Step("summed", summed, ("orders",), ("tags", "models/none"), ("product_lines",), ("confidence",))
ABOVE = Step("above", lambda given, day=None: given.step(SUMMED, as_of=day), uses=(SUMMED,))


@pytest.fixture(autouse=True)
def made():
    """The days for which the step was made."""
    MADE.clear()
    return MADE


def ask(project, step=SUMMED, as_of=SEPTEMBER, tables=Tables, arguments=None, **parameters):
    return steps(project, tables, **parameters).ask(step, as_of=as_of, arguments=arguments or {})


def key(project, **given):
    """What a step's key is made of."""
    asked = steps(project, given.pop("tables", Tables), **given.pop("parameters", {}))
    parts = asked.parts(SUMMED, as_of=given.get("as_of", SEPTEMBER), arguments=given.get("arguments", {}))
    return json.dumps(parts, sort_keys=True)


def rewrite(project, name, old, new):
    path = project / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_it_is_made_once_for_all_who_ask_and_is_the_same_with_and_without_the_store(project, made):
    first, second = ask(project), ask(project)
    assert made == [SEPTEMBER]
    shutil.rmtree(project / ".bizlab" / "steps")
    for other in (second, ask(project)):
        assert_frame_equal(other.pop("frame"), first["frame"])
        assert other == {name: value for name, value in first.items() if name != "frame"}
    assert made == [SEPTEMBER, SEPTEMBER]


def test_it_sees_rows_up_to_its_day_that_were_known_in_time(project):
    assert ask(project)["frame"]["amount_fen"].tolist() == [10_000, 20_000]
    assert ask(project, as_of=AUGUST)["frame"]["amount_fen"].tolist() == [10_000]
    known = ask(project, known_by=datetime(2026, 9, 1))
    assert known["frame"]["amount_fen"].tolist() == [10_000]


CHANGES = {
    "a row": ("in/orders.csv", "L2,O2,C1,SA,sensor,P1,2,200", "L2,O2,C1,SA,sensor,P1,2,201"),
    "a row that is late": (
        "in/orders.csv",
        "L3,",
        "L0,O0,C1,SA,sensor,P1,1,9,2026-08-01,2026-08-01,2026-08-01 09:00:00\nL3,",
    ),
    "its settings": ("params/tags.yaml", "a: 1", "a: 2"),
    "a list": ("params/lists.yaml", "is_hardware: true", "is_hardware: false"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_it_is_made_again_when_what_it_reads_changes(project, made, change):
    ask(project)
    rewrite(project, *CHANGES[change])
    after = ask(project)
    assert made == [SEPTEMBER, SEPTEMBER]
    shutil.rmtree(project / ".bizlab")
    assert_frame_equal(ask(project)["frame"], after["frame"])


NO_CHANGES = {
    "a later row": ("in/orders.csv", "3,300,", "3,301,"),
    "another table": ("in/subscriptions.csv", "500", "501"),
    "other settings": ("params/grading.yaml", "a: 1", "a: 2"),
    "the order of rows": ("in/orders.csv", LINES, "\n" + "\n".join(LINES.strip().splitlines()[::-1]) + "\n"),
}


@pytest.mark.parametrize("change", NO_CHANGES)
def test_it_is_not_made_again_when_something_else_changes(project, made, change):
    ask(project)
    rewrite(project, *NO_CHANGES[change])
    ask(project)
    assert made == [SEPTEMBER]


def test_an_optional_file_of_settings_counts_when_it_comes_and_when_it_goes(project, made):
    ask(project)
    (project / "params" / "models").mkdir()
    (project / "params" / "models" / "none.yaml").write_text("a: 1")
    assert ask(project)["settings"][1] == {"a": 1}
    shutil.rmtree(project / "params" / "models")
    ask(project)
    assert made == [SEPTEMBER, SEPTEMBER]


def test_what_own_tables_ask_of_the_entries_of_a_list_counts(project):
    before = key(project)
    (project / "tables").mkdir()
    (project / "tables" / "mes.yaml").write_text("system: MES\nlists: {shifts: {is_paid: [true, false]}}\ntables: {}\n")
    assert key(project) != before


def test_each_thing_that_decides_it_is_in_its_key(project):
    keys = [
        key(project),
        key(project, as_of=AUGUST),
        key(project, parameters={"confidence": 0.9}),
        key(project, parameters={"known_by": datetime(2026, 10, 1)}),
        key(project, tables=Reader),
        *(
            key(project, arguments={"n": n})
            for n in (1, 1.0, True, "1", None, "None", ("1",), "('1',)", AUGUST, Choice.A)
        ),
    ]
    assert all(one != other for n, one in enumerate(keys) for other in keys[:n])
    assert key(project, parameters={"lang": "en"}) == keys[0], "a parameter that it does not read"


def test_rows_that_a_leader_may_see_can_follow_from_any_table(project):
    before = key(project, tables=Reader)
    rewrite(project, *NO_CHANGES["another table"])
    assert key(project, tables=Reader) != before


def edited(project):
    """The library as it would be sealed after an edit of the step's module, and of what hands out tables."""
    return shutil.copytree(ROOT / "bizlab", project / "bizlab", ignore=shutil.ignore_patterns("__pycache__"))


@pytest.mark.parametrize(
    ("module", "counts"),
    [
        ("customers/grading/grades.py", True),
        ("customers/clusters/model.py", False),
        ("data/warehouse.py", True),
        ("run/tables.py", True),
        ("run/kept/packing.py", True),
        ("amoeba/accounting/ledger.py", False),
        ("cli/steps.py", False),
    ],
)
def test_the_code_that_it_reaches_is_in_its_key(project, module, counts):
    from bizlab.analyses.customers.tag_steps import value_grade

    package = edited(project)
    asked = steps(project)

    def sealed():
        return Code(package=package).seal({*asked._handing, value_grade.module})

    before = sealed()
    with (package / module).open("a") as file:
        file.write("\n")
    assert (sealed() != before) == counts


def test_a_step_whose_code_or_settings_are_edited_while_it_is_made_is_not_kept(project):
    def edits(given):
        rewrite(project, "params/tags.yaml", "a: 1", "a: 2")
        return given.config("tags")["a"]

    step = Step("edits", edits, config=("tags",))
    assert ask(project, step) == 2
    rewrite(project, "params/tags.yaml", "a: 2", "a: 1")
    assert steps(project).store.entries() == []


def test_steps_below_count_as_its_own(project, made):
    ask(project, ABOVE)
    rewrite(project, *CHANGES["a row"])
    ask(project, ABOVE)
    assert made == [SEPTEMBER, SEPTEMBER]
    rewrite(project, *NO_CHANGES["a later row"])
    ask(project, ABOVE)
    assert len(made) == 2


def test_a_day_that_is_given_for_a_step_below_counts_as_its_own(project, made):
    ask(project, ABOVE, as_of=AUGUST, arguments={"day": SEPTEMBER})
    rewrite(project, *CHANGES["a row"])
    ask(project, ABOVE, as_of=AUGUST, arguments={"day": SEPTEMBER})
    assert made == [SEPTEMBER, SEPTEMBER]
    later = Step("later", lambda given: given.step(SUMMED, as_of=OCTOBER), uses=(SUMMED,))
    with pytest.raises(ContractError, match=r"'later' asks 'summed' for 2026-10-31, after its own day"):
        ask(project, later)


def test_a_day_after_the_month_is_refused(project):
    for arguments in ({}, {"day": date(2026, 11, 1)}):
        as_of = SEPTEMBER if arguments else date(2026, 11, 1)
        with pytest.raises(SettingError, match=r"asked for 2026-11-01, after the month.*open a later month"):
            ask(project, ABOVE, as_of=as_of, arguments=arguments)


@pytest.mark.parametrize(
    ("read", "what"),
    [
        (lambda given: given.load("subscriptions"), "'subscriptions'.*'tables'"),
        (lambda given: given.scan("subscriptions"), "'subscriptions'.*'tables'"),
        (lambda given: given.config("grading"), "'grading'.*'config'"),
        (lambda given: given.choices("regions"), "'regions'.*'lists'"),
        (lambda given: given.parameter("lang"), "'lang'.*'parameters'"),
        (lambda given: given.step(ABOVE), "'above'.*'uses'"),
    ],
)
def test_what_it_does_not_declare_is_refused(project, read, what):
    step = replace(SUMMED, make=read, name="reading")
    with pytest.raises(ContractError, match=rf"The step 'reading' reads {what}"):
        ask(project, step)
    assert steps(project).store.entries() == []


def test_a_parameter_that_the_page_does_not_have_is_refused(project):
    with pytest.raises(ContractError, match="reads the parameter horizon_days, which the page does not have"):
        ask(project, replace(SUMMED, parameters=("horizon_days",)))


@pytest.mark.parametrize("value", [pd.DataFrame(), ["a"], {"a": 1}])
def test_an_argument_that_its_text_does_not_tell_is_refused(project, value):
    with pytest.raises(ContractError, match="The argument 'rows' of the step 'summed' is a"):
        ask(project, arguments={"rows": value})


def test_a_step_that_fails_is_not_kept_and_can_be_asked_for_again(project):
    answers = iter([ZeroDivisionError("none"), 7])

    def fails_once(given):
        if isinstance(answer := next(answers), Exception):
            raise answer
        return answer

    step = Step("fails_once", fails_once)
    with pytest.raises(ZeroDivisionError):
        ask(project, step)
    assert steps(project).store.entries() == []
    assert [ask(project, step), ask(project, step)] == [7, 7]


def test_where_nothing_can_be_kept_it_is_made_each_time(project, made):
    open_project(project)
    (project / ".bizlab" / "steps").write_text("a file")
    assert (
        ask(project)["frame"]["amount_fen"].tolist() == ask(project)["frame"]["amount_fen"].tolist() == [10_000, 20_000]
    )
    assert made == [SEPTEMBER, SEPTEMBER]


def test_a_process_that_keeps_something_makes_room_first(project, monkeypatch):
    """Also one that was handed out what others have kept before it makes anything itself."""
    ask(project)
    monkeypatch.setattr(Steps, "store", property(lambda given: Store(given.project / FOLDER, largest=0)))
    asked = steps(project)
    asked.ask(SUMMED, as_of=SEPTEMBER, arguments={})
    asked.ask(SUMMED, as_of=AUGUST, arguments={})
    assert len(asked.store.entries()) == 1
