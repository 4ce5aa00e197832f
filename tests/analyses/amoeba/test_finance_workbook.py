"""Every cell is the figure of the JSON, every formula gives it, and page and workbook print the same."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import nbformat
import pytest

from bizlab.analyses.amoeba.finance_workbook import finance_workbook_bytes
from bizlab.labels import Label
from bizlab.report import codec, display
from bizlab.report.pages.page import page_html

sys.path.insert(0, str(Path(__file__).parent))
from finance_company import (
    HOSTILE,
    PER_CELL,
    TREE,
    company,
    opened,
    recalculated,
    results_of_tables,
    sheet_of,
    shown,
    traced,
)
from formulas import Calculator

BRANCH = (("B", 2), ("b1", 3), ("b11", 4), ("b2", 3))
WIDE = (("Y", 0), *((f"s{n}", 1 + (n % 4 > 0) + (n % 4 > 2)) for n in range(59)))
COMPANIES = {
    "a company": company(),
    "one unit": company((("Y", 0),)),
    "sixty units": company(WIDE, seed=2, most=90_000_000_000),
    "a branch": company(BRANCH, seed=3, own=("b1",)),
    "hostile names": company(names={"a1": HOSTILE, "D": Label("很长的名字" * 60, "long " * 90)}),
    "nobody at work": company(seed=4, idle=[unit for unit, _ in TREE], uncounted=[unit for unit, _ in TREE]),
    "no plan": company(plan=False),
}
whichever = pytest.mark.parametrize("results", COMPANIES.values(), ids=COMPANIES)


def figures_of(results):
    return {figure["key"]: figure for figure in json.loads(codec.to_json(results))["figures"]}


def assert_same(cell, figure):
    """Money to the fen, time to the minute, ratios to the last digits."""
    value, per = figure["value"], PER_CELL.get(figure["unit"], 1)
    if value is None:
        assert cell is None or isinstance(cell, str), figure
    elif isinstance(value, int):
        assert round(cell * per) == value, figure
    else:
        assert cell * per == pytest.approx(value, rel=1e-9, abs=1e-6), figure


@whichever
def test_every_cell_holds_the_figure_that_the_trace_names(results):
    book, listed = opened(finance_workbook_bytes(results)), figures_of(results)
    trace = traced(book)
    for sheet, cell, key in trace:
        assert_same(book[sheet][cell].value, listed[key])
    named = {(sheet, cell) for sheet, cell, _ in trace}
    periods = book.sheetnames[1:-1]
    numbers = {
        (name, cell.coordinate) for name in periods for row in book[name].iter_rows() for cell in row
        if isinstance(cell.value, int | float)
    }  # fmt: skip
    assert numbers <= named
    assert len(named) == len(trace) > 20


@whichever
def test_every_formula_gives_the_cached_value_and_the_figure(results):
    content, listed = finance_workbook_bytes(results), figures_of(results)
    live = Calculator(opened(content, values=False))
    for sheet, cell, key in traced(opened(content)):
        assert_same(live.value(sheet, cell), listed[key])


@pytest.mark.prove
@pytest.mark.parametrize("name", ["a company", "sixty units", "hostile names", "nobody at work"])
def test_libreoffice_calculates_the_same_figures(name, tmp_path):
    results = COMPANIES[name]
    book = opened(recalculated(finance_workbook_bytes(results), tmp_path))
    listed = figures_of(results)
    trace = traced(book)
    assert len(trace) > 20
    for sheet, cell, key in trace:
        assert_same(book[sheet][cell].value, listed[key])


def test_the_page_prints_what_the_workbook_shows():
    results = company(most=90_000)
    (table,) = (table for table in results.tables if table.key == "sheet")
    pages = [display.show_table(page, lang="zh") for page in results.tables]
    outputs = [
        nbformat.v4.new_output("display_data", data=page._repr_mimebundle_())
        for page in (*pages, display.show_results(results, lang="zh"))
    ]
    cell = nbformat.v4.new_code_cell("run.finish()", outputs=outputs)
    page = page_html(nbformat.v4.new_notebook(cells=[cell]), results, lang="zh")
    book, compared = opened(finance_workbook_bytes(results)), 0
    by_key = {key: book[sheet][place].value for sheet, place, key in traced(book)}
    for key in table.row_keys:
        line = re.search(rf'<tr[^>]*id="t-sheet--{",".join(key)}".*?</tr>', page, re.DOTALL)[0]
        printed = [re.sub(r"<[^>]+>", "|", text) for text in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", line, re.DOTALL)]
        for text, column in zip(printed, table.columns, strict=True):
            kept = by_key.get(f"sheet[{','.join(key)}].{column.name}")
            if isinstance(kept, int | float):
                exact = Decimal(repr(kept)).quantize(
                    Decimal("0.1" if column.unit == "minutes" else "0.01"), ROUND_HALF_UP
                )
                assert (f"({-exact:,})" if exact < 0 else f"{abs(exact):,}") in text, column
                compared += 1
    assert compared > 150


def test_worksheets_stand_in_order_and_lead_to_each_other():
    book = opened(finance_workbook_bytes(company()))
    names = ["本月 Month", "累计 Year to date", "本周 Week", "当日 Day", "对比 Compared", "变动分解 Bridge"]
    assert book.sheetnames == ["说明 About", *names, "追溯 Trace"]
    links = [cell.hyperlink.location for cell in book["说明 About"]["A"] if cell.hyperlink]
    assert links == [f"'{name}'!A1" for name in (*names, "追溯 Trace")]
    assert book["本月 Month"]["A3"].hyperlink.location == "'说明 About'!A1"


def test_the_first_worksheet_tells_settings_and_checks():
    book = opened(finance_workbook_bytes(company()))
    said = [[cell for cell in row if cell is not None] for row in book["说明 About"].iter_rows(values_only=True)]
    assert ["人工成本不计入 B1,C 为附加值", "labour cost is not in B1, so that C is value added"] in said
    assert ["分摊方法:直接分摊", "method of allocation: direct"] in said
    assert said[-2] == ["天 = 月", "days = month", "相符 Holds", 100, 100, 0, "check[holds]"]
    assert said[-1] == ["账 = 账 看 a1", "books agree see a1", "不符 Differs", 1, 0.99, 0.01, "check[off]"]
    labour = replace(company(), parameters={"labour_in_expense": True, "allocation_method": "reciprocal"})
    texts = [row[0] for row in opened(finance_workbook_bytes(labour))["说明 About"].iter_rows(values_only=True)]
    assert {"人工成本计入 B1", "分摊方法:交互分摊"} <= set(texts)


def test_hostile_names_stay_text_and_lead_nowhere():
    book = opened(finance_workbook_bytes(COMPANIES["hostile names"]), values=False)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value == HOSTILE.zh]
    assert len(cells) == 5
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr"}
    assert not [cell for cell in cells if cell.hyperlink]


def test_the_same_results_give_the_same_bytes():
    assert finance_workbook_bytes(company()) == finance_workbook_bytes(company())


def test_without_any_sheet_it_still_opens():
    book = opened(finance_workbook_bytes(results_of_tables()))
    assert book.sheetnames == ["说明 About", "追溯 Trace"]
    rows = shown(sheet_of().iloc[:0], "sheet")
    assert opened(finance_workbook_bytes(results_of_tables(rows))).sheetnames == ["说明 About", "追溯 Trace"]
