"""A frame of an analyst's own, shown without a contract: its columns tell by name and type what they hold."""

from __future__ import annotations

from typing import Any

import pandas as pd
from pandas.api import types

from bizlab.contracts.column import Column
from bizlab.contracts.table import Table
from bizlab.labels import Label
from bizlab.units.kinds import NUMERIC, REAL, Unit, unit_of

ROW = "row"
"""The key of a frame whose index has no name."""


def plain_table(frame: pd.DataFrame, name: str) -> tuple[pd.DataFrame, Table]:
    """The frame with its key as columns, and a contract that holds it.

    Parameters
    ----------
    frame : its index, if it has a name, identifies the rows; else they are counted from 1.
    name : key of the table within the page.

    >>> frame = pd.DataFrame({"region": ["N", "S"], "sales_fen": [12_000, 9_050], "sales_rate": [0.57, 0.43]})
    >>> rows, contract = plain_table(frame.set_index("region"), "sales")
    >>> contract.key, [column.unit.value for column in contract.columns]
    (('region',), ['text', 'fen', 'rate'])
    """
    named = [level for level in frame.index.names if level is not None]
    if len(named) == frame.index.nlevels:
        rows, key = frame.reset_index(), tuple(map(str, named))
    else:
        rows, key = frame.reset_index(drop=True), (ROW,)
        rows.insert(0, ROW, range(1, len(rows) + 1))
    rows = rows.set_axis([str(column) for column in rows.columns], axis=1)
    columns = tuple(
        Column(column, _unit(column, rows[column]), Label(column, column), nullable=column not in key)
        for column in rows.columns
    )
    return rows, Table(name, Label(name, name), Label("每行一条", "as the notebook made it"), columns, key)


def _unit(name: str, values: pd.Series[Any]) -> Unit:
    """What a column holds by its name, where its type agrees, and else by its type alone."""
    named = unit_of(name)
    if types.is_bool_dtype(values):
        return Unit.BOOL
    if types.is_integer_dtype(values):
        return named if named in NUMERIC else Unit.COUNT
    if types.is_float_dtype(values):
        return named if named in REAL else Unit.SCORE
    if types.is_datetime64_any_dtype(values):
        return Unit.TIMESTAMP if named is Unit.TIMESTAMP else Unit.DATE
    return named if named in {Unit.CODE, Unit.MONTH} else Unit.TEXT
