"""K-means beside a Gaussian mixture on the same customers: how many clusters each finds, and whether they come back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from bizlab.contracts.columns import column, count, reason, score, table, words
from bizlab.contracts.finding import Direction, Finding
from bizlab.contracts.says import says
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

METHODS = words(kmeans="k-means", gmm="高斯混合 | Gaussian mixture")
_REFUSED = "refused"

CLUSTER_METHODS = table(
    "cluster_methods",
    "两种方法对照 | Both methods side by side",
    "每种方法一行 | one row per method",
    column("method", "方法 | Method", choices=METHODS),
    column("is_used", "本页采用 | Used here"),
    column("n_clusters", "类别数 | Clusters", nullable=True),
    reason("n_clusters", words({_REFUSED: "资料不足以拟合 | the data do not carry a fit"})),
    CLUSTER_CHOICE["criterion"],
    column("criterion_score", "准则值 | Its value", nullable=True),
    count("smallest", "最小一类企业数 | Companies in the smallest", "参照期 | in the reference period", nullable=True),
    score(
        "stability",
        "稳定性 | Stability",
        "重抽样后各类的调整兰德指数均值:1为每次相同,0为与随机无异 | "
        "mean adjusted Rand index of clusters found in resamples: 1 the same each time, 0 no more than chance",
        nullable=True,
    ),
    score("lowest", "最低一次 | Lowest", nullable=True),
    column("reading", "读法 | Reading", nullable=True, choices=READINGS),
    score(
        "agreement",
        "与所用方法的一致 | Agreement with the one used",
        "参照期同一批企业,调整兰德指数 | same companies of the reference, adjusted Rand index",
        nullable=True,
    ),
    key="method",
)


def cluster_methods(model: ClusterModel, features: pd.DataFrame) -> pd.DataFrame:
    """The fitted clusters beside those of the other method, which has a reason if it has no figures: `CLUSTER_METHODS`.

    Parameters
    ----------
    model : as fitted. features : of the buyers of the reference period (`cluster_model.buyers_features`).
    """
    complete = features.dropna()
    used = model.estimator.predict(complete)
    own = model.settings.method
    rows = [_row(own, model.estimator, model.stability, used, used)]
    every: tuple[Method, ...] = ("kmeans", "gmm")
    for method in (other for other in every if other != own):
        estimator = model.settings.estimator(method)
        try:
            assigned = estimator.fit(complete).labels_
            stability = cluster_stability(estimator, complete, n_resamples=model.settings.n_resamples)
        except DataError:
            rows.append({"method": method, "criterion": CRITERIA[method], "n_clusters_reason": _REFUSED})
        else:
            rows.append(_row(method, estimator, stability, assigned, used))
    frame = pd.DataFrame(rows, columns=list(CLUSTER_METHODS.names))
    return CLUSTER_METHODS.conform(frame.assign(is_used=frame["method"].eq(own)))


def method_findings(methods: pd.DataFrame, *, key: str = "methods") -> list[Finding]:
    """Whether the clusters come back when customers are drawn anew, by `CLUSTER_METHODS`, shown under ``key``.

    If not it is material: somebody may act on them.
    """
    text = (
        "{n_clusters}类客户的稳定性:{reading}(重抽样平均{stability},最低{lowest})。 | "
        "Stability of the {n_clusters} clusters: {reading} (mean over resamples {stability}, lowest {lowest})."
    )
    (used,) = methods[methods["is_used"]].to_dict("records")
    is_poor = used["reading"] == "poor"
    direction: Direction = "bad" if is_poor else "neutral"
    return [
        says(used, CLUSTER_METHODS, text, key="clusters.stability", table=key, direction=direction, material=is_poor)
    ]


def _row(
    method: Method, estimator: CustomerClusters, stability: Stability, assigned: Numbers, used: Numbers
) -> dict[str, Any]:
    return {
        "method": method,
        "n_clusters": estimator.n_clusters_,
        "criterion": CRITERIA[method],
        "criterion_score": estimator.criteria_[estimator.n_clusters_],
        "smallest": int(np.bincount(assigned, minlength=estimator.n_clusters_).min()),
        "stability": stability.mean,
        "lowest": stability.lowest,
        "reading": stability.level,
        "agreement": float(adjusted_rand_score(used, assigned)),
    }
