"""Names and values of an expression held against the dictionary, and messages that point at the place."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NoReturn

from bizlab.errors import SettingError, some
from bizlab.labels import Label
from bizlab.tagging.dictionary.dictionary import Dictionary, Tag
from bizlab.tagging.segments.logic import Operand
from bizlab.units.kinds import REAL, Unit
from bizlab.units.parse import fold_width, parse_fen, parse_number, parse_rate

_LARGEST = 2**62
_MOST_DAYS = 40_000
_DAY_SUFFIXES = ("days", "day", "天", "d")
_YES_NO = {"true": True, "yes": True, "是": True, "false": False, "no": False, "否": False}
_TYPES = {
    "number": "a number",
    "category": "a category",
    "date": "a date",
    "flag": "yes or no",
}


@dataclass(frozen=True)
class Written:
    """The text of an expression and where it stands.

    Parameters
    ----------
    text : the expression as written.
    place : file and segment, such as ``params/segments.yaml, segment 'slowing'``.
    """

    text: str
    place: str

    def refuse(self, problem: str, position: int, way_out: str) -> NoReturn:
        """Raise a `SettingError` that names line and column and marks the place with a caret below the text."""
        before = self.text[:position]
        line, start = before.count("\n"), before.rfind("\n") + 1
        shown = self.text.split("\n")[line]
        blank = " " * sum(_columns(character) for character in self.text[start:position])
        number = f"line {line + 1}, " if "\n" in self.text else ""
        where = f"{self.place}, {number}column {position - start + 1}:\n  {shown}\n  {blank}^"
        raise SettingError(problem, place=where, way_out=way_out)


def tag_named(name: str, dictionary: Dictionary, written: Written, position: int) -> Tag:
    """The tag of an id, or of a name in either language."""
    if name in dictionary.tags:
        return dictionary.tags[name]
    named = [tag for tag in dictionary.tags.values() if _is_called(tag.name, name)]
    if len(named) == 1:
        return named[0]
    if named:
        ids = [tag.tag_id for tag in named]
        written.refuse(f"'{name}' is the name of {len(ids)} tags", position, f"write the id: {some(ids)}")
    options = [word for tag in dictionary.tags.values() for word in (tag.tag_id, *tag.name)]
    return written.refuse(f"There is no tag '{name}'", position, _nearest(name, options, "an id of the dictionary"))


def code_named(name: str, tag: Tag, written: Written, position: int) -> str:
    """The code of a category's value, given as the code or as its word in either language."""
    if not tag.words or name in tag.words:
        return name
    named = [code for code, label in tag.words.items() if _is_called(label, name)]
    if len(named) == 1:
        return named[0]
    if named:
        written.refuse(
            f"'{name}' means {len(named)} values of {tag.tag_id}", position, f"write the code: {', '.join(named)}"
        )
    options = [word for code, label in tag.words.items() for word in (code, *label)]
    return written.refuse(
        f"'{name}' is no value of the category '{tag.tag_id}'", position, _nearest(name, options, some([*tag.words]))
    )


def number_value(text: str, tag: Tag, written: Written, position: int) -> int | float:
    """A number in the tag's unit: whole fen, a fraction, a whole number, or any number for a score.

    A bare amount other than 0 is refused, since nobody can see whether it means fen or yuan; so is a bare share
    above 1, which most likely means percent.
    """
    if tag.type != "number":
        refuse_kind(f"the number {text}", tag, written, position)
    try:
        value = _in_unit(fold_width(text), tag, written, position)
    except ValueError as fault:
        written.refuse(f"'{text}' cannot be read: {fault}", position, example_of(tag))
    if abs(value) > _LARGEST:
        written.refuse(f"'{text}' is larger than any value of '{tag.tag_id}'", position, "write a smaller number")
    return value


def _in_unit(text: str, tag: Tag, written: Written, position: int) -> int | float:
    if tag.unit is Unit.FEN:
        return _amount(text, written, position)
    if tag.unit is Unit.RATE:
        return _share(text, written, position)
    for end, what in (("元", "amount"), ("%", "share")):
        if text.endswith(end):
            written.refuse(f"'{tag.tag_id}' is no {what}", position, f"write a number; its unit is {tag.unit}")
    value = parse_number(_without_days(text) if tag.unit is Unit.DAYS else text)
    if tag.unit in REAL:
        return float(value)
    if value != value.to_integral_value():
        written.refuse(f"'{tag.tag_id}' holds whole numbers, '{text}' is none", position, "write a whole number")
    return int(value)


def date_value(text: str, tag: Tag, written: Written, position: int) -> date:
    """A date written as YYYY-MM-DD."""
    if tag.type != "date":
        refuse_kind(f"the date {text}", tag, written, position)
    try:
        return date.fromisoformat(fold_width(text))
    except ValueError:
        return written.refuse(f"'{text}' is no date", position, "write YYYY-MM-DD, or as_of - 90d")


def days_value(text: str, written: Written, position: int) -> int:
    """The number of days after ``as_of -``: ``90d`` or ``90天``."""
    folded = fold_width(text)
    count = _without_days(folded)
    if count == folded or not count.isdigit():
        written.refuse(f"'{text}' is no number of days", position, "write it like 90d")
    if len(count) > len(str(_MOST_DAYS)) or int(count) > _MOST_DAYS:
        written.refuse(f"'{text}' is more than a century", position, "write a date instead")
    return int(count)


def word_value(text: str, tag: Tag, written: Written, position: int) -> Operand:
    """A word on the right side: a value of a category."""
    if tag.type != "category":
        refuse_kind(f"the word '{text}'", tag, written, position)
    return code_named(text, tag, written, position)


def flag_value(text: str, tag: Tag, written: Written, position: int) -> bool:
    """Yes or no for a tag of that type."""
    if text.lower() not in _YES_NO:
        written.refuse(f"'{tag.tag_id}' is yes or no, '{text}' is neither", position, "write true or false")
    return _YES_NO[text.lower()]


def refuse_order(sign: str, tag: Tag, written: Written, position: int) -> None:
    """Categories and flags have no order."""
    if tag.type in {"category", "flag"} and sign not in {"=", "!="}:
        way_out = "use =, != or in (...)" if tag.type == "category" else f"write {tag.tag_id} or not {tag.tag_id}"
        written.refuse(f"'{tag.tag_id}' is {_TYPES[tag.type]} and has no order for '{sign}'", position, way_out)


def refuse_kind(given: str, tag: Tag, written: Written, position: int) -> NoReturn:
    """Refuse a comparison that the tag's type does not allow."""
    written.refuse(
        f"'{tag.tag_id}' is {_TYPES[tag.type]} and cannot be compared with {given}", position, example_of(tag)
    )


def example_of(tag: Tag) -> str:
    """How a condition on a tag may look, for messages."""
    examples: Mapping[Unit, str] = {
        Unit.FEN: f"write an amount with its unit, such as {tag.tag_id} >= 20万元",
        Unit.RATE: f"write a share, such as {tag.tag_id} >= 20%",
        Unit.DATE: f"write a date, such as {tag.tag_id} >= 2026-01-01 or as_of - 90d",
        Unit.BOOL: f"write {tag.tag_id} or not {tag.tag_id}",
        Unit.CODE: f"write one of its values: {some([*tag.words])}",
    }
    return examples.get(tag.unit, f"write a number, such as {tag.tag_id} > 90")


def _amount(text: str, written: Written, position: int) -> int:
    if text.endswith("元"):
        return parse_fen(text)
    if parse_number(text) != 0:
        written.refuse(f"The amount '{text}' has no unit", position, "write it with its unit, such as 20万元")
    return 0


def _share(text: str, written: Written, position: int) -> float:
    value = parse_rate(text)
    if abs(value) > 1 and not text.endswith("%"):
        written.refuse(f"The share '{text}' lies above 1", position, f"write {text}% or a fraction such as 0.2")
    return value


def _without_days(text: str) -> str:
    return next((text.removesuffix(end).strip() for end in _DAY_SUFFIXES if text.endswith(end)), text)


def _is_called(label: Label, name: str) -> bool:
    return name.casefold() in {word.casefold() for word in label}


def _nearest(name: str, options: Sequence[str], otherwise: str) -> str:
    near = difflib.get_close_matches(name, options, n=1)
    return f"did you mean '{near[0]}'" if near else f"choose from {otherwise}"


def _columns(character: str) -> int:
    """How many columns a character takes where the caret is read."""
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
