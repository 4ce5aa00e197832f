"""The company's own lists: codes in its order, their words, and what the analyses must know of an entry."""

import re

import pytest

from bizlab.data.sources.config import load_sources
from bizlab.errors import SettingError
from bizlab.labels import Label
from bizlab.tables import TABLES, project_lists, project_tables

LISTS = """\
product_lines:
  pump: {label: 水泵 | Pumps, is_hardware: true}
  oil: {label: 润滑油 | Lubricants}
budget_accounts:
  travel: {label: 差旅 | Travel}
  grants: {label: 补贴 | Grants, nature: revenue}
"""


@pytest.fixture
def project(tmp_path):
    """A company with two lists and one source, which needs a third."""
    (tmp_path / "params").mkdir()
    (tmp_path / "params" / "lists.yaml").write_text(LISTS, encoding="utf-8")
    return tmp_path


def test_entries_keep_their_order_words_and_what_is_said_of_them(project):
    lines, accounts = project_lists(project)["product_lines"], project_lists(project)["budget_accounts"]
    assert list(lines.words.items()) == [("pump", Label("水泵", "Pumps")), ("oil", Label("润滑油", "Lubricants"))]
    assert (lines.where("is_hardware"), lines.where("is_hardware", False)) == (("pump",), ("oil",))
    assert accounts.each("nature") == {"travel": "expense", "grants": "revenue"}


def test_a_column_of_a_list_has_its_choices_in_every_table(project):
    tables = project_tables(project)
    assert tables["orders"]["product_line"].choices == ("pump", "oil")
    assert tables["budget_lines"]["account"] == tables["actual_lines"]["account"]
    assert tables["budget_lines"]["account"].words["grants"] == Label("补贴", "Grants")
    assert TABLES["orders"]["product_line"].choices == ()
    assert tables["units"] == TABLES["units"]


@pytest.mark.parametrize(
    ("right", "wrong", "line", "problem"),
    [
        ("product_lines:", "product_line:", 1, "There is no list 'product_line'.+write 'product_lines'"),
        (
            "is_hardware: true",
            "is_hardwear: true",
            2,
            "no property of product_lines 'is_hardwear'.+write 'is_hardware'",
        ),
        (
            "is_hardware: true",
            "is_hardware: yes",
            2,
            "'is_hardware' of 'pump' cannot be 'yes'.+choose from false, true",
        ),
        ("nature: revenue", "nature: income", 6, "'nature' of 'grants' cannot be 'income'.+expense, revenue"),
        ("润滑油 | Lubricants", "油泵 | Pumps", 3, "'Pumps' may mean 'pump' and 'oil' of the list 'product_lines'"),
        ("润滑油 | Lubricants", "pump | Lubricants", 3, "'pump' may mean 'pump' and 'oil'"),
        ("{label: 润滑油 | Lubricants}", "润滑油", 3, "'oil' of the list 'product_lines' has no words"),
        ("{label: 润滑油 | Lubricants}", "{is_hardware: true}", 3, "'oil' of the list 'product_lines' has no words"),
        ("润滑油 | Lubricants", "润滑油", 3, "'润滑油' is not in both languages"),
        (LISTS[LISTS.index("budget") :], "budget_accounts:\n", 4, "The list 'budget_accounts' has no entries"),
    ],
)
def test_a_list_that_does_not_hold_together_is_refused_with_file_and_line(project, right, wrong, line, problem):
    (project / "params" / "lists.yaml").write_text(LISTS.replace(right, wrong), encoding="utf-8")
    with pytest.raises(SettingError) as caught:
        project_lists(project)
    assert f"params/lists.yaml, line {line}." in str(caught.value)
    assert re.search(problem, str(caught.value)), caught.value


def test_a_source_asks_for_the_lists_that_its_table_is_chosen_from(project):
    declared = "exports: in\ntables:\n  channels: {files: c.csv, format: csv}\n"
    (project / "params" / "sources.yaml").write_text(declared, encoding="utf-8")
    with pytest.raises(SettingError, match=r"'kind' of table channels.+'channel_kinds'.+line 3.+params/lists.yaml"):
        load_sources(project)
    (project / "params" / "lists.yaml").write_text(f"{LISTS}channel_kinds:\n  fair: {{label: 展会 | Fairs}}\n", "utf-8")
    assert load_sources(project).contracts["channels"]["kind"].choices == ("fair",)


def test_a_project_s_own_table_may_bring_a_list_of_its_own(project):
    (project / "tables").mkdir()
    (project / "tables" / "wms.yaml").write_text(
        "system: WMS\nlists:\n  bins: {is_cold: [false, true]}\ntables:\n  stock:\n    label: 库存 | Stock\n"
        "    grain: 每库位一行 | one row per bin\n    key: [bin]\n    columns:\n"
        "      bin: {label: 库位 | Bin, choices: bins}\n      line: {label: 产品线 | Line, choices: product_lines}\n",
        encoding="utf-8",
    )
    (project / "params" / "lists.yaml").write_text(
        f"{LISTS}bins:\n  b1: {{label: 一号 | One, is_cold: true}}\n", "utf-8"
    )
    stock = project_tables(project)["stock"]
    assert (stock["bin"].choices, stock["line"].choices) == (("b1",), ("pump", "oil"))
    assert project_lists(project)["bins"].where("is_cold") == ("b1",)
