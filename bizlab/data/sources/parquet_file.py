"""Parquet files as lines of texts."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bizlab.data.sources.sheet import Sheet, number_text
from bizlab.errors import SourceError


def read_parquet(path: Path, *, file: str) -> Sheet:
    """The rows of a Parquet file, line 1 the names of its columns; `SourceError` where it is none, or damaged."""
    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError) as fault:
        raise SourceError(
            f"The Parquet file cannot be read: {fault}", place=file, fix="ask the sender for it again"
        ) from fault
    columns = [[_text(value) for value in column.to_pylist()] for column in table.columns]
    rows = zip(*columns, strict=True)
    lines = [(1, tuple(table.column_names)), *((number, tuple(row)) for number, row in enumerate(rows, start=2))]
    return Sheet(file, "", tuple(lines))


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, Decimal):
        return format(value, "f")
    return number_text(value) if isinstance(value, float) else str(value)
