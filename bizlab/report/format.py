"""The one place where values become text.

Negatives stand in brackets in tables, as finance writes them, and carry a minus sign in sentences. What a table
shows is rounded half up; `exact` gives the whole value for the hover text. Scale, decimals and words are those of the
unit's row.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from bizlab.exact import quotient_half_up, round_half_up
from bizlab.labels import Label
from bizlab.report.shown import ShownColumn, ShownTable, Value
from bizlab.units.kinds import NUMERIC, WHOLE, Unit
from bizlab.units.row import Kind, Steps

MISSING = "—"
_YES_NO = {True: Label("是", "Yes"), False: Label("否", "No")}


def both(text: str) -> Label:
    """A text that is the same in both languages."""
    return Label(text, text)


def unit_scale(unit: Unit, values: Iterable[Value]) -> int:
    """How many times its ordinary unit a unit is shown in beside these values: 10,000 for 万元, mostly 1.

    >>> unit_scale(Unit.FEN, [99_999_999, None]), unit_scale(Unit.FEN, [-100_000_000]), unit_scale(Unit.KG, [10**12])
    (1, 10000, 1)
    """
    large = unit.row.large
    sizes = (abs(value) for value in values if isinstance(value, int | float))
    return large.factor if large and max(sizes, default=0) >= large.least else 1


def table_scales(table: ShownTable) -> dict[Unit, int]:
    """One scale for all values of a unit in a table, so that figures which add up can be compared by eye."""
    places: dict[Unit, list[int]] = {}
    for place, column in enumerate(table.columns):
        places.setdefault(column.unit, []).append(place)
    return {unit: unit_scale(unit, (row[p] for row in table.rows for p in of_unit)) for unit, of_unit in places.items()}


def unit_word(unit: Unit, *, scale: int = 1) -> Label | None:
    """The unit as it stands in a header; nothing for plain numbers and texts.

    >>> unit_word(Unit.FEN, scale=10_000).zh, unit_word(Unit.MINUTES).en, unit_word(Unit.COUNT)
    ('万元', 'h', None)
    """
    large = unit.row.large
    return large.word if large and scale == large.factor else unit.row.word


def cell_text(value: Value, column: ShownColumn, *, scale: int = 1) -> Label:
    """What a table's cell says; the unit stands in the header.

    >>> amount = ShownColumn("net_fen", Unit.FEN, Label("净额", "Net"))
    >>> cell_text(-123_456, amount).zh, cell_text(4, amount, scale=10_000).zh, cell_text(None, amount).zh
    ('(1,234.56)', '<0.01', '—')
    >>> cell_text("是 | Yes", ShownColumn("top_value", Unit.PHRASE, Label("值", "Value")))
    Label(zh='是', en='Yes')
    """
    if value is None:
        return both(MISSING)
    if column.unit in NUMERIC and isinstance(value, int | float):
        text = _number(abs(value), column.unit, column.unit.row.scale * scale)
        return both(f"({text})" if value < 0 else text)
    if isinstance(value, bool):
        return _YES_NO[value]
    if column.unit is Unit.PHRASE:
        zh, _, en = str(value).partition(" | ")
        return Label(zh, en or zh)
    is_moment = column.unit.row.kind is Kind.MOMENT
    return column.words.get(str(value), both(str(value).replace("T", " ")[:16] if is_moment else str(value)))


def exact(value: Value, unit: Unit) -> str:
    """The whole value without rounding, for the hover text; empty where the cell already says all.

    >>> exact(-1_234_567_890, Unit.FEN), exact(455, Unit.MINUTES), exact(0.12345, Unit.RATE), exact(1_234, Unit.COUNT)
    ('−¥12,345,678.90', '7:35', '12.345%', '')
    """
    row = unit.row
    if value is None or isinstance(value, bool | str) or (unit in WHOLE and row.scale == 1):
        return ""
    sign, size = ("−" if value < 0 else ""), abs(value)
    if row.clock:
        return f"{sign}{int(size) // 60:,}:{int(size) % 60:02d}"
    if row.is_decimal:
        return sign + row.exact.format(_decimal(int(size), row.places))
    trimmed = f"{displayed_size(size, unit):,.6f}".rstrip("0").rstrip(".")
    return sign + row.exact.format(trimmed)


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

    def said(steps: Steps) -> str:
        per, words = next((step for step in steps if size >= step[0]), steps[-1])
        return sign + words.format(_number(size, column.unit, per))

    return Label(said(column.unit.row.steps("zh")), said(column.unit.row.steps("en")))


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
    row, moved = column.unit.row, Fraction(now) - Fraction(before)
    if row.moved:
        size = _decimal(round_half_up(abs(moved) / row.scale * 10**row.places), row.places)
        text = f"{'+' if moved > 0 else '−'}{size}"
        return Label(row.moved.zh.format(text), row.moved.en.format(text))
    sign = "+" if moved > 0 else ""
    said = spoken(int(moved) if column.unit in WHOLE else float(moved), column)
    return Label(sign + said.zh, sign + said.en)


def number_text(value: float, unit: Unit, *, scale: int = 1) -> str:
    """A number for a chart, without its unit and with a minus sign.

    >>> number_text(-25_000_000, Unit.FEN, scale=10_000)
    '−25.00'
    """
    return f"{'−' if value < 0 else ''}{_number(abs(value), unit, unit.row.scale * scale)}"


def displayed_size(value: float, unit: Unit, *, scale: int = 1) -> float:
    """A value in the unit that the page names: yuan or 万元, hours, percent."""
    return float(Fraction(value) / (unit.row.scale * scale))


def _number(size: float, unit: Unit, per: int | Fraction) -> str:
    """A size (not negative) with its places; what would round to nothing is shown as less than the last place."""
    places = unit.row.places
    above, below = size.as_integer_ratio()
    last_places = quotient_half_up(above * per.denominator * 10**places, below * per.numerator)
    return f"<{_decimal(1, places)}" if size and not last_places else _decimal(last_places, places)


def _decimal(last_places: int, places: int) -> str:
    """A whole number of last places, such as fen, with thousands separators and a decimal point."""
    if not places:
        return f"{last_places:,}"
    return f"{last_places // 10**places:,}.{last_places % 10**places:0{places}d}"
