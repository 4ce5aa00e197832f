"""From a frame and its contract to what is shown, and the names of its figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from bizlab.contracts.column import Column, plain
from bizlab.contracts.says import row_key
from bizlab.contracts.table import Table
from bizlab.errors import ContractError, some
from bizlab.labels import Label
from bizlab.report.shown import Layout, ShownColumn, ShownTable, Source, Value, Whole
from bizlab.units.kinds import Unit

Names = Mapping[str, Mapping[str, Label]]
_STEERING = ("is_total", "depth")
_REASON = "_reason"


class Figure(NamedTuple):
    """One shown value under its name."""

    key: str
    value: Value
    unit: Unit


def shown_table(
    frame: pd.DataFrame,
    contract: Table,
    *,
    key: str,
    title: Label | None = None,
    layout: Layout = "rows",
    names: Names | None = None,
    columns: Sequence[str] | None = None,
    sources: tuple[Source, ...] = (),
    note: Label | None = None,
    whole: Whole | None = None,
) -> ShownTable:
    """Freeze a frame as it will be shown.

    Parameters
    ----------
    frame : satisfies ``contract``; it is not changed.
    contract : its columns ``is_total``, ``depth`` and ``*_reason`` steer the display and are not shown themselves.
    key : name of the table within the analysis.
    title : the default is the contract's label.
    names : words for the codes of a column, such as unit names; of a ``*_reason`` too.
    columns : which columns to show, in this order; the default is all.
    whole : where all rows stand, if the frame holds a part of them; see `bizlab.report.long_tables`.

    Returns
    -------
    One row per row of the frame. `ContractError` for an unknown column, an infinite value or a repeated key.
    """
    chosen = _chosen(contract, columns)
    words = names or {}
    return ShownTable(
        key=key,
        title=title or contract.label,
        grain=contract.grain,
        columns=shown_columns(frame, contract, names=words, columns=[column.name for column in chosen]),
        key_columns=contract.key,
        rows=tuple(zip(*([plain(value, column) for value in frame[column.name]] for column in chosen), strict=True)),
        row_keys=_row_keys(frame, contract, key),
        reasons=_reasons(frame, contract, chosen, words),
        totals=frozenset(np.flatnonzero(frame["is_total"].fillna(False)).tolist() if "is_total" in frame else ()),
        depths=tuple(int(depth) for depth in frame["depth"]) if "depth" in frame else (),
        layout=layout,
        sources=sources,
        note=note,
        identities=tuple(identity.rule for identity in contract.identities),
        whole=whole,
    )


def shown_columns(
    frame: pd.DataFrame, contract: Table, *, names: Names | None = None, columns: Sequence[str] | None = None
) -> tuple[ShownColumn, ...]:
    """The columns that `shown_table` would show, without their values."""
    words = names or {}
    return tuple(_shown_column(column, frame, words.get(column.name, {})) for column in _chosen(contract, columns))


def table_behind(
    frame: pd.DataFrame,
    contract: Table,
    *,
    key: str,
    title: Label,
    columns: Sequence[str],
    names: Names | None = None,
    sources: tuple[Source, ...] = (),
) -> ShownTable:
    """The table behind a chart: flat, without sums, as not all columns are shown; `ContractError` without rows."""
    if frame.empty:
        raise ContractError(
            "A chart has no rows", place=f"chart {key}", fix="show the table alone, or load a month that has data"
        )
    shown = shown_table(frame, contract, key=key, title=title, columns=columns, names=names, sources=sources)
    return replace(shown, depths=(), identities=())


def figure_key(table: ShownTable, row: int, column: str) -> str:
    """The name of one shown value: ``table[row key].column``."""
    return f"{table.key}[{','.join(table.row_keys[row])}].{column}"


def figures(table: ShownTable) -> Iterator[Figure]:
    """Every value of a table under its name, row by row.

    >>> from bizlab.contracts.columns import code, column, table
    >>> unit, net = code("unit_id", "单元 | Unit"), column("net_fen", "净额 | Net", nullable=True)
    >>> contract = table("t", "表 | Table", "单元 | unit", unit, net, key="unit_id")
    >>> frame = pd.DataFrame({"unit_id": ["EQ", "SA"], "net_fen": pd.array([125, None], dtype="Int64")})
    >>> [figure.key for figure in figures(shown_table(frame, contract, key="sheet"))][1::2]
    ['sheet[EQ].net_fen', 'sheet[SA].net_fen']
    """
    for number, row in enumerate(table.rows):
        for column, value in zip(table.columns, row, strict=True):
            yield Figure(figure_key(table, number, column.name), value, column.unit)


def _chosen(contract: Table, columns: Sequence[str] | None) -> list[Column]:
    if columns is None:
        return [c for c in contract.columns if c.name not in _STEERING and not c.name.endswith(_REASON)]
    unknown = [name for name in columns if name not in contract.by_name]
    if unknown:
        raise ContractError(
            f"Columns are not in the contract: {some(unknown)}",
            place=f"table {contract.name}, columns to show",
            fix=f"choose from {', '.join(contract.names)}",
        )
    return [contract[name] for name in columns]


def _shown_column(column: Column, frame: pd.DataFrame, names: Mapping[str, Label]) -> ShownColumn:
    known = {**column.words, **names}
    present = set(frame[column.name].dropna().unique()) if known else set()
    words = {value: label for value, label in known.items() if value in present}
    return ShownColumn(column.name, column.unit, column.label, column.definition, words)


def _row_keys(frame: pd.DataFrame, contract: Table, key: str) -> tuple[tuple[str, ...], ...]:
    row_keys = tuple(row_key(row, contract) for row in frame[list(contract.key)].to_dict("records"))
    counts = Counter(",".join(parts) for parts in row_keys)
    repeated = [text for text, n in counts.items() if n > 1]
    if repeated:
        raise ContractError(
            f"Rows share the key {some(repeated)}",
            place=f"table {key}",
            fix="every row needs a key of its own, so that each figure has one name",
        )
    return row_keys


def _reasons(
    frame: pd.DataFrame, contract: Table, chosen: Sequence[Column], names: Names
) -> dict[tuple[int, str], Label]:
    reasons = {}
    for column in chosen:
        companion = contract.by_name.get(column.name + _REASON)
        if companion is None or companion.name not in frame:
            continue
        words = {**companion.words, **names.get(companion.name, {})}
        pairs = zip(frame[column.name].isna(), frame[companion.name], strict=True)
        for number, (missing, code) in enumerate(pairs):
            if missing and not pd.isna(code):
                reasons[number, column.name] = words.get(code, Label(str(code), str(code)))
    return reasons
