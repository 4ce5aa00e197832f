"""A prediction against a plain baseline on the same cases: paired difference, interval by customer, verdict."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from bizlab.contracts.columns import words
from bizlab.errors import SettingError, unknown
from bizlab.labels import Label
from bizlab.prediction.backtest.metrics import Estimate, auc, checked, log_losses, numbers
from bizlab.statistics.proportions import Interval

Kind: TypeAlias = Literal["probability", "count", "amount"]
Measure: TypeAlias = Literal["brier", "log_loss", "absolute_error", "squared_error"]
Vector: TypeAlias = NDArray[np.float64]

MEASURES: dict[str, Label] = words(
    brier="Brier 分数 | Brier score",
    log_loss="对数损失 | Log loss",
    absolute_error="绝对误差 | Absolute error",
    squared_error="平方误差 | Squared error",
)
MEASURES_OF: dict[str, tuple[Measure, ...]] = {
    "probability": ("brier", "log_loss"),
    "count": ("absolute_error", "squared_error"),
    "amount": ("absolute_error", "squared_error"),
}
"""What may be asked of each kind; the first is taken where nothing is said. Squared error rewards the right mean,
absolute error the right median: where most customers buy nothing, predicting nothing does well by the latter."""

VERDICTS: dict[str, Label] = words(
    better="优于基准 | Better than the baseline",
    no_better="不优于基准 | No better than the baseline",
    worse="劣于基准 | Worse than the baseline",
    same="每例都与基准相同 | The same as the baseline in every case",
    not_available="无法评价 | Not available",
)
MIN_CUSTOMERS = 50
MIN_EVENTS = 10
"""Below these a percentile interval is too narrow to be trusted, and no verdict is given."""
RESAMPLES = 2000
_CELLS = 4_000_000


@dataclass(frozen=True)
class Evaluation:
    """How a prediction did against its baseline on the same cases.

    Parameters
    ----------
    measure : the loss compared, smaller is better.
    n_cases, n_customers : a customer may occur at several origins.
    actual_mean, predicted_mean, baseline_mean : a case.
    model_loss, baseline_loss : mean of the loss a case; NaN without cases.
    difference : model minus baseline with its interval; below 0 the model is better.
    skill, skill_reason : part of the baseline's loss that the model saves; missing where the baseline has none.
    auc : of the model, for probabilities; ``None`` for counts and amounts.
    verdict, reason : a code of `VERDICTS`; for ``not_available`` a code of ``refusals.REFUSALS``, else None.
    """

    measure: Measure
    n_cases: int
    n_customers: int
    actual_mean: float
    predicted_mean: float
    baseline_mean: float
    model_loss: float
    baseline_loss: float
    difference: Estimate
    skill: float
    skill_reason: str | None
    auc: Estimate | None
    verdict: str
    reason: str | None


def evaluate(
    predicted: ArrayLike,
    baseline: ArrayLike,
    actual: ArrayLike,
    *,
    kind: Kind,
    customers: ArrayLike | None = None,
    measure: Measure | None = None,
    confidence: float = 0.95,
) -> Evaluation:
    """Compare a prediction with a plain baseline.

    The losses of both are paired case by case. The interval of their mean difference is a percentile interval from
    resampling whole customers (Field and Welsh, *Bootstrapping clustered data*, JRSS B 69 (2007) 369-390), since a
    customer's cases at several origins are not independent. The verdict is ``better`` or ``worse`` where the interval
    leaves out 0, else ``no_better``. What hit all customers of a period alike is not in the interval.

    Parameters
    ----------
    predicted, baseline, actual : one a case, no gaps; probabilities and 0/1, or counts, or amounts in fen.
    kind : which of these.
    customers : whose case it is; without it every case is a customer of its own.
    measure : one of ``MEASURES_OF[kind]``; the first by default.

    Returns
    -------
    The evaluation; ``not_available`` with fewer than 50 customers, or for probabilities fewer than 10 of either
    outcome.

    Raises
    ------
    SettingError : an unknown kind, or a measure that does not fit it.
    DataError : gaps, lengths that differ, values that are not probabilities or outcomes.

    >>> happened = np.arange(200) % 4 == 0
    >>> result = evaluate(np.where(happened, 0.6, 0.1), np.full(200, 0.25), happened, kind="probability")
    >>> result.verdict, round(result.model_loss, 4), round(result.baseline_loss, 4), round(result.skill, 2)
    ('better', 0.0475, 0.1875, 0.75)
    >>> evaluate([0.5], [0.2], [1], kind="probability").reason
    'too_few_customers'
    """
    measure = _measure(kind, measure)
    y, p = (checked if kind == "probability" else numbers)(actual, predicted)
    _, b = (checked if kind == "probability" else numbers)(actual, baseline)
    codes = np.arange(len(y)) if customers is None else pd.factorize(np.asarray(customers), sort=True)[0]
    n_customers = len(np.unique(codes))
    loss, plain = _losses(y, p, measure), _losses(y, b, measure)
    reason = why_not(y, n_customers, kind)
    interval = Interval(math.nan, math.nan)
    if reason is None:
        interval = ratio_interval(loss - plain, np.ones_like(y), codes, confidence=confidence)
    difference = Estimate(_mean(loss - plain), *interval, reason)
    reference = _mean(plain)
    return Evaluation(
        measure=measure,
        n_cases=len(y),
        n_customers=n_customers,
        actual_mean=_mean(y),
        predicted_mean=_mean(p),
        baseline_mean=_mean(b),
        model_loss=_mean(loss),
        baseline_loss=reference,
        difference=difference,
        skill=1 - _mean(loss) / reference if reference > 0 else math.nan,
        skill_reason=None if reference > 0 else ("nobody" if math.isnan(reference) else "perfect_reference"),
        auc=auc(y, p, confidence=confidence) if kind == "probability" else None,
        verdict="same" if reason is None and np.array_equal(p, b) else _verdict(difference),
        reason=reason,
    )


def ratio_interval(
    over: Vector, under: Vector, customers: NDArray[np.int64], *, confidence: float, random_state: int = 0
) -> Interval:
    """Percentile interval of one total over another, whole customers resampled.

    Parameters
    ----------
    over, under : one each a case; 1 under each for the interval of a mean.
    customers : whose case it is, 0 to the number of customers less 1, at least one.

    >>> over, under = np.array([1.0, 1, 3]), np.array([1.0, 1, 1])
    >>> ratio_interval(over, under, np.array([0, 0, 1]), confidence=0.9)
    Interval(lower=1.0, upper=3.0)
    """
    totals, bases = (np.bincount(customers, weights=values) for values in (over, under))
    rng = np.random.default_rng(random_state)
    n = len(totals)
    chunk = max(1, _CELLS // n)
    ratios: list[Vector] = []
    for start in range(0, RESAMPLES, chunk):
        drawn = rng.integers(0, n, size=(min(chunk, RESAMPLES - start), n))
        ratios.append(totals[drawn].sum(axis=1) / bases[drawn].sum(axis=1))
    low, high = np.quantile(np.concatenate(ratios), [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(float(low), float(high))


def _measure(kind: Kind, measure: Measure | None) -> Measure:
    if kind not in MEASURES_OF:
        raise unknown("kind of prediction", kind, MEASURES_OF, "evaluation")
    if measure is None:
        return MEASURES_OF[kind][0]
    if measure not in MEASURES_OF[kind]:
        fix = f"choose from {', '.join(MEASURES_OF[kind])}"
        raise SettingError(f"A {kind} is not measured by '{measure}'", place="evaluation", fix=fix)
    return measure


def _losses(y: Vector, p: Vector, measure: Measure) -> Vector:
    if measure == "log_loss":
        return log_losses(y, p)
    error: Vector = p - y
    return np.abs(error) if measure == "absolute_error" else error**2


def why_not(y: Vector, n_customers: int, kind: Kind) -> str | None:
    """Why cases are too few for a verdict, a code of ``refusals.REFUSALS``; None where they are enough.

    >>> why_not(np.arange(60) % 10 == 0, 60, "probability")
    'too_few_to_compare'
    """
    if n_customers < MIN_CUSTOMERS:
        return "too_few_customers"
    if kind == "probability":
        rarer = min(y.sum(), len(y) - y.sum())
        if rarer < MIN_EVENTS:
            return "too_few_to_compare" if rarer else "one_outcome"
    return None


def _mean(values: Vector) -> float:
    return float(values.mean()) if len(values) else math.nan


def _verdict(difference: Estimate) -> str:
    if difference.reason is not None:
        return "not_available"
    if difference.upper < 0:
        return "better"
    return "worse" if difference.lower > 0 else "no_better"
