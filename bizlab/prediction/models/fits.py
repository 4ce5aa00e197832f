"""Fitted parameters for readers: estimates with standard errors and intervals, and how sure the maximum is."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from bizlab.contracts.column import Column
from bizlab.contracts.table import Table
from bizlab.labels import Label
from bizlab.prediction.models.gamma_gamma import GammaGamma
from bizlab.prediction.models.likelihood import Fit
from bizlab.units.kinds import Unit

PARAMETERS = Table(
    name="parameters",
    label=Label("模型参数", "Parameters of the models"),
    grain=Label("每个模型、参数一行", "one row per model and parameter"),
    columns=(
        Column("model", Unit.TEXT, Label("模型", "Model")),
        Column("parameter", Unit.TEXT, Label("参数", "Parameter")),
        Column("estimate", Unit.SCORE, Label("估计", "Estimate")),
        Column(
            "standard_error",
            Unit.SCORE,
            Label("标准误", "Standard error"),
            definition=Label("由观测信息与 delta 法", "observed information and delta method"),
        ),
        Column("lower", Unit.SCORE, Label("下限", "Lower limit")),
        Column("upper", Unit.SCORE, Label("上限", "Upper limit")),
        Column("n_customers", Unit.COUNT, Label("样本", "Cases")),
        Column(
            "n_agreeing",
            Unit.COUNT,
            Label("到达此极大值的起点", "Starts that end here"),
            definition=Label("从数个起点出发,到达同一极大值的个数", "of several starts, those that reach this maximum"),
        ),
        Column("log_likelihood", Unit.SCORE, Label("对数似然", "Log-likelihood")),
    ),
    key=("model", "parameter"),
)


INDEPENDENCE = Table(
    name="independence",
    label=Label("金额与频率是否无关", "Do value and frequency go together"),
    grain=Label("全体一行", "one row for all"),
    columns=(
        Column("n_customers", Unit.COUNT, Label("有重复采购的客户", "Customers that bought again")),
        Column(
            "correlation",
            Unit.SCORE,
            Label("秩相关", "Rank correlation"),
            nullable=True,
            definition=Label("Spearman;Gamma-Gamma 假设为0", "Spearman; Gamma-Gamma assumes 0"),
        ),
        Column(
            "correlation_reason",
            Unit.CODE,
            Label("原因", "Reason"),
            True,
            (),
            None,
            {"undefined": Label("样本太少或取值单一", "too few, or one value only")},
        ),
        Column("lower", Unit.SCORE, Label("下限", "Lower limit"), nullable=True),
        Column("upper", Unit.SCORE, Label("上限", "Upper limit"), nullable=True),
    ),
    key=("n_customers",),
)
REFUSED = Table(
    name="refused_fits",
    label=Label("未报告的拟合", "Fits that are not reported"),
    grain=Label("每个被拒绝的模型一行", "one row per model that was refused"),
    columns=(
        Column("model", Unit.TEXT, Label("模型", "Model")),
        Column("why", Unit.TEXT, Label("原因", "Why")),
    ),
    key=("model",),
)


def independence(model: GammaGamma) -> pd.DataFrame:
    """What Gamma-Gamma assumes, held against the customers it was fitted to: see `INDEPENDENCE`."""
    found = model.association
    why = "undefined" if math.isnan(found.correlation) else None
    return INDEPENDENCE.conform(
        pd.DataFrame([{"n_customers": model.fit.n, "correlation_reason": why, **found._asdict()}])
    )


def refused_table(refused: Mapping[str, str]) -> pd.DataFrame:
    """Models without a proved maximum, each with the message: see `REFUSED`."""
    return REFUSED.conform(pd.DataFrame(list(refused.items()), columns=list(REFUSED.names)))


def parameter_table(fits: Mapping[str, Fit], *, confidence: float = 0.95) -> pd.DataFrame:
    """Fits as a table.

    Parameters
    ----------
    fits : by the name of the model; those that were refused are not among them.

    Returns
    -------
    `PARAMETERS`.

    >>> import numpy as np
    >>> fit = Fit(("rate",), (2.0,), np.array([[0.01]]), -5.0, 40, 2, 2)
    >>> parameter_table({"Poisson": fit})[["parameter", "estimate", "standard_error"]].values.tolist()
    [['rate', 2.0, 0.2]]
    """
    rows = []
    for model, fit in fits.items():
        for name in fit.names:
            limits = fit.interval(name, confidence=confidence)
            rows.append(
                {
                    "model": model,
                    "parameter": name,
                    "estimate": fit[name],
                    "standard_error": fit.standard_error(name),
                    "lower": limits.lower,
                    "upper": limits.upper,
                    "n_customers": fit.n,
                    "n_agreeing": fit.n_agreeing,
                    "log_likelihood": fit.log_likelihood,
                }
            )
    return PARAMETERS.conform(pd.DataFrame(rows, columns=list(PARAMETERS.names)))
