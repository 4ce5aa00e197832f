"""Association, slope and spread that a few wild values do not move.

Thin, typed fronts to scipy, which is imported only when a function is called.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_QUARTILE = 0.6745
"""The upper quartile of the standard normal, as Iglewicz and Hoaglin round it."""
_ROUNDING = 1e-12


class Association(NamedTuple):
    """A rank correlation between -1 and 1 with its limits; missing where it is not defined."""

    correlation: float
    lower: float
    upper: float


FEWEST_RANKED = 10
"""With fewer pairs the interval of a rank correlation says nothing."""


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

    >>> association = rank_correlation(range(12), [1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10])
    >>> round(association.correlation, 3), round(association.lower, 2), round(association.upper, 2)
    (0.958, 0.81, 0.99)
    >>> rank_correlation([1, 2], [2, 1]).correlation
    nan
    """
    import numpy as np
    from scipy.stats import norm, spearmanr

    left, right = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if len(left) < FEWEST_RANKED or np.ptp(left) == 0 or np.ptp(right) == 0:
        return Association(math.nan, math.nan, math.nan)
    correlation = float(spearmanr(left, right).statistic)
    if abs(correlation) == 1:  # Fisher's z is infinite there
        return Association(correlation, correlation, correlation)
    reach = float(norm.ppf(0.5 + confidence / 2)) * math.sqrt((1 + correlation**2 / 2) / (len(left) - 3))
    middle = math.atanh(correlation)
    return Association(correlation, math.tanh(middle - reach), math.tanh(middle + reach))


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
