"""A frame of an analyst's own, shown without a contract: its columns tell by name and type what they hold."""

from __future__ import annotations

from typing import Any

import pandas as pd
from pandas.api import types

from bizlab.contracts.column import Column
from bizlab.contracts.table import Table
from bizlab.errors import ContractError, some
from bizlab.labels import Label
from bizlab.units.kinds import NUMERIC, REAL, WHOLE, Unit, unit_of

ROW = "row"
"""The key of a frame whose index has no name."""


def plain_table(frame: pd.DataFrame, name: str) -> tuple[pd.DataFrame, Table]:
    """The frame with its key as columns, and a contract that holds it.

    Parameters
    ----------
    frame : its index identifies the rows where it has a name, holds texts or has several levels; else they are counted
        from 1.
    name : key of the table within the page.

    Raises
    ------
    ContractError : two columns, or a column and the index, have one name.

    >>> frame = pd.DataFrame({"region": ["N", "S"], "sales_fen": [12_000, 9_050], "sales_rate": [0.57, 0.43]})
    >>> rows, contract = plain_table(frame.set_index("region"), "sales")
    >>> contract.key, [column.unit.value for column in contract.columns]
    (('region',), ['text', 'fen', 'rate'])
    """
    index = frame.index
    labelled = index.nlevels > 1 or index.name is not None or types.infer_dtype(index) == "string"
    ids = index if labelled else pd.RangeIndex(1, len(frame) + 1)
    names = [ROW if ids.nlevels == 1 else f"{ROW}_{n}" for n in range(1, ids.nlevels + 1)]
    key = tuple(str(level if level is not None else other) for level, other in zip(ids.names, names, strict=True))
    rows = pd.concat([ids.to_frame(index=False), frame.reset_index(drop=True)], axis=1)
    rows.columns = pd.Index([*key, *map(str, frame.columns)])
    if rows.columns.has_duplicates:
        raise ContractError(
            f"Columns share the name {some(rows.columns[rows.columns.duplicated()].unique())}",
            place=f"table {name}",
            fix="name each column once; the index and the count of rows are columns too",
        )
    rows = rows.assign(**{column: _whole(rows[column]) for column in rows.columns if unit_of(column) in WHOLE})
    units = {column: _unit(column, rows[column]) for column in rows.columns}
    texts = {column: rows[column].map(_text) for column, unit in units.items() if unit in {Unit.TEXT, Unit.CODE}}
    columns = tuple(Column(column, unit, Label(column, column), column not in key) for column, unit in units.items())
    label, grain = Label(name, name), Label("每行一条", "as the notebook made it")
    return rows.assign(**texts), Table(name, label, grain, columns, key)


def _unit(name: str, values: pd.Series[Any]) -> Unit:
    """What a column holds by its name, where its type agrees, and else by its type alone."""
    named = unit_of(name)
    if types.is_bool_dtype(values) or types.infer_dtype(values, skipna=True) == "boolean":
        return Unit.BOOL
    if types.is_integer_dtype(values):
        return named if named in NUMERIC or named is Unit.CODE else Unit.COUNT
    if types.is_float_dtype(values):
        return named if named in REAL else Unit.SCORE
    if types.is_datetime64_any_dtype(values):
        at_midnight = bool((values.dropna() == values.dropna().dt.normalize()).all())
        return Unit.DATE if at_midnight and named is not Unit.TIMESTAMP else Unit.TIMESTAMP
    return named if named in {Unit.CODE, Unit.MONTH} else Unit.TEXT


def _whole(values: pd.Series[Any]) -> pd.Series[Any]:
    """Floats that are whole numbers, as a mean or a join leaves them, as whole numbers."""
    is_whole = types.is_float_dtype(values) and bool((values.dropna() % 1 == 0).all())
    return values.astype("Int64") if is_whole else values


def _text(value: Any) -> str | None:
    """A cell of a column of anything, as text."""
    return None if types.is_scalar(value) and pd.isna(value) else str(value)
