"""A file whose rows DuckDB reads itself, so that only the rows that need care ever become texts in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from bizlab.data.sources.layout import Header, Line
from bizlab.data.sources.sheet import Sheet

ODD = "_odd"


@dataclass(frozen=True)
class Staged:
    """A file as a relation of DuckDB.

    Parameters
    ----------
    sheet : the file and the evidence; without lines.
    header : where its columns stand.
    relation : SQL of its rows: the columns of the contract as they were delivered, ``_line``, and ``_odd``, whether
        something beside its cells calls for care: it may be a total line, or was cut short.
    types : the type of each of these columns.
    lines : rows and total lines by their numbers, as `rows_and_totals` gives them.
    forget : gives up what was kept for the relation.
    """

    sheet: Sheet
    header: Header
    relation: str
    types: Mapping[str, pa.DataType]
    lines: Callable[[Sequence[int]], tuple[tuple[Line, ...], tuple[Line, ...]]]
    forget: Callable[[], object]


def is_text(delivered: pa.DataType) -> bool:
    """Whether a file has a column as texts."""
    if pa.types.is_dictionary(delivered):
        return is_text(delivered.value_type)
    return bool(pa.types.is_string(delivered) or pa.types.is_large_string(delivered))


def quoted(name: str) -> str:
    """A name as SQL has it, whatever it holds."""
    doubled = name.replace('"', '""')
    return f'"{doubled}"'
