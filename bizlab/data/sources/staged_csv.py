"""csv files cut into a table of DuckDB, a part at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

import duckdb
import pyarrow as pa

from bizlab.contracts.table import Table
from bizlab.data.sources.config import SourceSettings
from bizlab.data.sources.csv_file import csv_lines
from bizlab.data.sources.layout import SEARCHED, Header, Line, find_header, is_filled, is_total
from bizlab.data.sources.read import LINE
from bizlab.data.sources.sheet import Sheet
from bizlab.data.sources.staged import ODD, Staged, quoted

_AT_ONCE = 50_000


def stage_csv(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    source: SourceSettings,
    contract: Table,
    *,
    file: str,
    table: str,
) -> Staged:
    """The lines of a csv file in a temporary table, cut as `csv_lines` cuts them; total lines stay in memory.

    Raises
    ------
    SourceError : see `csv_lines` and `find_header`.
    """
    lines, evidence = csv_lines(path, source, file=file)
    head = tuple(islice(lines, max(SEARCHED, source.header or 0) + 1))
    header = find_header(Sheet(file, "", head), source, contract)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} ({_csv_columns(header)})")
    totals: list[Line] = []
    for part in _batches(_rows(chain(head[header.n_lines :], lines), totals)):
        connection.register("part", _texts(part, header))
        connection.execute(f"INSERT INTO {table} FROM part")
        connection.unregister("part")
    names = ", ".join(map(quoted, header.columns))
    odd = f"n_cells < {header.width} OR is_long AS {ODD}"
    return Staged(
        Sheet(file, "", (), evidence),
        header,
        f"(SELECT {names}, {LINE}, {odd} FROM {table})",  # noqa: S608  names of contract and ours
        dict.fromkeys(header.columns, pa.string()),
        lambda numbers: (_staged_lines(connection, table, header, numbers), tuple(totals)),
        lambda: connection.execute(f"DROP TABLE {table}"),
    )


def _rows(lines: Iterable[Line], totals: list[Line]) -> Iterator[Line]:
    """The lines of data; total lines are put aside."""
    for line in lines:
        cells = line[1]
        begin = cells[0][:1] if cells else ""
        if begin.isascii() and begin.isalnum():  # as nearly every line does: it is filled, and no total line
            yield line
        elif is_total(cells):
            totals.append(line)
        elif is_filled(cells):
            yield line


def _batches(lines: Iterator[Line]) -> Iterator[list[Line]]:
    while part := list(islice(lines, _AT_ONCE)):
        yield part


def _csv_columns(header: Header) -> str:
    cells = [f"{quoted(name)} VARCHAR" for name in header.columns]
    return ", ".join([*cells, f"{LINE} BIGINT", "n_cells INTEGER", "is_long BOOLEAN"])


def _texts(lines: Sequence[Line], header: Header) -> pa.Table:
    width = header.width
    padded = [cells if len(cells) >= width else (*cells, *[""] * (width - len(cells))) for _, cells in lines]
    columns = {name: pa.array([cells[at] for cells in padded], pa.string()) for name, at in header.columns.items()}
    return pa.table(
        columns
        | {
            LINE: pa.array([number for number, _ in lines], pa.int64()),
            "n_cells": pa.array([len(cells) for _, cells in lines], pa.int32()),
            "is_long": pa.array([is_filled(cells[width:]) for _, cells in lines], pa.bool_()),
        }
    )


def _staged_lines(
    connection: duckdb.DuckDBPyConnection, table: str, header: Header, numbers: Sequence[int]
) -> tuple[Line, ...]:
    """Staged lines as they were cut; cells that no column takes are blank, and text beyond the header is a dot."""
    query = f"SELECT * FROM {table} WHERE {LINE} IN (SELECT unnest(?)) ORDER BY {LINE}"  # noqa: S608  ours
    lines = []
    for *texts, number, n_cells, is_long in connection.execute(query, [numbers]).fetchall() if numbers else ():
        cells = [""] * header.width + ["."] * is_long
        for at, text in zip(header.columns.values(), texts, strict=True):
            cells[at] = text
        lines.append((number, tuple(cells[:n_cells])))
    return tuple(lines)
