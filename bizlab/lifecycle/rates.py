"""Columns that every table of conversion rates shares, and the counting behind them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import partial
from typing import NamedTuple

import pandas as pd

from bizlab.contracts.columns import column, ratio, reason, score, words
from bizlab.statistics.proportions import Comparison, adjust, compare_proportions, wilson_interval

VERDICTS = words(
    higher="明显更高 | Clearly higher",
    lower="明显更低 | Clearly lower",
    unclear="无明显差异 | No clear difference",
    untested="无法比较 | Not comparable",
)
REASONS = words(
    nobody_entered="无人进入 | nobody entered",
    last_stage="最后阶段,没有下一步 | last stage, nothing follows",
    nobody_went_on="无人进入下一步 | nobody went on",
    whole="合计行不与自己比较 | the total is not compared with itself",
    other_group_empty="对照组无人进入 | nobody entered the other group",
    still_open="观察期未满 | still open",
)


class Counted(NamedTuple):
    """Successes and cases."""

    n_successes: int
    n: int


optional = partial(column, nullable=True)
"""A column that is missing where nothing can be said."""
LIMITS = (
    optional("lower_rate", "区间下限 | Lower limit", "Wilson 得分区间下限 | Lower limit of Wilson's score interval"),
    optional("upper_rate", "区间上限 | Upper limit", "Wilson 得分区间上限 | Upper limit of Wilson's score interval"),
)

TESTED = (
    column(
        "verdict",
        "结论 | Verdict",
        "校正 p 值低于 1 − 置信水平才算明显 | Clear where the adjusted p is below 1 − confidence",
        choices=VERDICTS,
    ),
    *ratio("difference_rate", "差异 | Difference", "两个转化率之差(百分点) | First rate minus second", missing=REASONS),
    optional(
        "difference_lower_rate",
        "差异下限 | Difference, lower",
        "Newcombe 第 10 法区间下限 | Lower limit, Newcombe's method 10",
    ),
    optional(
        "difference_upper_rate",
        "差异上限 | Difference, upper",
        "Newcombe 第 10 法区间上限 | Upper limit, Newcombe's method 10",
    ),
    score(
        "p_value",
        "p 值 | p value",
        "双侧两比例检验;期望频数小于 5 时用 Fisher 精确检验 | "
        "Two-sided test of two proportions; Fisher's exact test where an expected count is below 5",
        nullable=True,
    ),
    score(
        "p_adjusted",
        "校正 p 值 | Adjusted p",
        "Holm 校正,族为本表全部检验 | Holm's adjustment over all tests of this table",
        nullable=True,
    ),
)
"""A comparison of two rates; ``difference_rate`` is the first minus the second."""

TESTED_AGAINST_OTHERS = (
    "与同队列其余分组相比,Holm 校正 p = {p_adjusted};低于 1 − 置信水平才算明显。仍在途的企业按未转化计。 | "
    "Against all other segments of the cohort, Holm-adjusted p = {p_adjusted}; clear where it is below "
    "1 − confidence. Companies still open count as not converted."
)
"""The basis of findings about a segment."""

DURATION = (
    optional(
        "median_days",
        "用时中位数 | Median days",
        "已转化者从进入到下一步的天数;尚未转化者不在其中,因此偏短 | "
        "Days among those who went on; open cases are not in it, so it errs on the short side",
    ),
    reason("median_days", REASONS),
    optional("q1_days", "用时下四分位 | Lower quartile"),
    optional("q3_days", "用时上四分位 | Upper quartile"),
)


def rate(name: str, counted: Counted, *, missing: str = "nobody_entered") -> dict[str, object]:
    """A rate, or the reason why there is none, under the names of its two columns."""
    if counted.n == 0:
        return {name: math.nan, f"{name}_reason": missing}
    return {name: counted.n_successes / counted.n, f"{name}_reason": None}


def rate_with_limits(name: str, counted: Counted, *, confidence: float, **missing: str) -> dict[str, object]:
    """A rate as `rate` gives it, with its interval: Wilson's."""
    interval = wilson_interval(*counted, confidence=confidence)
    return {**rate(name, counted, **missing), "lower_rate": interval.lower, "upper_rate": interval.upper}


def quartiles(days: Iterable[int], *, missing: str = "nobody_went_on") -> dict[str, object]:
    """Median and quartiles as observed values (nearest rank), so that they are whole days.

    >>> quartiles([9, 1, 4, 6])["median_days"], quartiles([])["median_days_reason"]
    (4, 'nobody_went_on')
    """
    ranked = sorted(days)
    if not ranked:
        return {"median_days": None, "median_days_reason": missing, "q1_days": None, "q3_days": None}
    q1, median, q3 = (ranked[math.ceil(len(ranked) * share / 4) - 1] for share in (1, 2, 3))
    return {"median_days": median, "median_days_reason": None, "q1_days": q1, "q3_days": q3}


def tested_rows(pairs: Sequence[tuple[Counted, Counted] | None], *, confidence: float) -> pd.DataFrame:
    """Pairs of proportions compared, and adjusted for their number: a row each with the columns of `TESTED`.

    Parameters
    ----------
    pairs : first and second proportion of each row; None where a row is not compared.
    confidence : level of the intervals; a difference is clear where its adjusted p is below ``1 - confidence``.

    >>> rows = tested_rows([(Counted(56, 70), Counted(48, 80)), (Counted(0, 0), Counted(1, 2)), None], confidence=0.95)
    >>> rows["verdict"].tolist(), rows["difference_rate_reason"].tolist()[1:]
    (['higher', 'untested', 'untested'], ['nobody_entered', 'whole'])
    """
    nothing = Comparison(math.nan, math.nan, math.nan, math.nan, "undefined")
    comparisons = [nothing if pair is None else compare_proportions(*pair, confidence=confidence) for pair in pairs]
    adjusted = adjust([comparison.p_value for comparison in comparisons])
    rows = [
        {
            "difference_rate": comparison.difference,
            "difference_rate_reason": _why_untested(pair),
            "difference_lower_rate": comparison.lower,
            "difference_upper_rate": comparison.upper,
            "p_value": comparison.p_value,
            "p_adjusted": p,
            "verdict": _verdict(comparison, p, confidence),
        }
        for pair, comparison, p in zip(pairs, comparisons, adjusted, strict=True)
    ]
    return pd.DataFrame(rows, columns=[column.name for column in TESTED])


def _why_untested(pair: tuple[Counted, Counted] | None) -> str | None:
    if pair is None:
        return "whole"
    first, second = pair
    if first.n == 0:
        return "nobody_entered"
    return "other_group_empty" if second.n == 0 else None


def _verdict(comparison: Comparison, p_adjusted: float, confidence: float) -> str:
    if math.isnan(p_adjusted):
        return "untested"
    if p_adjusted >= 1 - confidence:
        return "unclear"
    return "higher" if comparison.difference > 0 else "lower"
