"""Control charts for single values (XmR): natural limits from moving ranges, rules for a signal, and what chance gives.

Shewhart, *Economic Control of Quality of Manufactured Product* (1931); Wheeler, *Understanding Variation* (1993); the
four rules are those of the Western Electric *Statistical Quality Control Handbook* (1956).
"""

from __future__ import annotations

from itertools import pairwise, takewhile
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

RANGE_PER_SIGMA = 1.128
"""Mean moving range of two normal values, in standard deviations (d2 for n = 2), as the tables print it."""
RULES = ("beyond_limits", "two_of_three", "four_of_five", "eight_in_a_row")
"""Western Electric: one value beyond 3 sigma; 2 of 3 beyond 2; 4 of 5 beyond 1; 8 in a row on one side."""
BASE, FEWEST = 12, 8
"""Values that limits are computed from, and the fewest from which they are computed at all."""
LONGEST_RUN = 8
"""This many values in a row on one side are a signal by themselves: the level has moved."""

_ZONES = ((1, 1, 3.0), (3, 2, 2.0), (5, 4, 1.0), (LONGEST_RUN, LONGEST_RUN, 0.0))
"""For each rule: of the last n values, how many must lie beyond how many sigma on the same side."""
_PATHS, _SEED = 20_000, 20_261_031


class Limits(NamedTuple):
    """Natural limits, in the unit of the values; ``sigma`` is the mean moving range over 1.128."""

    centre: float
    lower: float
    upper: float
    sigma: float
    mean_range: float


class Verdict(NamedTuple):
    """How one value stands against the limits of those before it.

    ``n_base`` is how many earlier values the limits come from (0 where there are none yet), ``rule`` the first of
    `RULES` that the value completes, ``is_above`` on which side of the centre, ``run`` how many values in a row lie on
    that side up to this one.
    """

    limits: Limits | None
    n_base: int
    rule: str | None
    is_above: bool
    run: int


def individuals_limits(values: Sequence[float]) -> Limits:
    """Centre and three-sigma limits of single values, sigma from the mean moving range.

    Parameters
    ----------
    values : at least two, in order of time, none missing.

    Raises
    ------
    ValueError : fewer than two.

    >>> limits = individuals_limits([49.6, 47.6, 49.9, 51.3])
    >>> round(limits.mean_range, 3), round(limits.upper, 2)
    (1.9, 54.65)
    """
    if len(values) < 2:
        raise ValueError("limits need two values, for one moving range")
    centre = sum(values) / len(values)
    mean_range = sum(abs(after - before) for before, after in pairwise(values)) / (len(values) - 1)
    sigma = mean_range / RANGE_PER_SIGMA
    return Limits(centre, centre - 3 * sigma, centre + 3 * sigma, sigma, mean_range)


def judged(values: Sequence[float]) -> list[Verdict]:
    """Judge each value by limits from earlier ones alone.

    Limits come from the first `BASE` values and are then kept, so that two months compare. Until there are as many
    earlier values all of them are the base, if there are at least `FEWEST`.

    Parameters
    ----------
    values : in order of time, none missing.

    Returns
    -------
    One verdict a value. Without variation in the base there are limits but no rule: nothing to judge by.

    >>> verdicts = judged([5, 6, 5, 6, 5, 6, 5, 6, 6, 15])
    >>> [verdict.rule for verdict in verdicts][-3:], verdicts[-1].n_base
    ([None, None, 'beyond_limits'], 9)
    """
    import numpy as np

    return [_judged(np.asarray(values[: place + 1], dtype=np.float64)) for place in range(len(values))]


def false_alarms(n: int) -> list[float]:
    """How often chance alone gives a signal, by the number of earlier values.

    The procedure of `judged` on 20,000 rows of independent normal values, always the same ones: the rate holds the
    price of limits that were estimated from few values.

    Parameters
    ----------
    n : up to how many earlier values.

    Returns
    -------
    For 0, 1, ... n - 1 earlier values the share of rows that signal; 0 where there are no limits yet.

    >>> rates = false_alarms(13)
    >>> rates[7], 0.02 < rates[12] < 0.1
    (0.0, True)
    """
    import numpy as np

    rows = np.random.default_rng(_SEED).standard_normal((_PATHS, n))
    rates = []
    for place in range(n):
        n_base = _n_base(place)
        if not n_base:
            rates.append(0.0)
            continue
        earlier = rows[:, :n_base]
        centre = earlier.mean(axis=1, keepdims=True)
        sigma = np.abs(np.diff(earlier, axis=1)).mean(axis=1, keepdims=True) / RANGE_PER_SIGMA
        window = rows[:, max(0, place + 1 - LONGEST_RUN) : place + 1]
        rates.append(float(completed((window - centre) / sigma).any(axis=-1).mean()))
    return rates


def completed(deviations: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which rules the last value completes, itself among those that lie too far out.

    Parameters
    ----------
    deviations : from the centre in sigma; the last axis is time, eight values at most matter.

    Returns
    -------
    The same shape with the last axis replaced by `RULES`.

    >>> import numpy as np
    >>> completed(np.array([0.1, 2.5, -0.4, 2.1])).tolist(), completed(np.array([2.5, 2.5, 0.3])).any()
    ([False, True, False, False], np.False_)
    """
    import numpy as np

    completes = []
    outward = deviations * np.sign(deviations[..., -1:])
    for length, n_out, sigma in _ZONES:
        out = outward[..., -length:] > sigma
        completes.append(out[..., -1] & (out.sum(axis=-1) >= n_out))
    return np.stack(completes, axis=-1)


def _n_base(n_earlier: int) -> int:
    return min(n_earlier, BASE) if n_earlier >= FEWEST else 0


def _judged(values: NDArray[np.float64]) -> Verdict:
    """The verdict on the last of the values."""
    n_base = _n_base(len(values) - 1)
    if not n_base:
        return Verdict(None, 0, None, is_above=False, run=0)
    limits = individuals_limits(values[:n_base].tolist())
    deviations = values - limits.centre
    is_above = bool(deviations[-1] > 0)
    run = sum(1 for _ in takewhile(lambda deviation: deviation * deviations[-1] > 0, reversed(deviations)))
    if limits.sigma == 0:
        return Verdict(limits, n_base, None, is_above, run)
    fired = completed(deviations[-LONGEST_RUN:] / limits.sigma)
    rule = next((rule for rule, fires in zip(RULES, fired, strict=True) if fires), None)
    return Verdict(limits, n_base, rule, is_above, run)
