"""Whether probabilities mean what they say as a whole: more or fewer events than predicted, too bold or too shy."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from bizlab.contracts.column import Column
from bizlab.contracts.table import Table
from bizlab.labels import Label
from bizlab.prediction.backtest.evaluation import Vector, ratio_interval, why_not
from bizlab.prediction.backtest.metrics import FLOOR, Estimate, checked, no_line, reason_column
from bizlab.prediction.models.refusals import REFUSALS
from bizlab.units.kinds import Unit

CALIBRATED: dict[str, Label] = {
    "too_many": Label("预测偏多", "Predicts too many"),
    "too_few": Label("预测偏少", "Predicts too few"),
    "agrees": Label("与实际相符", "Agrees"),
    "not_available": Label("无法评价", "Not available"),
}


def _limits(name: str, zh: str, en: str) -> tuple[Column, Column]:
    return (
        Column(f"{name}_lower", Unit.SCORE, Label(f"{zh}下限", f"{en}, lower"), nullable=True),
        Column(f"{name}_upper", Unit.SCORE, Label(f"{zh}上限", f"{en}, upper"), nullable=True),
    )


CALIBRATION = Table(
    name="calibrated",
    label=Label("概率的校准", "Calibration of probabilities"),
    grain=Label("每个预测一行,各时点合并", "one row per prediction, all dates together"),
    key=("prediction",),
    columns=(
        Column("prediction", Unit.CODE, Label("预测", "Prediction")),
        Column("n_cases", Unit.COUNT, Label("比较数", "Compared")),
        Column(
            "expected", Unit.SCORE, Label("预计发生", "Expected"), definition=Label("概率之和", "sum of probabilities")
        ),
        Column("happened", Unit.COUNT, Label("实际发生", "Came")),
        Column("ratio", Unit.SCORE, Label("预计÷实际", "Expected over actual"), nullable=True),
        *_limits("ratio", "预计÷实际", "Expected over actual"),
        Column(
            "intercept",
            Unit.SCORE,
            Label("截距", "Intercept"),
            nullable=True,
            definition=Label(
                "斜率取1时的校准截距(对数优势);小于零为预测偏多",
                "log odds that all predictions are off by, slope 1; below 0 too many are predicted",
            ),
        ),
        *_limits("intercept", "截距", "Intercept"),
        Column(
            "slope",
            Unit.SCORE,
            Label("斜率", "Slope"),
            nullable=True,
            definition=Label("小于1:预测过于极端;大于1:过于保守", "below 1 too extreme, above 1 too shy"),
        ),
        *_limits("slope", "斜率", "Slope"),
        reason_column("slope"),
        Column("verdict", Unit.CODE, Label("结论", "Verdict"), False, tuple(CALIBRATED), None, CALIBRATED),
        Column(
            "refusal", Unit.CODE, Label("无法评价的原因", "Why not available"), True, tuple(REFUSALS), None, REFUSALS
        ),
    ),
)


@dataclass(frozen=True)
class Calibration:
    """Events predicted against events that came.

    Parameters
    ----------
    expected, happened : sum of the probabilities, and of the events.
    ratio : expected over happened. intercept : with slope 1. slope : beside an intercept of its own.
    verdict : a code of `CALIBRATED`, by whether the interval of the intercept leaves out 0.
    reason : a code of ``refusals.REFUSALS`` where there is no verdict; then no figure is given either.
    """

    expected: float
    happened: int
    ratio: Estimate
    intercept: Estimate
    slope: Estimate
    verdict: str
    reason: str | None


def calibration(
    actual: ArrayLike,
    predicted: ArrayLike,
    customers: ArrayLike,
    *,
    confidence: float = 0.95,
    random_state: int = 0,
) -> Calibration:
    """How many were predicted against how many came.

    Intercept and slope: Cox, *Two further applications of a model for binary regression*, Biometrika 45 (1958)
    562-565; the intercept with the slope held at 1 says whether too many are predicted as a whole. A customer may
    stand at several dates, so standard errors are robust to clusters (Liang and Zeger, *Longitudinal data analysis
    using generalized linear models*, Biometrika 73 (1986) 13-22), and the ratio's interval resamples customers.

    Parameters
    ----------
    actual, predicted : 0 or 1, and probabilities, no gaps. customers : whose case each is.

    >>> happened = np.arange(400) % 4 == 0
    >>> found = calibration(happened, np.where(np.arange(400) % 3 == 0, 0.4, 0.5), range(400))
    >>> found.verdict, round(found.ratio.value, 2), round(found.intercept.value, 2)
    ('too_many', 1.87, -0.97)
    """
    from scipy.stats import norm

    y, p = checked(actual, predicted)
    codes = pd.factorize(np.asarray(customers), sort=True)[0]
    expected, happened = float(p.sum()), int(y.sum())
    reason = why_not(y, len(np.unique(codes)), "probability")
    if reason is not None:
        missing = Estimate(math.nan, math.nan, math.nan)
        return Calibration(expected, happened, missing, missing, missing, "not_available", reason)
    x = np.log(np.clip(p, FLOOR, 1 - FLOOR) / np.clip(1 - p, FLOOR, 1 - FLOOR))
    reach = float(norm.ppf(0.5 + confidence / 2))
    intercept, slope = _intercept(y, x, codes, reach), _slope(y, x, codes, reach)
    limits = ratio_interval(p, y, codes, confidence=confidence, random_state=random_state)
    verdict = "too_many" if intercept.upper < 0 else "too_few" if intercept.lower > 0 else "agrees"
    return Calibration(expected, happened, Estimate(expected / happened, *limits), intercept, slope, verdict, None)


def calibrated_table(found: Mapping[str, tuple[int, Calibration]]) -> pd.DataFrame:
    """Calibrations for readers: see `CALIBRATION`.

    Parameters
    ----------
    found : number of cases and calibration, by the code of the prediction.
    """
    rows = []
    for name, (n_cases, one) in found.items():
        row = {"prediction": name, "n_cases": n_cases, "expected": one.expected, "happened": one.happened}
        for figure in ("ratio", "intercept", "slope"):
            value, lower, upper, _ = getattr(one, figure)
            row |= {figure: value, f"{figure}_lower": lower, f"{figure}_upper": upper}
        why = {"slope_reason": one.slope.reason, "verdict": one.verdict, "refusal": one.reason}
        rows.append(row | why)
    return CALIBRATION.conform(pd.DataFrame(rows, columns=list(CALIBRATION.names)))


def _intercept(y: Vector, x: Vector, codes: NDArray[np.int64], reach: float) -> Estimate:
    """Where log odds must be shifted to so that as many are expected as came."""
    from scipy.optimize import brentq
    from scipy.special import expit, logit

    furthest = float(np.abs(x).max() + abs(logit(y.mean())))
    value = float(brentq(lambda shift: float((expit(x + shift) - y).sum()), -furthest, furthest, xtol=1e-12))
    p = expit(x + value)
    luck = np.bincount(codes, weights=y - p)
    spread = math.sqrt(len(luck) / (len(luck) - 1) * float((luck**2).sum())) / float((p * (1 - p)).sum())
    return Estimate(value, value - reach * spread, value + reach * spread)


def _slope(y: Vector, x: Vector, codes: NDArray[np.int64], reach: float) -> Estimate:
    from statsmodels.discrete.discrete_model import Logit

    if why := no_line(y, x):
        return Estimate(math.nan, math.nan, math.nan, why)
    model = Logit(y, np.column_stack([np.ones_like(x), x]))
    fitted = model.fit(disp=0, method="newton", maxiter=100, cov_type="cluster", cov_kwds={"groups": codes})
    value, spread = float(fitted.params[-1]), reach * float(fitted.bse[-1])
    return Estimate(value, value - spread, value + spread)
