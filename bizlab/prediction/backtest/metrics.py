"""How good predictions were: ranking, calibration, lift and errors, each with what it cannot say.

Truths are 0 or 1 (or numbers, for `errors_table`), predictions probabilities (or numbers); both of one length, no gaps.
"""

from __future__ import annotations

import math
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from bizlab.contracts.columns import column, ratio, reason, table, words
from bizlab.contracts.table import Table
from bizlab.errors import DataError, unknown
from bizlab.units.kinds import Unit

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
    not_ranked="不是概率 | no probability",
    nothing_actual="实际为零 | the actual total is zero",
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


def brier_score(actual: ArrayLike, predicted: ArrayLike) -> float:
    """Mean squared difference between probability and outcome: 0 is best, NaN for nobody (Brier, 1950).

    >>> round(brier_score([1, 0], [0.8, 0.4]), 3)
    0.1
    """
    y, p = checked(actual, predicted)
    return float(((p - y) ** 2).mean()) if len(y) else math.nan


def log_losses(actual: ArrayLike, predicted: ArrayLike) -> NDArray[np.float64]:
    """Minus the logarithm of the probability given to what happened, customer by customer; see `FLOOR`.

    >>> log_losses([1, 0], [0.5, 1.0]).round(3).tolist()
    [0.693, 13.816]
    """
    y, p = checked(actual, predicted)
    given = np.clip(np.where(y == 1, p, 1 - p), FLOOR, 1 - FLOOR)
    return np.asarray(-np.log(given), dtype=np.float64)


def log_loss(actual: ArrayLike, predicted: ArrayLike) -> float:
    """Mean of `log_losses`; NaN for nobody.

    >>> round(log_loss([1, 0], [0.5, 0.5]), 3)
    0.693
    """
    losses = log_losses(actual, predicted)
    return float(losses.mean()) if len(losses) else math.nan


class CalibrationLine(NamedTuple):
    """Log odds of the outcome as ``intercept + slope x log odds predicted``; 0 and 1 when calibrated."""

    intercept: Estimate
    slope: Estimate


def calibration_line(actual: ArrayLike, predicted: ArrayLike, *, confidence: float = 0.95) -> CalibrationLine:
    """Calibration intercept and slope.

    Cox, *Two further applications of a model for binary regression*, Biometrika 45 (1958) 562-565. A slope below 1
    says that predictions are too extreme; the intercept is the one beside the slope fitted, with Wald intervals.

    Returns
    -------
    Both; missing with the reason where the outcomes or predictions are all the same, or a threshold on the
    prediction separates the outcomes so that no finite line fits best.

    >>> line = calibration_line([0, 0, 0, 1, 0, 1, 1, 1], [0.2] * 4 + [0.8] * 4)
    >>> round(line.slope.value, 3), abs(line.intercept.value) < 1e-9  # log(3) / log(4)
    (0.792, True)
    """
    y, p = checked(actual, predicted)
    x = np.log(np.clip(p, FLOOR, 1 - FLOOR) / np.clip(1 - p, FLOOR, 1 - FLOOR))
    if why := no_line(y, x):
        missing = Estimate(math.nan, math.nan, math.nan, why)
        return CalibrationLine(missing, missing)
    from scipy.stats import norm
    from statsmodels.discrete.discrete_model import Logit

    fitted = Logit(y, np.column_stack([np.ones_like(x), x])).fit(disp=0, method="newton", maxiter=100)
    reach = float(norm.ppf(0.5 + confidence / 2)) * fitted.bse
    at = [Estimate(float(b), float(b - r), float(b + r)) for b, r in zip(fitted.params, reach, strict=True)]
    return CalibrationLine(at[0], at[1])


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


Measured = Literal["count", "amount"]


def _errors_contract(kind: Measured) -> Table:
    """Errors in pieces (real numbers) or in whole fen."""
    unit, end = (Unit.FEN, "_fen") if kind == "amount" else (Unit.SCORE, "")

    return table(
        f"{kind}_errors",
        "预测误差 | Errors of the prediction",
        "全体一行 | one row for all",
        column("n_customers", "客户数 | Customers"),
        column(f"predicted{end}", "预测合计 | Predicted in total", unit=unit),
        column(f"actual{end}", "实际合计 | Actual in total", unit=unit),
        column(f"mae{end}", "平均绝对误差 | Mean absolute error", unit=unit, nullable=True),
        column(f"rmse{end}", "均方根误差 | Root mean squared error", unit=unit, nullable=True),
        column(
            f"bias{end}",
            "平均偏差 | Bias",
            "预测 − 实际的平均 | mean of predicted minus actual",
            unit=unit,
            nullable=True,
        ),
        reason("bias", REASONS),
        ratio(
            "wmape_rate",
            "加权绝对误差率 | Weighted absolute error",
            "绝对误差之和 ÷ 实际绝对值之和 | absolute errors over absolute actuals, in total",
            missing=REASONS,
        ),
        key="n_customers",
    )


ERRORS: dict[str, Table] = {"count": _errors_contract("count"), "amount": _errors_contract("amount")}


def errors_table(actual: ArrayLike, predicted: ArrayLike, *, kind: Measured) -> pd.DataFrame:
    """Errors of predicted counts or amounts (fen), and both totals.

    Returns
    -------
    ``ERRORS[kind]``: one row; ``mae``, ``rmse``, ``bias`` are missing with ``nobody``, ``wmape_rate`` with
    ``nothing_actual``. Amounts are rounded to whole fen at the end.

    >>> errors_table([0, 4], [1, 2], kind="count")[["mae", "bias", "wmape_rate"]].values.tolist()
    [[1.5, -0.5, 0.75]]
    """
    if kind not in ERRORS:
        raise unknown("kind", kind, ERRORS, "errors")
    y, p = numbers(actual, predicted)
    error, weight = p - y, float(np.abs(y).sum())
    n = len(y)
    figures = {
        "predicted": p.sum(),
        "actual": y.sum(),
        "mae": np.abs(error).mean() if n else None,
        "rmse": math.sqrt((error**2).mean()) if n else None,
        "bias": error.mean() if n else None,
    }
    if kind == "amount":
        figures = {f"{name}_fen": None if value is None else round(value) for name, value in figures.items()}
    row: dict[str, Any] = {
        "n_customers": n,
        **figures,
        "bias_reason": None if n else "nobody",
        "wmape_rate": np.abs(error).sum() / weight if weight else None,
        "wmape_rate_reason": None if weight else ("nothing_actual" if n else "nobody"),
    }
    return ERRORS[kind].conform(pd.DataFrame([row]))


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
            way_out="give one of each a customer, and leave out who has no prediction",
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
            "An outcome is neither 0 nor 1, or a prediction is no probability",
            place="measuring a prediction",
            way_out="counts and amounts are measured by their errors",
        )
    return y, p
