"""Which cells are live, what they say where nothing can be divided, and which units stand below which."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizlab.amoeba.results.unit_hour import REASONS
from bizlab.analyses.amoeba.finance_lines import turned_bridge, turned_sheet

sys.path.insert(0, str(Path(__file__).parent))
from finance_company import DIRECT, SHEET_OF_KINDS, TREE, company, sheet_of, shown


def cells_of(turned):
    """Cells under the ids of their units and the letters of their lines."""
    return {
        (head.unit_id, line.label.en.split(" ")[0]): cell
        for line, cells in zip(turned.lines, turned.cells, strict=True)
        for head, cell in zip(turned.heads, cells, strict=True)
    }


@pytest.fixture
def sheet():
    return cells_of(turned_sheet(shown(sheet_of(), "sheet"), []))


@pytest.mark.parametrize(
    ("letter", "formula"),
    [
        ("A0", "=E6+E7"),
        ("A", "=E8-E9"),
        ("B", "=E11+E12+E13"),
        ("C", "=E10-E14"),
        ("D", "=E16+E17+E18+E19"),
        ("F", '=IF(N(E20)=0,"工时为零 zero hours",E15/E20)'),
        ("G", '=IF(N(E20)=0,"工时为零 zero hours",E10/E20)'),
        ("H", '=IF(N(E21)=0,"人数为零 zero persons",E15/E21)'),
        ("I", '=IF(N(E21)=0,"人数为零 zero persons",E10/E21)'),
    ],
)
def test_a_line_made_of_lines_is_their_formula(sheet, letter, formula):
    assert sheet["A", letter].formula == formula


def test_a_parent_is_the_sum_of_the_units_below_it_where_it_is(sheet):
    assert sheet["A", "A1"].formula == "=SUM(F6,G6)"
    assert sheet["B", "D1"].formula == "=SUM(I16,K16)"
    assert sheet["Y", "J"].formula == "=SUM(E26,H26,L26)"


def test_a_parent_with_entries_of_its_own_is_a_number():
    by_place = cells_of(turned_sheet(shown(sheet_of(own=("A",)), "sheet"), []))
    assert by_place["A", "A1"].formula is None
    assert by_place["Y", "A1"].formula == "=SUM(E6,H6,L6)"


def test_trade_below_a_parent_is_eliminated_so_its_line_is_no_sum():
    rows = sheet_of().assign(internal_sales_fen=0, internal_purchases_fen=0)
    by_place = cells_of(turned_sheet(shown(rows, "sheet"), []))
    assert not [
        by_place[unit, line].formula for unit, _ in TREE for line in ("A2", "B0") if by_place[unit, line].formula
    ]


def test_where_nothing_can_be_divided_the_frozen_reason_stands(sheet):
    assert sheet["a2", "F"].value is None
    assert sheet["a2", "F"].formula == '=IF(N(G20)=0,"未记录工时 no hours recorded",G15/G20)'
    assert sheet["b2", "E"].reason == REASONS["no_headcount"]
    assert sheet["b2", "H"].formula == '=IF(N(K21)=0,"未记录人数 no headcount recorded",K15/K21)'


def test_a_figure_that_its_formula_would_not_give_stays_the_figure():
    rows = sheet_of().assign(gross_sales_fen=lambda frame: frame["gross_sales_fen"] + 1)
    rows["value_per_hour"] = rows["value_per_hour"] + 0.5
    by_place = cells_of(turned_sheet(shown(rows, "sheet"), []))
    assert by_place["a1", "A0"].formula is None
    assert by_place["a1", "A"].formula is None
    assert by_place["a1", "F"].formula is None
    assert by_place["a1", "F"].value == pytest.approx(rows["value_per_hour"][2])
    assert by_place["a1", "G"].formula is not None


def test_classes_of_b1_come_from_the_table_that_shows_them():
    turned = turned_sheet(shown(sheet_of(), "sheet"), company().tables)
    lines = [line.label.en for line in turned.lines]
    first = lines.index("of which Materials")
    assert lines[first - 1] == "B1 Direct expense"
    material = dict(zip((head.unit_id for head in turned.heads), turned.cells[first], strict=True))
    assert material["A"].figure == "overview[month,A].direct_material_fen"
    assert material["a1"].value is None
    assert material["a1"].figure == ""
    by_id = cells_of(turned)
    assert by_id["A", "B1"].formula == "=" + "+".join(f"E{first + 6 + n}" for n in range(len(DIRECT)))
    assert by_id["a1", "B1"].formula is None


def test_all_lines_stand_in_the_order_of_the_sheet():
    turned = turned_sheet(shown(sheet_of(), "sheet", classes=True), [])
    steering = ("period", "unit_id", "depth")
    names = [name for name in SHEET_OF_KINDS.names if name not in steering and not name.endswith("_reason")]
    assert [line.label for line in turned.lines] == [SHEET_OF_KINDS[name].label for name in names]
    assert len(names) == 21 + len(DIRECT)
    assert names.index(DIRECT[0]) == names.index("direct_expense_fen") + 1


def test_units_fold_below_the_second_level_of_whatever_branch():
    turned = turned_sheet(shown(sheet_of((("B", 3), ("b1", 4), ("b11", 5), ("b12", 6))), "sheet"), [])
    assert [head.fold for head in turned.heads] == [0, 0, 1, 2]
    assert [head.children for head in turned.heads] == [(1,), (2,), (3,), ()]


def test_a_closed_unit_stands_apart_from_the_unit_before_it():
    month = shown(sheet_of(), "sheet")
    year = shown(sheet_of((*TREE, ("gone", 2)), period="ytd", own=("A", "D")), "ytd")
    heads = {head.unit_id: head for head in turned_sheet(year, [], month=month).heads}
    assert heads["gone"].closed
    assert heads["gone"].fold == 0
    assert heads["D"].children == ()
    assert [head.unit_id for head in heads.values() if head.closed] == ["gone"]


def test_periods_of_one_unit_are_named_by_the_period():
    beside = pd.concat([sheet_of((("Y", 0),), period=period) for period in ("month", "previous", "plan")])
    turned = turned_sheet(shown(beside, "company", classes=True), [])
    assert [head.name.zh for head in turned.heads] == ["本月", "上月", "本月计划"]
    assert {head.unit_id for head in turned.heads} == {"Y"}
    assert not any(head.children for head in turned.heads)


def test_effects_add_up_to_the_change_of_f_live():
    (table,) = (table for table in company().tables if table.key == "bridge")
    turned = turned_bridge(table, folds={"a2": 1})
    assert turned.lines[-1].label.en == "Change of F"
    assert {head.unit_id for head in turned.heads if head.fold} == {"a2"}
    n_lines = len(turned.lines)
    by_place = dict(zip((head.unit_id for head in turned.heads), turned.cells[-1], strict=True))
    assert by_place["Y"].formula == f"=SUM(D6:D{4 + n_lines})"
    assert by_place["a2"].formula is None
    assert by_place["a2"].reason.zh == "比较的一方没有该单元或 F 无定义"
    assert by_place["Y"].figure == "bridge[previous,Y,total].effect_per_hour"


@settings(deadline=None)
@given(seed=st.integers(), depths=st.lists(st.integers(1, 4), max_size=12), own=st.sets(st.integers(0, 12)))
def test_only_parents_without_entries_of_their_own_are_sums(seed, depths, own):
    """Whatever the tree: a parent with no entries is a sum of the units next below it, all others are numbers."""
    tree = [("u0", 0)]
    for number, depth in enumerate(depths, start=1):
        tree.append((f"u{number}", min(depth, tree[-1][1] + 1)))
    rows = sheet_of(tuple(tree), seed=seed, own=[f"u{number}" for number in own])
    turned = turned_sheet(shown(rows, "sheet"), [])
    live = [cell.formula is not None for cell in turned.cells[0]]
    sold = rows["external_sales_fen"]
    for number, head in enumerate(turned.heads):
        assert [tree[child][1] for child in head.children] == [tree[number][1] + 1] * len(head.children)
        assert live[number] == (bool(head.children) and sold[number] == sum(sold[child] for child in head.children))
