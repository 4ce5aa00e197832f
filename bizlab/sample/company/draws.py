"""Random numbers, ids and moments that every part of the sample draws in the same way."""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bizlab.sample.company.calendar_cn import Days, month_of

SEED = 20261031
"""The seed of the sample that stands in the repository."""


def generator(seed: int, part: str, block: int = 0) -> np.random.Generator:
    """A stream of its own for each part, so that a change in one part leaves the others as they are.

    >>> int(generator(1, "orders").integers(1000)) == int(generator(1, "orders").integers(1000))
    True
    """
    return np.random.default_rng([seed, crc32(part.encode()), block])


def numbered(prefix: str, n: int, *, width: int = 6, first: int = 1) -> pd.Series[str]:
    """Ids that count up: ``numbered("C", 2, width=3)`` is C001 and C002."""
    numbers = pd.Series(np.arange(first, first + n)).astype(str)
    return prefix + numbers.str.zfill(width)


def numbered_by_month(prefix: str, on: Days, *, width: int = 5) -> pd.Series[str]:
    """Ids that count up anew in each month, such as ``SO2610-00017``; rows are in order of day."""
    month = pd.Series(month_of(on).astype(str)).str.replace("-", "").str[2:]
    number = month.groupby(month).cumcount() + 1
    return prefix + month + "-" + number.astype(str).str.zfill(width)


def at_time(on: Days, seconds: NDArray[np.int64]) -> NDArray[np.datetime64]:
    """A moment: the day, and seconds after its midnight."""
    moments: NDArray[np.datetime64] = on.astype("datetime64[s]") + seconds.astype("timedelta64[s]")
    return moments


def recorded_after(on: Days, rng: np.random.Generator, *, days_late: Sequence[float]) -> NDArray[np.datetime64]:
    """When a system knew a fact: 0, 1, 2 ... days later with the chances given, in office hours."""
    late = rng.choice(len(days_late), size=len(on), p=np.asarray(days_late) / np.sum(days_late))
    return at_time(on + late, rng.integers(9 * 3600, 18 * 3600, len(on)))


def pick(rng: np.random.Generator, options: Sequence[str], chances: Sequence[float], n: int) -> NDArray[np.str_]:
    """n options drawn with the chances given, which need not add up to one."""
    drawn: NDArray[np.str_] = np.asarray(options)[
        rng.choice(len(options), size=n, p=np.asarray(chances) / np.sum(chances))
    ]
    return drawn
