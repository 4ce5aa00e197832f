"""What a feature is cut from, whatever the outcome: pre-bins of a number, values of a category."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bizlab.errors import DataError, some
from bizlab.statistics.monotone import HALF, Counts, Limits, Vector, best_firsts, suffices

PREBINS = 40


class Cut(NamedTuple):
    """Events and non-events of each piece in order, of missing values, and the pieces that begin a bin."""

    counts: Counts
    missing: Counts
    firsts: list[int]


class NumberPieces(NamedTuple):
    """What the pre-bins of a number are, whatever the outcome: their starts, and which one each value lies in."""

    feature: str
    distinct: Vector
    present: NDArray[np.bool_]
    starts: Vector
    piece: NDArray[np.int64]

    @classmethod
    def of(cls, values: Any, feature: str) -> NumberPieces:
        numbers = numbers_of(pd.Series(values), feature)
        present = ~np.isnan(numbers)
        starts = _starts(numbers[present])
        piece = np.searchsorted(starts, numbers[present], side="right") - 1
        return cls(feature, np.unique(numbers), present, starts, piece)

    def cut(self, outcome: Any, limits: Limits) -> Cut:
        happened = _outcome(outcome, len(self.present), self.feature)
        _refuse_poor(self.distinct, happened, self.present, self.feature, limits)
        counts = _tally(self.piece, happened[self.present], len(self.starts))
        missing = _pair(happened[~self.present])
        return Cut(counts, missing, best_firsts(counts, missing, limits))


class CategoryPieces(NamedTuple):
    """The values of a category, whatever the outcome, and which one each row has."""

    feature: str
    names: NDArray[Any]
    present: NDArray[np.bool_]
    codes: NDArray[np.int64]

    @classmethod
    def of(cls, values: Any, feature: str) -> CategoryPieces:
        given = pd.Series(values).reset_index(drop=True)
        present = given.notna().to_numpy()
        names, codes = np.unique(given[present].astype(str).to_numpy(dtype=object), return_inverse=True)
        return cls(feature, names, present, codes)

    def pooled(self, outcome: Any, limits: Limits) -> tuple[list[list[int]], NDArray[np.bool_], list[int], Cut]:
        """The values of each pool, which values are rare, the pools in order of event rate, and where to cut them."""
        happened, present = _outcome(outcome, len(self.present), self.feature), self.present
        distinct = np.append(self.names, [None] * int((~present).any()))
        _refuse_poor(distinct, happened, present, self.feature, limits)
        alone = _tally(self.codes, happened[present], len(self.names))
        is_rare = ~suffices(alone[:, 0], alone[:, 1], int(present.sum()), limits)
        is_rare |= alone.sum(axis=1) * 2 * PREBINS < present.sum()
        pools = [[int(i)] for i in np.flatnonzero(~is_rare)]
        pools += [np.flatnonzero(is_rare).tolist()] if is_rare.any() else []
        pooled = np.array([alone[pool].sum(axis=0) for pool in pools])
        odds = (pooled[:, 0] + HALF) / (pooled[:, 1] + HALF)
        order = sorted(range(len(pools)), key=lambda at: (odds[at], self.names[pools[at][0]]))
        counts, missing = pooled[order], _pair(happened[~present])
        return pools, is_rare, order, Cut(counts, missing, best_firsts(counts, missing, limits))

    def cut(self, outcome: Any, limits: Limits) -> Cut:
        return self.pooled(outcome, limits)[-1]


def numbers_of(values: pd.Series[Any], feature: str) -> Vector:
    """Values as floats, missing ones NaN; `DataError` where one is not a finite number."""
    try:
        numbers: Vector = pd.to_numeric(values).astype("Float64").to_numpy(dtype=np.float64, na_value=math.nan)
    except (TypeError, ValueError) as fault:
        fix = "bin it as a category, or clean it first"
        raise DataError(f"Not all values are numbers: {fault}", place=f"feature {feature}", fix=fix) from fault
    if np.isinf(numbers).any():
        fix = "make it missing, or correct the step that divides by 0"
        raise DataError("A value is infinite", place=f"feature {feature}", fix=fix)
    return numbers


def _outcome(outcome: Any, n_rows: int, feature: str) -> NDArray[np.bool_]:
    given = pd.Series(outcome).reset_index(drop=True)
    wrong = given[~given.isin([0, 1])]
    if len(given) != n_rows or len(wrong):
        raise DataError(
            f"There are {len(given)} outcomes for {n_rows} rows, {len(wrong)} of them neither 0 nor 1",
            place=f"outcome against feature {feature}, rows {some(list(wrong.index))}",
            fix="leave out rows whose outcome is not known yet, and give 1 for the event, 0 otherwise",
        )
    happened: NDArray[np.bool_] = given.astype(bool).to_numpy()
    return happened


def _refuse_poor(
    distinct: NDArray[Any], happened: NDArray[np.bool_], present: NDArray[np.bool_], feature: str, limits: Limits
) -> None:
    place = f"feature {feature}, {len(happened)} rows, {int(happened.sum())} events"
    if happened.all() or not happened.any():
        fix = "take a longer period, so that both outcomes occur"
        raise DataError("All rows have the same outcome: there is only one class", place=place, fix=fix)
    if len(distinct) < 2:
        raise DataError("The feature is the same in all rows", place=place, fix="leave the feature out")
    n_events, n_nonevents = int(happened[present].sum()), int((~happened)[present].sum())
    needed = max(1, limits.min_cases)
    if min(n_events, n_nonevents) < needed:
        raise DataError(
            f"{n_events} events and {n_nonevents} non-events have a value, fewer than the {needed} of a bin",
            place=place,
            fix="take a longer period, or ask for fewer cases in a bin",
        )


def _starts(values: Vector) -> Vector:
    """The lowest value of each pre-bin."""
    distinct, n = np.unique(values, return_counts=True)
    if len(distinct) <= PREBINS:
        return distinct
    heavy = np.flatnonzero(n[:-1] >= len(values) / PREBINS)
    steps = np.quantile(values, np.arange(PREBINS) / PREBINS, method="inverted_cdf")
    return np.unique(np.concatenate([steps, distinct[heavy], distinct[heavy + 1]]))


def _tally(piece: Any, happened: NDArray[np.bool_], n_pieces: int) -> Counts:
    """Events and non-events of each piece, one row per piece."""
    yes, no = (np.bincount(piece[side], minlength=n_pieces) for side in (happened, ~happened))
    return np.column_stack([yes, no]).astype(np.int64)


def _pair(happened: NDArray[np.bool_]) -> Counts:
    """Events and non-events among some rows."""
    return np.array([happened.sum(), (~happened).sum()], dtype=np.int64)
