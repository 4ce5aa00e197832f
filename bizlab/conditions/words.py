"""Conditions in plain words, Chinese and English, made from the condition itself so that they cannot drift apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from bizlab.conditions.fields import Field
from bizlab.conditions.tree import (
    OPPOSITE,
    And,
    AsOf,
    Compare,
    Condition,
    Holds,
    In,
    Leaf,
    Missing,
    Not,
    Operand,
    Or,
    leaves,
    values_of,
)
from bizlab.contracts.columns import words
from bizlab.labels import Label
from bizlab.units.kinds import Unit
from bizlab.units.parse import FEN_PER

_WAN, _YUAN = FEN_PER["万元"], FEN_PER["元"]
_SIGNS = words(
    {
        ">=": "{a}达到或超过{b} | {a} is {b} or more",
        "<=": "{a}不超过{b}(含) | {a} is {b} or less",
        ">": "{a}超过{b}(不含) | {a} is more than {b}",
        "<": "{a}低于{b}(不含) | {a} is less than {b}",
        "=": "{a}为{b} | {a} is {b}",
        "!=": "{a}不为{b} | {a} is not {b}",
    }
)
_SIGNS_OF_DATES = _SIGNS | words(
    {
        ">=": "{a}为{b}或更晚 | {a} is {b} or later",
        "<=": "{a}为{b}或更早 | {a} is {b} or earlier",
        ">": "{a}晚于{b} | {a} is after {b}",
        "<": "{a}早于{b} | {a} is before {b}",
    }
)
_MISSING = {False: Label("{a}缺失", "{a} is missing"), True: Label("{a}有值", "{a} is known")}
_HOLDS = {False: Label("{a}为是", "{a} is yes"), True: Label("{a}为否", "{a} is no")}
_IN = {False: Label("{a}为{b}之一", "{a} is one of {b}"), True: Label("{a}不为{b}中任何一个", "{a} is none of {b}")}


def in_words(condition: Condition, known: Mapping[str, Field]) -> Label:
    """A condition in words that anybody in the company can check, by what its names stand for.

    >>> known = {"owed_fen": Field("owed_fen", Label("欠款", "Owed"), Unit.FEN),
    ...          "is_new": Field("is_new", Label("新客户", "New"), Unit.BOOL)}
    >>> owing = And((Compare("owed_fen", ">=", 5_000_000), Not(Holds("is_new"))))
    >>> print(*in_words(owing, known), sep="; ")
    “欠款”达到或超过5万元且“新客户”为否; "Owed" is 50,000 yuan or more and "New" is no
    """
    match condition:
        case And(parts):
            return _joined([_bracketed(part, known) for part in parts], "且", " and ")
        case Or(parts):
            return _joined([in_words(part, known) for part in parts], ",或", ", or ")
        case Not(And() | Or() | Not() as part):
            return filled(Label("并非({part})", "not ({part})"), part=in_words(part, known))
    (leaf,) = leaves(condition)
    return _statement(leaf, known[leaf.name], is_denied=isinstance(condition, Not))


def value_words(value: Operand, field: Field) -> Label:
    """A value as it is said: amounts in 万元 or yuan, shares in percent, days with their name, codes in words."""
    if isinstance(value, AsOf):
        return _as_of(value.days)
    if isinstance(value, date):
        return Label(value.isoformat(), value.isoformat())
    if isinstance(value, str):
        return quoted(field.words.get(value, Label(value, value)))
    if field.unit is Unit.FEN:
        return _amount(int(value))
    if field.unit is Unit.RATE:
        share = _plain(Decimal(str(value)) * 100)
        return Label(f"{share}%", f"{share} %")
    number = _plain(Decimal(str(value)))
    return Label(f"{number}天", f"{number} days") if field.unit is Unit.DAYS else Label(number, number)


def quoted(name: Label) -> Label:
    return Label(f"“{name.zh}”", f'"{name.en}"')


def listed(parts: Sequence[Label]) -> Label:
    return _joined(parts, "、", ", ")


def _joined(parts: Sequence[Label], zh: str, en: str) -> Label:
    return Label(zh.join(part.zh for part in parts), en.join(part.en for part in parts))


def filled(text: Label, **parts: Label) -> Label:
    """A sentence with its places filled, each language from its own."""
    zh = text.zh.format(**{name: part.zh for name, part in parts.items()})
    return Label(zh, text.en.format(**{name: part.en for name, part in parts.items()}))


def _statement(leaf: Leaf, field: Field, *, is_denied: bool) -> Label:
    """What is said of one name, or its denial."""
    values = values_of(leaf)
    match leaf:
        case Missing():
            text = _MISSING[is_denied]
        case Holds():
            text = _HOLDS[is_denied]
        case In():
            text = _IN[is_denied]
        case Compare(sign=sign):
            text = (_SIGNS_OF_DATES if field.kind == "date" else _SIGNS)[OPPOSITE[sign] if is_denied else sign]
    return filled(text, a=quoted(field.label), b=listed([value_words(value, field) for value in values]))


def _bracketed(part: Condition, known: Mapping[str, Field]) -> Label:
    said = in_words(part, known)
    return Label(f"({said.zh})", f"({said.en})") if isinstance(part, Or) else said


def _as_of(days: int) -> Label:
    if not days:
        return Label("截至日期", "the as-of date")
    side = Label("前", "before") if days < 0 else Label("后", "after")
    return Label(f"截至日期{side.zh}{abs(days)}天", f"{abs(days)} days {side.en} the as-of date")


def _amount(fen: int) -> Label:
    yuan = f"{fen // _YUAN:,}" if fen % _YUAN == 0 else _plain(Decimal(fen) / _YUAN)
    is_round = abs(fen) >= _WAN and fen % (_WAN // 100) == 0
    zh = f"{_plain(Decimal(fen) / _WAN)}万元" if is_round else f"{yuan}元"
    return Label(zh, f"{yuan} yuan")


def _plain(number: Decimal) -> str:
    """The number without exponent and without zeros at the end."""
    return f"{number.normalize():,f}"
