"""Fitted value grades that are kept: scale, weights and cut points as they were fitted, in versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from bizlab.customers.grading.grades import GradeSettings, ValueGradeModel
from bizlab.customers.grading.grading import Weighting
from bizlab.errors import SettingError

PLACE = "models/value_grade"
_FITTED = ["weighting", "reference", "settings", "n_reference", "weights", "low", "high", "cut_points", "values"]


def stored_version(
    model: ValueGradeModel, *, version: int, weighting: Weighting, reference: Sequence[str]
) -> dict[str, Any]:
    """A fitted model as plain values; ``values`` (the reference itself) only where scores are quantiles.

    Parameters
    ----------
    version : counts up; a version is never changed. reference : first and last month it was fitted on.
    """
    fitted = model.estimator
    return {
        "version": version,
        "weighting": weighting,
        "reference": list(reference),
        "settings": _signature(model.settings),
        "n_reference": int(fitted.n_reference_),
        "weights": fitted.weights_.tolist(),
        "low": fitted.range_[0].tolist(),
        "high": fitted.range_[1].tolist(),
        "cut_points": fitted.cut_points_.tolist(),
        "values": fitted.reference_.tolist() if weighting == "quantile" else [],
    }


def stored_model(
    versions: Sequence[Mapping[str, Any]], settings: GradeSettings, *, weighting: Weighting, reference: Sequence[str]
) -> ValueGradeModel | None:
    """The latest kept version that was fitted with these settings on this reference; None where there is none.

    Raises
    ------
    SettingError : an entry that lacks a name, or versions that do not count up.
    """
    asked = (weighting, list(reference), _signature(settings))
    entries = counted(versions, _FITTED, PLACE)
    matching = [e for e in entries if (e["weighting"], list(e["reference"]), e["settings"]) == asked]
    return _restored(matching[-1], settings, weighting) if matching else None


def counted(versions: Sequence[Mapping[str, Any]], names: Sequence[str], place: str) -> Sequence[Mapping[str, Any]]:
    """The versions of a file of fitted models, as they are.

    Parameters
    ----------
    names : what every version must have beside its number. place : the file, for messages.

    Raises
    ------
    SettingError : an entry that lacks a name, or versions that do not count up from 1.
    """
    for at, entry in enumerate(versions, start=1):
        for name in ("version", *names):
            if name not in entry:
                fix = "write the file with 'bizlab fit'; do not change it by hand"
                raise SettingError(f"'{name}' is missing", place=f"{place}, entry {at}", fix=fix)
    numbers = [int(entry["version"]) for entry in versions]
    if numbers != list(range(1, len(numbers) + 1)):
        fix = "let them count up from 1; add a version, change none"
        raise SettingError(f"The versions are {numbers}", place=place, fix=fix)
    return versions


def _signature(settings: GradeSettings) -> dict[str, Any]:
    """What a fit depends on beside the data, as plain values."""
    return {name: list(value or ()) for name, value in asdict(settings).items()}


def _restored(entry: Mapping[str, Any], settings: GradeSettings, weighting: Weighting) -> ValueGradeModel:
    estimator = settings.estimator(weighting)
    estimator.n_features_in_ = len(settings.features)
    estimator.n_reference_ = int(entry["n_reference"])
    estimator.weights_ = np.asarray(entry["weights"], dtype=np.float64)
    estimator.range_ = np.asarray([entry["low"], entry["high"]], dtype=np.float64)
    estimator.cut_points_ = np.asarray(entry["cut_points"], dtype=np.float64)
    estimator.reference_ = np.asarray(entry["values"], dtype=np.float64)
    return ValueGradeModel(settings, estimator)
