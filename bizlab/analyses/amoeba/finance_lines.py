"""The unit-hour sheet turned as finance keeps it: lines down, units across, and which cells are live formulas.

Every value is a frozen figure under its name; a formula stands only where it gives that figure.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from xlsxwriter.utility import xl_rowcol_to_cell

from bizlab.amoeba.results.unit_hour import REASONS, SHEET
from bizlab.labels import Label
from bizlab.report.format import both
from bizlab.report.shown import ShownColumn, ShownTable, Value
from bizlab.report.view import figure_key
from bizlab.report.workbooks.subtotals import terms
from bizlab.units.kinds import NUMERIC, Unit

FIRST_ROW, FIRST_COLUMN = 5, 3
"""Where the first line and the first unit stand, counted from 0."""
_LINES = tuple(column.name for column in SHEET.columns if column.unit in NUMERIC and column.name != "depth")
_B1 = "direct_expense_fen"
"""Below it stand its lines by kind of expense."""
RATIOS: Mapping[str, tuple[str, str, Label]] = {
    "value_per_hour": ("value_added_fen", "total_minutes", REASONS["zero_hours"]),
    "sales_per_hour": ("net_sales_fen", "total_minutes", REASONS["zero_hours"]),
    "value_per_person": ("value_added_fen", "avg_headcount", REASONS["zero_headcount"]),
    "sales_per_person": ("net_sales_fen", "avg_headcount", REASONS["zero_headcount"]),
}
"""Numerator, divisor, and what is said where the divisor is zero and the sheet knows no other reason."""
Sums = Mapping[str, tuple[tuple[int, str], ...]]
"""The lines that are made of others, and of which."""
_ELIMINATED = {"internal_sales_fen", "internal_purchases_fen"}
"""Trade below a parent is not in its line: a parent that equals the sum of its units does so by chance."""
_MOST_TERMS, _MOST_WORDS = 255, 120
_OUTLINE = 7
_TOTAL = "total"
Kind = Literal["plain", "total", "class"]


class Head(NamedTuple):
    """A column's name, its id, how deep it is folded, and the columns of which it is the parent."""

    name: Label
    unit_id: str
    fold: int = 0
    children: tuple[int, ...] = ()
    closed: bool = False


class Line(NamedTuple):
    """A line of the sheet; its formula as finance reads it."""

    label: Label
    unit: Unit
    formula: str = ""
    kind: Kind = "plain"


class Cell(NamedTuple):
    """A frozen figure under its name; its live formula; why there is no number."""

    value: Value
    figure: str
    formula: str | None = None
    reason: Label | None = None


_EMPTY = Cell(None, "")


@dataclass(frozen=True)
class Turned:
    """A table with its lines one below the other and its rows side by side: ``cells[line][column]``."""

    title: Label
    heads: tuple[Head, ...]
    lines: tuple[Line, ...]
    cells: tuple[tuple[Cell, ...], ...]


def turned_sheet(table: ShownTable, others: Sequence[ShownTable], *, month: ShownTable | None = None) -> Turned:
    """The sheet of a period, turned.

    Parameters
    ----------
    table : rows under the contract `SHEET`, in the order of the tree; its first unit may stand at any depth.
    others : the analysis' other tables; a line that ``table`` does not hold, such as a class of B1, is taken from one
        that has it for the same period and unit.
    month : the sheet of the month; a unit that is not in it was closed before.
    """
    known = [_known(key, [table, *others]) for key in table.row_keys]
    lines = {name: line for name, line in sheet_lines([table, *others]).items() if any(name in unit for unit in known)}
    names, heads = list(lines), _heads(table, month)
    sums = dict(terms(rule) for shown in (table, *others) for rule in shown.identities)
    cells = tuple(
        tuple(
            unit[name]._replace(formula=_formula(name, column, known, names, heads, sums)) if name in unit else _EMPTY
            for column, unit in enumerate(known)
        )
        for name in names
    )
    return Turned(table.title, heads, tuple(_line(column, sums) for column in lines.values()), cells)


def sheet_lines(tables: Iterable[ShownTable]) -> dict[str, ShownColumn]:
    """The lines of the sheet that any of some tables shows, in its order, those of B1 by kind of expense below it."""
    columns = {column.name: column for table in tables if table.key_columns == SHEET.key for column in table.columns}
    kinds = [name for name in columns if name not in SHEET.names]
    ordered = [name for line in _LINES for name in ((line, *kinds) if line == _B1 else (line,))]
    return {name: columns[name] for name in ordered if name in columns}


def turned_bridge(table: ShownTable, *, folds: Mapping[str, int]) -> Turned:
    """What moved F, turned: a line for each effect and their live sum, a column for each unit.

    Parameters
    ----------
    table : rows under the contract ``BRIDGE``, of one basis.
    folds : how deep the units are folded in the month's sheet.
    """
    known = {key[1:]: _known(key, [table])["effect_per_hour"] for key in table.row_keys}
    units = list(dict.fromkeys(unit_id for unit_id, _ in known))
    names = sorted(dict.fromkeys(line for _, line in known), key=lambda line: line == _TOTAL)
    words = {column.name: column.words for column in table.columns}

    def cell(line: str, column: int) -> Cell:
        effect = known.get((units[column], line), _EMPTY)
        parts = [known.get((units[column], part), _EMPTY).value for part in names if part != _TOTAL]
        if line != _TOTAL or not _adds_up(_hundredths(effect.value), [_hundredths(part) for part in parts]):
            return effect
        return effect._replace(formula=f"=SUM({_address(0, column)}:{_address(len(parts) - 1, column)})")

    return Turned(
        table.title,
        tuple(Head(words["unit_id"].get(unit_id, both(unit_id)), unit_id, folds.get(unit_id, 0)) for unit_id in units),
        tuple(
            Line(words["line"].get(line, both(line)), Unit.FEN_PER_HOUR, kind="total" if line == _TOTAL else "plain")
            for line in names
        ),
        tuple(tuple(cell(line, column) for column in range(len(units))) for line in names),
    )


def reason_words(reason: Label) -> str:
    """A reason in both languages, as one text of a cell.

    >>> reason_words(REASONS["no_hours"])
    '未记录工时 no hours recorded'
    """
    return " ".join(dict.fromkeys(reason))[:_MOST_WORDS]


def _known(key: tuple[str, ...], tables: Sequence[ShownTable]) -> dict[str, Cell]:
    """All figures of a row, each from the first of the tables that shows it."""
    cells: dict[str, Cell] = {}
    for table in (shown for shown in tables if shown.key_columns == tables[0].key_columns and key in shown.row_keys):
        row = table.row_keys.index(key)
        for column, value in zip(table.columns, table.rows[row], strict=True):
            shown = Cell(value, figure_key(table, row, column.name), reason=table.reasons.get((row, column.name)))
            cells.setdefault(column.name, shown)
    return cells


def _heads(table: ShownTable, month: ShownTable | None) -> tuple[Head, ...]:
    """The columns' heads: units by name, or periods where a unit stands in several."""
    words = {column.name: column.words for column in table.columns}
    parts = [dict(zip(table.key_columns, key, strict=True)) for key in table.row_keys]
    ids = [part["unit_id"] for part in parts]
    by = "period" if len(set(ids)) < len(ids) else "unit_id"
    open_ids = ids if month is None else [key[month.key_columns.index("unit_id")] for key in month.row_keys]
    depths = table.depths or (0,) * len(ids)
    shallowest = min(depths, default=0)
    heads = []
    for row, part in enumerate(parts):
        closed = part["unit_id"] not in open_ids
        heads.append(
            Head(
                name=words.get(by, {}).get(part[by], both(part[by])),
                unit_id=part["unit_id"],
                fold=0 if closed else min(max(depths[row] - shallowest - 1, 0), _OUTLINE),
                children=() if closed else _children(row, depths, ids, open_ids),
                closed=closed,
            )
        )
    return tuple(heads)


def _children(row: int, depths: Sequence[int], ids: Sequence[str], open_ids: Sequence[str]) -> tuple[int, ...]:
    """The rows directly below a row of the tree; closed units stand at its end, away from their parents."""
    rows = []
    for below in range(row + 1, len(depths)):
        if depths[below] <= depths[row] or ids[below] not in open_ids:
            break
        if depths[below] == depths[row] + 1:
            rows.append(below)
    return tuple(rows)


def _line(column: ShownColumn, sums: Sums) -> Line:
    computed = column.name in sums or column.name in RATIOS
    formula = column.definition.zh if computed and column.definition and len(set(column.definition)) == 1 else ""
    kind: Kind = "class" if column.name not in SHEET.names else "total" if column.name in sums else "plain"
    return Line(column.label, column.unit, formula, kind)


def _formula(
    name: str,
    column: int,
    known: Sequence[Mapping[str, Cell]],
    names: Sequence[str],
    heads: Sequence[Head],
    sums: Sums,
) -> str | None:
    """The live formula of a cell: a ratio, a sum of lines, or a sum of the units below; None where it is neither."""
    cell, unit = known[column][name], known[column]
    if name in RATIOS:
        return _ratio(name, column, unit, names)
    parts = sums.get(name, ())
    if parts and all(part in unit for _, part in parts):
        if _adds_up(cell.value, [_signed(sign, unit[part].value) for sign, part in parts]):
            signed = (("+" if sign > 0 else "-") + _address(names.index(part), column) for sign, part in parts)
            return "=" + "".join(signed).removeprefix("+")
        return None
    children = heads[column].children
    below = [known[child][name].value if name in known[child] else None for child in children]
    if name in _ELIMINATED or not 0 < len(children) <= _MOST_TERMS or not _adds_up(cell.value, below):
        return None
    return f"=SUM({','.join(_address(names.index(name), child) for child in children)})"


def _ratio(name: str, column: int, unit: Mapping[str, Cell], names: Sequence[str]) -> str | None:
    top, bottom, undefined = RATIOS[name]
    if top not in unit or bottom not in unit:
        return None
    value, divisor, amount = unit[name].value, unit[bottom].value, unit[top].value
    if (value is None) != (not divisor):
        return None
    if isinstance(value, float) and isinstance(divisor, int | float) and isinstance(amount, int):
        per_hour = 60 if bottom == "total_minutes" else 1
        if not math.isclose(value, amount / divisor * per_hour, rel_tol=1e-9, abs_tol=1e-9):
            return None
    above, below = (_address(names.index(line), column) for line in (top, bottom))
    said = reason_words(unit[name].reason or undefined).replace('"', '""')
    return f'=IF(N({below})=0,"{said}",{above}/{below})'


def _address(line: int, column: int) -> str:
    return str(xl_rowcol_to_cell(FIRST_ROW + line, FIRST_COLUMN + column))


def _signed(sign: int, value: Value) -> Value:
    return sign * value if isinstance(value, int) else value


def _adds_up(total: Value, parts: Sequence[Value]) -> bool:
    """Whether whole numbers make their total, to the fen and the minute."""
    numbers = [part for part in parts if isinstance(part, int)]
    return isinstance(total, int) and len(numbers) == len(parts) and sum(numbers) == total


def _hundredths(effect: Value) -> int | None:
    """An effect in hundredths of a fen, to which it is rounded."""
    return round(effect * 100) if isinstance(effect, float) else None
