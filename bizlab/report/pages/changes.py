"""What moved between two sets of results: since last month, and since the last run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bizlab.labels import Label, joined
from bizlab.periods import Month
from bizlab.report.format import both
from bizlab.report.grid import row_anchor, row_words
from bizlab.report.sentences import all_tables
from bizlab.report.shown import Results, ShownColumn, ShownTable, Value
from bizlab.report.view import figure_key
from bizlab.units.kinds import NUMERIC, Unit


class Standing(NamedTuple):
    """One figure where it stands."""

    analysis: str
    key: str
    label: Label
    column: ShownColumn
    value: Value
    anchor: str


class _Cell(NamedTuple):
    """A cell of a table; what the page says of it is made of the few that moved."""

    results: Results
    table: ShownTable
    row: int
    column: ShownColumn
    value: Value

    @property
    def is_top(self) -> bool:
        """Whether it stands in a total at the top of its table."""
        return self.row in self.table.totals and (not self.table.depths or self.table.depths[self.row] == 0)

    @property
    def figure_key(self) -> str:
        return figure_key(self.table, self.row, self.column.name)

    def standing(self) -> Standing:
        words = row_words(self.table, self.row) if self.table.row_keys[self.row] else both("")
        return Standing(
            self.results.analysis,
            self.figure_key,
            joined([self.results.title, self.table.title, words, self.column.label]),
            self.column,
            self.value,
            row_anchor(self.table, self.row, self.column.name),
        )


Cells = dict[tuple[str, str], _Cell]


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
    old = {name: cell for results in before for name, cell in _cells(results, by_month=True).items()}
    changes = []
    for results in now if old else ():
        rested_on = {ref.path for finding in results.findings for ref in finding.refs.values()}
        own = {table.key for table in results.tables}
        for name, cell in _cells(results, by_month=True).items():
            counterpart = old.get(name)
            if counterpart is None or counterpart.value == cell.value:
                continue
            if (cell.is_top and cell.table.key in own) or cell.figure_key in rested_on:
                changes.append(Change(cell.standing(), counterpart.value, cell.value))
    return sorted((change for change in changes if change.figure.column.unit in NUMERIC), key=_size)


def since_last_run(now: Sequence[Results], before: Sequence[Results]) -> list[Change]:
    """Every figure of the same month that differs from the run before, came new, or went.

    Only analyses that both runs finished are compared.
    """
    shared = {results.analysis for results in now} & {results.analysis for results in before}
    new, old = _all_cells(now, shared), _all_cells(before, shared)
    moved = [
        Change(cell.standing(), old[name].value, cell.value)
        for name, cell in new.items()
        if name in old and old[name].value != cell.value
    ]
    came = [Change(cell.standing(), None, cell.value) for name, cell in new.items() if name not in old]
    gone = [Change(cell.standing(), cell.value, None) for name, cell in old.items() if name not in new]
    return [*moved, *came, *gone]


def _all_cells(several: Sequence[Results], analyses: set[str]) -> Cells:
    chosen = (results for results in several if results.analysis in analyses)
    return {name: cell for results in chosen for name, cell in _cells(results).items()}


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
    """Cells under the names of their figures; with the month set aside where months are compared."""
    month = Month.parse(results.month)
    aside = {str(month), month.first.isoformat(), month.last.isoformat()} if by_month else set()
    cells = {}
    for table in all_tables(results):
        places = [(place, column) for place, column in enumerate(table.columns) if column.name not in table.key_columns]
        for row, parts in enumerate(table.row_keys):
            row_key = ",".join("*" if part in aside else part for part in parts)
            for place, column in places:
                name = f"{table.key}[{row_key}].{column.name}"
                cells[results.analysis, name] = _Cell(results, table, row, column, table.rows[row][place])
    return cells
