"""Customer clusters as a month uses them: settings, the fit on the reference period, and where each customer stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from bizlab.configuration import Spot, fields, label, mapping, whole_number
from bizlab.customers.clusters.clusters import (
    CRITERIA,
    NONE,
    CustomerClusters,
    Method,
    Scaling,
    Stability,
    cluster_stability,
)
from bizlab.errors import SettingError, unknown
from bizlab.labels import Label, joined

KEY, BUYER = "customer_id", "has_ordered_12m"
NOT_BUYING, MISSING = "not_buying", "missing."
FEN_PER_UNIT = 1_000_000
"""Features in fen are clustered and shown in 万元."""
_NUMBERS = ("min_clusters", "max_clusters", "n_init", "n_resamples")


@dataclass(frozen=True)
class ClusterSettings:
    """What ``clusters.yaml`` says.

    Parameters
    ----------
    features : tags, the most important first: clusters are numbered by it.
    high, low : for each feature the word for clusters in which it is high, and low.
    method, scaling, min_clusters, max_clusters, n_init : as for `CustomerClusters`.
    n_resamples : as for `cluster_stability`.
    """

    features: tuple[str, ...]
    high: tuple[Label, ...]
    low: tuple[Label, ...]
    method: Method
    scaling: Scaling
    min_clusters: int
    max_clusters: int
    n_init: int
    n_resamples: int

    def estimator(self, method: Method | None = None) -> CustomerClusters:
        """The clusters that are to be fitted, by the method of the settings or another."""
        return CustomerClusters(
            method=method or self.method,
            scaling=self.scaling,
            min_clusters=self.min_clusters,
            max_clusters=self.max_clusters,
            n_init=self.n_init,
        )


@dataclass(frozen=True, eq=False)
class ClusterModel:
    """Fitted clusters.

    Parameters
    ----------
    settings : what they were fitted by. estimator : where they lie. stability : whether they come back.
    version : under which they are kept; None where they were fitted for this month alone.
    """

    settings: ClusterSettings
    estimator: CustomerClusters
    stability: Stability
    version: int | None = None

    @property
    def states(self) -> list[str]:
        """Every place a customer may stand in: the clusters, then the reasons for being in none."""
        numbers = [str(number + 1) for number in range(self.estimator.n_clusters_)]
        return [*numbers, *(MISSING + name for name in self.settings.features), NOT_BUYING]

    def standing(self, tags: pd.DataFrame) -> pd.Series[str]:
        """Where each customer stands, one of `states`; of several missing features the first counts.

        Parameters
        ----------
        tags : one row per customer: ``customer_id``, ``has_ordered_12m``, the features.
        """
        features = cluster_features(tags, self.settings)
        number = pd.Series(self.estimator.predict(features), index=features.index)
        first = features.isna().idxmax(axis=1)  # the first that is missing; used only where one is
        state = (number + 1).astype("str").mask(number == NONE, MISSING + first)
        return state.where(_buys(tags).to_numpy(), NOT_BUYING).rename("cluster")


def parse_clusters(config: Mapping[str, Any]) -> ClusterSettings:
    """Read ``clusters.yaml`` as a plain mapping.

    Raises
    ------
    SettingError : a missing or unknown name, no feature, a method or scaling that does not exist, not a whole number.

    >>> parse_clusters({"features": {}})
    Traceback (most recent call last):
    bizlab.errors.SettingError: 'method' is missing. Where: params/clusters.yaml. ...
    """
    spot = Spot("params/clusters.yaml", source=config)
    given = fields(config, spot, needed=("features", "method", "scaling", *_NUMBERS))
    tags = spot.at("features")
    features = mapping(given["features"], tags)
    if not features:
        raise tags.refuse("There is no feature", "name at least one tag with its words")
    for name, sides in features.items():
        fields(sides, tags.at(name), needed=("high", "low"))
    high, low = (
        tuple(label(sides[side], tags.at(name).at(side)) for name, sides in features.items())
        for side in ("high", "low")
    )
    for name, options in (("method", CRITERIA), ("scaling", ("log", "robust"))):
        if given[name] not in options:
            raise unknown(name, given[name], options, spot.at(name).place)
    sizes = {name: whole_number(given[name], spot.at(name)) for name in _NUMBERS}
    return ClusterSettings(tuple(features), high, low, given["method"], given["scaling"], **sizes)


def cluster_features(tags: pd.DataFrame, settings: ClusterSettings) -> pd.DataFrame:
    """The features of every customer as plain numbers, amounts in 万元; missing stays missing.

    Parameters
    ----------
    tags : one row per customer: ``customer_id`` and the features.

    Returns
    -------
    One row per customer under its id, one column per feature under the tag's name.

    Raises
    ------
    SettingError : a feature that is not among the tags.
    """
    for name in settings.features:
        if name not in tags:
            fix = "name a fact tag of params/tags.yaml"
            raise SettingError(f"There is no tag '{name}'", place="params/clusters.yaml, features", fix=fix)
    values = tags.set_index(KEY)[list(settings.features)].astype("Float64").astype("float64")
    amounts = [name for name in settings.features if name.endswith("_fen")]
    return values.assign(**{name: values[name] / FEN_PER_UNIT for name in amounts})


def buyers_features(tags: pd.DataFrame, settings: ClusterSettings) -> pd.DataFrame:
    """The features of those who ordered in 12 months: the others are not clustered."""
    return cluster_features(tags, settings)[_buys(tags).to_numpy()]


def fit_clusters(reference: pd.DataFrame, settings: ClusterSettings) -> ClusterModel:
    """Fit the clusters to the buyers of the reference period.

    Parameters
    ----------
    reference : tags as of the end of the reference period.

    Raises
    ------
    DataError : a feature that is the same for all, or too few buyers.
    """
    features = buyers_features(reference, settings)
    estimator = settings.estimator().fit(features)
    return ClusterModel(settings, estimator, cluster_stability(estimator, features, n_resamples=settings.n_resamples))


def feature_labels(settings: ClusterSettings, tags: Mapping[str, Label]) -> dict[str, Label]:
    """What features are called: the tag's name, with the unit where it is not the tag's own."""
    unit = Label("(万元)", " (10,000 yuan)")
    return {
        name: joined([tags[name], unit], between="") if name.endswith("_fen") else tags[name]
        for name in settings.features
    }


def state_labels(names: Mapping[str, Label], features: Sequence[str], tags: Mapping[str, Label]) -> dict[str, Label]:
    """Words for every place a customer may stand in.

    Parameters
    ----------
    names : of the clusters, see `cluster_traits.cluster_names`. features : of the settings. tags : names of the tags.
    """
    missing = {
        MISSING + name: Label(f"未归类:缺{tags[name].zh}", f"In no cluster: {tags[name].en} missing")
        for name in features
    }
    none = {NOT_BUYING: Label("未归类:近12个月没有订单", "In no cluster: no orders in 12 months")}
    return {**names, **missing, **none}


def _buys(tags: pd.DataFrame) -> pd.Series[bool]:
    return tags[BUYER].fillna(False).astype(bool)
