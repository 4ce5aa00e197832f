"""Expressions over tags as an analyst writes them, read by a tokenizer and a recursive descent; nothing is evaluated.

    expression := all { ("or" | 或) all }
    all        := denied { ("and" | 且) denied }
    denied     := ("not" | 非) denied | "(" expression ")" | condition
    condition  := tag [ sign value | ["not"] ("in" | 属于) "(" value { "," value } ")" | ["not"] ("missing" | 缺失) ]
    value      := ["-"] number [unit] | date | "as_of" [("+" | "-") number "d"] | word
    sign       := "=" | "!=" | "<" | "<=" | ">" | ">="

A word is written bare (Latin letters, digits, underscore; or Chinese characters other than 且, 或 and 非) or in quotes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple, NoReturn

from bizlab.tagging.dictionary.dictionary import Dictionary, Tag
from bizlab.tagging.segments.logic import And, AsOf, Compare, Expression, Holds, In, Missing, Not, Operand, Or, Sign
from bizlab.tagging.segments.operands import (
    Written,
    code_named,
    date_value,
    days_value,
    example_of,
    flag_value,
    number_value,
    refuse_kind,
    refuse_order,
    tag_named,
    word_value,
)

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


def parse_expression(text: str, dictionary: Dictionary, *, place: str = "expression") -> Expression:
    """Read a condition over tags.

    Parameters
    ----------
    text : such as ``value_grade in (A, B) and recency_days > 90 and not has_subscription``; tags by id or by their
        name in quotes, amounts with 元 or 万元, shares as 20% or 0.2, dates as 2026-01-01 or as_of - 90d.
    dictionary : what the tags are; every comparison is held against it.
    place : where the text stands, for messages.

    Returns
    -------
    The expression; ``str`` of it is the canonical text, which reads back to the same expression.

    Raises
    ------
    SettingError : with line, column and a caret: an unknown tag or value (with the nearest), a comparison that the
        tag's type does not allow, an amount without its unit, a side that is missing, a bracket left open.

    >>> from bizlab.tagging.dictionary.dictionary import parse_dictionary
    >>> words = {"zh": "逾期应收", "en": "Overdue"}
    >>> tag = {"id": "overdue_fen", "name": words, "definition": words, "tier": "fact", "layer": "enterprise",
    ...        "type": "number", "unit": "fen", "refresh": "monthly", "owner": words,
    ...        "rule": {"table": "orders", "measure": "count"}}
    >>> tags = parse_dictionary({"tables": {"orders": {"occurred": "on", "empty": words}}, "tags": [tag]})
    >>> str(parse_expression('"逾期应收" ≥ 20.5万元 或 overdue_fen 缺失', tags))
    'overdue_fen >= 205000元 or overdue_fen missing'
    >>> parse_expression("overdue_fn > 0", tags)
    Traceback (most recent call last):
    bizlab.errors.SettingError: There is no tag 'overdue_fn'. Where: expression, column 1:
      overdue_fn > 0
      ^. Way out: did you mean 'overdue_fen'.
    """
    return _Parser(Written(text, place), dictionary).parsed()


def _tokens(written: Written) -> Iterator[Token]:
    position = 0
    while position < len(written.text):
        found = _TOKEN.match(written.text, position)
        if found is None:
            character = written.text[position]
            way_out = "close the quotes" if character in '"“' else "take it out, or put the name in quotes"
            written.refuse(f"'{character}' cannot stand here", position, way_out)
        kind, text = str(found.lastgroup), found.group()
        if kind == "quoted":
            yield Token("word", text[1:-1].replace('""', '"'), position)
        elif kind == "word":
            yield Token(_KEYWORDS.get(text.lower(), "word"), text, position)
        elif kind == "mark":
            plain = unicodedata.normalize("NFKC", text).replace("、", ",")
            yield Token(plain, text, position)
        elif kind != "blank":
            yield Token(kind, text, position)
        position = found.end()
    yield Token("end", "", len(written.text))


class _Parser:
    """One pass over the tokens of one text, a method for each rule of the grammar."""

    def __init__(self, written: Written, dictionary: Dictionary) -> None:
        self._written, self._dictionary = written, dictionary
        self._tokens = list(_tokens(written))
        self._next = 0
        self._depth = 0

    def parsed(self) -> Expression:
        found = self._any_of()
        rest = self._token
        if rest.kind == ")":
            self._refuse("A bracket is closed that was never opened", rest, "take it out, or open it before")
        if rest.kind != "end":
            self._refuse(
                f"'{rest.text}' comes after a whole condition", rest, "join conditions with and / or (且 / 或)"
            )
        return found

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

    def _any_of(self) -> Expression:
        parts = [self._all_of()]
        while self._take("or"):
            parts.append(self._all_of())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _all_of(self) -> Expression:
        parts = [self._denied()]
        while self._take("and"):
            parts.append(self._denied())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _denied(self) -> Expression:
        token = self._token
        if token.kind not in {"not", "("}:
            return self._condition()
        self._depth += 1
        if self._depth > DEEPEST:
            self._refuse(f"More than {DEEPEST} brackets stand inside one another", token, "write it flatter")
        self._taken()
        if token.kind == "not":
            found: Expression = Not(self._denied())
        else:
            found = self._any_of()
            if not self._take(")"):
                self._refuse("This bracket is never closed", token, "close it with ')'")
        self._depth -= 1
        return found

    def _condition(self) -> Expression:
        token = self._taken()
        if token.kind != "word":
            what = f"not '{token.text}'" if token.text else "and there is none"
            self._refuse(f"A condition begins with a tag, {what}", token, "write it like recency_days > 90")
        tag = tag_named(token.text, self._dictionary, self._written, token.position)
        denied = self._token.kind == "not" and self._tokens[self._next + 1].kind in {"in", "missing"}
        if denied:
            self._taken()
        found = self._stated(tag, token)
        return Not(found) if denied else found

    def _stated(self, tag: Tag, token: Token) -> Expression:
        """What is said of a tag."""
        if self._take("missing"):
            return Missing(tag.tag_id)
        if word := self._take("in"):
            return self._in(tag, word)
        if sign := self._take("sign"):
            return self._compared(tag, sign)
        if tag.type == "flag":
            return Holds(tag.tag_id)
        after = self._token if self._token.kind != "end" else token
        return self._refuse(f"'{tag.tag_id}' is compared with nothing", after, example_of(tag))

    def _in(self, tag: Tag, word: Token) -> Expression:
        if tag.type != "category":
            refuse_kind("a list", tag, self._written, word.position)
        opened = self._token
        if not self._take("("):
            self._refuse(f"'{word.text}' takes a list in brackets", opened, f"write {tag.tag_id} in (...)")
        codes = [self._code(tag)]
        while self._take(","):
            codes.append(self._code(tag))
        if not self._take(")"):
            self._refuse("The list is never closed", opened, "close it with ')'")
        return In(tag.tag_id, tuple(dict.fromkeys(codes)))

    def _code(self, tag: Tag) -> str:
        token = self._taken()
        if token.kind in {"number", "date"}:
            refuse_kind(f"'{token.text}'", tag, self._written, token.position)
        if token.kind != "word":
            self._refuse(f"A value of '{tag.tag_id}' is missing in the list", token, example_of(tag))
        return code_named(token.text, tag, self._written, token.position)

    def _compared(self, tag: Tag, signed: Token) -> Expression:
        sign = _SIGNS[unicodedata.normalize("NFKC", signed.text) if signed.text not in _SIGNS else signed.text]
        refuse_order(sign, tag, self._written, signed.position)
        if tag.type == "flag":
            return self._flag(tag, sign, signed)
        return Compare(tag.tag_id, sign, self._operand(tag, signed))

    def _flag(self, tag: Tag, sign: Sign, signed: Token) -> Expression:
        token = self._taken()
        if token.kind == "end":
            self._refuse(f"The right side of '{signed.text}' is missing", token, example_of(tag))
        wanted = flag_value(token.text, tag, self._written, token.position)
        return Holds(tag.tag_id) if wanted == (sign == "=") else Not(Holds(tag.tag_id))

    def _operand(self, tag: Tag, signed: Token) -> Operand:
        token = self._taken()
        where = self._written, token.position
        match token.kind:
            case "number":
                return number_value(token.text, tag, *where)
            case "-" if self._token.kind == "number":
                return -number_value(self._taken().text, tag, *where)
            case "date":
                return date_value(token.text, tag, *where)
            case "as_of":
                return self._as_of(tag, token)
            case "word":
                return word_value(token.text, tag, *where)
        return self._refuse(f"The right side of '{signed.text}' is missing", token, example_of(tag))

    def _as_of(self, tag: Tag, token: Token) -> AsOf:
        if tag.type != "date":
            refuse_kind("a date", tag, self._written, token.position)
        direction = self._take("+", "-")
        if direction is None:
            return AsOf()
        count = self._taken()
        if count.kind != "number":
            self._refuse(f"The number of days after '{direction.text}' is missing", count, "write it like as_of - 90d")
        days = days_value(count.text, self._written, count.position)
        return AsOf(days if direction.kind == "+" else -days)
