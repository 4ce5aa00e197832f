"""A condition as a value: what it says of which names, and its canonical text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal, TypeAlias

from bizlab.units.kinds import Unit, unit_of
from bizlab.units.parse import FEN_PER

Sign = Literal["=", "!=", "<", "<=", ">", ">="]
OPPOSITE: Mapping[Sign, Sign] = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
KEYWORDS = frozenset({"and", "or", "not", "in", "missing", "as_of"})
_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class AsOf:
    """A date so many days after (or, negative, before) the as-of date."""

    days: int = 0

    def __str__(self) -> str:
        return "as_of" + (f" {'+' if self.days > 0 else '-'} {abs(self.days)}d" if self.days else "")


Operand: TypeAlias = int | float | str | date | AsOf


@dataclass(frozen=True)
class Compare:
    """A name against one value: whole fen, a fraction, a number, a code, a date; undecided where it is missing."""

    name: str
    sign: Sign
    value: Operand

    def __str__(self) -> str:
        return f"{name_text(self.name)} {self.sign} {_operand_text(self.value, self.name)}"


@dataclass(frozen=True)
class In:
    """A name that is one of several values; undecided where it is missing."""

    name: str
    values: tuple[Operand, ...]

    def __str__(self) -> str:
        return f"{name_text(self.name)} in ({', '.join(_operand_text(value, self.name) for value in self.values)})"


@dataclass(frozen=True)
class Holds:
    """A yes or no that is yes; undecided where it is missing."""

    name: str

    def __str__(self) -> str:
        return name_text(self.name)


@dataclass(frozen=True)
class Missing:
    """A name without a value; always decided."""

    name: str

    def __str__(self) -> str:
        return f"{name_text(self.name)} missing"


@dataclass(frozen=True)
class Not:
    """The opposite; undecided stays undecided."""

    part: Condition

    def __str__(self) -> str:
        return f"not {_inside(self.part, And, Or)}"


@dataclass(frozen=True)
class And:
    """All parts hold; one that does not decides, whatever the others."""

    parts: tuple[Condition, ...]

    def __str__(self) -> str:
        return " and ".join(_inside(part, And, Or) for part in self.parts)


@dataclass(frozen=True)
class Or:
    """Some part holds; one that does decides, whatever the others."""

    parts: tuple[Condition, ...]

    def __str__(self) -> str:
        return " or ".join(_inside(part, Or) for part in self.parts)


Leaf: TypeAlias = Compare | In | Holds | Missing
Condition: TypeAlias = Leaf | Not | And | Or


def name_text(name: str) -> str:
    """A name or a code as a condition writes it: in quotes unless it is a plain word that means nothing else.

    >>> name_text("value_grade"), name_text("A级"), name_text("in")
    ('value_grade', '"A级"', '"in"')
    """
    if _BARE.fullmatch(name) and name.lower() not in KEYWORDS:
        return name
    return '"' + name.replace('"', '""') + '"'


def all_of(parts: Sequence[Condition]) -> Condition:
    """One part as it is, several joined by ``and``."""
    return parts[0] if len(parts) == 1 else And(tuple(parts))


def any_of(parts: Sequence[Condition]) -> Condition:
    """One part as it is, several joined by ``or``."""
    return parts[0] if len(parts) == 1 else Or(tuple(parts))


def statements(condition: Condition) -> Iterator[Leaf | Not]:
    """What a condition says of one name at a time, in its order: each comparison, with the ``not`` before it.

    >>> slow, known = Compare("recency_days", ">", 90), Not(Missing("rating"))
    >>> list(statements(And((slow, Or((known, slow)))))) == [slow, known, slow]
    True
    """
    match condition:
        case And(parts) | Or(parts):
            for part in parts:
                yield from statements(part)
        case Not(And() | Or() | Not() as part):
            yield from statements(part)
        case _:
            yield condition


def leaves(condition: Condition) -> Iterator[Leaf]:
    """The comparisons of a condition, in its order."""
    for statement in statements(condition):
        yield statement.part if isinstance(statement, Not) else statement  # type: ignore[misc]


def names_of(condition: Condition) -> tuple[str, ...]:
    """The names that a condition reads, in its order, each once."""
    return tuple(dict.fromkeys(leaf.name for leaf in leaves(condition)))


def values_of(condition: Condition) -> tuple[Operand, ...]:
    """The values that a condition compares with, in its order."""
    compared = (leaf for leaf in leaves(condition) if isinstance(leaf, Compare | In))
    return tuple(value for leaf in compared for value in (leaf.values if isinstance(leaf, In) else (leaf.value,)))


def reads_the_date(condition: Condition) -> bool:
    """Whether time going by alone may change the answer."""
    return any(isinstance(value, AsOf) for value in values_of(condition))


def at(value: Operand, as_of: date) -> int | float | str | date:
    """The value with the as-of date put in."""
    return as_of + timedelta(days=value.days) if isinstance(value, AsOf) else value


def _inside(part: Condition, *bracketed: type) -> str:
    return f"({part})" if isinstance(part, bracketed) else str(part)


def _operand_text(value: Operand, name: str) -> str:
    """A value as it is written; the name tells its unit."""
    if isinstance(value, date | AsOf):
        return str(value)
    if isinstance(value, str):
        return name_text(value)
    number = Decimal(repr(value))
    match unit_of(name):
        case Unit.FEN:
            scale = "万元" if number and number % FEN_PER["万元"] == 0 else "元"
            return f"{_plain(number / FEN_PER[scale])}{scale}"
        case Unit.RATE:
            return f"{_plain(number * 100)}%"
    return _plain(number)


def _plain(number: Decimal) -> str:
    """A number without exponent, without zeros at the end of its decimals, and zero without a sign."""
    return f"{number.normalize() + 0:f}"
