"""Parquet files as lines of texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bizlab.data.sources.layout import Line
from bizlab.data.sources.sheet import Sheet, number_text
from bizlab.errors import SourceError

FIRST = 2
"""The line of the first row: line 1 are the names of the columns."""


def read_parquet(path: Path, *, file: str) -> Sheet:
    """The rows of a Parquet file, line 1 the names of its columns; `SourceError` where it is none, or damaged."""
    with readable(file):
        whole = pq.ParquetFile(path)
        return Sheet(file, "", (_names(whole), *_lines(whole.iter_batches())))


def parquet_head(path: Path, n_lines: int, *, file: str) -> tuple[Sheet, pa.Schema]:
    """The first lines of a Parquet file, and the types of its columns; see `read_parquet`."""
    with readable(file):
        whole = pq.ParquetFile(path)
        batch = next(whole.iter_batches(batch_size=n_lines - 1), None)
        lines = _lines([] if batch is None else [batch])
        return Sheet(file, "", (_names(whole), *lines)), whole.schema_arrow


def parquet_lines(path: Path, numbers: Sequence[int], *, file: str) -> tuple[Line, ...]:
    """Lines of a Parquet file by their numbers, in the order of the file; see `read_parquet`."""
    wanted = np.asarray(numbers, dtype="int64") - FIRST
    with readable(file):
        return tuple(_lines(pq.ParquetFile(path).iter_batches(), wanted)) if numbers else ()


@contextmanager
def readable(file: str) -> Iterator[None]:
    """Refuse a file that no reader of Parquet can read, under its name."""
    try:
        yield
    except (pa.ArrowException, OSError, duckdb.Error) as fault:
        raise SourceError(
            f"The Parquet file cannot be read: {fault}", place=file, fix="ask the sender for it again"
        ) from fault


def value_text(value: Any) -> str:
    """A typed value as text: ISO dates, numbers with fifteen significant digits, nothing where it is missing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, Decimal):
        return format(value, "f")
    return number_text(value) if isinstance(value, float) else str(value)


def _names(whole: pq.ParquetFile) -> Line:
    return 1, tuple(whole.schema_arrow.names)


def _lines(batches: Any, wanted: Any = None) -> Iterator[Line]:
    begin = 0
    for batch in batches:
        numbers = np.arange(begin, begin + batch.num_rows)
        begin += batch.num_rows
        if wanted is not None:
            chosen = np.isin(numbers, wanted)
            numbers, batch = numbers[chosen], batch.filter(pa.array(chosen))
        columns = [[value_text(value) for value in column.to_pylist()] for column in batch.columns]
        for number, cells in zip(numbers.tolist(), zip(*columns, strict=True), strict=True):
            yield number + FIRST, cells
