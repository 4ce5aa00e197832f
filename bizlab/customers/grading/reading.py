"""Settings as they are read: names that must be there, names that may be, numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bizlab.errors import SettingError, did_you_mean


def exactly(given: Any, names: Sequence[str], place: str, *, may_have: Sequence[str] = ()) -> None:
    """Refuse what is not a mapping with exactly these names.

    >>> exactly({"a": 1, "c": 2}, ["a", "b"], "file")
    Traceback (most recent call last):
    bizlab.errors.SettingError: 'b' is missing. Where: file. ...
    """
    if not isinstance(given, Mapping):
        raise SettingError("This is not a mapping", place=place, fix=f"write lines for {', '.join(names)}")
    for name in names:
        if name not in given:
            raise SettingError(f"'{name}' is missing", place=place, fix=f"add '{name}: ...'")
    for name in given:
        if name not in (*names, *may_have):
            fix = did_you_mean(name, (*names, *may_have))
            raise SettingError(f"'{name}' is not known here", place=place, fix=fix)


def number(value: Any, place: str) -> float:
    """A number as written; yes and no are not numbers."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SettingError(f"'{value}' is not a number", place=place, fix="write a number such as 0.25")
    return float(value)


def whole_number(value: Any, place: str, *, least: int = 1) -> int:
    """A whole number as written, no smaller than ``least``.

    >>> whole_number(0, "clusters.n_init")
    Traceback (most recent call last):
    bizlab.errors.SettingError: '0' is not a whole number from 1 up. Where: clusters.n_init. ...
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        problem = f"'{value}' is not a whole number from {least} up"
        raise SettingError(problem, place=place, fix="write one, such as 10")
    return value
