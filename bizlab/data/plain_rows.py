"""Rows to which nothing happens go from their file straight into the warehouse; the others are read with care.

A row is plain when each of its cells reads one way only or converts without a fault, no sum of the contract is broken,
and no other row has its key. Every rule of `cleaning` is about one row, about rows of one key, about a file that is
delivered twice, about total lines, or about companies: so all that `clean` must see are the rows that are not plain,
and of the plain ones what `Plain` holds.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import nullcontext

import duckdb
import pandas as pd
import pyarrow as pa

from bizlab.contracts.column import Column
from bizlab.contracts.table import Table
from bizlab.data.cleaning.cleaning import KEPT, OF_COMPANIES, Plain
from bizlab.data.cleaning.conversion import convert_texts
from bizlab.data.cleaning.identity import written_code
from bizlab.data.cleaning.sql_rules import sql_rule
from bizlab.data.filling import PLACED, Filling
from bizlab.data.sources.config import SourceSettings
from bizlab.data.sources.parquet_file import readable, value_text
from bizlab.data.sources.read import FILE, LINE, SHEET, RawTable, texts_of
from bizlab.data.sources.staged import ODD, Staged
from bizlab.units.credit_code import credit_code_is_valid

_IS_PLAIN, _CARE, _ONCE = "_is_plain", "_care", "_once"
_AT_ONCE = 100_000


def take_plain(
    filling: Filling, contract: Table, source: SourceSettings, stages: Sequence[Staged], twins: dict[str, str]
) -> RawTable:
    """Put the plain rows of a table into the warehouse.

    Parameters
    ----------
    filling : holds the table, without rows.
    stages : its files.
    twins : files that are a second delivery of another file: path to path.

    Returns
    -------
    The other rows as texts, and the total lines.
    """
    filling.connection.execute(f'ALTER TABLE "{contract.name}" ADD COLUMN {_IS_PLAIN} BOOLEAN')
    for stage in stages:
        with readable(stage.sheet.file) if source.format == "parquet" else nullcontext():
            _convert(filling, contract, source, stage)
    files = {stage.sheet.file for stage in stages}
    _list_rows_of_care(filling, contract, [again for again, first in twins.items() if {again, first} <= files])
    raw = _raw(filling, contract, source, stages)
    filling.connection.execute(f'DELETE FROM "{contract.name}" WHERE {PLACED} IN (FROM {_CARE})')  # noqa: S608
    filling.connection.execute(f'ALTER TABLE "{contract.name}" DROP COLUMN {_IS_PLAIN}')
    for stage in stages:
        stage.forget()
    return raw


def can_take(contract: Table, source: SourceSettings) -> bool:
    """Whether a table's files can be staged, and its constants can be converted."""
    broken = [
        column.name
        for column in contract.columns
        if column.name in source.constants
        for text in [source.constants[column.name]]
        if convert_texts([text], column, source)[text][1] is not None
    ]
    return source.format != "excel" and source.unpivot is None and not broken


def plain(filling: Filling, raw: RawTable, control: str | None) -> Plain:
    """What `clean` must know of the rows that `take_plain` put into the warehouse."""
    name, run = raw.contract.name, filling.connection.execute
    amount = f'coalesce(CAST(trunc("{control}") AS BIGINT), 0)' if control else "0"
    counted = run(
        f'SELECT min({PLACED}), count(*), CAST(sum({amount}) AS BIGINT) FROM "{name}" '  # noqa: S608  contract names
        f"GROUP BY {PLACED} >> {filling.LINES} ORDER BY 1"
    ).fetchall()
    at, n, total = ([*values] for values in (zip(*counted, strict=True) if counted else ((), (), ())))
    outcomes = filling.places(pd.Series(at, dtype="int64"))[[FILE, SHEET]]
    with_totals = {filling.first_place(*place) for place in zip(raw.totals[FILE], raw.totals[SHEET], strict=True)}
    above = [f"{PLACED} BETWEEN {first} AND {first + (1 << filling.LINES) - 1}" for first in sorted(with_totals)]
    amounts = f'SELECT {PLACED}, {amount} AS amount FROM "{name}" WHERE {" OR ".join(above) or "false"}'  # noqa: S608
    names = ", ".join(f'"{column}"' for column in OF_COMPANIES)
    companies = f'SELECT {PLACED}, {amount} AS amount, {names}, credit_code AS _written FROM "{name}"'  # noqa: S608
    return Plain(
        outcomes.assign(outcome=KEPT, n=n, total=total, total_read=total),
        _placed(filling, amounts),
        _placed(filling, companies) if name == "customers" else pd.DataFrame(),
    )


def _placed(filling: Filling, query: str) -> pd.DataFrame:
    """Rows with file, sheet and line; dates and missing values as conversion gives them."""
    table = filling.connection.sql(query).to_arrow_table()
    places = filling.places(pd.Series(table[PLACED].to_numpy(), dtype="int64"))
    others = {name: table[name].to_pylist() for name in table.column_names if name not in {PLACED, "amount"}}
    return pd.concat(
        [places, pd.DataFrame(others, dtype="object"), pd.Series(table["amount"].to_numpy(), name="amount")], axis=1
    )


def _convert(filling: Filling, contract: Table, source: SourceSettings, stage: Staged) -> None:
    """Every row of a file under its contract, and whether each of its cells could be converted."""
    values, fits, joins, ruled = [], [f"NOT {ODD}"], "", []
    for number, column in enumerate(contract.columns):
        name = f'"{column.name}"'
        if column.name not in stage.types:
            values.append(_constant(column, source))
            continue
        rule = sql_rule(column, source, stage.types[column.name])
        once = f"{_ONCE}_{number}"
        ways = []
        if rule:
            ruled.append(f"{rule} AS _ruled_{number}")
            ways.append((f"_ruled_{number}", f"_ruled_{number} IS NOT NULL"))
        if _converted_once(filling.connection, stage, column, source, rule, once):
            joins += f" LEFT JOIN {once} ON {name} = {once}.key"
            ways.append((f"{once}.value", f"{once}.key IS NOT NULL"))
        values.append(f"coalesce({', '.join(value for value, _ in ways)})" if ways else "NULL")
        known = [fit for _, fit in ways] + ([f"{name} IS NULL"] if column.nullable else [])
        fits.append(f"({' OR '.join(known) or 'false'})")
    place = f"{filling.first_place(stage.sheet.file, stage.sheet.sheet)} + {LINE}"
    filling.connection.execute(
        f'INSERT INTO "{contract.name}" SELECT {", ".join(values)}, {place}, {" AND ".join(fits)} '  # noqa: S608
        f"FROM (SELECT {', '.join(['*', *ruled])} FROM {stage.relation}){joins}"
    )


def _constant(column: Column, source: SourceSettings) -> str:
    text = source.constants.get(column.name, "")
    value, _ = convert_texts([text], column, source)[text]
    return "NULL" if value is None else str(duckdb.ConstantExpression(value))


def _converted_once(
    connection: duckdb.DuckDBPyConnection,
    stage: Staged,
    column: Column,
    source: SourceSettings,
    rule: str | None,
    once: str,
) -> bool:
    """Convert each distinct value that no rule reads; those that fit stand in a table ``once`` with their ``key``."""
    name = f'"{column.name}"'
    left = f"{name} IS NOT NULL" + (f" AND ({rule}) IS NULL" if rule else "")
    query = f"SELECT DISTINCT {name} AS key FROM {stage.relation} WHERE {left}"  # noqa: S608  contract names
    keys = connection.sql(query).to_arrow_table()["key"]
    kind = pa.type_for_alias(column.unit.row.kind.arrow)
    connection.execute(f"DROP TABLE IF EXISTS {once}")
    for begin in range(0, len(keys), _AT_ONCE):
        given = keys.slice(begin, _AT_ONCE).to_pylist()
        outcomes = convert_texts(dict.fromkeys(map(value_text, given)), column, source)
        fitting = [(key, value) for key in given for value, broken in [outcomes[value_text(key)]] if broken is None]
        converted = pa.table(
            {
                "key": pa.array([key for key, _ in fitting], keys.type),
                "value": pa.array([value for _, value in fitting], kind),
            }
        )
        connection.register("converted", converted)
        if begin == 0:
            connection.execute(f"CREATE TEMP TABLE {once} AS FROM converted LIMIT 0")
        connection.execute(f"INSERT INTO {once} FROM converted")
        connection.unregister("converted")
    return len(keys) > 0


def _list_rows_of_care(filling: Filling, contract: Table, again: Sequence[str]) -> None:
    """Places of the rows that are not plain, or share their key with another, in the table ``_care``."""
    key = ", ".join(f'"{name}"' for name in contract.key)
    table = f'"{contract.name}"'
    sums = [re.sub(r"\w+", r'"\g<0>"', identity.rule) for identity in contract.identities]
    broken = "".join(f" OR NOT coalesce({rule}, true)" for rule in sums)
    filling.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {_CARE} AS SELECT {PLACED} FROM {table} WHERE NOT {_IS_PLAIN}{broken} "  # noqa: S608
        f"OR hash({key}) IN (SELECT hash({key}) FROM {table} GROUP BY 1 HAVING count(*) > 1)"
    )
    care = f"INSERT INTO {_CARE} SELECT {PLACED} FROM {table} WHERE "  # noqa: S608  contract names
    for file in again:
        first = filling.first_place(file, "")
        filling.connection.execute(f"{care} {PLACED} BETWEEN {first} AND {first + (1 << filling.LINES) - 1}")
    if "credit_code" in contract.by_name:
        codes = filling.connection.execute(f"SELECT DISTINCT credit_code FROM {table}").fetchall()  # noqa: S608
        wrong = [code for (code,) in codes if code and not (written_code(code) == code and credit_code_is_valid(code))]
        if wrong:
            filling.connection.execute(f"{care} credit_code IN (SELECT unnest(?))", [wrong])


def _raw(filling: Filling, contract: Table, source: SourceSettings, stages: Sequence[Staged]) -> RawTable:
    listed = filling.connection.execute(f"SELECT DISTINCT {PLACED} FROM {_CARE} ORDER BY 1").fetchall()  # noqa: S608
    places = filling.places(pd.Series([place for (place,) in listed], dtype="int64"))
    by_file = {str(file): lines.tolist() for file, lines in places.groupby(FILE, sort=False)[LINE]}
    rows: list[pd.DataFrame] = []
    totals: list[pd.DataFrame] = []
    for stage in stages:
        for parts, lines in zip((rows, totals), stage.lines(by_file.get(stage.sheet.file, [])), strict=True):
            parts.append(texts_of(lines, stage.header, stage.sheet, source, contract))
    every, total_lines = (pd.concat(parts, ignore_index=True) for parts in (rows, totals))
    return RawTable(contract, source, every, total_lines, tuple(stage.sheet for stage in stages))
