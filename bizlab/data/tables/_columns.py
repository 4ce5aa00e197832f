"""Short names for the kinds of column that input tables are made of."""

from __future__ import annotations

from collections.abc import Mapping

from bizlab.contracts.column import Column
from bizlab.labels import Label
from bizlab.units.kinds import Unit


def _column(unit: Unit, name: str, zh: str, en: str, nullable: bool) -> Column:
    return Column(name, unit, Label(zh, en), nullable)


def code(name: str, zh: str, en: str, *, nullable: bool = False) -> Column:
    return _column(Unit.CODE, name, zh, en, nullable)


def choice(name: str, zh: str, en: str, options: Mapping[str, tuple[str, str]], *, nullable: bool = False) -> Column:
    words = {value: Label(*pair) for value, pair in options.items()}
    return Column(name, Unit.CODE, Label(zh, en), nullable, tuple(words), None, words)


def text(name: str, zh: str, en: str, *, nullable: bool = False) -> Column:
    return _column(Unit.TEXT, name, zh, en, nullable)


def day(name: str, zh: str, en: str, *, nullable: bool = False) -> Column:
    return _column(Unit.DATE, name, zh, en, nullable)


def moment(name: str, zh: str, en: str, *, nullable: bool = False) -> Column:
    return _column(Unit.TIMESTAMP, name, zh, en, nullable)


def month(name: str, zh: str, en: str) -> Column:
    return _column(Unit.MONTH, name, zh, en, False)


def fen(name: str, zh: str, en: str, *, nullable: bool = False) -> Column:
    return _column(Unit.FEN, name, zh, en, nullable)


def minutes(name: str, zh: str, en: str) -> Column:
    return _column(Unit.MINUTES, name, zh, en, False)


def count(name: str, zh: str, en: str, *, nullable: bool = False) -> Column:
    return _column(Unit.COUNT, name, zh, en, nullable)


def flag(name: str, zh: str, en: str) -> Column:
    return _column(Unit.BOOL, name, zh, en, False)
