"""Fitted parameters for readers: estimates with standard errors and intervals, and how sure the maximum is."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from bizlab.contracts.columns import code, column, ratio, score, table, text, words
from bizlab.prediction.models.gamma_gamma import GammaGamma
from bizlab.prediction.models.likelihood import Fit
from bizlab.prediction.models.refusals import REFUSALS, Refusal

PARAMETERS = table(
    "parameters",
    "模型参数 | Parameters of the models",
    "每个模型、参数一行 | one row per model and parameter",
    text("model", "模型 | Model"),
    text("parameter", "参数 | Parameter"),
    score("estimate", "估计 | Estimate"),
    score("standard_error", "标准误 | Standard error", "由观测信息与 delta 法 | observed information and delta method"),
    score("lower", "下限 | Lower limit"),
    score("upper", "上限 | Upper limit"),
    column("n_customers", "样本 | Cases"),
    column(
        "n_agreeing",
        "到达此极大值的起点 | Starts that end here",
        "从数个起点出发,到达同一极大值的个数 | of several starts, those that reach this maximum",
    ),
    score("log_likelihood", "对数似然 | Log-likelihood"),
    key="model parameter",
)

INDEPENDENCE = table(
    "independence",
    "金额与频率是否无关 | Do value and frequency go together",
    "全体一行 | one row for all",
    column("n_customers", "有重复采购的客户 | Customers that bought again"),
    ratio(
        "correlation",
        "秩相关 | Rank correlation",
        "Spearman;Gamma-Gamma 假设为0 | Spearman; Gamma-Gamma assumes 0",
        missing=words(undefined="样本太少或取值单一 | too few, or one value only"),
    ),
    score("lower", "下限 | Lower limit", nullable=True),
    score("upper", "上限 | Upper limit", nullable=True),
    key="n_customers",
)
REFUSED = table(
    "refused_fits",
    "未报告的拟合 | Fits that are not reported",
    "每个被拒绝的模型一行 | one row per model that was refused",
    text("model", "模型 | Model"),
    code("reason", "原因 | Why", choices=REFUSALS),
    text("parameters", "有关参数 | Parameters", nullable=True),
    key="model",
)


def independence(model: GammaGamma) -> pd.DataFrame:
    """What Gamma-Gamma assumes, tested on the customers it was fitted to: see `INDEPENDENCE`."""
    why = "undefined" if math.isnan(model.association.correlation) else None
    row = {"n_customers": model.fit.n, "correlation_reason": why, **model.association._asdict()}
    return INDEPENDENCE.conform(pd.DataFrame([row]))


def refused_table(refused: Mapping[str, Refusal]) -> pd.DataFrame:
    """Models that the data do not carry, each with the reason: see `REFUSED`.

    Parameters
    ----------
    refused : by the name of the model, why it was not fitted.
    """
    return REFUSED.frame((model, why.reason, ", ".join(why.parameters) or None) for model, why in refused.items())


def parameter_table(fits: Mapping[str, Fit], *, confidence: float = 0.95) -> pd.DataFrame:
    """Fits as a table: `PARAMETERS`.

    Parameters
    ----------
    fits : by the name of the model; those that were refused are not among them.

    >>> import numpy as np
    >>> fit = Fit(("rate",), (2.0,), np.array([[0.01]]), -5.0, 40, 2, 2)
    >>> parameter_table({"Poisson": fit})[["parameter", "estimate", "standard_error"]].values.tolist()
    [['rate', 2.0, 0.2]]
    """
    rows = [
        {
            "model": model,
            "parameter": name,
            "estimate": fit[name],
            "standard_error": fit.standard_error(name),
            **fit.interval(name, confidence=confidence)._asdict(),
            "n_customers": fit.n,
            "n_agreeing": fit.n_agreeing,
            "log_likelihood": fit.log_likelihood,
        }
        for model, fit in fits.items()
        for name in fit.names
    ]
    return PARAMETERS.conform(pd.DataFrame(rows, columns=list(PARAMETERS.names)))
