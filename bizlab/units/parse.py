"""The one conversion from the text of an export into whole numbers and dates.

Money is whole fen, working time whole minutes. Every function here takes one text and returns a
plain value or raises ``ValueError`` whose message is the rule that the text breaks; readers turn
that into a rejected row. `parser_of` gives the function for a unit.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from bizlab.units.kinds import Unit
from bizlab.units.row import Kind

BLANKS = frozenset({"", "-", "—", "--", "/"})
"""Texts that mean 'nothing entered' in a numeric or date column, after width folding."""

_MULTIPLIERS = {"千": 1_000, "万": 10_000, "亿": 100_000_000}
_NUMBER = re.compile(
    r"(?P<sign>[+-]?)(?P<digits>\d{1,3}(?:,\d{3})+|\d+)(?P<decimals>\.\d+)?(?P<scale>[千万亿]?)(?P<trailing>-?)"
)
_CLOCK = re.compile(r"(\d+):([0-5]\d)")
_EXCEL_EPOCH = datetime(1899, 12, 30)
_EXCEL_FIRST, _EXCEL_LAST = 20_000, 80_000
MOST = 10**15
"""The largest whole number that is read."""

ISO = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S")
"""How days and moments are written where nobody says otherwise, and how readers write those of typed cells."""

FEN_PER = {source.name: source.per for source in Unit.FEN.row.sources}


def parser_of(unit: Unit, *, source: str | None = None, dates: tuple[str, ...] = ISO) -> Callable[[str], Any]:
    """The function that reads one text of a unit.

    Parameters
    ----------
    source : in which of its source units the text is; the usual one by default.
    dates : formats that days and moments may have.

    >>> parser_of(Unit.KG, source="t")("1.25"), parser_of(Unit.RATE)("15%"), parser_of(Unit.FEN_PER_HOUR)("85.5")
    (1250, 0.15, 8550.0)
    """
    match unit.row.kind:
        case Kind.TEXT:
            return str.strip
        case Kind.CODE:
            return fold_width
        case Kind.YES_NO:
            return parse_bool
        case Kind.DAY:
            return partial(parse_date, formats=dates)
        case Kind.MONTH:
            return parse_month
        case Kind.MOMENT:
            return partial(parse_timestamp, formats=dates)
        case Kind.WHOLE:
            return partial(parse_whole, unit=unit, source=source)
        case Kind.REAL:
            per = unit.row.source(source).per
            return parse_rate if unit.row.is_percent else lambda text: float(parse_number(text) * per)


def fold_width(text: str) -> str:
    """Full-width digits, letters and signs as their ordinary forms, outer blanks removed.

    >>> fold_width("　２，６６６．５０ ")
    '2,666.50'
    """
    return unicodedata.normalize("NFKC", text).strip()


def parse_number(text: str) -> Decimal:
    """Read a number the way people type it into forms and exports.

    Understands full-width digits, thousands separators, brackets or a trailing minus for
    negatives, a currency sign, and 千, 万, 亿.

    >>> parse_number("２，６６６"), parse_number("3.2万"), parse_number("(1,250.50)")
    (Decimal('2666'), Decimal('32000.0'), Decimal('-1250.50'))
    >>> parse_number("1,23")
    Traceback (most recent call last):
    ValueError: not a number
    """
    folded = fold_width(text).replace(" ", "").removesuffix("元")
    bracketed = folded.startswith("(") and folded.endswith(")")
    if bracketed:
        folded = folded[1:-1]
    match = _NUMBER.fullmatch(folded.lstrip("¥￥"))
    if match is None or (bracketed and match["sign"]):
        raise ValueError("not a number")
    value = Decimal(match["digits"].replace(",", "") + (match["decimals"] or ""))
    value *= _MULTIPLIERS.get(match["scale"], 1)
    minuses = (match["sign"] == "-") + (match["trailing"] == "-") + bracketed
    if minuses > 1:
        raise ValueError("more than one minus sign")
    return -value if minuses else value


def parse_whole(text: str, unit: Unit, *, source: str | None = None) -> int:
    """A whole number of a unit, small enough that sums of a month's rows stay exact.

    Parameters
    ----------
    text : the number as exported; hours also as ``h:mm``.
    source : what one stands for in the source, such as ``万元``; the unit's usual source unit by default.

    Raises
    ------
    ValueError : not a number, finer than one of the unit (nothing is rounded here), or of more than fifteen digits.

    >>> parse_whole("1,200", Unit.COUNT), parse_whole("3.2万", Unit.FEN), parse_whole("0.015", Unit.FEN, source="万元")
    (1200, 3200000, 15000)
    >>> parse_whole("7.5", Unit.MINUTES), parse_whole("7:30", Unit.MINUTES), parse_whole("90", Unit.SECONDS)
    (450, 450, 90)
    """
    clock = _CLOCK.fullmatch(fold_width(text)) if unit.row.clock else None
    if clock:
        return int(clock[1]) * 60 + int(clock[2])
    value = parse_number(text) * unit.row.source(source).per
    if value != value.to_integral_value():
        raise ValueError(unit.row.finer.en)
    if abs(value) > MOST:
        raise ValueError("more than fifteen digits")
    return int(value)


def parse_fen(text: str, *, unit: str = "元") -> int:
    """Money as whole fen, from ``分``, ``元`` or ``万元``; see `parse_whole`.

    >>> parse_fen("3.2万"), parse_fen("0.015", unit="万元"), parse_fen("(12.5)")
    (3200000, 15000, -1250)
    """
    return parse_whole(text, Unit.FEN, source=unit)


def parse_rate(text: str) -> float:
    """A fraction; ``15%`` and ``0.15`` are the same.

    >>> parse_rate("15%"), parse_rate("０．１５")
    (0.15, 0.15)
    """
    folded = fold_width(text)
    number = parse_number(folded.removesuffix("%"))
    return float(number / 100 if folded.endswith("%") else number)


def parse_bool(text: str) -> bool:
    """Yes or no, as systems export it.

    >>> parse_bool("是"), parse_bool("N")
    (True, False)
    """
    folded = fold_width(text).lower()
    if folded in {"是", "y", "yes", "true", "1"}:
        return True
    if folded in {"否", "n", "no", "false", "0"}:
        return False
    raise ValueError("neither yes nor no")


def parse_date(text: str, *, formats: tuple[str, ...] = ("%Y-%m-%d",)) -> date:
    """A date in one of the declared formats; ``excel`` stands for a serial number.

    The format belongs to the source: 01/02/2024 is two different days to two readers, so
    nothing is guessed.

    >>> parse_date("2026年3月1日", formats=("%Y年%m月%d日",)).isoformat()
    '2026-03-01'
    >>> parse_date("46082", formats=("%Y-%m-%d", "excel")).isoformat()
    '2026-03-01'
    """
    return parse_timestamp(text, formats=formats).date()


def parse_timestamp(text: str, *, formats: tuple[str, ...] = ("%Y-%m-%d %H:%M:%S",)) -> datetime:
    """A moment in the company's time zone, to the second.

    >>> parse_timestamp("2026-03-01 18:05:00").isoformat()
    '2026-03-01T18:05:00'
    """
    folded = fold_width(text)
    for form in formats:
        if form == "excel":
            if re.fullmatch(r"\d{5}(\.\d+)?", folded) and _EXCEL_FIRST <= float(folded) <= _EXCEL_LAST:
                moment = _EXCEL_EPOCH + timedelta(days=float(folded))
                return (moment + timedelta(microseconds=500_000)).replace(microsecond=0)
            continue
        try:
            return datetime.strptime(folded, form)
        except ValueError:
            continue
    raise ValueError("not a date in the declared formats")


def parse_month(text: str) -> str:
    """A month as ``YYYY-MM``.

    >>> parse_month("2026年3月"), parse_month("2026/03"), parse_month("202603")
    ('2026-03', '2026-03', '2026-03')
    """
    match = re.fullmatch(r"(\d{4})(?:[-/.]|年)?(\d{1,2})月?", fold_width(text))
    if match is None or not 1 <= int(match[2]) <= 12:
        raise ValueError("not a month (YYYY-MM)")
    return f"{match[1]}-{int(match[2]):02d}"
