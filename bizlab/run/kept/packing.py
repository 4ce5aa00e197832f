"""What a step made as plain JSON and frames, and back: values, records of the library, frames; never code.

A record is a frozen dataclass, a named tuple, an object whose ``made_of`` gives the arguments to make it again, or a
fitted estimator whose attributes are plain: it is kept as the name of its class and these values. Anything else is
refused, so that nothing is kept that another version could not read.
"""

from __future__ import annotations

import dataclasses
import pkgutil
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import Enum
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from bizlab.errors import ContractError

_MARK = "$"


def packed(value: Any, frames: dict[str, pd.DataFrame]) -> Any:
    """A value as JSON would hold it; its frames, series and arrays are added to ``frames`` under numbers.

    Raises
    ------
    ContractError : a kind of value that is not kept.

    >>> frames = {}
    >>> packed((date(2026, 10, 31), {"n": pd.DataFrame({"a": [1]})}), frames)
    {'$': 'tuple', 'of': [{'$': 'date', 'of': '2026-10-31'}, {'n': {'$': 'frame', 'of': '0'}}]}
    >>> frames["0"]["a"].tolist()
    [1]
    """
    match value:
        case None | bool() | int() | float() | str() if type(value) in _PLAIN:
            return value
        case np.generic():
            return packed(value.item(), frames)
        case pd.DataFrame() | pd.Series() | np.ndarray():
            return _framed(value, frames)
        case dict() if all(isinstance(key, str) for key in value) and _MARK not in value:
            return {key: packed(each, frames) for key, each in value.items()}
        case Mapping():
            return _marked("mapping", [[packed(key, frames), packed(each, frames)] for key, each in value.items()])
        case list():
            return [packed(each, frames) for each in value]
        case Enum():
            return _marked("choice", [_path(type(value)), value.name])
    for kind, written in _WRITTEN.items():
        if type(value) is kind:
            return _marked(kind.__name__, packed(written(value), frames))
    return _marked("record", [_path(type(value)), packed(_fields(value), frames)])


def unpacked(content: Any, frames: Mapping[str, pd.DataFrame]) -> Any:
    """The value that `packed` made of one."""
    if isinstance(content, list):
        return [unpacked(each, frames) for each in content]
    if isinstance(content, dict) and _MARK not in content:
        return {key: unpacked(each, frames) for key, each in content.items()}
    return _meant(content[_MARK], content["of"], frames) if isinstance(content, dict) else content


def _meant(mark: str, of: Any, frames: Mapping[str, pd.DataFrame]) -> Any:
    """The value behind a mark."""
    match mark:
        case "frame":
            return frames[of]
        case "series":
            return frames[of[0]]["value"].rename(unpacked(of[1], frames))
        case "array" | "objects" as kind:
            values = frames[of[0]]["value"].to_numpy() if kind == "array" else _objects(unpacked(of[0], frames))
            return values.reshape(of[1])
        case "mapping":
            return {unpacked(key, frames): unpacked(each, frames) for key, each in of}
        case "choice":
            return pkgutil.resolve_name(of[0])[of[1]]
        case "record":
            return _record(pkgutil.resolve_name(of[0]), unpacked(of[1], frames))
        case kind:
            return _READ[kind](unpacked(of, frames))


_PLAIN = {type(None), bool, int, float, str}
_WRITTEN: dict[type, Callable[[Any], Any]] = {
    tuple: list,
    frozenset: sorted,
    date: date.isoformat,
    datetime: datetime.isoformat,
    pd.Timestamp: pd.Timestamp.isoformat,
    Fraction: str,
}
_READ: dict[str, Callable[[Any], Any]] = {
    "tuple": tuple,
    "frozenset": frozenset,
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "Timestamp": pd.Timestamp,
    "Fraction": Fraction,
}


def _marked(kind: str, of: Any) -> dict[str, Any]:
    return {_MARK: kind, "of": of}


def _framed(value: Any, frames: dict[str, pd.DataFrame]) -> dict[str, Any]:
    name = str(len(frames))
    if isinstance(value, pd.DataFrame):
        frames[name] = value
        return _marked("frame", name)
    if isinstance(value, pd.Series):
        frames[name] = value.to_frame("value")
        return _marked("series", [name, packed(value.name, frames)])
    if value.dtype == object:
        return _marked("objects", [packed(value.ravel().tolist(), frames), list(value.shape)])
    frames[name] = pd.DataFrame({"value": value.ravel()})
    return _marked("array", [name, list(value.shape)])


def _objects(values: list[Any]) -> Any:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _fields(value: Any) -> dict[str, Any]:
    """The fields of a record by name; of a class that says so, what it is made of."""
    if hasattr(value, "made_of"):
        return dict(value.made_of)
    if dataclasses.is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return dict(value._asdict())
    if _is_estimator(type(value)):
        return dict(vars(value))
    raise ContractError(
        f"A {type(value).__name__} cannot be kept",
        place="value of a step",
        fix="give frames, plain values, frozen dataclasses or named tuples of these",
    )


def _record(kind: type, fields: Mapping[str, Any]) -> Any:
    if _is_estimator(kind):
        estimator = kind()
        vars(estimator).update(fields)
        return estimator
    if hasattr(kind, "made_of") or issubclass(kind, tuple) or dataclasses.is_dataclass(kind):
        return kind(**fields)
    raise ContractError(f"{kind} is not a record", place="kept step", fix="delete .bizlab/steps")


def _is_estimator(kind: type) -> bool:
    """Whether it is one of the library's own, made without arguments and fitted afterwards."""
    return kind.__module__.startswith("bizlab.") and hasattr(kind, "get_params")


def _path(kind: type) -> str:
    return f"{kind.__module__}:{kind.__qualname__}"
