"""What moved between two sets of results: since last month, and since the last run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bizlab.labels import Label, joined
from bizlab.periods import Month
from bizlab.report.format import both
from bizlab.report.grid import row_anchor, row_words
from bizlab.report.sentences import all_tables
from bizlab.report.shown import Results, ShownColumn, Value
from bizlab.report.view import figure_key
from bizlab.units.kinds import NUMERIC, Unit

Cells = dict[tuple[str, str], "Standing"]


class Standing(NamedTuple):
    """One figure where it stands."""

    analysis: str
    key: str
    label: Label
    column: ShownColumn
    value: Value
    anchor: str


class Change(NamedTuple):
    """A figure that moved; ``before`` or ``now`` is missing where it has no counterpart."""

    figure: Standing
    before: Value
    now: Value


def since_last_month(now: Sequence[Results], before: Sequence[Results]) -> list[Change]:
    """Headline figures against the same figures a month ago, the largest movements first.

    Headline figures are those that a finding rests on, and the totals at the top of each table. Figures of two months
    have the same name once the month in the row's key is set aside. Money comes first, by amount; then the other
    units, by relative movement.
    """
    old = {key: standing for results in before for key, standing in _cells(results, by_month=True).items()}
    changes = []
    for results in now:
        rested_on = {ref.path for finding in results.findings for ref in finding.refs.values()}
        tops = {
            figure_key(table, row, column.name)
            for table in results.tables
            for row in table.totals
            if not table.depths or table.depths[row] == 0
            for column in table.columns
        }
        headline = rested_on | tops
        for key, standing in _cells(results, by_month=True).items():
            counterpart = old.get(key)
            if standing.key in headline and counterpart is not None and counterpart.value != standing.value:
                changes.append(Change(standing, counterpart.value, standing.value))
    return sorted((change for change in changes if change.figure.column.unit in NUMERIC), key=_size)


def since_last_run(now: Sequence[Results], before: Sequence[Results]) -> list[Change]:
    """Every figure of the same month that differs from the run before, came new, or went.

    Only analyses that both runs finished are compared.
    """
    shared = {results.analysis for results in now} & {results.analysis for results in before}
    new, old = _standings(now, shared), _standings(before, shared)
    moved = [
        Change(figure, old[key].value, figure.value)
        for key, figure in new.items()
        if key in old and old[key].value != figure.value
    ]
    came = [Change(figure, None, figure.value) for key, figure in new.items() if key not in old]
    gone = [Change(figure, figure.value, None) for key, figure in old.items() if key not in new]
    return [*moved, *came, *gone]


def _standings(several: Sequence[Results], analyses: set[str]) -> Cells:
    chosen = (results for results in several if results.analysis in analyses)
    return {key: standing for results in chosen for key, standing in _cells(results).items()}


def _size(change: Change) -> tuple[int, float, str, str]:
    before, now = change.before, change.now
    name = (change.figure.analysis, change.figure.key)
    if not isinstance(before, int | float) or not isinstance(now, int | float):
        return (2, 0.0, *name)
    moved = abs(now - before)
    if change.figure.column.unit is Unit.FEN:
        return (0, -float(moved), *name)
    return (1, -float(moved) / max(abs(now), abs(before)), *name)


def _cells(results: Results, *, by_month: bool = False) -> Cells:
    """Figures under their names; with the month set aside where months are compared."""
    month = Month.parse(results.month)
    aside = {str(month), month.first.isoformat(), month.last.isoformat()} if by_month else set()
    cells = {}
    for table in all_tables(results):
        for row, values in enumerate(table.rows):
            row_key = ",".join("*" if part in aside else part for part in table.row_keys[row])
            words = row_words(table, row) if table.row_keys[row] else both("")
            for column, value in zip(table.columns, values, strict=True):
                if column.name in table.key_columns:
                    continue
                key, anchor = figure_key(table, row, column.name), row_anchor(table, row, column.name)
                label = joined([results.title, table.title, words, column.label])
                name = f"{table.key}[{row_key}].{column.name}"
                cells[results.analysis, name] = Standing(results.analysis, key, label, column, value, anchor)
    return cells
