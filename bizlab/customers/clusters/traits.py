"""What distinguishes each cluster, by the figures of the reference period, and the names that follow from it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from bizlab.contracts.columns import code, column, score, table, words
from bizlab.customers.clusters.model import ClusterModel
from bizlab.labels import Label

APART = 0.5
"""Half a spread from the median of all: from here on a feature counts as high or low."""
STANDINGS = words(high="偏高 | high", middle="居中 | in the middle", low="偏低 | low")
_MIDDLE = Label("各项居中", "in the middle throughout")

CLUSTER_TRAITS = table(
    "cluster_traits",
    "各类客户的特点 | What tells the clusters apart",
    "每类客户、指标一行 | one row per cluster and feature",
    code("cluster", "类别 | Cluster"),
    code("feature", "指标 | Feature"),
    score("centre", "中心 | Centre", "参照期拟合,之后不变 | as fitted on the reference period, kept since"),
    score(
        "typical",
        "全体中位数 | Median of all",
        "参照期全部已聚类企业 | of all companies clustered in the reference period",
    ),
    score(
        "position",
        "相对位置 | Position",
        "(中心 − 全体中位数)÷ 离散度,按聚类所用的尺度;离散度 = 四分位距 ÷ 1.349 | "
        "centre less the median of all, in spreads, on the scale of the clustering; "
        "a spread is the interquartile range over 1.349",
    ),
    column(
        "standing",
        "判断 | Standing",
        "相对位置 ±0.5 及以外为偏高、偏低 | from 0.5 spreads on it is high, or low",
        choices=STANDINGS,
    ),
    key="cluster feature",
)


def cluster_traits(model: ClusterModel) -> pd.DataFrame:
    """Where each cluster lies against all, feature by feature, in the unit of the feature: `CLUSTER_TRAITS`."""
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
    traits, settings = cluster_traits(model), model.settings
    words = {
        standing: dict(zip(settings.features, terms, strict=True))
        for standing, terms in (("high", settings.high), ("low", settings.low))
    }
    names = {}
    for number, rows in traits.groupby("cluster", sort=False):
        pairs = zip(rows["standing"], rows["feature"], strict=True)
        apart = [words[standing][feature] for standing, feature in pairs if standing in words]
        zh, en = "、".join(word.zh for word in apart), ", ".join(word.en for word in apart)
        names[str(number)] = Label(f"{number} {zh or _MIDDLE.zh}", f"{number} {en or _MIDDLE.en}")
    return names


def _standing(position: float) -> str:
    if abs(position) < APART:
        return "middle"
    return "high" if position > 0 else "low"


def _unscaled(model: ClusterModel, value: Any) -> float:
    return float(np.sign(value) * np.expm1(np.abs(value))) if model.settings.scaling == "log" else float(value)
