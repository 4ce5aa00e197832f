"""The one place where values become text.

Negatives stand in brackets in tables, as finance writes them, and carry a minus sign in sentences. What a table
shows is rounded half up; `exact` gives the whole value for the hover text.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction

from bizlab.exact import round_half_up
from bizlab.labels import Label
from bizlab.report.shown import ShownColumn, ShownTable, Value
from bizlab.units.kinds import REAL, WHOLE, Unit

NUMERIC = WHOLE | REAL
MISSING = "—"
YUAN, WAN = 1, 10_000
"""Scales of money: what one on the page stands for, in yuan."""

_LARGE_FEN = 100_000_000
_MONEY = frozenset({Unit.FEN, Unit.FEN_PER_HOUR, Unit.FEN_PER_PERSON})
_YES_NO = {True: Label("是", "Yes"), False: Label("否", "No")}
_UNIT_WORDS = {
    Unit.FEN: Label("元", "RMB"),
    Unit.MINUTES: Label("小时", "h"),
    Unit.DAYS: Label("天", "days"),
    Unit.RATE: Label("%", "%"),
    Unit.FEN_PER_HOUR: Label("元/小时", "RMB/h"),
    Unit.FEN_PER_PERSON: Label("元/人", "RMB/person"),
}
_WAN_WORDS = Label("万元", "RMB 10k")
_PLACES = {Unit.FEN: 2, Unit.MINUTES: 1, Unit.RATE: 1, Unit.SCORE: 2, Unit.FEN_PER_HOUR: 2, Unit.FEN_PER_PERSON: 2}


def both(text: str) -> Label:
    """A text that is the same in both languages."""
    return Label(text, text)


def money_scale(values: Iterable[Value]) -> int:
    """Yuan, or ten thousand yuan (万元) where an amount reaches a million yuan.

    >>> money_scale([99_999_999, None]), money_scale([-100_000_000])
    (1, 10000)
    """
    amounts = (abs(value) for value in values if isinstance(value, int | float))
    return WAN if max(amounts, default=0) >= _LARGE_FEN else YUAN


def table_scale(table: ShownTable) -> int:
    """One scale for all amounts of a table, so that figures which add up can be compared by eye."""
    places = [number for number, column in enumerate(table.columns) if column.unit is Unit.FEN]
    return money_scale(row[place] for row in table.rows for place in places)


def unit_word(unit: Unit, *, scale: int = YUAN) -> Label | None:
    """The unit as it stands in a header; nothing for plain numbers and texts.

    >>> unit_word(Unit.FEN, scale=WAN).zh, unit_word(Unit.MINUTES).en, unit_word(Unit.COUNT)
    ('万元', 'h', None)
    """
    if unit is Unit.FEN and scale == WAN:
        return _WAN_WORDS
    return _UNIT_WORDS.get(unit)


def cell_text(value: Value, column: ShownColumn, *, scale: int = YUAN) -> Label:
    """What a table's cell says; the unit stands in the header.

    >>> amount = ShownColumn("net_fen", Unit.FEN, Label("净额", "Net"))
    >>> cell_text(-123_456, amount).zh, cell_text(4, amount, scale=WAN).zh, cell_text(None, amount).zh
    ('(1,234.56)', '<0.01', '—')
    """
    if value is None:
        return both(MISSING)
    if column.unit in NUMERIC and isinstance(value, int | float):
        return both(_bracketed(value, column.unit, scale))
    if isinstance(value, bool):
        return _YES_NO[value]
    return column.words.get(str(value), both(_plain_text(str(value), column.unit)))


def exact(value: Value, unit: Unit) -> str:
    """The whole value without rounding, for the hover text; empty where the cell already says all.

    >>> exact(-1_234_567_890, Unit.FEN), exact(455, Unit.MINUTES), exact(0.12345, Unit.RATE)
    ('−¥12,345,678.90', '7:35', '12.345%')
    """
    if value is None or isinstance(value, bool | str) or unit in {Unit.COUNT, Unit.DAYS, Unit.QUANTITY}:
        return ""
    sign, size = ("−" if value < 0 else ""), abs(value)
    if unit is Unit.FEN:
        return f"{sign}¥{_decimal(int(size), 2)}"
    if unit is Unit.MINUTES:
        return f"{sign}{int(size) // 60:,}:{int(size) % 60:02d}"
    if unit is Unit.RATE:
        return f"{sign}{_trimmed(size * 100)}%"
    if unit in _MONEY:
        return f"{sign}¥{_trimmed(size / 100)}"
    return f"{sign}{_trimmed(size)}"


def spoken(value: Value, column: ShownColumn) -> Label:
    """A figure as it stands in a sentence, with its unit.

    >>> amount = ShownColumn("net_fen", Unit.FEN, Label("净额", "Net"))
    >>> spoken(-1_234_567_800, amount)
    Label(zh='−1,234.57 万元', en='−RMB 12.35 million')
    >>> spoken(999_950, amount).zh
    '9,999.50 元'
    """
    if value is None or column.unit not in NUMERIC or isinstance(value, bool | str):
        return cell_text(value, column)
    sign, size = ("−" if value < 0 else ""), abs(value)
    if column.unit is Unit.FEN:
        return _spoken_money(sign, int(size))
    number = f"{sign}{_number(size, column.unit, YUAN)}"
    word = _UNIT_WORDS.get(column.unit)
    if word is None:
        return both(number)
    if column.unit is Unit.RATE:
        return both(f"{number}%")
    return Label(f"{number} {word.zh}", f"{number} {word.en}")


def number_text(value: float, unit: Unit, *, scale: int = YUAN) -> str:
    """A number for a chart: unit left out, minus sign, zero places where the value is large.

    >>> number_text(-25_000_000, Unit.FEN, scale=WAN)
    '−25.00'
    """
    return f"{'−' if value < 0 else ''}{_number(abs(value), unit, scale)}"


def displayed_size(value: float, unit: Unit, *, scale: int = YUAN) -> float:
    """A value in the unit that the page names: yuan or 万元, hours, percent."""
    return float(_shown_fraction(value, unit, scale))


def _spoken_money(sign: str, fen: int) -> Label:
    if fen >= 10_000_000_000:
        zh = f"{_decimal(round_half_up(Fraction(fen, 100_000_000)), 2)} 亿元"
    elif fen >= 1_000_000:
        zh = f"{_decimal(round_half_up(Fraction(fen, 10_000)), 2)} 万元"
    else:
        zh = f"{_decimal(fen, 2)} 元"
    if fen >= 100_000_000:
        en = f"RMB {_decimal(round_half_up(Fraction(fen, 1_000_000)), 2)} million"
    else:
        en = f"RMB {_decimal(fen, 2)}"
    return Label(sign + zh, sign + en)


def _bracketed(value: float, unit: Unit, scale: int) -> str:
    text = _number(abs(value), unit, scale)
    return f"({text})" if value < 0 else text


def _number(size: float, unit: Unit, scale: int) -> str:
    """A size (not negative) with its places; what would round to nothing is shown as less than the last place."""
    places = _PLACES.get(unit, 0)
    last_places = round_half_up(_shown_fraction(size, unit, scale) * 10**places)
    if size and not last_places:
        return f"<{_decimal(1, places)}"
    return _decimal(last_places, places)


def _shown_fraction(value: float, unit: Unit, scale: int) -> Fraction:
    whole = Fraction(value)
    if unit is Unit.FEN:
        return whole / (100 * scale)
    if unit in _MONEY:
        return whole / 100
    if unit is Unit.MINUTES:
        return whole / 60
    return whole * 100 if unit is Unit.RATE else whole


def _decimal(last_places: int, places: int) -> str:
    """A whole number of last places, such as fen, with thousands separators and a decimal point."""
    if not places:
        return f"{last_places:,}"
    return f"{last_places // 10**places:,}.{last_places % 10**places:0{places}d}"


def _trimmed(size: float) -> str:
    if not math.isfinite(size):
        return str(size)
    return f"{size:,.6f}".rstrip("0").rstrip(".")


def _plain_text(text: str, unit: Unit) -> str:
    return text.replace("T", " ")[:16] if unit is Unit.TIMESTAMP else text


def spoken_change(before: Value, now: Value, column: ShownColumn) -> Label:
    """By how much a figure moved; rates move in percentage points.

    >>> rate = ShownColumn("margin_rate", Unit.RATE, Label("毛利率", "Margin"))
    >>> spoken_change(0.41, 0.385, rate)
    Label(zh='−2.5 个百分点', en='−2.5 points')
    >>> spoken_change(None, 0.385, rate).zh
    '—'
    """
    if column.unit not in NUMERIC or not isinstance(before, int | float) or not isinstance(now, int | float):
        return both(MISSING)
    moved = Fraction(now) - Fraction(before)
    sign = "+" if moved > 0 else ""
    if column.unit is Unit.RATE:
        tenths = round_half_up(abs(moved) * 1000)
        text = f"{'+' if moved > 0 else '−'}{_decimal(tenths, 1)}"
        return Label(f"{text} 个百分点", f"{text} points")
    said = spoken(int(moved) if column.unit in WHOLE else float(moved), column)
    return Label(sign + said.zh, sign + said.en)
