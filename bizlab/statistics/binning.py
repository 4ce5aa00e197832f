"""Bins of one feature that separate a yes from a no: weight of evidence, information value, optimal monotone binning.

Sign: the event is outcome 1; weight of evidence above 0 speaks for the event. Smoothing: half a case is added to the
events and the non-events of every bin that holds a row, so that a bin without one or the other stays finite.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bizlab.contracts.columns import column, ratio, score, table, text, words
from bizlab.errors import DataError, some
from bizlab.statistics.monotone import HALF, Counts, Limits, Vector, best_firsts, suffices

PREBINS = 40
MISSING, EMPTY = "missing", "empty"

ROWS_ADD_UP = {"n_rows = n_events + n_nonevents": "行数 = 事件 + 非事件 | rows = events + non-events"}

BINS = table(
    "bins",
    "分箱 | Bins",
    "每个分箱一行 | one row per bin",
    column("bin", "分箱 | Bin", words=words({MISSING: "缺失 | Missing"})),
    text("holds", "取值 | Values", nullable=True),
    column("n_rows", "行数 | Rows"),
    column("n_events", "事件 | Events"),
    column("n_nonevents", "非事件 | Non-events"),
    ratio(
        "event_rate",
        "事件率 | Event rate",
        "事件 ÷ 行数 | events over rows",
        missing=words({EMPTY: "没有行 | no rows"}),
    ),
    score(
        "woe",
        "证据权重 | Weight of evidence",
        "ln(本箱占事件的比例 ÷ 本箱占非事件的比例),每格加 0.5;大于 0 支持事件,没有行为 0 | "
        "ln(share of the events over share of the non-events), half a case added to each; "
        "above 0 speaks for the event; 0 where there are no rows",
    ),
    score(
        "iv",
        "信息值 | Information value",
        "(占事件的比例 − 占非事件的比例) × 证据权重;合计为特征的信息值 | "
        "(share of events less share of non-events) times weight of evidence; they total the feature's",
    ),
    key="bin",
    sums=ROWS_ADD_UP,
)


class Evidence(NamedTuple):
    """Weight of evidence and part of the information value, one of each per bin."""

    woe: Vector
    parts: Vector


@dataclass(frozen=True, eq=False)
class Binning:
    """One feature in bins.

    Parameters
    ----------
    feature : its name.
    cuts : of a number: rising; a bin holds its lower cut and not its upper one. Empty for a category.
    groups : of a category: the values of each bin. Empty for a number.
    rest : of a category: the bin of values that were rare or never seen, None where there were no rare ones.
    table : `BINS`: the bins in order, then ``missing``, which is there even if empty.
    """

    feature: str
    cuts: tuple[float, ...]
    groups: tuple[tuple[str, ...], ...]
    rest: int | None
    table: pd.DataFrame

    @property
    def information_value(self) -> float:
        """The parts of all bins together; 0 means that the feature says nothing about the outcome."""
        return math.fsum(self.table["iv"])

    def bin_of(self, values: Any) -> Counts:
        """The row of `table` in which each value stands; -1 for a category never seen where none was rare."""
        given = pd.Series(values).reset_index(drop=True)
        missing, absent = len(self.table) - 1, given.isna().to_numpy()
        if self.groups:
            place = {value: number for number, group in enumerate(self.groups) for value in group}
            other = -1 if self.rest is None else self.rest
            rows = np.array([place.get(str(value), other) for value in given], dtype=np.int64)
        else:
            rows = np.searchsorted(self.cuts, _numbers(given, self.feature), side="right").astype(np.int64)
        return np.where(absent, missing, rows)

    def woe_of(self, values: Any) -> Vector:
        """The weight of evidence of each value; 0, no evidence, for what the fit never saw."""
        rows = self.bin_of(values)
        woe: Vector = np.where(rows < 0, 0.0, self.table["woe"].to_numpy()[rows])
        return woe


_USUAL = Limits()


def evidence(n_events: Sequence[int] | Counts, n_nonevents: Sequence[int] | Counts) -> Evidence:
    """Weight of evidence of each bin and its part of the information value.

    With p = (events + 0.5) / total and q the same of non-events, both totals taken after the halves are added,
    woe = ln(p / q) and part = (p - q) ln(p / q), so no part is negative. Good, *Probability and the Weighing of
    Evidence*, 1950; the sum of parts is the symmetric divergence of Kullback and Leibler, *On information and
    sufficiency*, Annals of Mathematical Statistics 22 (1951) 79-86; in scorecards: Siddiqi, *Credit Risk
    Scorecards*, 2006, chapter 6, whose "good" is the event here. Even without any relation the sum is about
    (bins - 1) (1 / events + 1 / non-events), and more once bins were chosen by it.

    Parameters
    ----------
    n_events, n_nonevents : counts, one per bin. A bin without rows is given no halves, and gets 0 and 0.

    >>> [round(float(x), 4) for x in evidence([30, 10], [10, 30]).woe]
    [1.0664, -1.0664]
    >>> evidence([3, 0], [1, 0]).parts.tolist()
    [0.0, 0.0]
    """
    yes, no = np.asarray(n_events, dtype=np.float64), np.asarray(n_nonevents, dtype=np.float64)
    half = np.where(yes + no > 0, HALF, 0.0)
    p, q = (yes + half) / (yes + half).sum(), (no + half) / (no + half).sum()
    woe = np.log(p, out=np.zeros_like(p), where=p > 0) - np.log(q, out=np.zeros_like(q), where=q > 0)
    return Evidence(woe, (p - q) * woe)


def bin_numeric(values: Any, outcome: Any, *, feature: str, limits: Limits = _USUAL) -> Binning:
    """The bins of a number with the highest information value of all whose weight of evidence only rises, or falls.

    Exact over all cuts between pre-bins (`bizlab.statistics.monotone`). Pre-bins are the distinct values up to 40 of
    them, beyond that 40 quantiles, with any value that alone fills a fortieth kept apart. Missing values have a bin of
    their own, outside limits and trend. Why monotone, and how scorecards use the bins: Siddiqi, 2006, chapter 6. A
    feature of which no cut is allowed has one bin.

    Parameters
    ----------
    values : numbers, one per row; missing allowed.
    outcome : 1 or True for the event, 0 or False; none missing.
    feature : the name that errors give.
    limits : what a bin must hold.

    Raises
    ------
    DataError : the feature is the same in all rows, the outcome is, or there are too few cases for one bin.

    >>> days = [3, 5, 8, 9, 30, 31, 40, 45, None]
    >>> paid = [1, 1, 1, 0, 1, 0, 0, 0, 0]
    >>> binning = bin_numeric(days, paid, feature="days", limits=Limits(min_cases=1))
    >>> binning.cuts, binning.table["holds"].tolist()[:2], round(binning.information_value, 2)
    ((30.0,), ['< 30', '≥ 30'], 0.72)
    """
    numbers = _numbers(pd.Series(values), feature)
    happened, present = _outcome(outcome, len(numbers), feature), ~np.isnan(numbers)
    _refuse_poor(np.unique(numbers), happened, present, feature, limits)
    starts = _starts(numbers[present])
    piece = np.searchsorted(starts, numbers[present], side="right") - 1
    counts = _tally(piece, happened[present], len(starts))
    missing = _pair(happened[~present])
    firsts = best_firsts(counts, missing, limits)
    cuts = tuple(float(starts[first]) for first in firsts[1:])
    return Binning(feature, cuts, (), None, _table(_ranges(cuts), _merged(counts, firsts), missing))


def bin_categories(values: Any, outcome: Any, *, feature: str, limits: Limits = _USUAL) -> Binning:
    """The bins of a category: rare values pooled, the rest in order of event rate, cut where most information is kept.

    Values that miss the limits alone, or are less than an eightieth of all, are pooled first; values and pool are then
    put in order of event rate (smoothed, ties by name) and cut like a number. A value never seen later joins the pool.

    Parameters
    ----------
    values : texts or codes, one per row; missing allowed.
    outcome, feature, limits : as in `bin_numeric`.

    Raises
    ------
    DataError : as in `bin_numeric`.

    >>> values, outcome = ["a"] * 4 + ["b"] * 4 + ["c"], [1, 1, 1, 0, 0, 0, 0, 1, 0]
    >>> binning = bin_categories(values, outcome, feature="industry", limits=Limits(min_cases=1, min_share=0.2))
    >>> binning.groups, binning.bin_of(["a", "new"]).tolist()
    ((('c', 'b'), ('a',)), [1, 0])
    """
    given = pd.Series(values).reset_index(drop=True)
    happened, present = _outcome(outcome, len(given), feature), given.notna().to_numpy()
    names, codes = np.unique(given[present].astype(str).to_numpy(dtype=object), return_inverse=True)
    _refuse_poor(np.append(names, [None] * int((~present).any())), happened, present, feature, limits)
    alone = _tally(codes, happened[present], len(names))
    is_rare = ~suffices(alone[:, 0], alone[:, 1], int(present.sum()), limits)
    is_rare |= alone.sum(axis=1) * 2 * PREBINS < present.sum()
    pools = [[int(i)] for i in np.flatnonzero(~is_rare)] + ([np.flatnonzero(is_rare).tolist()] if is_rare.any() else [])
    pooled = np.array([alone[pool].sum(axis=0) for pool in pools])
    odds = (pooled[:, 0] + HALF) / (pooled[:, 1] + HALF)
    order = sorted(range(len(pools)), key=lambda at: (odds[at], names[pools[at][0]]))
    counts = pooled[order]
    missing = _pair(happened[~present])
    firsts = best_firsts(counts, missing, limits)
    bounds = [*firsts, len(order)]
    groups = tuple(
        tuple(str(names[value]) for at in order[first:last] for value in pools[at]) for first, last in pairwise(bounds)
    )
    rare = {str(name) for name in names[is_rare]}
    rest = next((number for number, group in enumerate(groups) if rare & set(group)), None)
    table = _table([", ".join(group) for group in groups], _merged(counts, firsts), missing)
    return Binning(feature, (), groups, rest, table)


def information_value(values: Any, outcome: Any, *, feature: str, limits: Limits = _USUAL) -> float:
    """How much a feature says about a yes or no: the information value of its best bins.

    Numbers are binned by `bin_numeric`, all else, flags included, by `bin_categories`. Rule of thumb (Siddiqi, 2006,
    chapter 6): below 0.02 nothing, to 0.1 weak, to 0.3 medium, above strong; above 0.5 look for a leak.

    Parameters
    ----------
    values, outcome, feature, limits : as in `bin_numeric`.

    Raises
    ------
    DataError : as in `bin_numeric`.

    >>> industry, bought = ["trade"] * 40 + ["retail"] * 40, [1] * 30 + [0] * 10 + [1] * 10 + [0] * 30
    >>> round(information_value(industry, bought, feature="industry"), 2)
    1.04
    """
    given = pd.Series(values)
    is_number = pd.api.types.is_numeric_dtype(given) and not pd.api.types.is_bool_dtype(given)
    binned = bin_numeric if is_number else bin_categories
    return binned(given, outcome, feature=feature, limits=limits).information_value


def _numbers(values: pd.Series[Any], feature: str) -> Vector:
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


def _merged(counts: Counts, firsts: list[int]) -> Counts:
    merged: Counts = np.add.reduceat(counts, firsts, axis=0)
    return merged


def _ranges(cuts: tuple[float, ...]) -> list[str]:
    """What each bin of a number holds, as a reader writes it."""
    texts = [f"{cut:.15g}" for cut in cuts]
    if not texts:
        return ["any"]
    between = [f"≥ {low}, < {high}" for low, high in pairwise(texts)]
    return [f"< {texts[0]}", *between, f"≥ {texts[-1]}"]


def _table(holds: list[str], counts: Counts, missing: Counts) -> pd.DataFrame:
    n_events, n_nonevents = np.vstack([counts, missing]).T
    n_rows = n_events + n_nonevents
    woe, parts = evidence(n_events, n_nonevents)
    frame = pd.DataFrame(
        {
            "bin": [*(str(number) for number in range(1, len(holds) + 1)), MISSING],
            "holds": [*holds, None],
            "n_rows": n_rows,
            "n_events": n_events,
            "n_nonevents": n_nonevents,
            "event_rate": np.where(n_rows > 0, n_events / np.maximum(n_rows, 1), math.nan),
            "event_rate_reason": [None if n else EMPTY for n in n_rows],
            "woe": woe,
            "iv": parts,
        }
    )
    return BINS.conform(frame)
