"""Intervals and tests for counted outcomes, and the adjustment for making many of them.

Thin, typed fronts to statsmodels and scipy, which are imported only when a function is called. A proportion of
nothing is undefined here: missing in, missing out, never 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SMALLEST_EXPECTED = 5
"""Cochran's rule (1954): below this expected count in any cell, the exact test is used."""

_QUARTILE = 0.6745
"""The upper quartile of the standard normal, as Iglewicz and Hoaglin round it."""
_ROUNDING = 1e-12


class Interval(NamedTuple):
    """Lower and upper limit, in the unit of what is estimated."""

    lower: float
    upper: float


class Comparison(NamedTuple):
    """Two proportions against each other.

    ``difference`` is the first minus the second, a fraction; ``lower`` and ``upper`` are its limits;
    ``p_value`` is two-sided; ``method`` is ``fisher``, ``score`` or, where a group is empty, ``undefined``.
    """

    difference: float
    lower: float
    upper: float
    p_value: float
    method: Literal["fisher", "score", "undefined"]


_UNDEFINED = Interval(math.nan, math.nan)


def wilson_interval(n_successes: int, n: int, *, confidence: float = 0.95) -> Interval:
    """Score interval of a proportion.

    Wilson, *Probable inference, the law of succession, and statistical inference*, JASA 22 (1927) 209-212. Unlike
    the textbook interval it stays inside 0 and 1 and says something when nobody, or everybody, converted.

    Parameters
    ----------
    n_successes, n : counts, 0 <= n_successes <= n.
    confidence : level, such as 0.95.

    Returns
    -------
    Limits as fractions; both missing when ``n`` is 0.

    Raises
    ------
    ValueError : counts that cannot be.

    >>> [round(limit, 4) for limit in wilson_interval(0, 20)]
    [0.0, 0.1611]
    >>> wilson_interval(0, 0)
    Interval(lower=nan, upper=nan)
    """
    _refuse_impossible(n_successes, n)
    if n == 0:
        return _UNDEFINED
    from statsmodels.stats.proportion import proportion_confint

    lower, upper = proportion_confint(n_successes, n, alpha=1 - confidence, method="wilson")
    return Interval(max(0.0, float(lower)), min(1.0, float(upper)))


def newcombe_interval(first: tuple[int, int], second: tuple[int, int], *, confidence: float = 0.95) -> Interval:
    """Interval of the difference between two independent proportions, first minus second.

    Newcombe, *Interval estimation for the difference between independent proportions: comparison of eleven
    methods*, Statistics in Medicine 17 (1998) 873-890, method 10 (from two score intervals, without continuity
    correction).

    Parameters
    ----------
    first, second : successes and number of cases of each group.
    confidence : level, such as 0.95.

    Returns
    -------
    Limits as fractions between -1 and 1; both missing when a group is empty.

    Raises
    ------
    ValueError : counts that cannot be.

    >>> [round(limit, 4) for limit in newcombe_interval((56, 70), (48, 80))]
    [0.0524, 0.3339]
    >>> newcombe_interval((1, 2), (0, 0))
    Interval(lower=nan, upper=nan)
    """
    for n_successes, n in (first, second):
        _refuse_impossible(n_successes, n)
    if first[1] == 0 or second[1] == 0:
        return _UNDEFINED
    from statsmodels.stats.proportion import confint_proportions_2indep

    lower, upper = confint_proportions_2indep(*first, *second, method="newcomb", compare="diff", alpha=1 - confidence)
    return Interval(float(lower), float(upper))


def compare_proportions(first: tuple[int, int], second: tuple[int, int], *, confidence: float = 0.95) -> Comparison:
    """Whether two independent proportions differ: difference, its interval and a two-sided test.

    The pooled score test (Pearson's chi-square without correction) where every expected count reaches
    ``SMALLEST_EXPECTED``; Fisher's exact test otherwise. The interval is Newcombe's.

    Parameters
    ----------
    first, second : successes and number of cases of each group.
    confidence : level of the interval.

    Returns
    -------
    The comparison, with everything missing when a group is empty.

    Raises
    ------
    ValueError : counts that cannot be.

    >>> compare_proportions((3, 4), (1, 4)).method, round(compare_proportions((3, 4), (1, 4)).p_value, 4)
    ('fisher', 0.4857)
    >>> compare_proportions((0, 0), (1, 4)).method
    'undefined'
    """
    interval = newcombe_interval(first, second, confidence=confidence)
    if first[1] == 0 or second[1] == 0:
        return Comparison(math.nan, *interval, math.nan, "undefined")
    difference = first[0] / first[1] - second[0] / second[1]
    if _smallest_expected(first, second) < SMALLEST_EXPECTED:
        return Comparison(difference, *interval, _fisher(first, second), "fisher")
    from statsmodels.stats.proportion import proportions_ztest

    _, p_value = proportions_ztest([first[0], second[0]], [first[1], second[1]])
    return Comparison(difference, *interval, float(p_value), "score")


def adjust(p_values: Sequence[float], *, method: Literal["holm", "benjamini_hochberg"] = "holm") -> list[float]:
    """P-values adjusted for having made several tests.

    Holm, *A simple sequentially rejective multiple test procedure*, Scandinavian Journal of Statistics 6 (1979)
    65-70: the chance of even one false alarm in the family stays below the level, whatever the dependence.
    Benjamini and Hochberg, *Controlling the false discovery rate*, JRSS B 57 (1995) 289-300: the expected share of
    false alarms among the alarms stays below the level.

    Parameters
    ----------
    p_values : one a test, missing where a test was not possible; those are no part of the family.
    method : which adjustment.

    Returns
    -------
    Adjusted p-values in the same order; missing stays missing.

    >>> [round(p, 3) for p in adjust([0.01, 0.04, 0.03, float("nan")])]
    [0.03, 0.06, 0.06, nan]
    >>> adjust([])
    []
    """
    tested = [p for p in p_values if not math.isnan(p)]
    if not tested:
        return list(p_values)
    from statsmodels.stats.multitest import multipletests

    names = {"holm": "holm", "benjamini_hochberg": "fdr_bh"}
    adjusted = iter(multipletests(tested, method=names[method])[1])
    return [p if math.isnan(p) else float(next(adjusted)) for p in p_values]


class Association(NamedTuple):
    """A rank correlation between -1 and 1 with its limits; missing where it is not defined."""

    correlation: float
    lower: float
    upper: float


FEWEST_RANKED = 10
"""Below so many pairs the interval of a rank correlation says nothing."""


def rank_correlation(
    first: Sequence[float] | NDArray[np.float64],
    second: Sequence[float] | NDArray[np.float64],
    *,
    confidence: float = 0.95,
) -> Association:
    """Spearman's rank correlation with the interval of Bonett and Wright.

    Bonett and Wright, *Sample size requirements for estimating Pearson, Kendall and Spearman correlations*,
    Psychometrika 65 (2000) 23-28: Fisher's z with variance (1 + rho^2 / 2) / (n - 3).

    Parameters
    ----------
    first, second : pairs without gaps.

    Returns
    -------
    The association; missing with fewer than ten pairs or where one side does not vary.

    >>> found = rank_correlation(range(12), [1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10])
    >>> round(found.correlation, 3), round(found.lower, 2), round(found.upper, 2)
    (0.958, 0.81, 0.99)
    >>> rank_correlation([1, 2], [2, 1]).correlation
    nan
    """
    import numpy as np
    from scipy.stats import norm, spearmanr

    one, other = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if len(one) < FEWEST_RANKED or np.ptp(one) == 0 or np.ptp(other) == 0:
        return Association(math.nan, math.nan, math.nan)
    found = float(spearmanr(one, other).statistic)
    if abs(found) == 1:
        return Association(found, found, found)
    reach = float(norm.ppf(0.5 + confidence / 2)) * math.sqrt((1 + found**2 / 2) / (len(one) - 3))
    middle = math.atanh(found)
    return Association(found, math.tanh(middle - reach), math.tanh(middle + reach))


class Slope(NamedTuple):
    """Change per step with its limits, in the unit of the values."""

    slope: float
    lower: float
    upper: float


def theil_sen(values: Sequence[float], steps: Sequence[float], *, confidence: float = 0.95) -> Slope:
    """Slope that a few wild values do not move: the median of the slopes between all pairs.

    Theil (1950) and Sen, *Estimates of the regression coefficient based on Kendall's tau*, JASA 63 (1968) 1379-1389;
    the limits hold for independent deviations.

    Parameters
    ----------
    values, steps : pairs without gaps, such as a figure and the number of its month.
    confidence : level of the limits.

    Returns
    -------
    Everything missing with fewer than two different steps.

    >>> theil_sen([1.0, 2.0, 3.0, 90.0, 5.0, 6.0], range(6)).slope
    1.0
    >>> theil_sen([1.0], [1])
    Slope(slope=nan, lower=nan, upper=nan)
    """
    if len(set(steps)) < 2:
        return Slope(math.nan, math.nan, math.nan)
    from scipy.stats import theilslopes

    slope, _, lower, upper = theilslopes(values, steps, alpha=confidence)
    return Slope(float(slope), float(lower), float(upper))


class Spread(NamedTuple):
    """Median, and the median absolute deviation from it on the scale of a standard deviation; in the values' unit."""

    median: float
    deviation: float


def robust_spread(values: NDArray[np.float64]) -> Spread:
    """Centre and spread of values that are not moved by a few wild ones.

    ``(value - median) / deviation`` is the modified z-score of Iglewicz and Hoaglin, *How to Detect and Handle
    Outliers* (1993): 0.6745 times the distance from the median over the median absolute deviation. They flag 3.5.

    Parameters
    ----------
    values : at least one, none missing.

    Returns
    -------
    The deviation is 0 where more than half of the values are equal: there is nothing to judge the others by.

    >>> import numpy as np
    >>> spread = robust_spread(np.array([1.0, 2.0, 3.0, 4.0, 1000.0]))
    >>> spread.median, round(spread.deviation, 4)
    (3.0, 1.4826)
    """
    import numpy as np

    median = float(np.median(values))
    deviation = float(np.median(np.abs(values - median)))
    flat = deviation <= _ROUNDING * max(abs(median), 1.0)
    return Spread(median, 0.0 if flat else deviation / _QUARTILE)


def _refuse_impossible(n_successes: int, n: int) -> None:
    if not 0 <= n_successes <= n:
        raise ValueError(f"{n_successes} of {n} is not a proportion")


def _smallest_expected(first: tuple[int, int], second: tuple[int, int]) -> float:
    n = first[1] + second[1]
    successes = first[0] + second[0]
    return min(first[1], second[1]) * min(successes, n - successes) / n


def _fisher(first: tuple[int, int], second: tuple[int, int]) -> float:
    from scipy.stats import fisher_exact

    table = [[n_successes, n - n_successes] for n_successes, n in (first, second)]
    return float(fisher_exact(table).pvalue)
