"""The month's summary: findings, figures and checks of the other analyses, as tables of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from bizlab.contracts.check import Check
from bizlab.contracts.columns import code, column, table, text
from bizlab.contracts.finding import Finding, Ref
from bizlab.labels import joined
from bizlab.report.format import exact
from bizlab.report.grid import row_words
from bizlab.report.sentences import Figures, Place, Statement, all_tables, said, statement
from bizlab.report.shown import Results
from bizlab.report.view import Names
from bizlab.report.words import WORDS

ANALYSIS = "month_summary"
"""The name of the analysis that shows these tables; what it repeats is not counted twice on the index page."""

_ANALYSIS = code("analysis", WORDS["analysis"])
_DIRECTIONS = {"good": WORDS["favourable"], "bad": WORDS["adverse"], "neutral": WORDS["neutral"]}
_STATES = {"holds": WORDS["holds"], "off": WORDS["off"]}

FINDINGS = table(
    "month_findings",
    "本月发现 | Findings of the month",
    "每项发现一行，重大的在前 | one row per finding, material ones first",
    code("finding", WORDS["finding"]),
    _ANALYSIS,
    column("direction", WORDS["state"], choices=_DIRECTIONS),
    column("is_material", WORDS["material"]),
    key="finding",
)
FIGURES = table(
    "month_figures",
    "发现所依据的数字 | The figures that the findings rest on",
    "每个数字一行 | one row per figure",
    code("figure", WORDS["figure"]),
    code("value", WORDS["value"]),
    _ANALYSIS,
    key="figure",
)
CHECKS = table(
    "month_checks",
    "本月核对 | Checks of the month",
    "每项核对一行，不符的在前 | one row per check, those that differ first",
    code("check", WORDS["check"]),
    column("state", WORDS["state"], choices=_STATES),
    text("difference", WORDS["difference"]),
    _ANALYSIS,
    key="check",
)


class _Stated(NamedTuple):
    """A finding with the results that it belongs to, and the figures that it rests on."""

    results: Results
    finding: Finding
    figures: Figures

    @property
    def name(self) -> str:
        return f"{self.results.analysis}:{self.finding.key}"

    @property
    def statement(self) -> Statement:
        return statement(self.finding, self.figures)


def findings_table(several: Sequence[Results]) -> pd.DataFrame:
    """Findings of all analyses by weight; a frame under `FINDINGS`, its sentences come from `names`."""
    return FINDINGS.frame(
        (stated.name, stated.results.analysis, stated.finding.direction, stated.finding.material)
        for stated in _stated(several)
    )


def figures_table(several: Sequence[Results]) -> pd.DataFrame:
    """Every figure that a finding rests on, once; a frame under `FIGURES`, its words come from `names`."""
    return FIGURES.frame((name, name, results.analysis) for name, (results, _) in _places(several).items())


def checks_table(several: Sequence[Results]) -> pd.DataFrame:
    """Every check of all analyses, those that differ first; a frame under `CHECKS`."""
    pairs = [(results, check) for results in several for check in results.checks]
    return CHECKS.frame(
        (
            f"{results.analysis}:{check.key}",
            "holds" if check.passed else "off",
            exact(check.difference, check.unit) or f"{check.difference:,}",
            results.analysis,
        )
        for results, check in sorted(pairs, key=lambda pair: pair[1].passed)
    )


def names(several: Sequence[Results]) -> Names:
    """Words for the codes of the three tables: titles, sentences, figures with their units."""
    places = _places(several)
    return {
        "analysis": {results.analysis: results.title for results in several},
        "finding": {stated.name: stated.statement.text() for stated in _stated(several)},
        "figure": {
            name: joined([results.title, row_words(place.table, place.row), place.column.label])
            for name, (results, place) in places.items()
        },
        "value": {name: said(place) for name, (_, place) in places.items()},
        "check": {f"{results.analysis}:{check.key}": check.label for results in several for check in results.checks},
    }


def restated(several: Sequence[Results], *, table: str = "figures") -> list[Finding]:
    """The findings of all analyses, resting on the summary's own figures, which are shown under the key ``table``."""
    return [
        replace(
            stated.finding,
            key=f"{stated.results.analysis}.{stated.finding.key}",
            refs={
                name: Ref(table, (f"{stated.results.analysis}:{ref.path}",), "value")
                for name, ref in stated.finding.refs.items()
            },
        )
        for stated in _stated(several)
    ]


def all_checks(several: Sequence[Results]) -> list[Check]:
    """The checks of all analyses, each under its analysis's name."""
    return [replace(check, key=f"{results.analysis}.{check.key}") for results in several for check in results.checks]


def _stated(several: Sequence[Results]) -> list[_Stated]:
    every = [
        _Stated(results, finding, figures)
        for results, figures in ((results, Figures(all_tables(results))) for results in several)
        for finding in results.findings
    ]
    return sorted(every, key=lambda item: (not item.finding.material, -item.finding.weight, item.name))


def _places(several: Sequence[Results]) -> dict[str, tuple[Results, Place]]:
    return {
        f"{stated.results.analysis}:{ref.path}": (stated.results, stated.figures.find(ref))
        for stated in _stated(several)
        for ref in stated.finding.refs.values()
    }
