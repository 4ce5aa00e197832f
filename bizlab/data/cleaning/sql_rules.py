"""Values that read one way only, in SQL: what these rules read, `conversion` reads alike; all else is left to it.

Only what differs in nearly every row has a rule: ids, texts, amounts, moments. Dates, months, choices and the many ways
of writing a number are few in a file, and each is converted once, by `conversion`.
"""

from __future__ import annotations

import pyarrow as pa

from bizlab.contracts.column import Column
from bizlab.data.cleaning.conversion import formats
from bizlab.data.sources.config import SourceSettings
from bizlab.data.sources.staged import is_text
from bizlab.units.parse import ISO, MOST
from bizlab.units.row import Kind

_CHINESE = r"\x{4e00}-\x{9fff}"
_CODE = rf'[!"$-~{_CHINESE}]([ -~{_CHINESE}]*[!-~{_CHINESE}])?'
"""Printing ASCII and the ordinary Chinese characters are what width folding leaves as they are. A text that begins with
``#`` may be a formula's error."""
_TEXT = rf'[!"$-~{_CHINESE}]((?s:.)*[!-~{_CHINESE}）])?'
"""A text need not be folded: it is only to have no blank at either end."""
_NUMBER = r"-?[0-9]{1,15}(\.[0-9]{1,6})?"
_MOMENT = "[12][0-9]{3}-(0[1-9]|1[0-2])-[0-3][0-9] ([01][0-9]|2[0-3])(:[0-5][0-9]){2}"
_DAYS_ONLY = frozenset({"%Y-%m-%d", "%Y/%m/%d", "%d/%m/%Y", "%Y.%m.%d", "%Y%m%d", "%Y年%m月%d日", "excel"})
"""Formats that cannot read a moment, so that one after them does."""
_MICRO = 1_000_000
_LARGEST_UNIT = 9_999_999


def sql_rule(column: Column, source: SourceSettings, delivered: pa.DataType) -> str | None:
    """The value of a column in SQL, where its text or its typed value reads one way only; else NULL.

    Parameters
    ----------
    column, source : what it should be and how it is read; the SQL names the column by its name in the contract.
    delivered : the type in which the file has it.

    Returns
    -------
    An expression, or None where `conversion` reads every value.
    """
    name = f'"{column.name}"'
    kind = column.unit.row.kind
    if column.choices:
        return None
    if kind in {Kind.TEXT, Kind.CODE}:
        if pa.types.is_integer(delivered):
            return f"CAST({name} AS VARCHAR)"
        return _matching(_TEXT if kind is Kind.TEXT else _CODE, name) if is_text(delivered) else None
    if kind is Kind.WHOLE:
        per = column.unit.row.source(source.units.get(column.name)).per
        return _whole(name, per, delivered) if per <= _LARGEST_UNIT else None
    if kind is Kind.MOMENT and _reads_moments(formats(source)):
        return _moment(name, delivered)
    return None


def _matching(pattern: str, name: str, value: str | None = None) -> str:
    return f"CASE WHEN regexp_full_match({name}, '{pattern}') THEN {value or name} END"


def _whole(name: str, per: int, delivered: pa.DataType) -> str | None:
    """Whole numbers of a unit: nothing is rounded, so that what is finer than one is left to `conversion`."""
    if pa.types.is_integer(delivered):
        most = MOST // per
        return f"CASE WHEN {name} BETWEEN {-most} AND {most} THEN CAST({name} AS BIGINT) * {per} END"
    if pa.types.is_floating(delivered):
        return _of_double(f"CAST({name} AS DOUBLE)", per)
    if pa.types.is_decimal128(delivered):
        fits = delivered.scale <= 6 and delivered.precision - delivered.scale <= 18
        return _of_decimal(f"CAST({name} AS DECIMAL(24, 6))", per) if fits else None
    if is_text(delivered):
        return _matching(_NUMBER, name, _of_decimal(f"TRY_CAST({name} AS DECIMAL(24, 6))", per))
    return None


def _of_decimal(exact: str, per: int) -> str:
    value = f"{exact} * CAST({per} AS DECIMAL(7, 0))"
    whole = f"TRY_CAST({value} AS BIGINT)"
    return f"CASE WHEN {whole} = {value} AND abs({whole}) <= {MOST} THEN {whole} END"


def _of_double(number: str, per: int) -> str:
    """A number of up to fifteen digits, six of them decimals, is the one double next to it, and the other way round;
    one below 0.0001 is written with an exponent, which is no number to `conversion`."""
    micro = f"TRY_CAST(round({number} * {_MICRO}) AS BIGINT)"
    exact = f"CAST({micro} AS HUGEINT) * {per}"
    return (
        f"CASE WHEN {number} = trunc({number}) AND abs({number}) <= {MOST // per} "
        f"THEN TRY_CAST({number} AS BIGINT) * {per} "
        f"WHEN abs({number}) BETWEEN 0.0001 AND {MOST // _MICRO} AND {micro} / {_MICRO} = {number} "
        f"AND ({exact}) % {_MICRO} = 0 AND abs({exact}) <= {MOST * _MICRO} "
        f"THEN TRY_CAST(({exact}) // {_MICRO} AS BIGINT) END"
    )


def _moment(name: str, delivered: pa.DataType) -> str | None:
    if is_text(delivered):
        return _matching(_MOMENT, name, f"TRY_CAST({name} AS TIMESTAMP)")
    if pa.types.is_timestamp(delivered) and delivered.tz is None:
        moment = f"CAST({name} AS TIMESTAMP)"
        within = f"{moment} BETWEEN TIMESTAMP '1000-01-01' AND TIMESTAMP '9999-12-31'"
        return f"CASE WHEN {within} AND date_trunc('second', {moment}) = {name} THEN {moment} END"
    return None


def _reads_moments(declared: tuple[str, ...]) -> bool:
    """Whether the format with a time of day is met before any other that might take its texts."""
    return ISO[1] in declared and _DAYS_ONLY.issuperset(declared[: declared.index(ISO[1])])
