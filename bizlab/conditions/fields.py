"""What a name in a condition stands for, and the values that it may be compared with."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NoReturn

from bizlab.conditions.tree import Compare, Condition, Holds, Not, Operand, Sign
from bizlab.errors import did_you_mean, some
from bizlab.labels import Label
from bizlab.units.kinds import REAL, Unit
from bizlab.units.parse import fold_width, parse_date, parse_fen, parse_number, parse_rate

Kind = Literal["number", "category", "date", "flag"]
_KINDS: Mapping[Unit, Kind] = {
    Unit.TEXT: "category",
    Unit.PHRASE: "category",
    Unit.CODE: "category",
    Unit.MONTH: "category",
    Unit.DATE: "date",
    Unit.TIMESTAMP: "date",
    Unit.BOOL: "flag",
}
_CALLED = {"number": "a number", "category": "a category", "date": "a date", "flag": "yes or no"}
_MEANT = {"number": "number", "date": "date", "word": "category"}
_LARGEST = 2**62
_MOST_DAYS = 40_000
_DAY_SUFFIXES = ("days", "day", "天", "d")
_YES_NO = {"true": True, "yes": True, "是": True, "false": False, "no": False, "否": False}


@dataclass(frozen=True)
class Field:
    """A name that conditions may read.

    Parameters
    ----------
    name : as conditions and frames have it; money ends in ``_fen``, shares in ``_rate``.
    label : its name for readers, by which a condition may call it too.
    unit : what its values are.
    words : for a category, the words of its codes; empty where any code may occur.
    """

    name: str
    label: Label
    unit: Unit
    words: Mapping[str, Label] = field(default_factory=dict)

    @property
    def kind(self) -> Kind:
        return _KINDS.get(self.unit, "number")

    @property
    def example(self) -> str:
        """How a condition on it may look, for messages."""
        by_unit = {
            Unit.FEN: f"an amount with its unit, such as {self.name} >= 20万元",
            Unit.RATE: f"a share, such as {self.name} >= 20%",
        }
        by_kind = {
            "number": f"a number, such as {self.name} > 90",
            "category": f"one of its values: {some([*self.words])}" if self.words else "one of its values",
            "date": f"a date, such as {self.name} >= 2026-01-01 or as_of - 90d",
            "flag": f"{self.name} or not {self.name}",
        }
        return f"write {by_unit.get(self.unit, by_kind[self.kind])}"


class UnfitError(ValueError):
    """A name or value that a condition cannot have; whoever reads the condition knows where it stands."""

    def __init__(self, problem: str, fix: str) -> None:
        super().__init__(problem)
        self.problem, self.fix = problem, fix


def field_named(name: str, known: Mapping[str, Field]) -> Field:
    """The field of a name, or of a label in either language."""
    if name in known:
        return known[name]
    called = [field for field in known.values() if _is_called(field.label, name)]
    if len(called) > 1:
        raise UnfitError(f"'{name}' may mean {some([field.name for field in called])}", "write which of them")
    if not called:
        options = [*known, *(word for field in known.values() for word in field.label)]
        raise UnfitError(f"There is no '{name}' to ask about", did_you_mean(name, options))
    return called[0]


def compared(field: Field, sign: Sign, value: Operand) -> Condition:
    """A comparison; yes or no compared with yes or no becomes a statement that it holds, or does not."""
    if isinstance(value, bool):
        return Holds(field.name) if value == (sign == "=") else Not(Holds(field.name))
    return Compare(field.name, sign, value)


def operand(written: str, text: str, field: Field) -> Operand:
    """A value that a field may be compared with, in the field's unit.

    A bare amount other than 0 is refused, since nobody can see whether it means fen or yuan; so is a bare share
    above 1, which most likely means percent.

    Parameters
    ----------
    written : what the text looks like: a ``number``, a ``date`` or a ``word``.
    """
    if field.kind == "flag":
        if text.lower() not in _YES_NO:
            raise UnfitError(f"'{field.name}' is yes or no, '{text}' is neither", "write true or false")
        return _YES_NO[text.lower()]
    if field.kind != _MEANT[written]:
        refuse_kind(f"the word '{text}'" if written == "word" else f"the {written} {text}", field)
    if field.kind == "category":
        return _code(text, field)
    try:
        return parse_date(text) if field.kind == "date" else bounded(_in_unit(fold_width(text), field), field)
    except UnfitError:
        raise
    except ValueError as fault:
        if field.kind == "date":
            raise UnfitError(f"'{text}' is not a date", "write YYYY-MM-DD, or as_of - 90d") from fault
        raise UnfitError(f"'{text}' cannot be read: {fault}", field.example) from fault


def bounded(value: float, field: Field) -> int | float:
    """A number that every engine can hold."""
    if not math.isfinite(value) or abs(value) > _LARGEST:
        raise UnfitError(f"'{value}' is larger than any value of '{field.name}'", "write a smaller number")
    return value


def days_after(text: str) -> int:
    """The number of days after ``as_of -``: ``90d`` or ``90天``."""
    folded = fold_width(text)
    count = _without_days(folded)
    if count == folded or not count.isdigit():
        raise UnfitError(f"'{text}' is not a number of days", "write it like 90d")
    if len(count) > len(str(_MOST_DAYS)) or int(count) > _MOST_DAYS:
        raise UnfitError(f"'{text}' is more than a century", "write a date instead")
    return int(count)


def refuse_order(sign: str, field: Field) -> None:
    """Categories and flags have no order."""
    if field.kind in {"category", "flag"} and sign not in {"=", "!="}:
        fix = "use =, != or in (...)" if field.kind == "category" else field.example
        raise UnfitError(f"'{field.name}' is {_CALLED[field.kind]} and has no order for '{sign}'", fix)


def refuse_kind(given: str, field: Field) -> NoReturn:
    """Refuse a comparison that the field's kind does not allow."""
    raise UnfitError(f"'{field.name}' is {_CALLED[field.kind]} and cannot be compared with {given}", field.example)


def _code(name: str, field: Field) -> str:
    """The code of a category's value, given as the code or as its word in either language."""
    if not field.words or name in field.words:
        return name
    called = [code for code, label in field.words.items() if _is_called(label, name)]
    if len(called) > 1:
        raise UnfitError(f"'{name}' means {len(called)} values of {field.name}", f"write the code: {', '.join(called)}")
    if not called:
        options = [*field.words, *(word for label in field.words.values() for word in label)]
        raise UnfitError(f"'{name}' is not a value of the category '{field.name}'", did_you_mean(name, options))
    return called[0]


def _in_unit(text: str, field: Field) -> int | float:
    if field.unit is Unit.FEN:
        if not text.endswith("元") and parse_number(text) != 0:
            raise UnfitError(f"The amount '{text}' has no unit", "write it with its unit, such as 20万元")
        return parse_fen(text)
    if field.unit is Unit.RATE:
        share = parse_rate(text)
        if abs(share) > 1 and not text.endswith("%"):
            raise UnfitError(f"The share '{text}' lies above 1", f"write {text}% or a fraction such as 0.2")
        return share
    for end, what in (("元", "an amount"), ("%", "a share")):
        if text.endswith(end):
            raise UnfitError(f"'{field.name}' is not {what}", f"write a number; its unit is {field.unit}")
    value = parse_number(_without_days(text) if field.unit is Unit.DAYS else text)
    if field.unit in REAL:
        return float(value)
    if value != value.to_integral_value():
        raise UnfitError(f"'{field.name}' holds whole numbers, '{text}' is none", "write a whole number")
    return int(value)


def _without_days(text: str) -> str:
    return next((text.removesuffix(end).strip() for end in _DAY_SUFFIXES if text.endswith(end)), text)


def _is_called(label: Label, name: str) -> bool:
    return name.casefold() in {word.casefold() for word in label}
