"""A shown table laid out: headers, lines and cells as words, ready for any template."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bizlab.labels import Label, joined
from bizlab.report.format import both, cell_text, exact, table_scales, unit_word
from bizlab.report.shown import ShownColumn, ShownTable, Source, Value
from bizlab.units import currency
from bizlab.units.kinds import NUMERIC, Unit
from bizlab.units.row import Kind

_SAFE = re.compile(r"[A-Za-z0-9_.\-]+")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LONG, _PHRASE = 40, 14
"""Texts of more letters are sentences, and phrases, which a narrow column would stretch over many lines."""
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,23}")
_LINE = Label("项目", "Item")


class Cell(NamedTuple):
    """One cell: its words, the exact value for the hover text, what it sorts by, and why it is missing."""

    text: Label
    kind: str = "text"
    exact: str = ""
    sort: str = ""
    reason: Label | None = None


@dataclass(frozen=True)
class Definition:
    """What stands behind a figure: its label, meaning, formula, unit and input tables."""

    anchor: str
    label: Label
    meaning: Label | None
    formula: Label | None
    unit: Label | None
    grain: Label
    figure: str
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Head:
    """The header of a column, or of a line in a statement."""

    label: Label
    unit: Label | None = None
    kind: str = "text"
    definition: Definition | None = None


class Line(NamedTuple):
    """A line of the table as it stands on the page."""

    anchor: str
    head: Head | None
    cells: tuple[Cell, ...]
    depth: int = 0
    is_total: bool = False


@dataclass(frozen=True)
class Grid:
    """A table as it stands on the page: ``n_shown`` of its ``n_rows`` rows; ``file`` holds all, if there is one."""

    key: str
    anchor: str
    title: Label
    grain: Label
    note: Label | None
    layout: str
    heads: tuple[Head, ...]
    lines: tuple[Line, ...]
    definitions: tuple[Definition, ...]
    n_rows: int
    n_shown: int
    file: str = ""

    @property
    def n_left_out(self) -> int:
        return self.n_rows - self.n_shown


def grid(table: ShownTable, *, most_rows: int | None = None, keep: Collection[int] = ()) -> Grid:
    """Lay out a table.

    Parameters
    ----------
    most_rows : leave out rows after this many, except those in ``keep``, and the totals of a table that is too long to
        be shown; statements are never cut.
    keep : numbers of rows that must stay, because a finding rests on them.
    """
    scales = table_scales(table)
    definitions = {column.name: _definition(table, column, scales[column.unit]) for column in table.columns}
    lay_out = _statement if table.layout == "statement" else _rows
    shown: Sequence[int] = range(len(table.rows))
    if most_rows is not None and table.layout == "rows":
        kept = {*keep, *(table.totals if table.whole else ())}
        shown = [row for row in shown if row < most_rows or row in kept]
    heads, lines = lay_out(table, definitions, scales, shown)
    return Grid(
        key=table.key,
        anchor=table_anchor(table.key),
        title=table.title,
        grain=table.grain,
        note=table.note,
        layout=table.layout,
        heads=heads,
        lines=lines,
        definitions=tuple(definitions.values()),
        n_rows=table.n_rows,
        n_shown=len(shown),
        file=table.whole.file if table.whole else "",
    )


def table_anchor(key: str) -> str:
    """The place of a table in the page.

    >>> table_anchor("sheet")
    't-sheet'
    """
    return f"t-{slug(key)}"


def row_anchor(table: ShownTable, row: int, column: str) -> str:
    """The place of a figure's row in the page; in a statement, of its line.

    >>> row_anchor(ShownTable("t", both(""), both(""), (), (), (), (("EQ", "2026-10"),)), 0, "net_fen")
    't-t--EQ,2026-10'
    """
    if table.layout == "statement":
        return f"{table_anchor(table.key)}--{slug(column)}"
    return f"{table_anchor(table.key)}--{','.join(slug(part) for part in table.row_keys[row])}"


def slug(text: str) -> str:
    """The text where it is plain, else its fingerprint, so that no two texts share one."""
    return text if _SAFE.fullmatch(text) else "x" + hashlib.sha256(text.encode()).hexdigest()[:12]


def _rows(
    table: ShownTable, definitions: Mapping[str, Definition], scales: Mapping[Unit, int], shown: Sequence[int]
) -> tuple[tuple[Head, ...], tuple[Line, ...]]:
    heads = tuple(_head(column, definitions[column.name]) for column in table.columns)
    columns = [_cells(table, place, shown, scales) for place in range(len(table.columns))]
    lines = tuple(
        Line(
            anchor=row_anchor(table, row, ""),
            head=None,
            cells=cells,
            depth=table.depths[row] if table.depths else 0,
            is_total=row in table.totals,
        )
        for row, cells in zip(shown, zip(*columns, strict=True), strict=True)
    )
    return heads, lines


def _statement(
    table: ShownTable, definitions: Mapping[str, Definition], scales: Mapping[Unit, int], shown: Sequence[int]
) -> tuple[tuple[Head, ...], tuple[Line, ...]]:
    heads = (Head(_LINE), *(Head(row_words(table, row), kind="n") for row in shown))
    lines = tuple(
        Line(
            anchor=row_anchor(table, 0, column.name),
            head=_head(column, definitions[column.name]),
            cells=tuple(_cells(table, place, shown, scales)),
            is_total=column.name in table.subtotals,
        )
        for place, column in enumerate(table.columns)
        if column.name not in table.key_columns
    )
    return heads, lines


def row_words(table: ShownTable, row: int) -> Label:
    """What tells a row from the others, in words: its key without the parts that all rows share."""
    names = [(place, table.key_columns[place]) for place in table.telling_parts]
    return joined(
        [
            cell_text(table.value(row, name), table.column(name))
            if name in table.places
            else both(table.row_keys[row][place])
            for place, name in names
        ]
    )


def _head(column: ShownColumn, definition: Definition) -> Head:
    return Head(column.label, definition.unit, _kind(column.unit), definition)


def _kind(unit: Unit, text: Label | None = None) -> str:
    """How a column, or a cell of it, is set: a number, what does not break (dates and ids), a sentence, a phrase,
    other text."""
    if unit in NUMERIC:
        return "n"
    is_id = text is not None and text.zh == text.en and _ID.fullmatch(text.en)
    if is_id or unit.row.kind in {Kind.MONTH, Kind.DAY, Kind.MOMENT}:
        return "when"
    longest = 0 if text is None else max(map(len, text))
    return "long" if longest > _LONG else "phrase" if longest > _PHRASE else "text"


def _cells(table: ShownTable, place: int, shown: Sequence[int], scales: Mapping[Unit, int]) -> list[Cell]:
    """The cells of a column; what is equal is laid out once, as codes and zeros fill whole columns."""
    column, laid_out, cells = table.columns[place], dict[str, Cell](), []
    for row in shown:
        value = table.rows[row][place]
        written = repr(value)  # 1, 1.0 and True are equal, but look different
        cell = laid_out.get(written)
        if cell is None:
            cell = laid_out[written] = _cell(value, column, scales[column.unit])
        reason = table.reasons.get((row, column.name))
        cells.append(cell if reason is None else cell._replace(reason=reason))
    return cells


def _cell(value: Value, column: ShownColumn, scale: int) -> Cell:
    text, full = cell_text(value, column, scale=scale), exact(value, column.unit)
    return Cell(
        text=text,
        kind=_kind(column.unit, text),
        exact="" if full.lstrip(f"−{currency.SIGN}") == text.en.strip("()") else full,
        sort=repr(value) if isinstance(value, int | float) and not isinstance(value, bool) else "",
    )


def _definition(table: ShownTable, column: ShownColumn, scale: int) -> Definition:
    key = ",".join(name for name in table.key_columns)
    return Definition(
        anchor=f"d-{slug(table.key)}-{slug(column.name)}",
        label=column.label,
        meaning=column.definition,
        formula=_formula(table, column),
        unit=unit_word(column.unit, scale=scale),
        grain=table.grain,
        figure=f"{table.key}[{key}].{column.name}",
        sources=table.sources,
    )


def _formula(table: ShownTable, column: ShownColumn) -> Label | None:
    """The identity that makes the column, in the labels that the reader sees."""
    labels = {shown.name: shown.label for shown in table.columns}
    for rule in table.identities:
        left, right = (side.strip() for side in rule.split("=", 1))
        names = _NAME.findall(right)
        if left == column.name and all(name in labels for name in names):
            zh = _NAME.sub(lambda match: labels[match[0]].zh, right)
            en = _NAME.sub(lambda match: labels[match[0]].en, right)
            return Label(zh.replace("-", "−"), en.replace(" - ", " − "))
    return None
