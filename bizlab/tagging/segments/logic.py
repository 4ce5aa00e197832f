"""Conditions over tags as values: their canonical text, and their truth in three values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal, TypeAlias

import pandas as pd

Sign = Literal["=", "!=", "<", "<=", ">", ">="]
KEYWORDS = frozenset({"and", "or", "not", "in", "missing", "as_of"})
_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FEN_IN_WAN, _FEN_IN_YUAN = 1_000_000, 100


@dataclass(frozen=True)
class AsOf:
    """A date so many days after (or, negative, before) the as-of date."""

    days: int = 0

    def __str__(self) -> str:
        return "as_of" + (f" {'+' if self.days > 0 else '-'} {abs(self.days)}d" if self.days else "")


Operand: TypeAlias = int | float | str | date | AsOf


@dataclass(frozen=True)
class Compare:
    """A tag against one value: whole fen, a fraction, a number, a code, a date; undecided where the tag is missing."""

    tag: str
    sign: Sign
    value: Operand

    def __str__(self) -> str:
        return f"{name_text(self.tag)} {self.sign} {_operand_text(self.value, self.tag)}"


@dataclass(frozen=True)
class In:
    """A category among several values; undecided where the tag is missing."""

    tag: str
    values: tuple[str, ...]

    def __str__(self) -> str:
        return f"{name_text(self.tag)} in ({', '.join(map(name_text, self.values))})"


@dataclass(frozen=True)
class Holds:
    """A yes-or-no tag that is yes; undecided where it is missing."""

    tag: str

    def __str__(self) -> str:
        return name_text(self.tag)


@dataclass(frozen=True)
class Missing:
    """A tag without a value; always decided."""

    tag: str

    def __str__(self) -> str:
        return f"{name_text(self.tag)} missing"


@dataclass(frozen=True)
class Not:
    """The opposite; undecided stays undecided."""

    part: Expression

    def __str__(self) -> str:
        return f"not {_inside(self.part, And, Or)}"


@dataclass(frozen=True)
class And:
    """All parts hold; one that does not decides, whatever the others."""

    parts: tuple[Expression, ...]

    def __str__(self) -> str:
        return " and ".join(_inside(part, And, Or) for part in self.parts)


@dataclass(frozen=True)
class Or:
    """Some part holds; one that does decides, whatever the others."""

    parts: tuple[Expression, ...]

    def __str__(self) -> str:
        return " or ".join(_inside(part, Or) for part in self.parts)


Expression: TypeAlias = Compare | In | Holds | Missing | Not | And | Or


def name_text(name: str) -> str:
    """A tag or a value as an expression writes it: in quotes unless it is a plain word that means nothing else.

    >>> name_text("value_grade"), name_text("A级"), name_text("in")
    ('value_grade', '"A级"', '"in"')
    """
    if _BARE.fullmatch(name) and name.lower() not in KEYWORDS:
        return name
    return '"' + name.replace('"', '""') + '"'


def tags_of(expression: Expression) -> tuple[str, ...]:
    """The tags that an expression reads, in its order, each once."""
    match expression:
        case And(parts) | Or(parts):
            return tuple(dict.fromkeys(tag for part in parts for tag in tags_of(part)))
        case Not(part):
            return tags_of(part)
        case _:
            return (expression.tag,)


def evaluate(expression: Expression, frame: pd.DataFrame, *, as_of: date) -> pd.Series[Any]:
    """Whether an expression holds for each row, in Kleene's three values.

    What a missing tag leaves open stays open unless the rest decides: false and unknown is false, true or unknown is
    true, everything else with unknown is unknown. Kleene, *Introduction to Metamathematics*, 1952, section 64 (the
    strong connectives); SQL's NULL follows the same tables.

    Parameters
    ----------
    frame : one row per customer with a column for every tag of the expression, as `Snapshot.frame` has it.
    as_of : the date that ``as_of`` stands for.

    Returns
    -------
    Nullable booleans on the index of the frame; missing where it is undecided.

    >>> frame = pd.DataFrame({"value_grade": ["A", "A", None], "recency_days": pd.array([120, None, 30], "Int64")})
    >>> slowing = And((In("value_grade", ("A", "B")), Compare("recency_days", ">", 90)))
    >>> evaluate(slowing, frame, as_of=date(2026, 10, 31)).tolist()
    [True, <NA>, False]
    """
    match expression:
        case Not(part):
            return ~evaluate(part, frame, as_of=as_of)
        case And(parts):
            found = pd.Series(True, index=frame.index, dtype="boolean")
            for part in parts:
                found &= evaluate(part, frame, as_of=as_of)
            return found
        case Or(parts):
            found = pd.Series(False, index=frame.index, dtype="boolean")
            for part in parts:
                found |= evaluate(part, frame, as_of=as_of)
            return found
        case _:
            return _leaf(expression, frame[expression.tag], as_of)


def undecided_by(expression: Expression, frame: pd.DataFrame, *, as_of: date) -> pd.Series[Any]:
    """The tag for want of which an expression is undecided: the first missing one that leaves it open.

    Returns
    -------
    Tag ids on the index of the frame; missing where the expression is decided.

    >>> frame = pd.DataFrame({"has_subscription": pd.array([False, None], "boolean"), "rating": [None, None]})
    >>> undecided_by(And((Holds("has_subscription"), Compare("rating", ">", 3))), frame, as_of=date(2026, 1, 1))[1]
    'has_subscription'
    """
    is_open = evaluate(expression, frame, as_of=as_of).isna()
    found = pd.Series(None, index=frame.index, dtype="object")
    match expression:
        case Not(part):
            found = undecided_by(part, frame, as_of=as_of)
        case And(parts) | Or(parts):
            for part in parts:
                found = found.where(found.notna(), undecided_by(part, frame, as_of=as_of))
        case _:
            found[:] = expression.tag
    return found.where(is_open, None)


def _leaf(expression: Compare | In | Holds | Missing, values: pd.Series[Any], as_of: date) -> pd.Series[Any]:
    match expression:
        case Missing():
            return values.isna().astype("boolean")
        case Holds():
            return values.astype("boolean")
        case In(values=codes):
            found = values.isin(codes)
        case Compare(sign=sign, value=value):
            found = _compared(values, sign, at(value, as_of))
    return found.astype("boolean").mask(values.isna())


def at(value: Operand, as_of: date) -> int | float | str | date:
    """The value with the as-of date put in."""
    return as_of + timedelta(days=value.days) if isinstance(value, AsOf) else value


def _compared(values: pd.Series[Any], sign: Sign, value: int | float | str | date) -> pd.Series[Any]:
    bound = pd.Timestamp(value) if isinstance(value, date) else value
    match sign:
        case "=":
            return values == bound
        case "!=":
            return values != bound
        case "<":
            return values < bound
        case "<=":
            return values <= bound
        case ">":
            return values > bound
        case ">=":
            return values >= bound


def _inside(part: Expression, *bracketed: type) -> str:
    return f"({part})" if isinstance(part, bracketed) else str(part)


def _operand_text(value: Operand, tag: str) -> str:
    """A value as it is written; the end of the tag's name tells its unit."""
    if isinstance(value, date | AsOf):
        return str(value)
    if isinstance(value, str):
        return name_text(value)
    if tag.endswith("_fen") and isinstance(value, int):
        return _amount_text(value)
    if tag.endswith("_rate"):
        return f"{Decimal(repr(value)) * 100:f}%"
    return f"{Decimal(repr(value)):f}"


def _amount_text(fen: int) -> str:
    if fen and fen % _FEN_IN_WAN == 0:
        return f"{fen // _FEN_IN_WAN}万元"
    sign, size = ("-" if fen < 0 else ""), abs(fen)
    return f"{sign}{size // _FEN_IN_YUAN}.{size % _FEN_IN_YUAN:02d}元".replace(".00元", "元")
