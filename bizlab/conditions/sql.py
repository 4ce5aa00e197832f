"""Conditions as SQL, whose NULL is the third truth value: DuckDB's dialect of what ISO/IEC 9075 has."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from bizlab.conditions.tree import And, Compare, Condition, Holds, In, Missing, Not, Or, at


def sql(condition: Condition, *, as_of: date, columns: Mapping[str, str] = MappingProxyType({})) -> str:
    """A condition as SQL.

    Parameters
    ----------
    as_of : the date that ``as_of`` stands for.
    columns : how the query calls a name that it does not call as the condition does.

    >>> from bizlab.conditions.tree import AsOf
    >>> ends = Compare("ends_on", "<=", AsOf(90))
    >>> print(sql(And((Not(Holds("is_closed")), Or((ends, Missing("ends_on"))))), as_of=date(2026, 1, 31)))
    NOT "is_closed" AND ("ends_on" <= DATE '2026-05-01' OR "ends_on" IS NULL)
    """
    match condition:
        case And(parts):
            return " AND ".join(_inside(part, Or, as_of, columns) for part in parts)
        case Or(parts):
            return " OR ".join(sql(part, as_of=as_of, columns=columns) for part in parts)
        case Not(Missing(name)):
            return f"{columns.get(name) or quoted(name)} IS NOT NULL"
        case Not(part):
            return f"NOT {_inside(part, (And, Or), as_of, columns)}"
    column = columns.get(condition.name) or quoted(condition.name)
    match condition:
        case Missing():
            return f"{column} IS NULL"
        case Holds():
            return column
        case In(values=values):
            return f"{column} IN ({', '.join(literal(at(value, as_of)) for value in values)})"
        case Compare(sign=sign, value=value):
            return f"{column} {sign} {literal(at(value, as_of))}"


def quoted(name: str) -> str:
    """A name as SQL, whatever stands in it.

    >>> print(quoted('a"b'))
    "a""b"
    """
    return '"' + name.replace('"', '""') + '"'


def literal(value: bool | float | str | date) -> str:
    """A value as SQL: text escaped, a fraction as an approximate number, so that nothing is rounded twice.

    >>> print(literal("O'Hara"), literal(0.15), literal(True), literal(date(2026, 1, 31)))
    'O''Hara' 0.15e0 TRUE DATE '2026-01-31'
    """
    match value:
        case bool():
            return str(value).upper()
        case date():
            return f"DATE '{value.isoformat()}'"
        case float():
            return repr(value) if "e" in repr(value) else f"{value!r}e0"
        case int():
            return str(value)
        case _:
            return "'" + value.replace("'", "''") + "'"


def _inside(part: Condition, bracketed: Any, as_of: date, columns: Mapping[str, str]) -> str:
    text = sql(part, as_of=as_of, columns=columns)
    return f"({text})" if isinstance(part, bracketed) else text
