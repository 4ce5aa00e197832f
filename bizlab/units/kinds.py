"""Units: what a column holds. One row a unit, and whoever must know something of a unit reads its row.

Texts are shown as they stand, phrases in the language of the reader: their values are ``中文 | English``.
A new unit is one member of `Unit` and nothing else: contracts, readers, warehouse, pages, workbooks, forms and docs
take it from here, and ``tests/units/test_every_unit.py`` carries every member through them all. Quantities are whole
numbers of their unit. Where a company measures finer, a finer unit is kept and the coarser one shown: as fen stand
behind yuan, a unit ``_g`` with a scale of 1,000 would stand behind kilograms.
"""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction
from typing import Any

from bizlab.labels import Label
from bizlab.units import currency
from bizlab.units.row import Kind, SourceUnit, Spoken, UnitRow

_PERCENT = (Fraction(1, 100), "{}%")
_MONEY = "#,##0.00;[Red](#,##0.00)"
_WHOLE = "#,##0;[Red](#,##0)"


def _money_per(code: str, ending: str, what: Label) -> UnitRow:
    word = Label(f"{currency.WORD.zh}/{what.zh}", f"{currency.WORD.en}/{what.en}")
    return UnitRow(
        code,
        Kind.REAL,
        endings=(ending,),
        sources=(SourceUnit(word.zh, 100, word.en),),
        scale=100,
        places=2,
        word=word,
        exact=f"{currency.SIGN}{{}}",
        excel=_MONEY,
    )


class Unit(StrEnum):
    """What a column holds; its row says how it is named, kept, read, shown and written.

    >>> Unit("fen") is Unit.FEN, f"{Unit.FEN}", Unit.FEN.row.scale, Unit.MINUTES.row.word.en
    (True, 'fen', 100, 'h')
    """

    row: UnitRow

    TEXT = UnitRow("text", Kind.TEXT)
    PHRASE = UnitRow("phrase", Kind.TEXT)
    CODE = UnitRow("code", Kind.CODE, endings=("_reason", "_id"))
    BOOL = UnitRow("bool", Kind.YES_NO, beginning="is_")
    DATE = UnitRow("date", Kind.DAY, endings=("_on",), excel="yyyy-mm-dd")
    MONTH = UnitRow("month", Kind.MONTH, endings=("_month",))
    TIMESTAMP = UnitRow("timestamp", Kind.MOMENT, endings=("_at",), excel="yyyy-mm-dd hh:mm")
    FEN = UnitRow(
        "fen",
        Kind.WHOLE,
        endings=("_fen",),
        sources=currency.SOURCES,
        finer=Label("金额小于一分", "finer than one fen"),
        scale=100,
        places=2,
        word=currency.WORD,
        large=currency.LARGE,
        spoken=currency.SPOKEN,
        exact=f"{currency.SIGN}{{}}",
        excel=_MONEY,
        asked=Label(
            "金额,单位{unit},至多 {places} 位小数;冲销填负数",
            "amount in {unit}, at most {places} decimals; a reversal is negative",
        ),
    )
    MINUTES = UnitRow(
        "minutes",
        Kind.WHOLE,
        endings=("_minutes",),
        sources=(SourceUnit("小时", 60, "hours"), SourceUnit("分钟", 1, "minutes")),
        finer=Label("工时小于一分钟,请写 h:mm", "finer than one minute; write h:mm"),
        clock=True,
        scale=60,
        places=1,
        word=Label("小时", "h"),
        excel="#,##0.0;[Red](#,##0.0)",
    )
    COUNT = UnitRow("count", Kind.WHOLE, beginning="n_", excel=_WHOLE)
    DAYS = UnitRow("days", Kind.WHOLE, endings=("_days",), word=Label("天", "days"), excel=_WHOLE)
    QUANTITY = UnitRow("quantity", Kind.WHOLE, excel=_WHOLE)
    RATE = UnitRow(
        "rate",
        Kind.REAL,
        endings=("_rate",),
        scale=Fraction(1, 100),
        places=1,
        word=Label("%", "%"),
        spoken=Spoken(zh=(_PERCENT,), en=(_PERCENT,)),
        moved=Label("{} 个百分点", "{} points"),
        exact="{}%",
        excel="0.0%;[Red](0.0%)",
    )
    SCORE = UnitRow("score", Kind.REAL, endings=("_score",), places=2, excel="0.00")
    FEN_PER_HOUR = _money_per("fen_per_hour", "_per_hour", Label("小时", "h"))
    FEN_PER_PERSON = _money_per("fen_per_person", "_per_person", Label("人", "person"))
    KWH = UnitRow(
        "kwh",
        Kind.WHOLE,
        endings=("_kwh",),
        sources=(SourceUnit("kWh", 1, "kWh"), SourceUnit("MWh", 1_000, "MWh"), SourceUnit("度", 1, "kWh")),
        finer=Label("电量小于一千瓦时", "finer than one kWh"),
        word=Label("kWh", "kWh"),
        excel=_WHOLE,
    )
    KG = UnitRow(
        "kg",
        Kind.WHOLE,
        endings=("_kg",),
        sources=(SourceUnit("kg", 1, "kg"), SourceUnit("t", 1_000, "t"), SourceUnit("吨", 1_000, "t")),
        finer=Label("重量小于一千克", "finer than one kg"),
        word=Label("kg", "kg"),
        excel=_WHOLE,
    )
    PPM = UnitRow(
        "ppm",
        Kind.REAL,
        endings=("_ppm",),
        sources=(SourceUnit("ppm", 1, "ppm"), SourceUnit("%", 10_000, "%")),
        word=Label("ppm", "ppm"),
        excel=_WHOLE,
    )
    SECONDS = UnitRow(
        "seconds",
        Kind.WHOLE,
        endings=("_seconds",),
        sources=(SourceUnit("s", 1, "s"), SourceUnit("min", 60, "min"), SourceUnit("h", 3_600, "h")),
        finer=Label("时间小于一秒", "finer than one second"),
        word=Label("秒", "s"),
        excel=_WHOLE,
    )

    def __new__(cls, row: Any) -> Unit:  # Any, for `Unit("fen")` looks a member up under this signature
        unit = str.__new__(cls, row.code)
        unit._value_, unit.row = row.code, row
        return unit


WHOLE = frozenset(unit for unit in Unit if unit.row.kind is Kind.WHOLE)
REAL = frozenset(unit for unit in Unit if unit.row.kind is Kind.REAL)
NUMERIC = WHOLE | REAL


def unit_of(name: str) -> Unit | None:
    """The unit that a column's name tells by its first part, or else by its last; None where it tells none.

    >>> unit_of("net_sales_fen"), unit_of("n_days"), unit_of("is_open"), unit_of("channel")
    (<Unit.FEN: 'fen'>, <Unit.COUNT: 'count'>, <Unit.BOOL: 'bool'>, None)
    """
    by_end = next((unit for unit in Unit if f"_{name}".endswith(unit.row.endings)), None)
    if name.endswith("_reason"):  # also of a count: "n_clusters_reason" is a code
        return by_end
    by_start = (unit for unit in Unit if unit.row.beginning and f"{name}_".startswith(unit.row.beginning))
    return next(by_start, by_end)
