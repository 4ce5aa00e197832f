"""Intervals and tests for counted outcomes, and the adjustment for making many of them.

Thin, typed fronts to statsmodels and scipy, which are imported only when a function is called. A proportion of
nothing is undefined here: missing in, missing out, never 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple

SMALLEST_EXPECTED = 5
"""Cochran's rule (1954): below this expected count in any cell, the exact test is used."""


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
    n = first[1] + second[1]
    successes = first[0] + second[0]
    smallest_expected = min(first[1], second[1]) * min(successes, n - successes) / n
    if smallest_expected < SMALLEST_EXPECTED:
        from scipy.stats import fisher_exact

        table = [[n_successes, n - n_successes] for n_successes, n in (first, second)]
        return Comparison(difference, *interval, float(fisher_exact(table).pvalue), "fisher")
    from statsmodels.stats.proportion import proportions_ztest

    _, p_value = proportions_ztest([first[0], second[0]], [first[1], second[1]])
    return Comparison(difference, *interval, float(p_value), "score")


def adjust(p_values: Sequence[float]) -> list[float]:
    """P-values adjusted for having made several tests.

    Holm, *A simple sequentially rejective multiple test procedure*, Scandinavian Journal of Statistics 6 (1979)
    65-70: the chance of even one false alarm in the family stays below the level, whatever the dependence.

    Parameters
    ----------
    p_values : one a test, missing where a test was not possible; those are no part of the family.

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

    adjusted = iter(multipletests(tested, method="holm")[1])
    return [p if math.isnan(p) else float(next(adjusted)) for p in p_values]


def _refuse_impossible(n_successes: int, n: int) -> None:
    if not 0 <= n_successes <= n:
        raise ValueError(f"{n_successes} of {n} is not a proportion")
