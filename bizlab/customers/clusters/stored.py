"""Fitted customer clusters that are kept: scale, centres and how sure they are, in versions of plain numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bizlab.customers.clusters.clusters import CustomerClusters, Stability
from bizlab.customers.clusters.model import ClusterModel, ClusterSettings
from bizlab.customers.clusters.partition import Partition
from bizlab.customers.grading.stored import counted

PLACE = "models/customer_clusters"
_ARRAYS = ("center", "spread", "centres", "weights", "precisions")
_FITTED = ("reference", "settings", "n_reference", *_ARRAYS, "criteria", "stability")


def clusters_version(model: ClusterModel, *, version: int, reference: Sequence[str]) -> dict[str, Any]:
    """Fitted clusters as plain values; ``weights`` and ``precisions`` are empty for k-means.

    Parameters
    ----------
    version : counts up; a version is never changed. reference : first and last month it was fitted on.
    """
    fitted, stability = model.estimator, model.stability
    return {
        "version": version,
        "reference": list(reference),
        "settings": _signature(model.settings),
        "n_reference": int(fitted.n_reference_),
        "center": fitted.center_.tolist(),
        "spread": fitted.spread_.tolist(),
        "centres": fitted.partition_.centres.tolist(),
        "weights": _plain(fitted.partition_.weights),
        "precisions": _plain(fitted.partition_.precisions),
        "criteria": [[int(number), float(value)] for number, value in fitted.criteria_.items()],
        "stability": [stability.mean, stability.lowest],
    }


def stored_clusters(
    versions: Sequence[Mapping[str, Any]], settings: ClusterSettings, *, reference: Sequence[str]
) -> ClusterModel | None:
    """The latest kept version that was fitted with these settings on this reference; None where there is none.

    Raises
    ------
    SettingError : an entry that lacks a name, or versions that do not count up.
    """
    asked = (list(reference), _signature(settings))
    entries = counted(versions, _FITTED, PLACE)
    matching = [entry for entry in entries if (list(entry["reference"]), entry["settings"]) == asked]
    return _restored(matching[-1], settings) if matching else None


def _signature(settings: ClusterSettings) -> dict[str, Any]:
    """What a fit depends on beside the data, as plain values; the words for high and low are not among it."""
    names = ("method", "scaling", "min_clusters", "max_clusters", "n_init", "n_resamples")
    return {"features": list(settings.features), **{name: getattr(settings, name) for name in names}}


def _plain(values: Any) -> list[Any]:
    return [] if values is None else list(values.tolist())


def _restored(entry: Mapping[str, Any], settings: ClusterSettings) -> ClusterModel:
    estimator: CustomerClusters = settings.estimator()
    numbers = {name: np.asarray(entry[name], dtype=np.float64) for name in _ARRAYS}
    is_mixture = settings.method == "gmm"
    estimator.partition_ = Partition(
        numbers["centres"],
        numbers["weights"] if is_mixture else None,
        numbers["precisions"] if is_mixture else None,
    )
    estimator.n_clusters_ = len(estimator.partition_.centres)
    estimator.n_features_in_ = len(settings.features)
    estimator.feature_names_in_ = np.array(settings.features, dtype=object)
    estimator.n_reference_ = int(entry["n_reference"])
    estimator.center_, estimator.spread_ = numbers["center"], numbers["spread"]
    estimator.criteria_ = {int(number): float(value) for number, value in entry["criteria"]}
    mean, lowest = entry["stability"]
    stability = Stability(float(mean), float(lowest), settings.n_resamples)
    return ClusterModel(settings, estimator, stability, int(entry["version"]))
