"""Texts into typed columns under a contract, once; what does not fit is a rejected row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from bizlab.contracts.column import Column, dtype_of
from bizlab.contracts.table import Table
from bizlab.data.sources.config import SourceSettings
from bizlab.data.sources.sheet import FORMULA_ERRORS
from bizlab.units.kinds import WHOLE, Unit
from bizlab.units.parse import BLANKS, ISO, fold_width, parser_of
from bizlab.units.row import Kind

Parser = Callable[[str], Any]


@dataclass(frozen=True)
class Converted:
    """A column after conversion: its values, and the rule that each failing row breaks."""

    cells: pd.Series[Any]
    broken: pd.Series[Any]


def convert_column(texts: pd.Series[str], column: Column, source: SourceSettings) -> Converted:
    """Convert the texts of a column; each distinct text is converted once.

    A blank is missing. In numbers and dates so are ``-`` and ``/``; in a text they are text.
    """
    outcomes = convert_texts(texts.unique(), column, source)
    values = texts.map({text: value for text, (value, _) in outcomes.items()})
    broken = texts.map({text: rule for text, (_, rule) in outcomes.items()})
    return Converted(values.astype("object"), broken)


def convert_texts(texts: Iterable[str], column: Column, source: SourceSettings) -> dict[str, tuple[Any, str | None]]:
    """Of each text its value, and the rule that it breaks if it breaks one."""
    parse = parser(column, source)
    return {text: _outcome(text, column, parse) for text in texts}


def typed(values: pd.Series[Any], column: Column) -> pd.Series[Any]:
    """Converted values in the column's type."""
    return values.astype(dtype_of(column))


def parser(column: Column, source: SourceSettings) -> Parser:
    """The function that reads one text of a column; it raises ``ValueError`` with the rule that is broken."""
    if column.choices:
        return partial(_choice, words=_words(column, source.choices.get(column.name, {})))
    return parser_of(column.unit, source=source.units.get(column.name), dates=formats(source))


def formats(source: SourceSettings) -> tuple[str, ...]:
    """The formats of dates, those of typed cells included."""
    return source.dates if source.format == "csv" else (*source.dates, *ISO)


def readable(texts: pd.Series[str], column: Column, source: SourceSettings) -> list[int]:
    """What each text adds to the control total; 0 where it is blank or cannot be read."""
    outcomes = convert_texts(texts.unique(), column, source)
    return [int(outcomes[text][0] or 0) for text in texts]


def control_column(contract: Table) -> str | None:
    """The column whose total senders and we compare: the first amount, else hours, what else is measured, persons."""
    measured = (
        column.name
        for unit in Unit
        if unit in WHOLE and unit.row.sources
        for column in contract.columns
        if column.unit is unit
    )
    counted = (column.name for column in contract.columns if column.name.startswith("n_"))
    return next(measured, next(counted, None))


def _outcome(text: str, column: Column, parse: Parser) -> tuple[Any, str | None]:
    folded = fold_width(text)
    blanks = {""} if column.unit.row.kind in {Kind.TEXT, Kind.CODE} else BLANKS
    if folded in blanks:
        return None, None if column.nullable else "missing"
    if folded in FORMULA_ERRORS:
        return None, "formula_error"
    try:
        return parse(text), None
    except ValueError as rule:
        return None, str(rule)


def _words(column: Column, declared: Mapping[str, str]) -> dict[str, str]:
    words = {code: code for code in column.choices}
    for code, label in column.words.items():
        words |= {fold_width(label.zh): code, fold_width(label.en).lower(): code}
    return words | {fold_width(word): code for word, code in declared.items()}


def _choice(text: str, *, words: Mapping[str, str]) -> str:
    folded = fold_width(text)
    code = words.get(folded) or words.get(folded.lower())
    if code is None:
        raise ValueError("not one of the values allowed")
    return code
