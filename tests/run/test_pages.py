"""Pages are read from their notebooks, and what cannot be a page is refused with its file and a fix."""

import copy
import json
from pathlib import Path

import pytest

from bizlab.errors import SettingError
from bizlab.run.pages import Needed, page_named, pages, refuse_unfit
from bizlab.tables import TABLES

ROOT = Path(__file__).parents[2]
PAGES = pages(ROOT)
OPEN = "run = bizlab.open('orders', month=month, lang=lang, days=days)\nrun.finish()"
ORDERS = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {
        "bizlab": {
            "name": "orders",
            "group": "own",
            "needs": ["orders(customer_id, amount_fen)"],
            "uses": ["customers"],
        }
    },
    "cells": [
        {"cell_type": "markdown", "metadata": {"tags": ["zh"]}, "source": "# 订单\n\n卖了多少?"},
        {"cell_type": "markdown", "metadata": {"tags": ["en"]}, "source": ["# Orders\n", "\n", "How much was sold?"]},
        {
            "cell_type": "code",
            "metadata": {"tags": ["parameters"]},
            "source": 'month: str = "2026-10"\nlang: str = "zh"\ndays: int = 30  # 天数 | days looked back',
        },
        {"cell_type": "code", "metadata": {}, "source": OPEN},
    ],
}


@pytest.fixture
def project(tmp_path):
    """A project whose notebooks are given by name."""

    def write(**notebooks):
        for name, content in notebooks.items():
            path = tmp_path / "notebooks" / f"{name}.ipynb"
            path.parent.mkdir(exist_ok=True)
            path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return tmp_path

    return write


def orders(change=lambda notebook: None):
    """The notebook of orders, spoilt."""
    notebook = copy.deepcopy(ORDERS)
    change(notebook)
    return notebook


def cell(text):
    """A change of the parameters cell."""
    return lambda notebook: notebook["cells"][2].update(source=text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_of_the_library_lists_the_parameters_of_its_model(page):
    """The reader is for pages that a leader may have; replay and how much of a table is shown are for every page."""
    names = [name for name in page.analysis.parameters.model_fields if name not in {"known_by", "max_rows"}]
    if page.analysis.leader is None:
        names.remove("reader")
    assert sorted(page.parameter_names) == sorted(names)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_notebook_opens_the_page_that_its_metadata_name(page):
    code = "".join("".join(cell["source"]) for cell in json.loads(page.notebook.read_text("utf-8"))["cells"])
    assert f'bizlab.open(\n    "{page.name}"' in code or f'bizlab.open("{page.name}"' in code


def test_pages_stand_in_the_order_of_their_numbers():
    """The portal, a published month and a run of some pages alone list them alike."""
    stems = [page.stem for page in PAGES]
    assert stems == sorted(stems)


def test_what_a_notebook_says_of_itself_is_read_without_running_it(project):
    (page,) = pages(project(orders=orders()))
    assert (page.title.zh, page.question.en) == ("订单", "How much was sold?")
    assert page.needs == (Needed("orders", ("customer_id", "amount_fen")),)
    assert page.tables == {"orders", "customers"}
    assert (page.columns("orders"), page.columns("customers")) == (("customer_id", "amount_fen"), ())
    model = page.analysis.parameters
    assert model(month="2026-10").days == 30
    assert model.words("days").en == "days looked back"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (lambda n: n["metadata"].clear(), r"has no name.*Where: notebooks/orders.ipynb, metadata"),
        (lambda n: n["metadata"]["bizlab"].update(name="Orders!"), "has no name"),
        (lambda n: n["metadata"]["bizlab"].update(need=[]), "hold need, which nobody reads.*write 'needs'"),
        (lambda n: n["metadata"]["bizlab"].update(needs=None), r"'None' names no table.*metadata 'needs'"),
        (lambda n: n["metadata"]["bizlab"].update(needs=["orders("]), r"'orders\(' names no table.*metadata 'needs'"),
        (lambda n: n["cells"].pop(0), "do not say its title and its question"),
        (lambda n: n["cells"][0].update(source="# 订单"), "do not say its title and its question"),
        (lambda n: n["cells"].pop(2), "0 cells tagged 'parameters'"),
        (cell("month: str = '2026-10'\ndays = 3"), "'days = 3' declares no parameter.*line 2.*name: type = value"),
        (cell("days: int = len('a')"), "The default of 'days' is not written out"),
        (cell("days: int = "), "not Python"),
    ],
)
def test_a_notebook_that_cannot_be_a_page_is_refused_with_file_and_fix(project, changed, said):
    with pytest.raises(SettingError, match=said) as refusal:
        pages(project(orders=orders(changed)))
    assert "notebooks/orders.ipynb" in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("days: pathlib.Path = None", "'pathlib.Path' is not a plain type"),
        ("confidence: str = 'high'", "'confidence' shadows the one that all pages share.*line 1"),
        ("reader: int = 3", "'reader' shadows"),
        ("confidence: float = 0.5", "'confidence' shadows.*with None as its default"),
        ("days: int = 'many'", "default of 'days' does not fit its type.*line 1"),
        ("days: int = None", "default of 'days' does not fit its type"),
        ('size: Literal["a", "b"] = "c"', "default of 'size' does not fit its type"),
        ("size: Literal[a] = 1", r"'Literal\[a\]' is not a plain type"),
        ("model_config: int = 1", "cannot be called 'model_config'"),
        ("run: int = 1", "cannot be called 'run'"),
        ("cell_seconds: int = 1", "cannot be called 'cell_seconds'"),
        ("_days: int = 1", "cannot be called '_days'"),
    ],
)
def test_a_parameter_that_cannot_be_one_is_refused(project, text, said):
    (page,) = pages(project(orders=orders(cell(text))))
    with pytest.raises(SettingError, match=said):
        _ = page.analysis


@pytest.mark.parametrize(
    ("declared", "good", "bad"),
    [
        ("float | None = None", 2, "two"),
        ('Literal["a", "b"] = "a"', "b", "c"),
        ("list[int] = []", [1, 2], [1.5]),
        ("bool = False", True, 1),
        ("int = 1", 7, True),
    ],
)
def test_plain_types_are_held_strictly(project, declared, good, bad):
    (page,) = pages(project(orders=orders(cell(f"size: {declared}"))))
    model = page.analysis.parameters
    assert model(month="2026-10", size=good).model_dump(mode="json")["size"] == good
    with pytest.raises(ValueError, match="size"):
        model(month="2026-10", size=bad)


@pytest.mark.parametrize(
    ("needs", "said"),
    [
        (["order"], r"no table 'order'.*write 'orders'"),
        (["orders(customer_id, amount)"], r"no column of orders 'amount'.*amount_fen"),
    ],
)
def test_a_table_or_column_that_there_is_not_is_refused_when_tables_are_opened(project, needs, said):
    (page,) = pages(project(orders=orders(lambda n: n["metadata"]["bizlab"].update(needs=needs))))
    with pytest.raises(SettingError, match=said):
        refuse_unfit(page, TABLES, TABLES)


def test_a_page_that_needs_a_table_without_files_is_refused(project):
    """What it would say from a table without rows looks right and is not."""
    (page,) = pages(project(orders=orders()))
    refuse_unfit(page, TABLES, {"orders"})
    with pytest.raises(SettingError, match=r"'orders' needs orders, which the project has no files for.*map them"):
        refuse_unfit(page, TABLES, {"customers"})


def test_two_notebooks_of_one_name_are_refused(project):
    with pytest.raises(SettingError, match=r"name 'orders'.*notebooks/a.ipynb and notebooks/b.ipynb|b.ipynb and"):
        pages(project(a=orders(), b=orders()))


def test_a_parameter_has_one_meaning_on_all_pages(project):
    """Two own pages that declare one name differently would give a month two values of it."""

    def named(name, text):
        def change(notebook):
            notebook["metadata"]["bizlab"]["name"] = name
            cell(text)(notebook)

        return orders(change)

    folder = project(a=named("a", "days: int = 30"), b=named("b", "days: int = 30"))
    assert len(pages(folder)) == 2
    with pytest.raises(SettingError, match=r"'days' is declared in two ways"):
        pages(project(b=named("b", "days: int = 60")))


def test_an_own_page_shares_the_parameters_of_the_library_s_pages(project):
    """Listing the name is enough: type, bounds and default are those of the page that declares it."""
    lifecycle = (ROOT / "notebooks" / "lifecycle" / "02_lifecycle.ipynb").read_text("utf-8")
    folder = project(lifecycle=lifecycle, orders=orders(cell("stuck_days: int | None = None\nsize: int = 3")))
    model = page_named(pages(folder), "orders").analysis.parameters
    assert model(month="2026-10").model_dump() | {"size": 3, "stuck_days": 90} == model(month="2026-10").model_dump()
    with pytest.raises(ValueError, match="stuck_days"):
        model(month="2026-10", stuck_days=0)


def test_a_file_that_is_not_a_notebook_is_refused(project):
    with pytest.raises(SettingError, match=r"not a notebook.*Where: notebooks/orders.ipynb"):
        pages(project(orders="{"))


def test_a_part_of_the_library_that_is_not_there_is_refused(project):
    def lead_nowhere(notebook):
        notebook["metadata"]["bizlab"]["analysis"] = "bizlab.analyses.nowhere:ANALYSIS"

    (page,) = pages(project(orders=orders(lead_nowhere)))
    with pytest.raises(SettingError, match="cannot be imported"):
        _ = page.analysis


def test_an_unknown_name_gets_the_nearest_one():
    with pytest.raises(SettingError, match="write 'unit_hour'"):
        page_named(PAGES, "unit_hours")
