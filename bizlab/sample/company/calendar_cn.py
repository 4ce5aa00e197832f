"""The company's working calendar: China's public holidays and make-up working days.

Source: notices of the State Council's General Office on the holiday arrangements of 2024
(2023-10-25), 2025 (2024-11-12) and 2026 (2025-11-04).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.datetime64]
"""Dates to the day (``datetime64[D]``)."""

HOLIDAYS = (
    ("2024-01-01", "2024-01-01"),
    ("2024-02-10", "2024-02-17"),
    ("2024-04-04", "2024-04-06"),
    ("2024-05-01", "2024-05-05"),
    ("2024-06-10", "2024-06-10"),
    ("2024-09-15", "2024-09-17"),
    ("2024-10-01", "2024-10-07"),
    ("2025-01-01", "2025-01-01"),
    ("2025-01-28", "2025-02-04"),
    ("2025-04-04", "2025-04-06"),
    ("2025-05-01", "2025-05-05"),
    ("2025-05-31", "2025-06-02"),
    ("2025-10-01", "2025-10-08"),
    ("2026-01-01", "2026-01-03"),
    ("2026-02-15", "2026-02-23"),
    ("2026-04-04", "2026-04-06"),
    ("2026-05-01", "2026-05-05"),
    ("2026-06-19", "2026-06-21"),
    ("2026-09-25", "2026-09-27"),
    ("2026-10-01", "2026-10-07"),
)
"""First and last day of every public holiday."""

MAKE_UP_DAYS = (
    "2024-02-04",
    "2024-02-18",
    "2024-04-07",
    "2024-04-28",
    "2024-05-11",
    "2024-09-14",
    "2024-09-29",
    "2024-10-12",
    "2025-01-26",
    "2025-02-08",
    "2025-04-27",
    "2025-09-28",
    "2025-10-11",
    "2026-01-04",
    "2026-02-14",
    "2026-02-28",
    "2026-05-09",
    "2026-09-20",
    "2026-10-10",
)
"""Saturdays and Sundays that are worked in exchange."""

FIRST = np.datetime64("2024-11-01")
LAST = np.datetime64("2026-10-31")
"""The days that the sample covers."""

SATURDAY = 5


def days(first: str | np.datetime64, last: str | np.datetime64) -> Days:
    """Every day from first to last, both included."""
    start, end = (np.array(day, dtype="datetime64[D]") for day in (first, last))
    count = int((end - start).astype(np.int64)) + 1
    return _days(start.astype(np.int64) + np.arange(count))


def _days(numbers: NDArray[np.int64]) -> Days:
    return numbers.astype("datetime64[D]")


def weekday(on: Days) -> NDArray[np.int64]:
    """Monday is 0 (1970-01-01 was a Thursday)."""
    return (on.astype(np.int64) + 3) % 7


def working_days(first: str | np.datetime64 = FIRST, last: str | np.datetime64 = LAST) -> Days:
    """The days worked from first to last, within 2024 to 2026.

    >>> [str(day) for day in working_days("2026-10-01", "2026-10-13")]
    ['2026-10-08', '2026-10-09', '2026-10-10', '2026-10-12', '2026-10-13']
    """
    span = days(first, last)
    off = np.concatenate([days(*holiday) for holiday in HOLIDAYS])
    ordinary = (weekday(span) < SATURDAY) & ~np.isin(span, off)
    return span[ordinary | np.isin(span, np.array(MAKE_UP_DAYS, dtype="datetime64[D]"))]


_WORKED = working_days("2024-01-01", "2026-12-31")


def next_working_day(on: Days) -> Days:
    """The day itself if it is worked, else the next one that is.

    >>> next_working_day(np.array(["2026-02-14", "2026-02-15"], dtype="datetime64[D]")).astype(str).tolist()
    ['2026-02-14', '2026-02-24']
    """
    worked: Days = _WORKED[np.minimum(np.searchsorted(_WORKED, on), len(_WORKED) - 1)]
    return worked


def previous_working_day(on: Days) -> Days:
    """The day itself if it is worked, else the last one before it that is."""
    worked: Days = _WORKED[np.maximum(np.searchsorted(_WORKED, on, side="right") - 1, 0)]
    return worked


def month_of(on: Days) -> NDArray[np.datetime64]:
    """The month of each day (``datetime64[M]``)."""
    months_: Days = on.astype("datetime64[M]")
    return months_


def months() -> NDArray[np.datetime64]:
    """The months of the sample."""
    return np.arange(np.datetime64("2024-11"), np.datetime64("2026-11"))


def first_of_next_month(on: Days) -> Days:
    """The first day of the month after each day's."""
    first: Days = (on.astype("datetime64[M]") + 1).astype("datetime64[D]")
    return first


def add_months(on: Days, n: NDArray[np.int64] | int) -> Days:
    """The same day of a later month; days are 1 to 28, so that it always exists."""
    first = on.astype("datetime64[M]")
    later: Days = (first + n).astype("datetime64[D]") + (on - first.astype("datetime64[D]"))
    return later
