"""How good probabilities were: ranking and losses, each with what it cannot say.

Outcomes are 0 or 1, predictions probabilities; both of one length, no gaps.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bizlab.contracts.columns import words
from bizlab.errors import DataError

FLOOR = 1e-6
"""Probabilities are kept this far from 0 and 1 in logarithms, so that one wrong 'never' costs 13.8 and not infinity."""

MIN_OF_EACH = 10
"""Outcomes of the rarer kind below which the area has no interval: with 8 that of 95 % covered 89 % of the time."""
REASONS = words(
    nobody="没有客户 | no customers",
    one_outcome="结果全部相同 | all outcomes are the same",
    too_few="一类结果不足10个,区间不可信 | fewer than 10 of an outcome, too few for an interval",
    no_spread="完全分开,无法估计误差 | fully separated, its error cannot be estimated",
    same_prediction="预测值全部相同 | all predictions are the same",
    separated="预测把两类完全分开 | the predictions separate the outcomes fully",
    perfect_reference="参照没有误差 | the reference makes no error",
    no_events="没有发生 | nothing happened",
    not_ranked="不是概率 | not a probability",
)


class Estimate(NamedTuple):
    """A figure with its interval; what is missing is NaN and ``reason`` (a code of `REASONS`) says why."""

    value: float
    lower: float
    upper: float
    reason: str | None = None


def auc(actual: ArrayLike, predicted: ArrayLike, *, confidence: float = 0.95) -> Estimate:
    """Chance that a customer to whom it happened was scored above one to whom it did not, ties counted half.

    DeLong, DeLong and Clarke-Pearson, *Comparing the areas under two or more correlated receiver operating
    characteristic curves*, Biometrics 44 (1988) 837-845, by the midranks of Sun and Xu, *Fast implementation of
    DeLong's algorithm*, IEEE Signal Processing Letters 21 (2014) 1389-1393. The interval is normal and cut at 0 and 1.

    Returns
    -------
    The area; missing with ``one_outcome`` where only one outcome occurred. The limits alone are missing, with
    ``too_few`` where an outcome occurred less than `MIN_OF_EACH` times, with ``no_spread`` where the scores separate
    fully: an interval of no width would lie.

    >>> auc([0, 1, 0, 1], [0.1, 0.4, 0.4, 0.8]).value
    0.875
    >>> auc([1, 1], [0.1, 0.2]).reason, auc([0, 1], [0.1, 0.2])
    ('one_outcome', Estimate(value=1.0, lower=nan, upper=nan, reason='too_few'))
    """
    y, p = checked(actual, predicted)
    positive, negative = p[y == 1], p[y == 0]
    m, n = len(positive), len(negative)
    if not m or not n:
        return Estimate(math.nan, math.nan, math.nan, "one_outcome" if m + n else "nobody")
    from scipy.stats import norm, rankdata

    ranks = rankdata(np.concatenate([positive, negative]))
    above = (ranks[:m] - rankdata(positive)) / n
    below = 1 - (ranks[m:] - rankdata(negative)) / m
    area = float(above.mean())
    if min(m, n) < MIN_OF_EACH:
        return Estimate(area, math.nan, math.nan, "too_few")
    if not (spread := float(above.var(ddof=1) / m + below.var(ddof=1) / n)):
        return Estimate(area, math.nan, math.nan, "no_spread")
    reach = float(norm.ppf(0.5 + confidence / 2)) * math.sqrt(spread)
    return Estimate(area, max(0.0, area - reach), min(1.0, area + reach))


def log_losses(actual: ArrayLike, predicted: ArrayLike) -> NDArray[np.float64]:
    """Minus the logarithm of the probability given to what happened, customer by customer; see `FLOOR`.

    >>> log_losses([1, 0], [0.5, 1.0]).round(3).tolist()
    [0.693, 13.816]
    """
    y, p = checked(actual, predicted)
    given = np.clip(np.where(y == 1, p, 1 - p), FLOOR, 1 - FLOOR)
    return np.asarray(-np.log(given), dtype=np.float64)


def no_line(y: NDArray[np.float64], x: NDArray[np.float64]) -> str | None:
    """Why no calibration line can be fitted to outcomes and log odds, a code of `REASONS`.

    >>> no_line(np.array([0.0, 1.0]), np.array([-1.0, 1.0]))
    'separated'
    """
    if not len(y):
        return "nobody"
    if y.min() == y.max():
        return "one_outcome"
    if x.min() == x.max():
        return "same_prediction"
    yes, no = x[y == 1], x[y == 0]
    return "separated" if yes.min() >= no.max() or no.min() >= yes.max() else None


def numbers(actual: ArrayLike, predicted: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Outcomes and predictions as arrays of one length.

    Raises
    ------
    DataError : lengths that differ, or gaps.
    """
    y, p = np.asarray(actual, dtype=np.float64), np.asarray(predicted, dtype=np.float64)
    if y.shape != p.shape or y.ndim != 1 or not (np.isfinite(y).all() and np.isfinite(p).all()):
        raise DataError(
            f"Outcomes {y.shape} and predictions {p.shape} are not of one length, or have gaps",
            place="measuring a prediction",
            fix="give one of each a customer, and leave out who has no prediction",
        )
    return y, p


def checked(actual: ArrayLike, predicted: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Outcomes of 0 and 1 and probabilities, as arrays of one length.

    Raises
    ------
    DataError : lengths that differ, gaps, an outcome that is neither 0 nor 1, a prediction outside 0 and 1.
    """
    y, p = numbers(actual, predicted)
    if not np.isin(y, (0, 1)).all() or ((p < 0) | (p > 1)).any():
        raise DataError(
            "An outcome is neither 0 nor 1, or a prediction is not a probability",
            place="measuring a prediction",
            fix="counts and amounts are measured by their errors",
        )
    return y, p
