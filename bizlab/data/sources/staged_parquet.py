"""Parquet files as DuckDB reads them where they lie."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa

from bizlab.contracts.table import Table
from bizlab.data.sources.config import SourceSettings
from bizlab.data.sources.layout import SEARCHED, Header, find_header, rows_and_totals
from bizlab.data.sources.parquet_file import FIRST, parquet_head, parquet_lines
from bizlab.data.sources.read import LINE
from bizlab.data.sources.sheet import Sheet
from bizlab.data.sources.staged import ODD, Staged, is_text, quoted

_ROW = "file_row_number"
_BLANK = r"[\x09-\x0d\x1c-\x1f\x{85}\p{Z}]*"
_MAY_BE_TOTAL = f"^{_BLANK}[合小总]"


def stage_parquet(path: Path, source: SourceSettings, contract: Table, *, file: str) -> Staged | None:
    """A Parquet file as it lies; None where its columns have types that only the reader of texts knows.

    Raises
    ------
    SourceError : it is damaged, or has no header; see `find_header`.
    """
    head, schema = parquet_head(path, max(SEARCHED, source.header or 0) + 1, file=file)
    header = find_header(head, source, contract)
    names = [name.casefold() for name in schema.names]
    types = {name: schema.types[position] for name, position in header.columns.items()}
    if len({*names, _ROW, LINE, ODD}) < len(names) + 3 or not all(map(_is_plain, types.values())):
        return None
    columns = [f"{quoted(schema.names[at])} AS {quoted(name)}" for name, at in header.columns.items()]
    odd = _may_be_total(schema, header, contract)
    if odd is None:
        return None
    place = re.sub(r"([*?\[])", r"[\1]", str(path)).replace("'", "''")
    relation = (
        f"(SELECT {', '.join(columns)}, {_ROW} + {FIRST} AS {LINE}, {odd} AS {ODD} "  # noqa: S608  quoted names
        f"FROM read_parquet('{place}', {_ROW} = true, hive_partitioning = false) "
        f"WHERE {_ROW} + {FIRST} > {header.n_lines})"
    )
    return Staged(
        Sheet(file, "", ()),
        header,
        relation,
        types,
        lambda numbers: rows_and_totals(parquet_lines(path, numbers, file=file)),
        lambda: None,
    )


def _may_be_total(schema: pa.Schema, header: Header, contract: Table) -> str | None:
    """SQL that is true of every total line; None where no column must be filled.

    The first filled cell makes a total line, and no plain row has a required cell blank, so that only the cells up to
    the first required one are looked at. For the same reason no plain row is a line without text.
    """
    required = [at for name, at in header.columns.items() if not contract[name].nullable]
    if not required:
        return None
    texts = [
        quoted(name)
        for name, kind in list(zip(schema.names, schema.types, strict=True))[: min(required) + 1]
        if not _is_plain(kind) or is_text(kind)
    ]
    tests = [f"coalesce(regexp_matches(CAST({name} AS VARCHAR), '{_MAY_BE_TOTAL}'), false)" for name in texts]
    return f"({' OR '.join(tests)})" if tests else "false"


def _is_plain(delivered: pa.DataType) -> bool:
    """Whether both readers give the values of a type alike."""
    is_moment = pa.types.is_timestamp(delivered) and delivered.tz is None
    is_number = any(
        test(delivered)
        for test in (pa.types.is_integer, pa.types.is_float32, pa.types.is_float64, pa.types.is_decimal128)
    )
    is_other = pa.types.is_boolean(delivered) or pa.types.is_date32(delivered)
    return bool(is_text(delivered) or is_moment or is_number or is_other)
