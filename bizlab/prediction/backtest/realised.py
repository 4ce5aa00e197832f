"""The last prediction beside what came: customer by customer, and in total with the spread that chance allows."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bizlab.contracts.columns import column, ratio, reason, score, table, text, words
from bizlab.errors import DataError, some
from bizlab.statistics.proportions import Interval

KEY = "customer_id"
EXACT_UP_TO = 2000
"""Customers up to which the number of events is distributed exactly; above, the normal curve is as good."""

REASONS = words(
    not_predicted="上期未预测 | not predicted last time", not_at_risk="无结果可对照 | has no outcome to compare"
)
METHODS = words(
    poisson_binomial="精确分布 | Exact distribution",
    normal="正态近似 | Normal approximation",
    none="无区间 | No interval",
)
STANDINGS = words(
    within="在预期范围内 | Within what was expected",
    above="高于预期范围 | Above what was expected",
    below="低于预期范围 | Below what was expected",
    not_available="无法判断 | Not available",
)
NO_INTERVAL = words(
    nobody="没有可对照的客户 | nobody to compare", no_variance="预测未给出方差 | the prediction gives no variance"
)

REALISED = table(
    "realised",
    "上期预测与实际 | Last prediction and outcome",
    "每个客户一行 | one row per customer",
    text(KEY, "客户 | Customer"),
    ratio("predicted", "上期预测 | Predicted", missing=REASONS),
    ratio("actual", "实际 | Actual", missing=REASONS),
    key=KEY,
)

REALISED_TOTAL = table(
    "realised_total",
    "上期预测与实际合计 | Last prediction and outcome in total",
    "全体一行 | one row for all",
    column("n_customers", "客户数 | Customers"),
    column("n_compared", "可对照 | Compared"),
    column("n_not_predicted", "上期未预测 | Not predicted"),
    column("n_not_at_risk", "无结果 | Without an outcome"),
    score("expected", "预期 | Expected", "可对照客户的预测之和 | sum of the predictions of those compared"),
    score(
        "lower",
        "下限 | Lower limit",
        "若预测为真且客户相互独立,合计应在其间 | "
        "where the total lies if predictions are true and customers independent",
        nullable=True,
    ),
    score("upper", "上限 | Upper limit", nullable=True),
    reason("lower", NO_INTERVAL),
    column("method", "方法 | Method", choices=METHODS),
    score("actual", "实际 | Actual"),
    column("standing", "结论 | Standing", choices=STANDINGS),
    key="n_customers",
    sums={
        "n_customers = n_compared + n_not_predicted + n_not_at_risk": (
            "客户数 = 可对照 + 未预测 + 无结果 | customers = compared + not predicted + without an outcome"
        )
    },
)


def realised(last_prediction: pd.DataFrame, outcomes: pd.DataFrame) -> pd.DataFrame:
    """Each customer's last prediction beside what came.

    Parameters
    ----------
    last_prediction : as kept when it was made: ``customer_id``, ``predicted`` (probability, count or fen), may be
        missing.
    outcomes : of the horizon that has ended: ``customer_id``, ``outcome``.

    Returns
    -------
    `REALISED`: everybody of either table, sorted; what is missing has its reason.

    Raises
    ------
    DataError : a customer twice in one of the tables.

    >>> last = pd.DataFrame({"customer_id": ["a", "b"], "predicted": [0.8, 0.1]})
    >>> came = pd.DataFrame({"customer_id": ["a", "c"], "outcome": [True, False]})
    >>> realised(last, came)[["customer_id", "predicted_reason", "actual_reason"]].values.tolist()
    [['a', nan, nan], ['b', nan, 'not_at_risk'], ['c', 'not_predicted', nan]]
    """
    for name, frame in (("last prediction", last_prediction), ("outcomes", outcomes)):
        if frame[KEY].duplicated().any():
            twice = frame.loc[frame[KEY].duplicated(), KEY].tolist()
            raise DataError(f"The {name} hold a customer twice", place=some(twice), fix="give one row per customer")
    before = last_prediction.set_index(KEY)["predicted"].astype(float)
    came = outcomes.set_index(KEY)["outcome"].astype(float)
    customers = pd.DataFrame({"predicted": before, "actual": came}).sort_index().rename_axis(KEY).reset_index()
    customers["predicted_reason"] = _why(customers["predicted"], "not_predicted")
    customers["actual_reason"] = _why(customers["actual"], "not_at_risk")
    return REALISED.conform(customers)


def realised_total(
    customers: pd.DataFrame,
    *,
    variance: pd.Series[Any] | None = None,
    is_probability: bool = True,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """How many were expected, how many came, and whether chance explains the difference.

    The number of events is a sum of independent yes-or-noes with chances of their own (Poisson-binomial; Wang, *On the
    number of successes in independent trials*, Statistica Sinica 3 (1993) 295-312): exact up to 2,000 customers, by
    the normal curve with continuity correction above. Counts and amounts need the variance that their model gives.
    The predictions are taken as true: the uncertainty of the fit, and what hits all customers alike, are not in it.

    Parameters
    ----------
    customers : `REALISED`.
    variance : for counts and amounts, of each customer's prediction, by customer id.
    is_probability : whether predictions are chances and outcomes 0 or 1.

    Returns
    -------
    `REALISED_TOTAL`: one row; without a variance, or nobody to compare, the limits are missing with the reason.

    Raises
    ------
    DataError : probabilities outside 0 and 1, or a customer without a variance.

    >>> last = pd.DataFrame({"customer_id": list("abcd"), "predicted": 0.5})
    >>> came = pd.DataFrame({"customer_id": list("abcd"), "outcome": [True, True, True, False]})
    >>> realised_total(realised(last, came))[["expected", "lower", "upper", "actual"]].values.tolist()
    [[2.0, 0.0, 4.0, 3.0]]
    """
    both = customers[customers["predicted"].notna() & customers["actual"].notna()]
    p, actual = both["predicted"].to_numpy(dtype=np.float64), float(both["actual"].sum())
    limits, method = Interval(math.nan, math.nan), "none"
    if len(both) and is_probability:
        if ((p < 0) | (p > 1)).any():
            raise DataError("A prediction is not a probability", place="realised", fix="say that these are counts")
        limits, method = events_interval(p, confidence=confidence)
    elif len(both) and variance is not None:
        spread = variance.reindex(both[KEY].to_numpy()).to_numpy(dtype=np.float64)
        if np.isnan(spread).any():
            raise DataError("A customer has no variance", place="realised", fix="give one for each prediction")
        limits, method = _normal(float(p.sum()), float(spread.sum()), confidence), "normal"
    row = {
        "n_customers": len(customers),
        "n_compared": len(both),
        "n_not_predicted": int(customers["predicted"].isna().sum()),
        "n_not_at_risk": int((customers["actual"].isna() & customers["predicted"].notna()).sum()),
        "expected": p.sum(),
        "lower": limits.lower,
        "upper": limits.upper,
        "lower_reason": None if method != "none" else ("no_variance" if len(both) else "nobody"),
        "method": method,
        "actual": actual,
        "standing": _standing(actual, limits),
    }
    return REALISED_TOTAL.conform(pd.DataFrame([row]))


def events_interval(chances: NDArray[np.float64], *, confidence: float) -> tuple[Interval, str]:
    """Limits between which the number of events lies at least as often as the confidence says, and how they were made.

    >>> events_interval(np.full(4, 0.5), confidence=0.8)
    (Interval(lower=1.0, upper=3.0), 'poisson_binomial')
    """
    tail = (1 - confidence) / 2
    if len(chances) > EXACT_UP_TO:
        wide = _normal(float(chances.sum()), float((chances * (1 - chances)).sum()), confidence)
        low, high = math.ceil(wide.lower - 0.5), math.floor(wide.upper + 0.5)
        return Interval(float(max(low, 0)), float(min(high, len(chances)))), "normal"
    below = np.cumsum(poisson_binomial(chances))
    low, high = (int(np.searchsorted(below, at - 1e-12)) for at in (tail, 1 - tail))
    return Interval(float(low), float(min(high, len(chances)))), "poisson_binomial"


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


def _normal(mean: float, variance: float, confidence: float) -> Interval:
    from scipy.stats import norm

    reach = float(norm.ppf(0.5 + confidence / 2)) * math.sqrt(variance)
    return Interval(mean - reach, mean + reach)


def _standing(actual: float, limits: Interval) -> str:
    if math.isnan(limits.lower):
        return "not_available"
    if actual < limits.lower:
        return "below"
    return "above" if actual > limits.upper else "within"


def _why(values: pd.Series[Any], reason: str) -> pd.Series[Any]:
    return pd.Series(reason, index=values.index, dtype="str").where(values.isna())
