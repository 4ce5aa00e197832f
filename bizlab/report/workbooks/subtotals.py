"""Which cells of a workbook are sums of cells above them, so that they can stand there as live formulas."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bizlab.report.shown import ShownTable, Value
from bizlab.units.kinds import WHOLE

_TERM = re.compile(r"([+-]?)\s*([A-Za-z_][A-Za-z0-9_]*)")


@dataclass(frozen=True)
class Formula:
    """A sum of cells in one column, by line number in the table; ``signs`` where some are subtracted."""

    lines: tuple[int, ...]
    signs: tuple[int, ...] = ()

    def text(self, first_row: int, column: str) -> str:
        """The formula for a table whose first line stands in ``first_row`` (counted from 0).

        >>> Formula((0, 1, 2)).text(4, "C"), Formula((0, 2), (1, -1)).text(4, "C")
        ('=SUM(C5:C7)', '=C5-C7')
        """
        cells = [f"{column}{first_row + line + 1}" for line in self.lines]
        if self.signs:
            terms = (("+" if sign > 0 else "-") + cell for sign, cell in zip(self.signs, cells, strict=True))
            return "=" + "".join(terms).removeprefix("+")
        return f"=SUM({cells[0]}:{cells[-1]})"


def row_total(table: ShownTable, row: int, place: int) -> Formula | None:
    """The rows above a total that it sums up, where it is plainly their sum; None where it is not.

    Only flat tables: in a tree a parent stands above its parts and is not a plain sum of a range.
    """
    if row not in table.totals or table.depths or table.columns[place].unit not in WHOLE:
        return None
    first = row
    while first > 0 and first - 1 not in table.totals:
        first -= 1
    above = [table.rows[number][place] for number in range(first, row)]
    if not above or _sum(above) != table.rows[row][place]:
        return None
    return Formula(tuple(range(first, row)))


def statement_sum(table: ShownTable, row: int, name: str, lines: Sequence[str]) -> Formula | None:
    """The lines of a statement that make a line by one of the table's identities, where the figures agree."""
    parts = dict(terms(rule) for rule in table.identities).get(name)
    if parts is None or any(part not in lines for _, part in parts):
        return None
    values = [table.value(row, part) for _, part in parts]
    signs = tuple(sign for sign, _ in parts)
    if _sum(values, signs) != table.value(row, name):
        return None
    return Formula(tuple(lines.index(part) for _, part in parts), signs)


def terms(rule: str) -> tuple[str, tuple[tuple[int, str], ...]]:
    """The line that a contract's identity makes, and the lines that it is made of, each with its sign.

    >>> terms("net_fen = gross_fen - bought_fen")
    ('net_fen', ((1, 'gross_fen'), (-1, 'bought_fen')))
    """
    left, right = rule.split("=", 1)
    return left.strip(), tuple((-1 if sign == "-" else 1, part) for sign, part in _TERM.findall(right))


def _sum(values: Sequence[Value], signs: Sequence[int] = ()) -> int | None:
    total = 0
    for value, sign in zip(values, signs or [1] * len(values), strict=True):
        if not isinstance(value, int):
            return None
        total += sign * value
    return total
