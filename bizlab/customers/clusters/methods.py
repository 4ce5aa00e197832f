"""K-means beside a Gaussian mixture on the same customers: how many clusters each finds, and whether they come back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from bizlab.contracts.column import Column
from bizlab.contracts.table import Table
from bizlab.customers.clusters.clusters import (
    CLUSTER_CHOICE,
    CRITERIA,
    READINGS,
    CustomerClusters,
    Method,
    Stability,
    cluster_stability,
)
from bizlab.customers.clusters.model import ClusterModel
from bizlab.customers.clusters.partition import Numbers
from bizlab.errors import DataError
from bizlab.labels import Label
from bizlab.units.kinds import Unit

METHODS = {
    "kmeans": Label("k-means", "k-means"),
    "gmm": Label("高斯混合", "Gaussian mixture"),
}
_REFUSED = "refused"

CLUSTER_METHODS = Table(
    name="cluster_methods",
    label=Label("两种方法对照", "Both methods side by side"),
    grain=Label("每种方法一行", "one row per method"),
    columns=(
        Column("method", Unit.CODE, Label("方法", "Method"), False, tuple(METHODS), None, METHODS),
        Column("is_used", Unit.BOOL, Label("本页采用", "Used here")),
        Column("n_clusters", Unit.COUNT, Label("类别数", "Clusters"), nullable=True),
        Column(
            "n_clusters_reason",
            Unit.CODE,
            Label("原因", "Reason"),
            nullable=True,
            choice_labels={_REFUSED: Label("资料不足以拟合", "the data do not carry a fit")},
        ),
        CLUSTER_CHOICE["criterion"],
        Column("criterion_score", Unit.SCORE, Label("准则值", "Its value"), nullable=True),
        Column(
            "smallest",
            Unit.COUNT,
            Label("最小一类企业数", "Companies in the smallest"),
            nullable=True,
            definition=Label("参照期", "in the reference period"),
        ),
        Column(
            "stability",
            Unit.SCORE,
            Label("稳定性", "Stability"),
            nullable=True,
            definition=Label(
                "重抽样后各类的调整兰德指数均值:1为每次相同,0为与随机无异",
                "mean adjusted Rand index of clusters found in resamples: 1 the same each time, 0 no more than chance",
            ),
        ),
        Column("lowest", Unit.SCORE, Label("最低一次", "Lowest"), nullable=True),
        Column("reading", Unit.CODE, Label("读法", "Reading"), True, tuple(READINGS), None, READINGS),
        Column(
            "agreement",
            Unit.SCORE,
            Label("与所用方法的一致", "Agreement with the one used"),
            nullable=True,
            definition=Label("参照期同一批企业,调整兰德指数", "same companies of the reference, adjusted Rand index"),
        ),
    ),
    key=("method",),
)


def cluster_methods(model: ClusterModel, features: pd.DataFrame) -> pd.DataFrame:
    """The fitted clusters beside those of the other method.

    Parameters
    ----------
    model : as fitted. features : of the buyers of the reference period (`cluster_model.buyers_features`).

    Returns
    -------
    `CLUSTER_METHODS`, the method used first. A method that the data do not carry has its reason and no figures.
    """
    complete = features.dropna()
    used = model.estimator.predict(complete)
    own = model.settings.method
    rows = [_row(own, model.estimator, model.stability, used, used)]
    for method in _other(own):
        estimator = model.settings.estimator(method)
        try:
            found = estimator.fit(complete).labels_
            again = cluster_stability(estimator, complete, n_resamples=model.settings.n_resamples)
        except DataError:
            rows.append({"method": method, "criterion": CRITERIA[method], "n_clusters_reason": _REFUSED})
        else:
            rows.append(_row(method, estimator, again, found, used))
    frame = pd.DataFrame(rows, columns=list(CLUSTER_METHODS.names))
    return CLUSTER_METHODS.conform(frame.assign(is_used=frame["method"].eq(own)))


def _other(own: Method) -> list[Method]:
    every: tuple[Method, ...] = ("kmeans", "gmm")
    return [method for method in every if method != own]


def _row(
    method: Method, estimator: CustomerClusters, stability: Stability, found: Numbers, used: Numbers
) -> dict[str, Any]:
    return {
        "method": method,
        "n_clusters": estimator.n_clusters_,
        "criterion": CRITERIA[method],
        "criterion_score": estimator.criteria_[estimator.n_clusters_],
        "smallest": int(np.bincount(found, minlength=estimator.n_clusters_).min()),
        "stability": stability.mean,
        "lowest": stability.lowest,
        "reading": stability.level,
        "agreement": float(adjusted_rand_score(used, found)),
    }
