"""Units: what a column holds; it decides the type in memory and the format on the page."""

from __future__ import annotations

from enum import StrEnum


class Unit(StrEnum):
    """What a column holds; it decides the type in memory and the format on the page."""

    TEXT = "text"
    CODE = "code"
    BOOL = "bool"
    DATE = "date"
    MONTH = "month"
    TIMESTAMP = "timestamp"
    FEN = "fen"
    MINUTES = "minutes"
    COUNT = "count"
    DAYS = "days"
    QUANTITY = "quantity"
    RATE = "rate"
    SCORE = "score"
    FEN_PER_HOUR = "fen_per_hour"
    FEN_PER_PERSON = "fen_per_person"


WHOLE = frozenset({Unit.FEN, Unit.MINUTES, Unit.COUNT, Unit.DAYS, Unit.QUANTITY})
REAL = frozenset({Unit.RATE, Unit.SCORE, Unit.FEN_PER_HOUR, Unit.FEN_PER_PERSON})

_SUFFIXES = {
    "_per_hour": Unit.FEN_PER_HOUR,
    "_per_person": Unit.FEN_PER_PERSON,
    "_id": Unit.CODE,
    "_fen": Unit.FEN,
    "_minutes": Unit.MINUTES,
    "_rate": Unit.RATE,
    "_score": Unit.SCORE,
    "_days": Unit.DAYS,
    "_on": Unit.DATE,
    "_at": Unit.TIMESTAMP,
    "_month": Unit.MONTH,
}


def unit_of(name: str) -> Unit | None:
    """The unit that a column's name tells by its first or last part; None where it tells none.

    >>> unit_of("net_sales_fen"), unit_of("n_days"), unit_of("is_open"), unit_of("channel")
    (<Unit.FEN: 'fen'>, <Unit.COUNT: 'count'>, <Unit.BOOL: 'bool'>, None)
    """
    if name.endswith("_reason"):  # also of a count: "n_clusters_reason" is a code
        return Unit.CODE
    if name == "n" or name.startswith("n_"):
        return Unit.COUNT
    if name.startswith("is_"):
        return Unit.BOOL
    return next((unit for suffix, unit in _SUFFIXES.items() if f"_{name}".endswith(suffix)), None)
