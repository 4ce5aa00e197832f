"""The page of an analysis: findings first, then the notebook, then checks and provenance; one file, nothing loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bizlab.contracts.check import Check
from bizlab.labels import Label, Lang
from bizlab.report.format import both, exact
from bizlab.report.pages.body import Block, blocks, results_of
from bizlab.report.pages.html import render_page
from bizlab.report.sentences import Figures, all_tables, rows_rested_on, statements
from bizlab.report.shown import Results, Value
from bizlab.report.words import WORDS, month_words

MOST_BYTES = 2_000_000
_MOST_ROWS, _FEWER_ROWS = 2_000, (1_000, 500, 200, 100, 50)
_FEW = 4
_INPUT, _READ = "input:", "read:"


@dataclass(frozen=True)
class ContentsEntry:
    """An entry of the contents list; ``lang`` is empty for one that stands in both languages."""

    anchor: str
    label: Label
    level: int
    lang: str = ""


def page_html(notebook: Any, results: Results | None = None, *, lang: Lang = "zh", home: str | None = None) -> str:
    """The page of an executed notebook.

    Parameters
    ----------
    notebook : an executed notebook, nbformat 4.
    results : what the analysis left behind; the default reads them from the notebook's outputs.
    lang : the language that the page opens in; it holds both.
    home : address of the month's index page, relative to this one.

    Returns
    -------
    HTML of one file, under 2 MB where the tables allow: long tables are cut until it is, and say so.

    Raises
    ------
    ContractError : the notebook was not finished, or a finding rests on a figure that is not shown.
    """
    results = results or results_of(notebook)
    limit = results.parameters.get("max_rows")
    first = limit if isinstance(limit, int) else _MOST_ROWS
    for most_rows in (first, *(fewer for fewer in _FEWER_ROWS if fewer < first)):
        page = _page(notebook, results, lang=lang, home=home, most_rows=most_rows)
        if len(page.encode()) <= MOST_BYTES:
            break
    return page


def side_text(value: int, check: Check) -> Label:
    """One side of a check, unrounded."""
    return both(exact(value, check.unit) or f"{value:,}")


def check_anchor(check: Check) -> str:
    """The place of a check in the page."""
    return f"check-{check.key}"


def _page(notebook: Any, results: Results, *, lang: Lang, home: str | None, most_rows: int) -> str:
    figures = Figures(all_tables(results))
    stated = statements(results.findings, figures)
    keep = rows_rested_on(results.findings, figures)
    body = blocks(notebook, question=results.question, most_rows=most_rows, keep=keep)
    files = (name for name in sorted(results.provenance) if name.startswith(_INPUT))
    return render_page(
        "page.html.j2",
        lang=lang,
        title=Label(*(f"{text} · {results.month}" for text in results.title)),
        heading=results.title,
        question=results.question,
        results=results,
        home=home,
        month=month_words(results.month),
        material=[statement for statement in stated if statement.material],
        minor=[statement for statement in stated if not statement.material],
        few=_FEW,
        stated={statement.key: statement for statement in stated},
        checks=sorted(results.checks, key=lambda check: check.passed),
        failed=[check for check in results.checks if not check.passed],
        blocks=body,
        contents=_contents(body),
        side_text=side_text,
        check_anchor=check_anchor,
        parameters=[(name, words, value_text(results.parameters[name])) for name, words in results.parameter_words],
        inputs={name.removeprefix(_INPUT): results.provenance[name] for name in files},
        provenance={
            name: results.provenance[name]
            for name in sorted(results.provenance)
            if not name.startswith((_INPUT, _READ))
        },
    )


def _contents(body: Sequence[Block]) -> list[ContentsEntry]:
    entries = [ContentsEntry("findings", WORDS["findings"], 2)]
    for block in body:
        if block.kind == "prose":
            entries += [
                ContentsEntry(heading.anchor, both(heading.text), heading.level, block.lang)
                for heading in block.headings
                if heading.level == 2
            ]
        elif block.kind == "table":
            entries.append(ContentsEntry(block.content.anchor, block.content.title, 3))
        elif block.kind == "chart":
            entries.append(ContentsEntry(block.content.anchor, block.content.shown.title, 3))
    return [*entries, ContentsEntry("checks", WORDS["checks"], 2), ContentsEntry("provenance", WORDS["provenance"], 2)]


def value_text(value: Value | tuple[Value, ...]) -> str:
    """A parameter's value as it is written in a parameter file.

    >>> value_text(None), value_text(True), value_text(("2024-11", "2025-10"))
    ('null', 'true', '2024-11, 2025-10')
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(map(value_text, value)) if isinstance(value, tuple) else str(value)
