"""Bins of one feature that separate a yes from a no: weight of evidence, information value, optimal monotone binning.

Sign: the event is outcome 1; weight of evidence above 0 speaks for the event. Smoothing: half a case is added to the
events and the non-events of every bin that holds a row, so that a bin without one or the other stays finite.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from bizlab.contracts.columns import column, ratio, score, table, text, words
from bizlab.statistics.monotone import HALF, Counts, Limits, Vector
from bizlab.statistics.pieces import CategoryPieces, NumberPieces, numbers_of

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
            rows = np.searchsorted(self.cuts, numbers_of(given, self.feature), side="right").astype(np.int64)
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
    pieces = NumberPieces.of(values, feature)
    starts, (counts, missing, firsts) = pieces.starts, pieces.cut(outcome, limits)
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
    pieces = CategoryPieces.of(values, feature)
    names, (pools, is_rare, order, (counts, missing, firsts)) = pieces.names, pieces.pooled(outcome, limits)
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
    (value,) = information_values(values, [outcome], feature=feature, limits=limits)
    return value


def information_values(values: Any, outcomes: Iterable[Any], *, feature: str, limits: Limits = _USUAL) -> list[float]:
    """`information_value` of one feature for each of several outcomes, such as the true one shuffled."""
    given = pd.Series(values)
    is_number = pd.api.types.is_numeric_dtype(given) and not pd.api.types.is_bool_dtype(given)
    pieces = NumberPieces.of(given, feature) if is_number else CategoryPieces.of(given, feature)
    return [_information(*pieces.cut(outcome, limits)) for outcome in outcomes]


def _information(counts: Counts, missing: Counts, firsts: list[int]) -> float:
    return math.fsum(evidence(*np.vstack([_merged(counts, firsts), missing]).T).parts)


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
