"""The month at a glance, and the month's summary."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bizlab.labels import Label
from bizlab.report import codec
from bizlab.report.pages import summary
from bizlab.report.pages.changes import since_last_month, since_last_run
from bizlab.report.pages.index import Entry, index_html
from bizlab.report.shown import Results
from bizlab.report.view import shown_table

BUDGET = Label("预算偏差", "Budget variance")
ENTRIES = [
    Entry("unit_hour", Label("单位时间核算", "Unit-hour accounting"), "done", "03_unit_hour.html", "03_unit_hour.json"),
    Entry("budget", BUDGET, "unreconciled", "04_budget.html"),
    Entry("lifecycle", Label("生命周期", "Lifecycle"), "failed", problem="orders.xlsx is cut short <b>"),
]


def scaled(results: Results, column: str, factor: float) -> Results:
    """The same results with one column of the first table multiplied."""
    table = results.tables[0]
    place = [shown.name for shown in table.columns].index(column)
    rows = tuple(
        tuple(int(value * factor) if number == place else value for number, value in enumerate(row))
        for row in table.rows
    )
    return replace(results, tables=(replace(table, rows=rows), *results.tables[1:]))


def a_month_ago(results: Results) -> Results:
    return codec.from_json(codec.to_json(results).replace("2026-10", "2026-09"))


@pytest.fixture
def budget(failing_results) -> Results:
    return replace(failing_results, analysis="budget", title=BUDGET)


@pytest.fixture
def index(results, budget) -> str:
    before = a_month_ago(scaled(results, "gross_fen", 0.5))
    return index_html(
        [results, budget],
        ENTRIES,
        month="2026-10",
        workbooks={"2026-10.xlsx": Label("工作簿", "Workbook"), "unit_hour.xlsx": Label("核算表", "Sheet")},
        previous=[before],
        last_run=[results],
    )


def test_findings_of_all_analyses_by_weight_link_to_their_pages(index):
    said = index[index.index('id="findings"') :]
    assert said.index("机加工本月毛利率") < said.index("云服务毛利率最高")
    assert 'href="03_unit_hour.html#t-sheet--MA,2026-10"' in said
    assert 'href="04_budget.html#f-cloud.best"' in said


def test_the_state_of_the_run_shows_what_failed_and_why(index):
    state = index[index.index('id="analyses"') :]
    assert "✓" in state
    assert "完成，但有不符" in state
    assert "orders.xlsx is cut short &lt;b&gt;" in state
    assert 'href="2026-10.xlsx"' in state


def test_a_failed_check_is_a_banner_that_links_to_its_page(index):
    banner = index[index.index('class="banner"') : index.index('id="findings"')]
    assert 'href="04_budget.html#check-unit_hour.gross_fen"' in banner


def test_the_same_figure_of_two_months_is_compared(results):
    before = a_month_ago(scaled(results, "gross_fen", 0.5))
    changes = since_last_month([results], [before])
    assert [(change.figure.key, change.before, change.now) for change in changes] == [
        ("sheet[YF,2026-10].gross_fen", 617_283_945, 1_234_567_890)
    ]


def test_since_the_last_run_every_figure_that_moved_is_listed(results, budget):
    last = scaled(results, "minutes", 2)
    moved = since_last_run([results, budget], [last])
    assert {change.figure.key for change in moved} == {
        f"sheet[{unit},2026-10].minutes" for unit in ("YF", "EQ", "MA", "AS", "CL")
    }
    assert since_last_run([results], [results]) == []


def test_a_figure_that_came_new_or_went_is_listed_too(results):
    table = results.tables[0]
    shorter = replace(
        results, tables=(replace(table, rows=table.rows[:5], row_keys=table.row_keys[:5]), *results.tables[1:])
    )
    came = since_last_run([results], [shorter])
    assert {change.before for change in came} == {None}
    assert since_last_run([shorter], [results])[0].now is None


def test_the_index_is_safe_and_small(index, assert_safe):
    assert_safe(index)
    assert len(index.encode()) < 200_000


def test_what_the_summary_repeats_is_not_counted_twice(results):
    repeated = replace(results, analysis=summary.ANALYSIS)
    once = index_html([results], ENTRIES[:1], month="2026-10")
    assert index_html([results, repeated], ENTRIES[:1], month="2026-10") == once


def test_the_summary_restates_findings_on_figures_of_its_own(results, budget):
    several = [results, budget]
    names = summary.names(several)
    stated = shown_table(summary.findings_table(several), summary.FINDINGS, key="findings", names=names)
    figures = shown_table(summary.figures_table(several), summary.FIGURES, key="figures", names=names)
    assert stated.columns[0].words["unit_hour:cloud.best"].en == "Cloud has the best margin, 48.0%."
    assert figures.columns[1].words["unit_hour:sheet[MA,2026-10].margin_rate"].zh == "−5.0%"
    month = replace(
        results,
        analysis=summary.ANALYSIS,
        tables=(stated, figures),
        charts=(),
        findings=tuple(summary.restated(several)),
    )
    page = index_html(
        [replace(month, analysis="x")], [Entry("x", BUDGET, "done", "x.html")], month="2026-10", lang="en"
    )
    assert "Machining&#39;s margin was <a" in page
    assert [finding.material for finding in month.findings] == [True] * 4 + [False] * 2


def test_the_summary_lists_checks_that_differ_first(results, budget):
    checks = summary.checks_table([results, budget])
    assert list(checks["state"]) == ["off", "holds", "holds", "holds"]
    assert checks["difference"][0] == "¥0.01"
    assert [check.key for check in summary.all_checks([budget])] == ["budget.unit_hour.gross_fen", "budget.hours.total"]


def test_a_month_without_findings_has_empty_tables():
    assert len(summary.findings_table([])) == len(summary.figures_table([])) == len(summary.checks_table([])) == 0
    assert "没有需要报告的发现" in index_html([], [], month="2026-10")
