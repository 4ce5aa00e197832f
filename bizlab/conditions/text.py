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
from collections.abc import Iterator, Mapping
from typing import NamedTuple, NoReturn

from bizlab.conditions.fields import (
    Field,
    UnfitError,
    compared,
    days_after,
    field_named,
    operand,
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


class Token(NamedTuple):
    """A piece of the text: its kind, what it says, and where it begins; keywords and marks are kinds of their own."""

    kind: str
    text: str
    position: int


def read_condition(text: str, known: Mapping[str, Field], *, place: str = "condition") -> Condition:
    """Read a condition.

    Parameters
    ----------
    text : such as ``value_grade in (A, B) and recency_days > 90 and not has_subscription``; names by id or by their
        label in quotes, amounts with 元 or 万元, shares as 20% or 0.2, dates as 2026-01-01 or as_of - 90d.
    known : what may be asked about, by id; every comparison is checked against it.
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
      ^. Fix: write 'overdue_fen'.
    """
    parser = _Parser(known)
    try:
        return parser.parsed(text)
    except UnfitError as fault:
        raise _refusal(fault, text, parser.position, place) from fault


def read_name(text: str, known: Mapping[str, Field], *, place: str) -> Field:
    """The field that a name or label alone stands for; `SettingError` where there is none, or several."""
    try:
        return field_named(text, known)
    except UnfitError as fault:
        raise _refusal(fault, text, 0, place) from fault


def _refusal(fault: UnfitError, text: str, position: int, place: str) -> SettingError:
    """The error that names line and column and marks the position with a caret below the text."""
    line, start = text.count("\n", 0, position), text.rfind("\n", 0, position) + 1
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text[start:position])
    blank = " " * (position - start + wide)
    number = f"line {line + 1}, " if "\n" in text else ""
    shown = text.split("\n")[line]
    where = f"{place}, {number}column {position - start + 1}:\n  {shown}\n  {blank}^"
    return SettingError(fault.problem, place=where, fix=fault.fix)


class _Parser:
    """One pass over the tokens of one text, a method for each rule of the grammar.

    ``position`` is where a fault stands: at the token that was taken last, if nothing else is said.
    """

    def __init__(self, known: Mapping[str, Field]) -> None:
        self._known = known
        self._tokens: list[Token] = []
        self._next = self._depth = self.position = 0

    def parsed(self, text: str) -> Condition:
        self._tokens = [*self._tokens_of(text), Token("end", "", len(text))]
        whole = self._any_of()
        rest = self._token
        if rest.kind == ")":
            self._refuse("A bracket is closed that was never opened", rest, "take it out, or open it before")
        if rest.kind != "end":
            fix = "join conditions with and / or (且 / 或)"
            self._refuse(f"'{rest.text}' comes after a whole condition", rest, fix)
        return whole

    def _tokens_of(self, text: str) -> Iterator[Token]:
        while self.position < len(text):
            match = _TOKEN.match(text, self.position)
            if match is None:
                character = text[self.position]
                fix = "close the quotes" if character in '"“' else "take it out, or put the name in quotes"
                raise UnfitError(f"'{character}' cannot stand here", fix)
            kind, said = str(match.lastgroup), match.group()
            if kind == "quoted":
                kind, said = "word", said[1:-1].replace('""', '"')
            elif kind == "word":
                kind = _KEYWORDS.get(said.lower(), "word")
            elif kind == "mark":
                kind = unicodedata.normalize("NFKC", said).replace("、", ",")
            if kind != "blank":
                yield Token(kind, said, self.position)
            self.position = match.end()

    @property
    def _token(self) -> Token:
        return self._tokens[self._next]

    def _taken(self) -> Token:
        token = self._token
        self._next += token.kind != "end"
        self.position = token.position
        return token

    def _take(self, *kinds: str) -> Token | None:
        return self._taken() if self._token.kind in kinds else None

    def _refuse(self, problem: str, token: Token, fix: str) -> NoReturn:
        self.position = token.position
        raise UnfitError(problem, fix)

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
        opened = self._take("not", "(")
        if opened is None:
            return self._statement()
        self._depth += 1
        if self._depth > DEEPEST:
            raise UnfitError(f"More than {DEEPEST} brackets stand inside one another", "write it flatter")
        if opened.kind == "not":
            inner: Condition = Not(self._denied())
        else:
            inner = self._any_of()
            if not self._take(")"):
                self._refuse("This bracket is never closed", opened, "close it with ')'")
        self._depth -= 1
        return inner

    def _statement(self) -> Condition:
        token = self._taken()
        if token.kind != "word":
            what = f"not '{token.text}'" if token.text else "and there is none"
            raise UnfitError(f"A condition begins with a name, {what}", "write it like recency_days > 90")
        field = field_named(token.text, self._known)
        is_denied = self._token.kind == "not" and self._tokens[self._next + 1].kind in {"in", "missing"}
        if is_denied:
            self._taken()
        said = self._said(field)
        return Not(said) if is_denied else said

    def _said(self, field: Field) -> Condition:
        """What is said of a name."""
        if self._take("missing"):
            return Missing(field.name)
        if word := self._take("in"):
            return self._in(field, word)
        if sign := self._take("sign"):
            return self._compared(field, sign)
        if field.kind == "flag":
            return Holds(field.name)
        if self._token.kind != "end":
            self.position = self._token.position
        raise UnfitError(f"'{field.name}' is compared with nothing", field.example)

    def _in(self, field: Field, word: Token) -> Condition:
        if field.kind == "flag":
            refuse_kind("a list", field)
        opened = self._token
        if not self._take("("):
            self._refuse(f"'{word.text}' takes a list in brackets", opened, f"write {field.name} in (...)")
        nothing = f"A value of '{field.name}' is missing in the list"
        values = [self._operand(field, nothing)]
        while self._take(","):
            values.append(self._operand(field, nothing))
        if not self._take(")"):
            self._refuse("The list is never closed", opened, "close it with ')'")
        return In(field.name, tuple(dict.fromkeys(values)))

    def _compared(self, field: Field, signed: Token) -> Condition:
        sign = _SIGNS[unicodedata.normalize("NFKC", signed.text)]
        refuse_order(sign, field)
        return compared(field, sign, self._operand(field, f"The right side of '{signed.text}' is missing"))

    def _operand(self, field: Field, nothing: str) -> Operand:
        token = self._taken()
        if token.kind == "-" and self._token.kind == "number":
            number = self._taken()
            token = number._replace(text=f"-{number.text}")
        if token.kind == "as_of" and field.kind != "flag":
            return self._as_of(field)
        if token.kind in {"number", "date", "word"} or (field.kind == "flag" and token.kind != "end"):
            return operand(token.kind, token.text, field)
        raise UnfitError(nothing, field.example)

    def _as_of(self, field: Field) -> AsOf:
        if field.kind != "date":
            refuse_kind("a date", field)
        direction = self._take("+", "-")
        if direction is None:
            return AsOf()
        count = self._taken()
        if count.kind != "number":
            raise UnfitError(f"The number of days after '{direction.text}' is missing", "write it like as_of - 90d")
        days = days_after(count.text)
        return AsOf(days if direction.kind == "+" else -days)
