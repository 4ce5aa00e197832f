"""What tells clusters from all others, by the figures of the reference period, and the names that follow from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from bizlab.contracts.column import Column
from bizlab.contracts.table import Table
from bizlab.customers.clusters.model import ClusterModel
from bizlab.labels import Label
from bizlab.units.kinds import Unit

APART = 0.5
"""Half a spread from the median of all: from here on a feature counts as high or low."""
STANDINGS = {"high": Label("偏高", "high"), "middle": Label("居中", "in the middle"), "low": Label("偏低", "low")}
_MIDDLE = Label("各项居中", "in the middle throughout")

CLUSTER_TRAITS = Table(
    name="cluster_traits",
    label=Label("各类客户的特点", "What tells the clusters apart"),
    grain=Label("每类客户、指标一行", "one row per cluster and feature"),
    columns=(
        Column("cluster", Unit.CODE, Label("类别", "Cluster")),
        Column("feature", Unit.CODE, Label("指标", "Feature")),
        Column(
            "centre",
            Unit.SCORE,
            Label("中心", "Centre"),
            definition=Label("参照期拟合,之后不变", "as fitted on the reference period, kept since"),
        ),
        Column(
            "typical",
            Unit.SCORE,
            Label("全体中位数", "Median of all"),
            definition=Label("参照期全部已聚类企业", "of all companies clustered in the reference period"),
        ),
        Column(
            "position",
            Unit.SCORE,
            Label("相对位置", "Position"),
            definition=Label(
                "(中心 − 全体中位数)÷ 离散度,按聚类所用的尺度;离散度 = 四分位距 ÷ 1.349",
                "centre less the median of all, in spreads, on the scale of the clustering; a spread is the "
                "interquartile range over 1.349",
            ),
        ),
        Column(
            "standing",
            Unit.CODE,
            Label("判断", "Standing"),
            choices=tuple(STANDINGS),
            choice_labels=STANDINGS,
            definition=Label("相对位置 ±0.5 及以外为偏高、偏低", "from 0.5 spreads on it is high, or low"),
        ),
    ),
    key=("cluster", "feature"),
)


def cluster_traits(model: ClusterModel) -> pd.DataFrame:
    """Where each cluster lies against all, feature by feature.

    Returns
    -------
    `CLUSTER_TRAITS`: clusters in their order, features as in the settings; figures in the unit of the feature.
    """
    fitted = model.estimator
    positions = fitted.partition_.centres
    rows = [
        {
            "cluster": str(number + 1),
            "feature": name,
            "centre": _unscaled(model, positions[number, at] * fitted.spread_[at] + fitted.center_[at]),
            "typical": _unscaled(model, fitted.center_[at]),
            "position": positions[number, at],
            "standing": _standing(float(positions[number, at])),
        }
        for number in range(fitted.n_clusters_)
        for at, name in enumerate(model.settings.features)
    ]
    return CLUSTER_TRAITS.conform(pd.DataFrame(rows))


def cluster_names(model: ClusterModel) -> dict[str, Label]:
    """A name for each cluster: its number, and the settings' word for each feature that is high or low in it."""
    traits = cluster_traits(model)
    words = {
        "high": dict(zip(model.settings.features, model.settings.high, strict=True)),
        "low": dict(zip(model.settings.features, model.settings.low, strict=True)),
    }
    return {str(number): _name(str(number), rows, words) for number, rows in traits.groupby("cluster", sort=False)}


def _name(number: str, traits: pd.DataFrame, words: Mapping[str, Mapping[str, Label]]) -> Label:
    apart = [words[row["standing"]][row["feature"]] for row in traits.to_dict("records") if row["standing"] in words]
    zh, en = "、".join(word.zh for word in apart), ", ".join(word.en for word in apart)
    return Label(f"{number} {zh or _MIDDLE.zh}", f"{number} {en or _MIDDLE.en}")


def _standing(position: float) -> str:
    if abs(position) < APART:
        return "middle"
    return "high" if position > 0 else "low"


def _unscaled(model: ClusterModel, value: Any) -> float:
    return float(np.sign(value) * np.expm1(np.abs(value))) if model.settings.scaling == "log" else float(value)
