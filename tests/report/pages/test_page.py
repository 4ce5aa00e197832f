"""The page of a notebook: order, languages, definitions, and nothing that runs or loads."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import nbformat
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat import NotebookNode

from bizlab.contracts.finding import Finding, Ref
from bizlab.errors import ContractError
from bizlab.labels import Label
from bizlab.report import codec, display
from bizlab.report.pages.body import results_of
from bizlab.report.pages.page import MOST_BYTES, page_html
from bizlab.report.shown import Results, ShownColumn, ShownTable, Whole
from bizlab.units.kinds import Unit


@pytest.fixture(scope="module")
def page(notebook) -> str:
    return page_html(notebook, lang="zh", home="index.html")


def section(page: str, anchor: str) -> str:
    match = re.search(rf'<section[^>]* id="{re.escape(anchor)}".*?</section>', page, re.DOTALL)
    assert match is not None
    return match[0]


def bare(**changes: object) -> Results:
    """Results with one small table and no chart."""
    table = ShownTable(
        key="t",
        title=Label("表", "Table"),
        grain=Label("行", "row"),
        columns=(
            ShownColumn("name", Unit.TEXT, Label("名", "Name")),
            ShownColumn("net_fen", Unit.FEN, Label("净", "Net")),
        ),
        key_columns=("name",),
        rows=(("a", 100),),
        row_keys=(("a",),),
    )
    base = Results("t", Label("题", "Title"), Label("问", "Question"), "2026-10", {}, (table,), (), (), (), {})
    return replace(base, **changes)


def notebook_with(results: Results, *cells: NotebookNode) -> NotebookNode:
    shown = [display.show_table(table, lang="zh") for table in results.tables] + [
        display.show_results(results, lang="zh")
    ]
    outputs = [nbformat.v4.new_output("display_data", data=item._repr_mimebundle_()) for item in shown]
    return nbformat.v4.new_notebook(cells=[*cells, nbformat.v4.new_code_cell("run", outputs=outputs)])


def test_findings_come_first_then_the_notebook_then_checks_and_provenance(page):
    places = [
        page.index(f'id="{name}"') for name in ("findings", "t-sheet", "c-margins", "t-long", "checks", "provenance")
    ]
    assert places == sorted(places)
    said = section(page, "findings")
    assert said.index("machining.loss") < said.index("cloud.best") < said.index("unknown.hours")


def test_a_finding_links_each_figure_to_the_row_it_rests_on(page):
    said = section(page, "findings")
    assert '<a class="fig" href="#t-sheet--MA,2026-10" title="−5%">−5.0%</a>' in said
    assert 'id="t-sheet--MA,2026-10"' in section(page, "t-sheet")
    assert "—（无工时）" in said
    assert '<span class="tone bad">▼ <span lang="zh">不利</span>' in said


def test_the_page_holds_both_languages_and_opens_in_one(notebook, page):
    english = page_html(notebook, lang="en")
    assert '<html lang="zh" data-lang="zh"' in page
    assert '<html lang="en" data-lang="en"' in english
    assert "<title>Unit-hour accounting · 2026-10</title>" in english
    for text in ("先看 <strong>附加值</strong>", "Read the <strong>value added</strong>"):
        assert text in page
        assert text in english


def test_title_and_question_stand_once_at_the_top(page, parsed):
    tags = [tag for tag, _ in parsed(page).tags]
    assert tags.count("h1") == 1
    assert page.count("每个巴每小时创造了多少价值?") == 1


def test_a_definition_stands_behind_each_header(page):
    sheet = section(page, "t-sheet")
    assert 'popovertarget="d-sheet-gross_fen"' in sheet
    definition = sheet[sheet.index('id="d-sheet-gross_fen"') :]
    assert "对公司外 A1 + 对公司内 A2" in definition
    assert "12,345 行" in definition
    assert "sheet[unit_id,month].gross_fen" in definition


def test_amounts_keep_their_exact_value_and_missing_ones_their_reason(page):
    sheet = section(page, "t-sheet")
    assert '<td class="n" data-v="1234567890" title="¥12,345,678.90">1,234.57</td>' in sheet
    assert '— <small class="why"><span lang="zh">无工时</span><span lang="en">no hours</span></small>' in sheet
    assert '<span class="unit"><span lang="zh">万元</span>' in sheet


@pytest.mark.parametrize("anchor", ["t-sheet", "t-statement", "findings", "checks"])
def test_fragments_are_the_golden_ones(page, golden, anchor):
    golden(f"page.{anchor}.html", section(page, anchor) + "\n")


def test_every_figure_in_the_page_is_in_the_json(page, results, parsed):
    figures = {figure["key"]: figure["value"] for figure in json.loads(codec.to_json(results))["figures"]}
    known = {repr(value) for value in figures.values()}
    shown = [attributes["data-v"] for _, attributes in parsed(page).tags if "data-v" in attributes]
    assert len(shown) > 150
    assert set(shown) <= known


def test_a_failed_check_is_a_banner_with_its_difference(failing_results, notebook_of):
    page = page_html(notebook_of(failing_results), lang="zh")
    banner = page[page.index('class="banner"') : page.index('id="findings"')]
    assert "1 项核对不符" in banner
    assert "¥0.01" in banner
    assert "看内部交易" in section(page, "checks")


def test_what_an_analyst_added_is_in_the_page(page):
    assert "<td>自</td>" in page
    assert "一行文字 &lt;b&gt;" in page
    assert "alert(2)" not in page


def test_pictures_errors_and_warnings_of_a_cell_are_shown():
    svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    outputs = [
        nbformat.v4.new_output("display_data", data={"image/svg+xml": svg, "text/plain": "x"}),
        nbformat.v4.new_output("display_data", data={"image/png": "iVBORw0KGgo="}),
        nbformat.v4.new_output("stream", name="stderr", text="careful\n"),
        nbformat.v4.new_output("error", ename="ValueError", evalue="no", traceback=["\x1b[31mValueError\x1b[0m: <no>"]),
    ]
    page = page_html(notebook_with(bare(), nbformat.v4.new_code_cell("x", outputs=outputs)))
    assert page.count('<img src="data:image/') == 2
    assert "alert(1)" not in page
    assert "ValueError: &lt;no&gt;" in page
    assert "careful" in page


def test_results_are_read_back_from_the_notebook(notebook, results):
    again = nbformat.reads(nbformat.writes(notebook), as_version=4)
    assert results_of(again) == results
    assert page_html(again) == page_html(notebook)


def test_an_unfinished_notebook_has_no_page():
    with pytest.raises(ContractError, match=r"run\.finish\(\)"):
        page_html(nbformat.v4.new_notebook())


def test_a_table_whose_output_was_cleared_is_missed_by_name(results, notebook_of):
    lost = notebook_of(results)
    lost.cells[6].outputs = []
    with pytest.raises(ContractError, match=r"shown but stands in no output: sheet"):
        page_html(lost)


def test_a_finding_that_rests_on_nothing_shown_is_refused():
    finding = Finding("f", Label("{x}", "{x}"), {"x": Ref("t", ("b",), "net_fen")})
    with pytest.raises(ContractError, match=r"t\[b\]\.net_fen"):
        page_html(nbformat.v4.new_notebook(), bare(findings=(finding,)))


def test_long_tables_are_cut_until_the_page_is_small_but_keep_what_a_finding_rests_on():
    rows = tuple((f"客户{number:06d}", number * 101) for number in range(30_000))
    table = replace(bare().tables[0], rows=rows, row_keys=tuple((name,) for name, _ in rows))
    finding = Finding("f", Label("{x}", "{x}"), {"x": Ref("t", ("客户029999",), "net_fen")})
    results = bare(tables=(table,), findings=(finding,))
    page = page_html(notebook_with(results))
    assert len(page.encode()) < MOST_BYTES
    assert "共 30,000 行" in page
    assert "客户029999" in section(page, "t-t")
    assert "客户001999" in page
    assert "客户002000" not in page


def test_a_long_table_says_how_many_rows_there_are_and_links_the_file_that_holds_them(assert_safe):
    rows = tuple((f"客户{number}", number) for number in range(4))
    keys = tuple((name,) for name, _ in rows)
    whole = Whole(1_200_000, "tables/01_t.t.csv")
    table = replace(bare().tables[0], rows=rows, row_keys=keys, totals=frozenset({3}), whole=whole)
    page = page_html(notebook_with(bare(tables=(table,), parameters={"max_rows": 2})))
    said = section(page, "t-t")
    assert "本页列出 3 行，共 1,200,000 行；全部见" in said
    assert '<a href="tables/01_t.t.csv">tables/01_t.t.csv</a>' in said
    assert "客户3" in said, "its total stays"
    assert "客户2" not in said
    assert_safe(page)


def test_the_page_is_safe(page, assert_safe):
    assert_safe(page)
    assert "<script>alert" not in page


HOSTILE = st.sampled_from(
    [
        "<script>alert(1)</script>",
        "</script><script>x",
        "</style><style>*{}",
        '"><img src=x onerror=alert(1)>',
        "javascript:alert(1)",
        "{{ 7919*7907 }}",
        "<svg onload=alert(1)>",
        "<!--",
        "]]>",
        '=HYPERLINK("http://x","y")',
        "[a](javascript:alert(1)) ![b](http://x/y.png) <iframe src=//x>",
        "<table style='x'><td onclick=y background=http://x>",
    ]
) | st.text(max_size=30)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(text=HOSTILE, other=HOSTILE)
def test_hostile_text_stays_text_wherever_it_stands(assert_safe, text: str, other: str):
    label = Label(text, other)
    column = ShownColumn("name", Unit.TEXT, label, definition=label)
    table = replace(
        bare().tables[0],
        title=label,
        note=label,
        columns=(column, bare().tables[0].columns[1]),
        rows=((text, 1),),
        row_keys=((text,),),
    )
    finding = Finding("f", Label("{x}", "{x}"), {"x": Ref("t", (text,), "name")}, basis=Label("a", "b"))
    results = bare(
        title=label,
        question=label,
        tables=(table,),
        findings=(finding,),
        parameters={text: other},
        provenance={f"input:{text}": other},
    )
    outputs = [
        nbformat.v4.new_output("display_data", data={"text/html": text + other}),
        nbformat.v4.new_output("stream", name="stdout", text=text),
    ]
    cells = [nbformat.v4.new_markdown_cell(text + "\n\n" + other), nbformat.v4.new_code_cell(text, outputs=outputs)]
    page = page_html(notebook_with(results, *cells))
    assert_safe(page)
    assert "62615533" not in page


def test_in_the_lab_a_table_is_html_text_and_json(results):
    bundle = display.show_table(results.tables[0], lang="en")._repr_mimebundle_()
    assert bundle["text/plain"].splitlines()[0] == "Unit-hour sheet"
    assert "style=" not in bundle["text/html"]
    assert "=HYPERLINK(&#34;http://x&#34;" in bundle["text/html"]
    assert codec.shown_of(ShownTable, bundle[display.MIME]["object"]) == results.tables[0]


def test_the_text_of_a_table_is_aligned(results):
    lines = display.show_table(results.tables[1], lang="zh").text.splitlines()
    widths = [sum(2 if ord(char) > 0x2E80 else 1 for char in line) for line in lines[1:]]
    assert len(set(widths)) == 1
    assert pd.Series(lines).str.contains("总额 A0").any()
