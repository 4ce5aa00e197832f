"""What a step made as plain JSON and frames, and back: values, records of the library, frames; never code.

A record is a frozen dataclass, a named tuple, an object whose ``made_of`` gives the arguments to make it again, or a
fitted estimator whose attributes are plain: it is kept as the name of its class, which is the library's, and these
values. Anything else is refused, so that nothing is kept that another version could not read, or that would come back
as another type.
"""

from __future__ import annotations

import dataclasses
import pkgutil
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import Enum
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from bizlab.errors import ContractError

_MARK = "$"
_LIBRARY = __name__.partition(".")[0]


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
    if type(value) in _PLAIN:
        return value
    if type(value) is list:
        return [packed(each, frames) for each in value]
    if type(value) in {dict, MappingProxyType}:
        return _mapping(value, frames)
    match value:
        case np.bool_() | np.integer() | np.floating() | np.str_() if type(value.item()) in _PLAIN:
            return value.item()
        case pd.DataFrame() | pd.Series() | np.ndarray():
            return _framed(value, frames)
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
        case "array":
            return frames[of[0]]["value"].to_numpy().reshape(of[1])
        case "objects" | "texts":
            values = unpacked(of[0], frames)
            return np.fromiter(values, dtype=of[2], count=len(values)).reshape(of[1])
        case "mapping":
            return {unpacked(key, frames): unpacked(each, frames) for key, each in of}
        case "choice":
            return _choice(_class(of[0]), of[1])
        case "record":
            return _record(_class(of[0]), unpacked(of[1], frames))
        case kind:
            return _READ[kind](unpacked(of, frames))


_PLAIN = {type(None), bool, int, float, str}
_NUMBERS = {np.dtype(name) for name in ("bool", "int8", "int32", "int64", "float32", "float64")} | {
    np.dtype(f"datetime64[{unit}]") for unit in ("s", "ms", "us", "ns")
}
"""Types of arrays that come back from Parquet as they went there."""
_WRITTEN: dict[type, Callable[[Any], Any]] = {
    tuple: list,
    frozenset: lambda values: sorted(values, key=repr),
    date: date.isoformat,
    datetime: datetime.isoformat,
    pd.Timestamp: lambda moment: [moment.isoformat(), moment.unit],
    Fraction: str,
}
_READ: dict[str, Callable[[Any], Any]] = {
    "tuple": tuple,
    "frozenset": frozenset,
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "Timestamp": lambda of: pd.Timestamp(of[0]).as_unit(of[1]),
    "Fraction": Fraction,
}


def _marked(kind: str, of: Any) -> dict[str, Any]:
    return {_MARK: kind, "of": of}


def _mapping(value: Mapping[Any, Any], frames: dict[str, pd.DataFrame]) -> Any:
    if _MARK not in value and all(type(key) is str for key in value):
        return {key: packed(each, frames) for key, each in value.items()}
    return _marked("mapping", [[packed(key, frames), packed(each, frames)] for key, each in value.items()])


def _framed(value: Any, frames: dict[str, pd.DataFrame]) -> dict[str, Any]:
    name = str(len(frames))
    if isinstance(value, pd.DataFrame):
        frames[name] = value
        return _marked("frame", name)
    if isinstance(value, pd.Series):
        frames[name] = value.to_frame("value")
        return _marked("series", [name, packed(value.name, frames)])
    if value.dtype.kind in "OU":
        kind = "objects" if value.dtype == object else "texts"
        return _marked(kind, [packed(value.ravel().tolist(), frames), list(value.shape), value.dtype.str])
    if value.dtype not in _NUMBERS:
        raise _refused(f"An array of {value.dtype}")
    frames[name] = pd.DataFrame({"value": value.ravel()})
    return _marked("array", [name, list(value.shape)])


def _fields(value: Any) -> dict[str, Any]:
    """The fields of a record by name; of a class that says so, what it is made of."""
    if hasattr(value, "made_of"):
        return dict(value.made_of)
    if dataclasses.is_dataclass(value) and all(field.init for field in dataclasses.fields(value)):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return dict(value._asdict())
    if _is_estimator(type(value)):
        return dict(vars(value))
    raise _refused(f"A {type(value).__name__}")


def _refused(what: str) -> ContractError:
    return ContractError(
        f"{what} cannot be kept",
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
    raise _damaged(f"{kind} is not a record")


def _choice(kind: type, name: str) -> Enum:
    if not issubclass(kind, Enum):
        raise _damaged(f"{kind} has no choices")
    return kind[name]


def _is_estimator(kind: type) -> bool:
    """Whether it is one of the library's own, made without arguments and fitted afterwards."""
    return hasattr(kind, "get_params")


def _path(kind: type) -> str:
    """Where a class of the library stands; others are refused."""
    if kind.__module__.split(".")[0] != _LIBRARY:
        raise _refused(f"A {kind.__name__} of {kind.__module__}")
    return f"{kind.__module__}:{kind.__qualname__}"


def _class(path: str) -> type:
    """The class that stands there; whatever a file says, nothing is imported but modules of the library."""
    module = path.partition(":")[0]
    if module.partition(".")[0] != _LIBRARY or module.endswith("__main__"):
        raise _damaged(f"'{path}' is not a class of the library")
    kind = pkgutil.resolve_name(path)
    if not isinstance(kind, type) or f"{kind.__module__}:{kind.__qualname__}" != path:
        raise _damaged(f"'{path}' is not a class of the library")
    return kind


def _damaged(what: str) -> ContractError:
    return ContractError(what, place="kept step", fix="delete .bizlab/steps")
