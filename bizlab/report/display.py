"""What a notebook displays: the frozen object as HTML for the lab, as text, and as JSON for the page."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup

from bizlab.contracts.check import Check
from bizlab.contracts.finding import Finding
from bizlab.labels import LANGS, Lang
from bizlab.report import codec
from bizlab.report.charts.svg import clean_svg
from bizlab.report.format import both, exact
from bizlab.report.grid import Grid, Head, grid
from bizlab.report.pages.html import render_fragment
from bizlab.report.sentences import Figures, Statement, all_tables, statements
from bizlab.report.shown import Results, ShownChart, ShownTable
from bizlab.report.words import WORDS, counted

MIME = "application/vnd.bizlab.v1+json"
_MOST_ROWS = 50


@dataclass(frozen=True)
class Displayed:
    """A mime bundle; Jupyter picks the HTML, the page picks the JSON, a terminal the text."""

    html: str
    text: str
    data: dict[str, Any]

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:  # noqa: ARG002
        return {"text/html": self.html, "text/plain": self.text, MIME: self.data}

    def __repr__(self) -> str:
        return self.text


def show_table(table: ShownTable, *, lang: Lang) -> Displayed:
    """A table, its first rows where it is long."""
    laid = grid(table, most_rows=_MOST_ROWS)
    return Displayed(
        html=render_fragment("table.fragment.html.j2", lang=lang, grid=laid),
        text=table_text(laid, lang=lang),
        data={"kind": "table", "object": codec.plain(table)},
    )


def show_chart(chart: ShownChart, *, lang: Lang) -> Displayed:
    """A chart with its title and what it shows in words."""
    drawing = Markup(clean_svg(chart.svg[lang], alt_text=chart.alt.text(lang)))  # noqa: S704  cleaned
    return Displayed(
        html=render_fragment("chart.fragment.html.j2", lang=lang, chart=chart, svg=drawing),
        text=f"{chart.title.text(lang)}: {chart.alt.text(lang)}",
        data={"kind": "chart", "object": codec.plain(chart)},
    )


def show_findings(findings: Sequence[Finding], tables: Sequence[ShownTable], *, lang: Lang) -> Displayed:
    """Findings as sentences; `ContractError` where one rests on a figure that no table shows."""
    stated = statements(findings, Figures(tables))
    return Displayed(
        html=render_fragment("findings.fragment.html.j2", lang=lang, statements=stated),
        text="\n".join(_finding_text(statement, lang) for statement in stated) or WORDS["no_findings"].text(lang),
        data={"kind": "findings", "object": [codec.plain(finding) for finding in findings]},
    )


def show_checks(checks: Sequence[Check], *, lang: Lang) -> Displayed:
    """Checks, each with both sides."""
    return Displayed(
        html=render_fragment("checks.fragment.html.j2", lang=lang, checks=checks, exact=exact, both=both),
        text="\n".join(_check_text(check, lang) for check in checks),
        data={"kind": "checks", "object": [codec.plain(check) for check in checks]},
    )


def show_results(results: Results, *, lang: Lang) -> Displayed:
    """The end of a notebook: findings and how the checks came out.

    The JSON names tables and charts by key only, since each stands in the output that showed it.
    """
    head = {
        **codec.plain(replace(results, tables=(), charts=())),
        "tables": [table.key for table in results.tables],
        "charts": [chart.key for chart in results.charts],
    }
    stated = statements(results.findings, Figures(all_tables(results)))
    n_failed = sum(not check.passed for check in results.checks)
    outcome = counted("checks_failed", n_failed) if n_failed else counted("checks_all_hold", len(results.checks))
    end = {"outcome": outcome, "failed": n_failed > 0}
    lines = [results.title.text(lang), *(_finding_text(statement, lang) for statement in stated), outcome.text(lang)]
    return Displayed(
        html=render_fragment("results.fragment.html.j2", lang=lang, results=results, statements=stated, **end),
        text="\n".join(lines),
        data={"kind": "results", "object": head},
    )


def table_text(laid: Grid, *, lang: Lang) -> str:
    """A table in fixed-width letters, Chinese characters counted as two."""
    rows = [[_head_text(head, lang) for head in laid.heads]]
    for line in laid.lines:
        first = [] if line.head is None else [_head_text(line.head, lang)]
        rows.append([*first, *(cell.text.text(lang) for cell in line.cells)])
    widths = [max(map(_columns, texts)) for texts in zip(*rows, strict=True)]
    numeric = [head.kind == "n" for head in laid.heads]
    lines = [laid.title.text(lang)]
    for row in rows:
        cells = [_padded(text, width, right=right) for text, width, right in zip(row, widths, numeric, strict=True)]
        lines.append("  ".join(cells).rstrip())
    if laid.n_left_out:
        word = "left_out_of_file" if laid.file else "left_out"
        lines.append(f"{counted(word, laid.n_shown, all=laid.n_rows).text(lang)} {laid.file}".rstrip())
    return "\n".join(lines)


def _head_text(head: Head, lang: Lang) -> str:
    label = head.label.text(lang)
    return f"{label} [{head.unit.text(lang)}]" if head.unit else label


def _padded(text: str, width: int, *, right: bool) -> str:
    blank = " " * (width - _columns(text))
    return blank + text if right else text + blank


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _finding_text(statement: Statement, lang: Lang) -> str:
    mark = {"good": "▲", "bad": "▼", "neutral": "●"}[statement.direction]
    return f"{mark} {statement.text()[LANGS.index(lang)]}"


def _check_text(check: Check, lang: Lang) -> str:
    state = WORDS["holds" if check.passed else "off"].text(lang)
    sides = [exact(side, check.unit) or f"{side:,}" for side in (check.left, check.right)]
    return f"{state}: {check.label.text(lang)} ({sides[0]} | {sides[1]})"
