"""Fitted parameters for readers: estimates with standard errors and intervals, and how sure the maximum is."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from bizlab.contracts import Column, Table
from bizlab.labels import Label
from bizlab.prediction.likelihood import Fit
from bizlab.units import Unit

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
