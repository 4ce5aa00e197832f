"""Conditions as an analyst writes them, read by a tokenizer and a recursive descent; nothing is evaluated.

    condition := all { ("or" | 或) all }
    all       := denied { ("and" | 且) denied }
    denied    := ("not" | 非) denied | "(" condition ")" | statement
    statement := name [ sign value | ["not"] ("in" | 属于) "(" value { "," value } ")" | ["not"] ("missing" | 缺失) ]
    value     := ["-"] number [unit] | date | "as_of" [("+" | "-") number "d"] | word
    sign      := "=" | "!=" | "<" | "<=" | ">" | ">="

A word is written bare (Latin letters, digits, underscore; or Chinese characters other than 且, 或 and 非) or in quotes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, NoReturn, TypeVar

from bizlab.conditions.fields import (
    Field,
    UnfitError,
    as_code,
    as_date,
    as_days,
    as_flag,
    as_number,
    compared,
    field_named,
    refuse_kind,
    refuse_order,
)
from bizlab.conditions.tree import AsOf, Condition, Holds, In, Missing, Not, Operand, Sign, all_of, any_of
from bizlab.errors import SettingError

DEEPEST = 50
"""How many brackets and ``not`` may stand inside one another."""

_TOKEN = re.compile(
    r"""(?P<blank>\s+)
    |(?P<quoted>"(?:[^"]|"")*"|“[^”]*”)
    |(?P<date>\d{4}-\d{1,2}-\d{1,2}(?!\d))
    |(?P<number>\d+(?:[.．]\d+)?(?:%|％|(?![且或非])[^\W\d_])*)
    |(?P<word>[A-Za-z_][A-Za-z0-9_]*|[且或非]|(?:(?![且或非])[^\W\dA-Za-z_])+)
    |(?P<sign>[<＜][>＞]|[!！<＜>＞=＝][=＝]|[<＜>＞=＝≥≤≠])
    |(?P<mark>[()（）,，、+＋\-－])""",
    re.VERBOSE,
)
_KEYWORDS = {
    "且": "and", "或": "or", "非": "not", "属于": "in", "缺失": "missing", "截至日期": "as_of",
    "and": "and", "or": "or", "not": "not", "in": "in", "missing": "missing", "as_of": "as_of",
}  # fmt: skip
_SIGNS: dict[str, Sign] = {
    "=": "=", "==": "=", "!=": "!=", "<>": "!=", "≠": "!=", "<": "<", "<=": "<=", "≤": "<=", ">": ">", ">=": ">=",
    "≥": ">=",
}  # fmt: skip
_Read = TypeVar("_Read")


class Token(NamedTuple):
    """A piece of the text: its kind, what it says, and where it begins; keywords and marks are kinds of their own."""

    kind: str
    text: str
    position: int


@dataclass(frozen=True)
class Written:
    """The text of a condition and where it stands, such as ``params/segments.yaml, segment 'slowing'``."""

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

    def read(self, position: int, how: Callable[..., _Read], *given: Any) -> _Read:
        """What a reader of names or values makes of the text at a place."""
        try:
            return how(*given)
        except UnfitError as fault:
            return self.refuse(fault.problem, position, fault.way_out)


def read_condition(text: str, known: Mapping[str, Field], *, place: str = "condition") -> Condition:
    """Read a condition.

    Parameters
    ----------
    text : such as ``value_grade in (A, B) and recency_days > 90 and not has_subscription``; names by id or by their
        label in quotes, amounts with 元 or 万元, shares as 20% or 0.2, dates as 2026-01-01 or as_of - 90d.
    known : what may be asked about, by id; every comparison is held against it.
    place : where the text stands, for messages.

    Returns
    -------
    The condition; ``str`` of it is the canonical text, which reads back to the same condition.

    Raises
    ------
    SettingError : with line, column and a caret: an unknown name or value (with the nearest), a comparison that the
        field's kind does not allow, an amount without its unit, a side that is missing, a bracket left open.

    >>> from bizlab.labels import Label
    >>> from bizlab.units.kinds import Unit
    >>> known = {"overdue_fen": Field("overdue_fen", Label("逾期应收", "Overdue"), Unit.FEN)}
    >>> str(read_condition('"逾期应收" ≥ 20.5万元 或 overdue_fen 缺失', known))
    'overdue_fen >= 205000元 or overdue_fen missing'
    >>> read_condition("overdue_fn > 0", known)
    Traceback (most recent call last):
    bizlab.errors.SettingError: There is no 'overdue_fn' to ask about. Where: condition, column 1:
      overdue_fn > 0
      ^. Way out: did you mean 'overdue_fen'.
    """
    return _Parser(Written(text, place), known).parsed()


def read_name(text: str, known: Mapping[str, Field], *, place: str) -> Field:
    """The field that a name or label alone stands for.

    Raises
    ------
    SettingError : there is none, or several.
    """
    return Written(text, place).read(0, field_named, text, known)


def _tokens(written: Written) -> Iterator[Token]:
    position = 0
    while position < len(written.text):
        match = _TOKEN.match(written.text, position)
        if match is None:
            character = written.text[position]
            way_out = "close the quotes" if character in '"“' else "take it out, or put the name in quotes"
            written.refuse(f"'{character}' cannot stand here", position, way_out)
        kind, text = str(match.lastgroup), match.group()
        if kind == "quoted":
            yield Token("word", text[1:-1].replace('""', '"'), position)
        elif kind == "word":
            yield Token(_KEYWORDS.get(text.lower(), "word"), text, position)
        elif kind == "mark":
            plain = unicodedata.normalize("NFKC", text).replace("、", ",")
            yield Token(plain, text, position)
        elif kind != "blank":
            yield Token(kind, text, position)
        position = match.end()
    yield Token("end", "", len(written.text))


class _Parser:
    """One pass over the tokens of one text, a method for each rule of the grammar."""

    def __init__(self, written: Written, known: Mapping[str, Field]) -> None:
        self._written, self._known = written, known
        self._tokens = list(_tokens(written))
        self._next = 0
        self._depth = 0

    def parsed(self) -> Condition:
        whole = self._any_of()
        rest = self._token
        if rest.kind == ")":
            self._refuse("A bracket is closed that was never opened", rest, "take it out, or open it before")
        if rest.kind != "end":
            self._refuse(
                f"'{rest.text}' comes after a whole condition", rest, "join conditions with and / or (且 / 或)"
            )
        return whole

    @property
    def _token(self) -> Token:
        return self._tokens[self._next]

    def _taken(self) -> Token:
        token = self._token
        self._next += token.kind != "end"
        return token

    def _take(self, *kinds: str) -> Token | None:
        return self._taken() if self._token.kind in kinds else None

    def _refuse(self, problem: str, token: Token, way_out: str) -> NoReturn:
        self._written.refuse(problem, token.position, way_out)

    def _read(self, token: Token, how: Callable[..., _Read], *given: Any) -> _Read:
        return self._written.read(token.position, how, *given)

    def _any_of(self) -> Condition:
        parts = [self._all_of()]
        while self._take("or"):
            parts.append(self._all_of())
        return any_of(parts)

    def _all_of(self) -> Condition:
        parts = [self._denied()]
        while self._take("and"):
            parts.append(self._denied())
        return all_of(parts)

    def _denied(self) -> Condition:
        token = self._token
        if token.kind not in {"not", "("}:
            return self._statement()
        self._depth += 1
        if self._depth > DEEPEST:
            self._refuse(f"More than {DEEPEST} brackets stand inside one another", token, "write it flatter")
        self._taken()
        if token.kind == "not":
            inner: Condition = Not(self._denied())
        else:
            inner = self._any_of()
            if not self._take(")"):
                self._refuse("This bracket is never closed", token, "close it with ')'")
        self._depth -= 1
        return inner

    def _statement(self) -> Condition:
        token = self._taken()
        if token.kind != "word":
            what = f"not '{token.text}'" if token.text else "and there is none"
            self._refuse(f"A condition begins with a name, {what}", token, "write it like recency_days > 90")
        one = self._read(token, field_named, token.text, self._known)
        is_denied = self._token.kind == "not" and self._tokens[self._next + 1].kind in {"in", "missing"}
        if is_denied:
            self._taken()
        said = self._said(one, token)
        return Not(said) if is_denied else said

    def _said(self, one: Field, token: Token) -> Condition:
        """What is said of a name."""
        if self._take("missing"):
            return Missing(one.name)
        if word := self._take("in"):
            return self._in(one, word)
        if sign := self._take("sign"):
            return self._compared(one, sign)
        if one.kind == "flag":
            return Holds(one.name)
        after = self._token if self._token.kind != "end" else token
        return self._refuse(f"'{one.name}' is compared with nothing", after, one.example)

    def _in(self, one: Field, word: Token) -> Condition:
        if one.kind == "flag":
            self._read(word, refuse_kind, "a list", one)
        opened = self._token
        if not self._take("("):
            self._refuse(f"'{word.text}' takes a list in brackets", opened, f"write {one.name} in (...)")
        nothing = f"A value of '{one.name}' is missing in the list"
        values = [self._operand(one, nothing)]
        while self._take(","):
            values.append(self._operand(one, nothing))
        if not self._take(")"):
            self._refuse("The list is never closed", opened, "close it with ')'")
        return In(one.name, tuple(dict.fromkeys(values)))

    def _compared(self, one: Field, signed: Token) -> Condition:
        sign = _SIGNS[unicodedata.normalize("NFKC", signed.text) if signed.text not in _SIGNS else signed.text]
        self._read(signed, refuse_order, sign, one)
        return compared(one, sign, self._operand(one, f"The right side of '{signed.text}' is missing"))

    def _operand(self, one: Field, nothing: str) -> Operand:
        token = self._taken()
        if one.kind == "flag" and token.kind != "end":
            return self._read(token, as_flag, token.text, one)
        match token.kind:
            case "number":
                return self._read(token, as_number, token.text, one)
            case "-" if self._token.kind == "number":
                token = self._taken()
                return -self._read(token, as_number, token.text, one)
            case "date":
                return self._read(token, as_date, token.text, one)
            case "as_of":
                return self._as_of(one, token)
            case "word":
                return self._read(token, as_code, token.text, one)
        return self._refuse(nothing, token, one.example)

    def _as_of(self, one: Field, token: Token) -> AsOf:
        if one.kind != "date":
            self._read(token, refuse_kind, "a date", one)
        direction = self._take("+", "-")
        if direction is None:
            return AsOf()
        count = self._taken()
        if count.kind != "number":
            self._refuse(f"The number of days after '{direction.text}' is missing", count, "write it like as_of - 90d")
        days = self._read(count, as_days, count.text)
        return AsOf(days if direction.kind == "+" else -days)


def _columns(character: str) -> int:
    """How many columns a character takes where the caret is read."""
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
