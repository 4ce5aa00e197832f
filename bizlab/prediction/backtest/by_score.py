"""Predictions group by group, from the highest score to the lowest: calibration, lift and cumulative gains."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from bizlab.contracts.column import Column
from bizlab.contracts.table import Identity, Table
from bizlab.errors import SettingError
from bizlab.labels import Label
from bizlab.prediction.backtest.metrics import checked, reason_column
from bizlab.statistics.proportions import wilson_interval
from bizlab.units.kinds import Unit

CALIBRATION = Table(
    name="calibration",
    label=Label("校准:预测与实际", "Calibration: predicted and observed"),
    grain=Label("每个预测概率组一行", "one row per group of predicted probability"),
    key=("bin",),
    columns=(
        Column("bin", Unit.COUNT, Label("组", "Group"), definition=Label("1 为概率最低", "1 has the lowest")),
        Column("n_customers", Unit.COUNT, Label("客户数", "Customers")),
        Column("predicted_rate", Unit.RATE, Label("平均预测概率", "Mean prediction")),
        Column(
            "n_expected",
            Unit.SCORE,
            Label("预期发生数", "Expected"),
            definition=Label("预测概率之和", "sum of the predicted probabilities"),
        ),
        Column("n_happened", Unit.COUNT, Label("实际发生数", "Happened")),
        Column("n_not", Unit.COUNT, Label("未发生数", "Did not happen")),
        Column("observed_rate", Unit.RATE, Label("实际比例", "Observed")),
        Column(
            "lower_rate",
            Unit.RATE,
            Label("下限", "Lower limit"),
            definition=Label("实际比例的 Wilson 区间", "Wilson interval of the observed rate"),
        ),
        Column("upper_rate", Unit.RATE, Label("上限", "Upper limit")),
    ),
    identities=(
        Identity(
            "n_customers = n_happened + n_not",
            Label("客户数 = 发生 + 未发生", "customers = happened + did not"),
        ),
    ),
)


CALIBRATION_LINES = Table(
    name="calibration_lines",
    label=Label("预测与实际并列", "Predicted beside observed"),
    grain=Label("每个预测概率组、每条线一行", "one row per group of predicted probability and line"),
    key=("line", "bin"),
    columns=(
        Column(
            "line",
            Unit.CODE,
            Label("线", "Line"),
            choices=("predicted", "observed"),
            choice_labels={"predicted": Label("预测", "Predicted"), "observed": Label("实际", "Observed")},
        ),
        CALIBRATION["bin"],
        Column("rate", Unit.RATE, Label("比例", "Rate")),
        Column("lower_rate", Unit.RATE, CALIBRATION["lower_rate"].label, nullable=True),
        Column("upper_rate", Unit.RATE, CALIBRATION["upper_rate"].label, nullable=True),
    ),
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


LIFT = Table(
    name="lift",
    label=Label("提升度与累计捕获", "Lift and cumulative gains"),
    grain=Label("每个分数组一行,分数高者在前", "one row per group of scores, the highest first"),
    key=("decile",),
    columns=(
        Column("decile", Unit.COUNT, Label("分组", "Group"), definition=Label("1 为分数最高", "1 has the highest")),
        Column("n_customers", Unit.COUNT, Label("客户数", "Customers")),
        Column("predicted_rate", Unit.RATE, Label("平均预测", "Mean prediction")),
        Column(
            "n_happened",
            Unit.SCORE,
            Label("发生数", "Happened"),
            definition=Label("分数相同者按平均分摊", "customers with equal scores share evenly"),
        ),
        Column("observed_rate", Unit.RATE, Label("实际比例", "Observed")),
        Column(
            "lift",
            Unit.SCORE,
            Label("提升度", "Lift"),
            nullable=True,
            definition=Label("本组实际比例 ÷ 全体实际比例", "observed rate here over the rate of all"),
        ),
        reason_column("lift"),
        Column("customers_rate", Unit.RATE, Label("累计客户占比", "Customers so far")),
        Column(
            "gain_rate",
            Unit.RATE,
            Label("累计捕获", "Captured so far"),
            nullable=True,
            definition=Label("至本组为止的发生数 ÷ 全部发生数", "happened up to this group over all that happened"),
        ),
        reason_column("gain_rate"),
    ),
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
    shared = pd.Series(y).groupby(p).transform("mean").to_numpy()
    falling = np.argsort(-p, kind="stable")
    ends = np.floor(np.arange(1, n_bins + 1) * len(y) / n_bins + 0.5).astype(int)
    group = np.searchsorted(ends, np.arange(len(y)), side="right")
    by = pd.DataFrame({"p": p[falling], "y": shared[falling]}).groupby(group)
    n, happened = by.size(), by["y"].sum()
    why = None if y.any() else "no_events"
    found = pd.DataFrame(
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
    return LIFT.conform(found)


def _positive(n_bins: int) -> None:
    if n_bins < 1:
        raise SettingError(f"{n_bins} groups", place="calibration and lift", way_out="give at least 1")
