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
