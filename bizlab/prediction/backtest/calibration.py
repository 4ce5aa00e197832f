"""Whether probabilities mean what they say as a whole: more or fewer events than predicted, too bold or too shy."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from bizlab.contracts.columns import code, column, count, reason, score, table, words
from bizlab.contracts.finding import Finding
from bizlab.contracts.says import says
from bizlab.labels import Label
from bizlab.prediction.backtest.evaluation import Vector, ratio_interval, why_not
from bizlab.prediction.backtest.metrics import FLOOR, REASONS, Estimate, checked, no_line
from bizlab.prediction.models.refusals import REFUSALS

CALIBRATED: dict[str, Label] = words(
    too_many="预测偏多 | Predicts too many",
    too_few="预测偏少 | Predicts too few",
    agrees="与实际相符 | Agrees",
    not_available="无法评价 | Not available",
)

CALIBRATION = table(
    "calibrated",
    "概率的校准 | Calibration of probabilities",
    "每个预测一行,各时点合并 | one row per prediction, all dates together",
    code("prediction", "预测 | Prediction"),
    column("n_cases", "比较数 | Compared"),
    score("expected", "预计发生 | Expected", "概率之和 | sum of probabilities"),
    count("happened", "实际发生 | Came"),
    score("ratio", "预计÷实际 | Expected over actual", nullable=True),
    score("ratio_lower", "预计÷实际下限 | Expected over actual, lower", nullable=True),
    score("ratio_upper", "预计÷实际上限 | Expected over actual, upper", nullable=True),
    score(
        "intercept",
        "截距 | Intercept",
        "斜率取1时的校准截距(对数优势);小于零为预测偏多 | "
        "log odds that all predictions are off by, slope 1; below 0 too many are predicted",
        nullable=True,
    ),
    score("intercept_lower", "截距下限 | Intercept, lower", nullable=True),
    score("intercept_upper", "截距上限 | Intercept, upper", nullable=True),
    score(
        "slope",
        "斜率 | Slope",
        "小于1:预测过于极端;大于1:过于保守 | below 1 too extreme, above 1 too shy",
        nullable=True,
    ),
    score("slope_lower", "斜率下限 | Slope, lower", nullable=True),
    score("slope_upper", "斜率上限 | Slope, upper", nullable=True),
    reason("slope", REASONS),
    column("verdict", "结论 | Verdict", choices=CALIBRATED),
    column("refusal", "无法评价的原因 | Why not available", nullable=True, choices=REFUSALS),
    key="prediction",
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
    actual: ArrayLike, predicted: ArrayLike, customers: ArrayLike, *, confidence: float = 0.95
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
    >>> result = calibration(happened, np.where(np.arange(400) % 3 == 0, 0.4, 0.5), range(400))
    >>> result.verdict, round(result.ratio.value, 2), round(result.intercept.value, 2)
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
    limits = ratio_interval(p, y, codes, confidence=confidence)
    verdict = "too_many" if intercept.upper < 0 else "too_few" if intercept.lower > 0 else "agrees"
    return Calibration(expected, happened, Estimate(expected / happened, *limits), intercept, slope, verdict, None)


def calibration_findings(calibrated: pd.DataFrame, *, key: str = "calibrated") -> list[Finding]:
    """One sentence for each row of `CALIBRATION`, shown under ``key``, that predicts too many or too few."""
    text = (
        "{prediction}:{verdict}——预计 {expected},实际 {happened},预计÷实际 {ratio}({ratio_lower} 至 {ratio_upper}) | "
        "{prediction}: {verdict} — {expected} expected, {happened} came: {ratio} ({ratio_lower} to {ratio_upper})"
    )
    off = calibrated[calibrated["verdict"].isin(["too_many", "too_few"])]
    return [
        says(row, CALIBRATION, text, key=f"calibration.{row['prediction']}", table=key, direction="bad", material=True)
        for row in off.to_dict("records")
    ]


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
