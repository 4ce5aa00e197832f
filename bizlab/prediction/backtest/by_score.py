"""Predictions group by group, from the highest score to the lowest: calibration, lift and cumulative gains."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from bizlab.contracts.columns import column, count, ratio, score, table, words
from bizlab.errors import SettingError
from bizlab.prediction.backtest.metrics import REASONS, checked
from bizlab.statistics.proportions import wilson_interval

CALIBRATION = table(
    "calibration",
    "校准:预测与实际 | Calibration: predicted and observed",
    "每个预测概率组一行 | one row per group of predicted probability",
    count("bin", "组 | Group", "1 为概率最低 | 1 has the lowest"),
    column("n_customers", "客户数 | Customers"),
    column("predicted_rate", "平均预测概率 | Mean prediction"),
    score("n_expected", "预期发生数 | Expected", "预测概率之和 | sum of the predicted probabilities"),
    column("n_happened", "实际发生数 | Happened"),
    column("n_not", "未发生数 | Did not happen"),
    column("observed_rate", "实际比例 | Observed"),
    column("lower_rate", "下限 | Lower limit", "实际比例的 Wilson 区间 | Wilson interval of the observed rate"),
    column("upper_rate", "上限 | Upper limit"),
    key="bin",
    sums={"n_customers = n_happened + n_not": "客户数 = 发生 + 未发生 | customers = happened + did not"},
)

CALIBRATION_LINES = table(
    "calibration_lines",
    "预测与实际并列 | Predicted beside observed",
    "每个预测概率组、每条线一行 | one row per group of predicted probability and line",
    column("line", "线 | Line", choices=words(predicted="预测 | Predicted", observed="实际 | Observed")),
    CALIBRATION["bin"],
    column("rate", "比例 | Rate"),
    column("lower_rate", CALIBRATION["lower_rate"].label, nullable=True),
    column("upper_rate", CALIBRATION["upper_rate"].label, nullable=True),
    key="line bin",
)


def calibration_lines(groups: pd.DataFrame) -> pd.DataFrame:
    """`CALIBRATION` as two lines to be drawn, predicted and observed; what was observed has its interval.

    >>> groups = calibration_table([0, 1, 1], [0.2, 0.2, 0.9], n_bins=2)
    >>> calibration_lines(groups)[["line", "rate"]].to_numpy().tolist()
    [['predicted', 0.2], ['predicted', 0.9], ['observed', 0.5], ['observed', 1.0]]
    """
    predicted = groups[["bin"]].assign(
        line="predicted", rate=groups["predicted_rate"], lower_rate=None, upper_rate=None
    )
    observed = groups[["bin", "lower_rate", "upper_rate"]].assign(line="observed", rate=groups["observed_rate"])
    return CALIBRATION_LINES.conform(
        pd.concat([predicted.astype({"lower_rate": float, "upper_rate": float}), observed])
    )


def calibration_table(
    actual: ArrayLike, predicted: ArrayLike, *, n_bins: int = 10, confidence: float = 0.95
) -> pd.DataFrame:
    """Predicted beside observed in groups of about equal size; equal predictions stay in one group.

    Returns
    -------
    `CALIBRATION`, lowest predictions first; fewer rows than ``n_bins`` where ties or few customers leave no more,
    none for nobody.

    >>> calibration_table([0, 1, 1], [0.2, 0.2, 0.9], n_bins=2)[["n_customers", "n_expected"]].values.tolist()
    [[2.0, 0.4], [1.0, 0.9]]
    """
    y, p = checked(actual, predicted)
    _positive(n_bins)
    if not len(y):
        return CALIBRATION.empty()
    from scipy.stats import rankdata

    place = np.floor((rankdata(p, method="average") - 0.5) * n_bins / len(p))
    grouped = pd.DataFrame({"y": y, "p": p}).groupby(place)
    rows = []
    for number, (_, group) in enumerate(grouped, start=1):
        n, n_happened = len(group), int(group["y"].sum())
        limits = wilson_interval(n_happened, n, confidence=confidence)
        rows.append(
            {
                "bin": number,
                "n_customers": n,
                "predicted_rate": group["p"].mean(),
                "n_expected": group["p"].sum(),
                "n_happened": n_happened,
                "n_not": n - n_happened,
                "observed_rate": n_happened / n,
                "lower_rate": limits.lower,
                "upper_rate": limits.upper,
            }
        )
    return CALIBRATION.conform(pd.DataFrame(rows))


LIFT = table(
    "lift",
    "提升度与累计捕获 | Lift and cumulative gains",
    "每个分数组一行,分数高者在前 | one row per group of scores, the highest first",
    count("decile", "分组 | Group", "1 为分数最高 | 1 has the highest"),
    column("n_customers", "客户数 | Customers"),
    column("predicted_rate", "平均预测 | Mean prediction"),
    score("n_happened", "发生数 | Happened", "分数相同者按平均分摊 | customers with equal scores share evenly"),
    column("observed_rate", "实际比例 | Observed"),
    ratio(
        "lift",
        "提升度 | Lift",
        "本组实际比例 ÷ 全体实际比例 | observed rate here over the rate of all",
        missing=REASONS,
    ),
    column("customers_rate", "累计客户占比 | Customers so far"),
    ratio(
        "gain_rate",
        "累计捕获 | Captured so far",
        "至本组为止的发生数 ÷ 全部发生数 | happened up to this group over all that happened",
        missing=REASONS,
    ),
    key="decile",
)


def lift_table(actual: ArrayLike, predicted: ArrayLike, *, n_bins: int = 10) -> pd.DataFrame:
    """What contacting the highest scores first would have reached.

    Groups are as equal as whole customers allow. Customers with equal scores have no order: each group that such a
    tie touches gets its average outcome, so the table does not depend on how rows came.

    Returns
    -------
    `LIFT`, highest scores first; as many rows as ``n_bins``, or as there are customers if those are fewer.

    >>> lift_table([1, 1, 0, 0], [0.9, 0.5, 0.5, 0.1], n_bins=4)["n_happened"].tolist()
    [1.0, 0.5, 0.5, 0.0]
    """
    y, p = checked(actual, predicted)
    _positive(n_bins)
    if not len(y):
        return LIFT.empty()
    n_bins = min(n_bins, len(y))
    # Equal scores share their outcomes, so that a tie across two groups does not depend on the order of rows.
    shared = pd.Series(y).groupby(p).transform("mean").to_numpy()
    falling = np.argsort(-p, kind="stable")
    ends = np.floor(np.arange(1, n_bins + 1) * len(y) / n_bins + 0.5).astype(int)
    group = np.searchsorted(ends, np.arange(len(y)), side="right")
    by = pd.DataFrame({"p": p[falling], "y": shared[falling]}).groupby(group)
    n, happened = by.size(), by["y"].sum()
    why = None if y.any() else "no_events"
    groups = pd.DataFrame(
        {
            "decile": range(1, n_bins + 1),
            "n_customers": n,
            "predicted_rate": by["p"].mean(),
            "n_happened": happened,
            "observed_rate": happened / n,
            "lift": math.nan if why else happened / n / y.mean(),
            "lift_reason": why,
            "customers_rate": n.cumsum() / len(y),
            "gain_rate": math.nan if why else happened.cumsum() / y.sum(),
            "gain_rate_reason": why,
        }
    )
    return LIFT.conform(groups)


def _positive(n_bins: int) -> None:
    if n_bins < 1:
        raise SettingError(f"{n_bins} groups", place="calibration and lift", fix="give at least 1")
