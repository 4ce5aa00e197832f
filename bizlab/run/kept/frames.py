"""A frame as Parquet and back as it was: values to the last bit, types, names, the order of categories."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from bizlab.errors import ContractError
from bizlab.run.kept.packing import packed, unpacked

_NONE = "object or None"


def write_frame(frame: pd.DataFrame, path: Path) -> Any:
    """Write a frame; given back is what Parquet does not hold of it, as JSON would.

    Columns are written by their numbers: Parquet knows names of text alone, and no two alike.

    Raises
    ------
    ContractError : a column whose values are not of one type that Parquet has.
    """
    columns = frame.columns
    try:
        frame.set_axis([str(n) for n in range(len(columns))], axis=1).to_parquet(path)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, ValueError, OverflowError) as fault:
        raise _unlike(frame) from fault
    kind = None if isinstance(columns, pd.MultiIndex) else str(columns.dtype)
    return packed([[*columns.names], [*columns], kind, [_kind(frame.iloc[:, n]) for n in range(len(columns))]], {})


def read_frame(path: Path, layout: Any) -> pd.DataFrame:
    """The frame that `write_frame` has written."""
    names, columns, kind, kinds = unpacked(layout, {})
    frame = pd.read_parquet(path)
    for number, of_column in zip(frame.columns, kinds, strict=True):
        frame[number] = _as_kind(frame[number], of_column)
    if kind is None:
        return frame.set_axis(pd.MultiIndex.from_tuples(columns, names=names), axis=1)
    return frame.set_axis(pd.Index(columns, dtype=kind, name=names[0], tupleize_cols=False), axis=1)


def _kind(column: pd.Series[Any]) -> Any:
    """The type of a column; of categories also which there are, and of objects what stands for missing ones."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        categories = column.cat.categories
        return [[*categories], str(categories.dtype), column.cat.ordered]
    is_none = column.dtype == object and any(value is None for value in column)
    return _NONE if is_none else str(column.dtype)


def _as_kind(column: pd.Series[Any], kind: Any) -> pd.Series[Any]:
    if isinstance(kind, list):
        categories, of_categories, ordered = kind
        return column.astype(pd.CategoricalDtype(pd.Index(categories, dtype=of_categories), ordered))
    if kind == _NONE:
        return column.astype(object).where(column.notna(), None)
    return column if str(column.dtype) == kind else column.astype(kind)


def refuse_changed(frame: pd.DataFrame, back: pd.DataFrame) -> None:
    """Refuse a frame that does not come back as it was: figures must be the same with and without the store."""
    axes = zip(frame.axes, back.axes, strict=True)
    columns = [(frame.iloc[:, n], back.iloc[:, n]) for n in range(frame.shape[1])]
    if not (
        frame.equals(back)
        and all(_described(axis) == _described(of_back) for axis, of_back in axes)
        and all(_within(column) == _within(of_back) for column, of_back in columns)
    ):
        raise _unlike(frame)


def _described(axis: pd.Index[Any]) -> list[Any]:
    """What `equals` does not compare of an axis: names, types, and the frequency of dates."""
    if isinstance(axis, pd.MultiIndex):
        return [_described(level) for level in axis.levels]
    return [[*axis.names], str(axis.dtype), getattr(axis, "freq", None)]


def _within(column: pd.Series[Any]) -> list[Any]:
    """What `equals` does not compare of a column: the order of categories, and whether 1 is a whole number or true."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return [*column.cat.categories]
    return [*map(type, column)] if column.dtype == object else []


def _unlike(frame: pd.DataFrame) -> ContractError:
    return ContractError(
        f"A frame would not come back as it is: {list(frame.columns)}",
        place="value of a step",
        fix="give columns of one plain type each",
    )
