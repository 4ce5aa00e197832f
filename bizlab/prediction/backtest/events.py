"""How many events come where each customer has a chance of its own: the spread that luck alone allows."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from bizlab.statistics.proportions import Interval

EXACT_UP_TO = 2000
"""Customers up to which the number of events is distributed exactly; above, the normal curve is as good."""


def events_interval(chances: NDArray[np.float64], *, confidence: float) -> Interval:
    """Limits between which the number of events lies at least as often as the confidence says.

    The number is a sum of independent yes-or-noes with chances of their own (Poisson-binomial; Wang, *On the number of
    successes in independent trials*, Statistica Sinica 3 (1993) 295-312): exact up to 2,000 customers, by the normal
    curve with continuity correction above. The chances are taken as true: the uncertainty of the fit, and what hits all
    customers alike, are not in it.

    >>> events_interval(np.full(4, 0.5), confidence=0.8)
    Interval(lower=1.0, upper=3.0)
    """
    from scipy.stats import norm

    n, tail = len(chances), (1 - confidence) / 2
    if n > EXACT_UP_TO:
        mean, reach = chances.sum(), norm.ppf(0.5 + confidence / 2) * math.sqrt((chances * (1 - chances)).sum())
        low, high = math.ceil(mean - reach - 0.5), math.floor(mean + reach + 0.5)
    else:
        below = np.cumsum(poisson_binomial(chances))
        low, high = (int(np.searchsorted(below, at - 1e-12)) for at in (tail, 1 - tail))
    return Interval(float(max(low, 0)), float(min(high, n)))


def poisson_binomial(chances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probability of 0, 1, ... events, one customer added after the other.

    >>> poisson_binomial(np.array([0.5, 0.1])).round(2).tolist()
    [0.45, 0.5, 0.05]
    """
    probabilities = np.zeros(len(chances) + 1)
    probabilities[0] = 1.0
    for i, p in enumerate(chances, start=1):
        probabilities[1 : i + 1] = probabilities[1 : i + 1] * (1 - p) + probabilities[:i] * p
        probabilities[0] *= 1 - p
    return probabilities
