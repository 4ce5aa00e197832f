"""Customer segments that nobody defined: similar customers, grouped once on a reference period and kept."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClusterMixin, clone
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score
from sklearn.mixture import GaussianMixture
from sklearn.utils.validation import check_is_fitted, validate_data
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from bizlab.contracts.columns import code, column, reason, score, table, words
from bizlab.customers.clusters.partition import Numbers, Partition
from bizlab.customers.grading.weighting import Matrix
from bizlab.errors import DataError, SettingError

Method: TypeAlias = Literal["kmeans", "gmm"]
Scaling: TypeAlias = Literal["log", "robust"]

CRITERIA = {"kmeans": "silhouette", "gmm": "bic"}
READINGS = words(
    excellent="很稳定 | excellent",
    good="稳定 | good",
    moderate="尚可 | moderate",
    poor="不稳定:不宜据此行动 | poor: do not act on these clusters",
)
PLACE = "clusters"
NONE = -1
NO_CLUSTER, INCOMPLETE, EMPTY = "none", "incomplete", "empty"
_SAMPLE = 2000
_NORMAL_IQR = 1.349
_GROUP = column("cluster", "类别 | Cluster", words=words({NO_CLUSTER: "未归类 | In no cluster"}))

CLUSTER_CHOICE = table(
    "cluster_choice",
    "分几类 | How many clusters",
    "每个类别数一行 | one row per number of clusters",
    column("n_clusters", "类别数 | Clusters"),
    column(
        "criterion",
        "准则 | Criterion",
        choices=words(
            silhouette="轮廓系数,越大越好 | Silhouette, larger is better", bic="BIC,越小越好 | BIC, smaller is better"
        ),
    ),
    column("criterion_score", "准则值 | Its value"),
    column("is_chosen", "选用 | Chosen"),
    key="n_clusters",
)
CLUSTER_PROFILE = table(
    "cluster_profile",
    "各类画像 | What the clusters are like",
    "每类、指标一行 | one row per cluster and feature",
    _GROUP,
    code("feature", "指标 | Feature"),
    column("n_customers", "企业数 | Companies"),
    column("share_rate", "占比 | Share"),
    score("mean", "均值 | Mean", nullable=True),
    score("median", "中位数 | Median", nullable=True),
    reason("mean", words({INCOMPLETE: "指标不全 | a feature is missing", EMPTY: "没有企业 | no companies"})),
    key="cluster feature",
)


@dataclass(frozen=True)
class Stability:
    """Whether the clusters come back when customers are drawn anew.

    Parameters
    ----------
    mean, lowest : adjusted Rand index over the resamples: 1 the same clusters each time, 0 no more alike than chance.
    n_resamples : how many.
    """

    mean: float
    lowest: float
    n_resamples: int

    @property
    def level(self) -> str:
        """A code of `READINGS` by the limits of Steinley, Psychological Methods 9 (2004) 386-396: 0.9, 0.8, 0.65."""
        if self.mean >= 0.9:
            return "excellent"
        if self.mean >= 0.8:
            return "good"
        return "moderate" if self.mean >= 0.65 else "poor"


class CustomerClusters(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """Clusters by k-means or by a mixture of Gaussians, on scaled features, fitted on a reference period.

    Scaling: ``log`` takes sign(x) ln(1 + abs(x)) first, for amounts and counts; ``robust`` takes the values as they
    are. Both then subtract the median and divide by the interquartile range / 1.349 (the standard deviation, where
    that range is 0).

    | method | number of clusters | source |
    |---|---|---|
    | kmeans | largest mean silhouette, over at most 2000 rows | Lloyd 1982; Rousseeuw 1987 |
    | gmm | smallest BIC, full covariances | Fraley and Raftery 2002 |

    Clusters are numbered by the mean of the first feature, largest first, ties by the next, so numbers do not swap.
    The silhouette is not defined for one cluster: k-means always finds two or more, real or not. See
    `cluster_stability`.

    Parameters
    ----------
    method, scaling : as above.
    min_clusters, max_clusters : bounds of the choice; equal for a fixed number. One cluster needs ``gmm``.
    n_init : starts of each fit; the best is kept.
    random_state : fixed, so that a fit is the same each time. One thread, so that no figure depends on how many.

    Attributes
    ----------
    n_clusters_ : as chosen.
    criteria_ : silhouette or BIC of each number tried.
    labels_ : of the rows of the fit, 0 first; -1 for a row with a missing feature.
    center_, spread_ : what scaling subtracts and divides by.
    partition_ : where the clusters lie in scaled features.
    n_reference_ : complete rows.

    >>> x = np.array([[900, 9], [1000, 8], [1100, 9], [10, 1], [11, 2], [12, 1], [np.nan, 5]])
    >>> clusters = CustomerClusters(max_clusters=3).fit(x)
    >>> clusters.n_clusters_, clusters.labels_.tolist(), clusters.predict([[950, 8]]).tolist()
    (2, [0, 0, 0, 1, 1, 1, -1], [0])
    """

    def __init__(
        self,
        *,
        method: Method = "kmeans",
        scaling: Scaling = "log",
        min_clusters: int = 2,
        max_clusters: int = 8,
        n_init: int = 10,
        random_state: int = 0,
    ) -> None:
        self.method = method
        self.scaling = scaling
        self.min_clusters = min_clusters
        self.max_clusters = max_clusters
        self.n_init = n_init
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> CustomerClusters:  # noqa: ARG002, N803
        """Learn scale, number and place of the clusters.

        Parameters
        ----------
        X : one row per customer, one column per feature; rows with a missing value are left out.

        Raises
        ------
        SettingError : an unknown method or scaling, bounds that cannot be.
        DataError : a feature that is the same for all, by name, or fewer different customers than clusters.
        """
        self._refuse_settings()
        values = validate_data(self, X, dtype="float64", ensure_all_finite="allow-nan", ensure_min_samples=2)
        present = ~np.isnan(values).any(axis=1)
        complete = values[present]
        self.n_reference_ = len(complete)
        self._refuse_constant(complete)
        most = self._most(complete)
        spread_out = self._spread_out(complete)
        self.center_ = np.median(spread_out, axis=0)
        low, high = np.quantile(spread_out, [0.25, 0.75], axis=0)
        self.spread_ = np.where(high > low, (high - low) / _NORMAL_IQR, spread_out.std(axis=0))
        scaled = self._scaled(complete)
        with threadpool_limits(limits=1):
            models = {k: self._model(k).fit(scaled) for k in range(self.min_clusters, most + 1)}
        self.criteria_ = {k: self._criterion(model, scaled) for k, model in models.items()}
        best = max if self.method == "kmeans" else min
        self.n_clusters_ = best(self.criteria_, key=lambda k: self.criteria_[k])
        partition = self._partition(models[self.n_clusters_])
        self.partition_ = partition.ordered(self._order(complete, partition.assign(scaled)))
        self.labels_ = self._labels(values)
        return self

    def predict(self, X: Any) -> Numbers:  # noqa: N803
        """The number of each customer's cluster by the reference, 0 first; -1 where a feature is missing."""
        check_is_fitted(self)
        return self._labels(validate_data(self, X, dtype="float64", ensure_all_finite="allow-nan", reset=False))

    def choice(self) -> pd.DataFrame:
        """How the number of clusters was chosen: `CLUSTER_CHOICE`, one row per number tried."""
        check_is_fitted(self)
        frame = pd.DataFrame({"n_clusters": list(self.criteria_), "criterion_score": list(self.criteria_.values())})
        frame["criterion"] = CRITERIA[self.method]
        return CLUSTER_CHOICE.conform(frame.assign(is_chosen=frame["n_clusters"].eq(self.n_clusters_)))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def _spread_out(self, values: Matrix) -> Matrix:
        return np.sign(values) * np.log1p(np.abs(values)) if self.scaling == "log" else values

    def _scaled(self, values: Matrix) -> Matrix:
        scaled: Matrix = (self._spread_out(values) - self.center_) / self.spread_
        return scaled

    def _model(self, n_clusters: int) -> Any:
        if self.method == "kmeans":
            return KMeans(n_clusters, n_init=self.n_init, random_state=self.random_state)
        return GaussianMixture(
            n_clusters, n_init=self.n_init, random_state=self.random_state, max_iter=500, reg_covar=1e-4
        )

    def _partition(self, model: Any) -> Partition:
        if self.method == "kmeans":
            return Partition(model.cluster_centers_)
        return Partition(model.means_, model.weights_, model.precisions_cholesky_)

    def _criterion(self, model: Any, scaled: Matrix) -> float:
        if self.method == "gmm":
            return float(model.bic(scaled))
        sample = _SAMPLE if len(scaled) > _SAMPLE else None
        return float(silhouette_score(scaled, model.labels_, sample_size=sample, random_state=self.random_state))

    def _order(self, complete: Matrix, assigned: Numbers) -> Numbers:
        """The clusters in the order in which a reader sees them; an empty one comes last."""
        means = np.full((self.n_clusters_, complete.shape[1]), -math.inf)
        for cluster in np.unique(assigned):
            means[cluster] = complete[assigned == cluster].mean(axis=0)
        # lexsort takes its last key first: turned round, the first feature decides and the next break ties.
        return np.lexsort(-means.T[::-1])

    def _labels(self, values: Matrix) -> Numbers:
        present = ~np.isnan(values).any(axis=1)
        labels = np.full(len(values), NONE, dtype=np.int64)
        if present.any():
            labels[present] = self.partition_.assign(self._scaled(values[present]))
        return labels

    def _most(self, complete: Matrix) -> int:
        """The most clusters to try: fewer than different rows; for ``gmm`` each has more rows than features."""
        most = min(self.max_clusters, len(np.unique(complete, axis=0)) - 1)
        if self.method == "gmm":
            most = min(most, len(complete) // (complete.shape[1] + 1))
        if most < self.min_clusters:
            raise DataError(
                f"{len(complete)} complete rows are too few for {self.min_clusters} clusters",
                place=f"{PLACE}, reference period",
                fix="choose a longer reference period, or fewer clusters or features",
            )
        return most

    def _refuse_constant(self, values: Matrix) -> None:
        numbered = range(1, values.shape[1] + 1)
        for at, name in enumerate(getattr(self, "feature_names_in_", numbered)):
            if len(values) > 1 and np.ptp(values[:, at]) == 0:
                raise DataError(
                    "The feature is the same for all customers",
                    place=f"{PLACE}, feature {name}",
                    fix="leave the feature out: it does not distinguish customers",
                )

    def _refuse_settings(self) -> None:
        least = 1 if self.method == "gmm" else 2
        if self.method not in CRITERIA or self.scaling not in ("log", "robust"):
            problem = f"There is no method '{self.method}' with scaling '{self.scaling}'"
            raise SettingError(problem, place=PLACE, fix="choose kmeans or gmm, and log or robust")
        if not least <= self.min_clusters <= self.max_clusters:
            raise SettingError(
                f"There cannot be {self.min_clusters} to {self.max_clusters} clusters by '{self.method}'",
                place=PLACE,
                fix=f"give bounds from {least} up, the smaller first",
            )


def cluster_stability(model: CustomerClusters, features: Any, *, n_resamples: int = 20) -> Stability:
    """How similar the clusters are when customers are drawn anew, with replacement.

    Each resample is scaled and clustered afresh, with the number of clusters fixed; the clusters it gives all customers
    are set against those of the model by the adjusted Rand index (Hubert and Arabie, Journal of Classification 2 (1985)
    193-218). Resampling: Hennig, Computational Statistics & Data Analysis 52 (2007) 258-271. Stable clusters need not
    be real, unstable ones are not.

    Parameters
    ----------
    model : fitted. features : rows of its reference; those with a missing value are left out.
    n_resamples : how many.

    >>> x = np.concatenate([np.arange(100, 110), np.arange(500, 510)])[:, None]
    >>> cluster_stability(CustomerClusters(max_clusters=2).fit(x), x, n_resamples=5).mean
    1.0
    """
    assigned = model.predict(features)
    complete = np.asarray(features, dtype=np.float64)[assigned != NONE]
    fixed = clone(model).set_params(min_clusters=model.n_clusters_, max_clusters=model.n_clusters_)
    rng = np.random.default_rng(model.random_state)
    agreement = []
    for _ in range(n_resamples):
        drawn = complete[rng.integers(0, len(complete), len(complete))]
        agreement.append(float(adjusted_rand_score(assigned[assigned != NONE], fixed.fit(drawn).predict(complete))))
    return Stability(math.fsum(agreement) / n_resamples, min(agreement), n_resamples)


def cluster_profile(model: CustomerClusters, features: pd.DataFrame) -> pd.DataFrame:
    """What the customers of each cluster are like, in the units of the features.

    Parameters
    ----------
    model : fitted. features : one row per customer, the columns of the fit; any month.

    Returns
    -------
    `CLUSTER_PROFILE`: one row per cluster and feature; clusters count from 1, then ``none`` for customers of whom a
    feature is missing, if there are any; their means are missing, and those of a cluster that is empty this month.
    """
    assigned = model.predict(features)
    rows = []
    for number in [*range(model.n_clusters_), *([NONE] if (assigned == NONE).any() else [])]:
        members = features[assigned == number].astype("float64")
        for name in features.columns:
            reason = INCOMPLETE if number == NONE else None if len(members) else EMPTY
            rows.append(
                {
                    "cluster": NO_CLUSTER if number == NONE else str(number + 1),
                    "feature": str(name),
                    "n_customers": len(members),
                    "share_rate": len(members) / len(features),
                    "mean": members[name].mean() if reason is None else None,
                    "median": members[name].median() if reason is None else None,
                    "mean_reason": reason,
                }
            )
    return CLUSTER_PROFILE.conform(pd.DataFrame(rows, columns=list(CLUSTER_PROFILE.names)))
