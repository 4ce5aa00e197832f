"""The month at a glance: state of the run, findings by weight, checks, links, what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bizlab.labels import Label, Lang
from bizlab.report.format import spoken, spoken_change
from bizlab.report.pages.changes import since_last_month, since_last_run
from bizlab.report.pages.html import render_page
from bizlab.report.pages.page import check_anchor, side_text
from bizlab.report.pages.summary import ANALYSIS as SUMMARY
from bizlab.report.sentences import Figures, Statement, all_tables, statements
from bizlab.report.shown import Results
from bizlab.report.words import WORDS, month_words

Outcome = Literal["done", "unreconciled", "failed"]
_TOP_CHANGES, _TOP_MOVED = 12, 20


@dataclass(frozen=True)
class Entry:
    """An analysis of the run: how it ended and where its files are, relative to the index page.

    ``problem`` is the error of one that failed, in its own words.
    """

    analysis: str
    title: Label
    outcome: Outcome
    page: str | None = None
    figures: str | None = None
    notebook: str | None = None
    problem: str = ""


@dataclass(frozen=True)
class Stated:
    """A finding with the page that states it."""

    statement: Statement
    title: Label
    page: str


def index_html(
    results: Sequence[Results],
    entries: Sequence[Entry],
    *,
    month: str,
    lang: Lang = "zh",
    workbooks: Mapping[str, Label] | None = None,
    previous: Sequence[Results] = (),
    last_run: Sequence[Results] = (),
) -> str:
    """The index page of a month.

    Parameters
    ----------
    results : what each finished analysis left behind; the month's summary only repeats it and is left out.
    entries : every analysis of the run, in the order of the page, the failed ones too.
    month : ``YYYY-MM``.
    workbooks : what the month's workbooks are called, by their addresses relative to the page.
    previous : results of the month before, for what changed since then.
    last_run : results of the run before of this month, for the figures that moved.
    """
    results = [result for result in results if result.analysis != SUMMARY]
    pages = {entry.analysis: entry.page or "" for entry in entries}
    stated = [
        Stated(statement, result.title, pages.get(result.analysis, ""))
        for result in results
        for statement in statements(result.findings, Figures(all_tables(result)))
    ]
    stated.sort(key=lambda item: (not item.statement.material, -item.statement.weight, item.page, item.statement.key))
    moved = since_last_run(results, last_run)
    return render_page(
        "index.html.j2",
        lang=lang,
        title=Label(f"经营月报 · {month}", f"Monthly report · {month}"),
        heading=Label(f"{month_words(month).zh}经营月报", f"Monthly report, {month_words(month).en}"),
        question=Label("", ""),
        month=month_words(month),
        home=None,
        material=[item for item in stated if item.statement.material],
        minor=[item for item in stated if not item.statement.material],
        workbooks=workbooks or {},
        entries=entries,
        n_material={result.analysis: sum(finding.material for finding in result.findings) for result in results},
        n_checks_of={result.analysis: len(result.checks) for result in results},
        states={"done": WORDS["passed"], "unreconciled": WORDS["reconcile_not"], "failed": WORDS["failed"]},
        pages=pages,
        failed=[(result, check) for result in results for check in result.checks if not check.passed],
        n_checks=sum(len(result.checks) for result in results),
        side_text=side_text,
        check_anchor=check_anchor,
        has_previous=bool(previous),
        changes=since_last_month(results, previous)[:_TOP_CHANGES],
        has_last_run=bool(last_run),
        moved=moved[:_TOP_MOVED],
        n_moved=len(moved),
        spoken=spoken,
        spoken_change=spoken_change,
    )
