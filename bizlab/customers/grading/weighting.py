"""Scores of single features and the weights that join them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bizlab.errors import DataError, SettingError

Matrix = NDArray[np.float64]
_TOTAL_TOLERANCE = 1e-9


def entropy_weights(matrix: Matrix) -> Matrix:
    """Weights by the entropy of each feature (熵权法): the more a feature distinguishes objects, the more it counts.

    With p = x / sum(x) down each column and e = -sum(p ln p) / ln n, where 0 ln 0 is 0, the weight is 1 - e over
    the sum of 1 - e. Entropy: Shannon, "A mathematical theory of communication", 1948; as weights: Hwang and Yoon,
    *Multiple Attribute Decision Making*, 1981, section 3.

    Parameters
    ----------
    matrix : one row per object, at least two; one column per feature, larger is better, none negative.

    Returns
    -------
    One weight per feature; they total 1. A feature that is the same for all objects, zero included, weighs 0.

    Raises
    ------
    DataError : fewer than two objects, a negative or missing value, or no feature that distinguishes objects.

    >>> entropy_weights(np.array([[1.0, 5.0, 0.0], [3.0, 5.0, 4.0]])).round(4).tolist()
    [0.1588, 0.0, 0.8412]
    """
    if len(matrix) < 2 or not np.all(np.isfinite(matrix)) or np.any(matrix < 0):
        raise DataError(
            "Entropy weights need at least two objects and no negative or missing value",
            place=f"matrix of {len(matrix)} objects",
            fix="leave out what cannot be graded, and scale the features first",
        )
    varies = matrix.min(axis=0) < matrix.max(axis=0)
    if not varies.any():
        raise DataError(
            "Every feature is the same for all objects: entropy weights are not defined",
            place=f"matrix of {len(matrix)} objects",
            fix="use given weights, or a reference period in which customers differ",
        )
    shares = matrix[:, varies] / matrix[:, varies].sum(axis=0)
    logs = np.log(shares, out=np.zeros_like(shares), where=shares > 0)
    divergence = np.zeros(matrix.shape[1])
    divergence[varies] = 1 + (shares * logs).sum(axis=0) / math.log(len(matrix))
    weights: Matrix = divergence / divergence.sum()
    return weights


def given_weights(weights: Sequence[float] | None, n_features: int, *, place: str) -> Matrix:
    """The weights as declared, checked; equal weights where none are declared.

    Raises
    ------
    SettingError : a wrong number of weights, a negative one, or weights that do not total 1.

    >>> given_weights([0.5, 0.4], 2, place="grading")
    Traceback (most recent call last):
    bizlab.errors.SettingError: The weights total 0.9, not 1. Where: grading. ...
    """
    checked = np.full(n_features, 1 / n_features) if weights is None else np.asarray(weights, dtype=np.float64)
    if checked.shape != (n_features,):
        problem = f"There are {checked.size} weights for {n_features} features"
        raise SettingError(problem, place=place, fix="give one weight for each feature")
    if not np.all(checked >= 0):
        raise SettingError("A weight is negative", place=place, fix="give weights between 0 and 1")
    total = math.fsum(checked)
    if abs(total - 1) > _TOTAL_TOLERANCE:
        raise SettingError(
            f"The weights total {round(total, 6):g}, not 1", place=place, fix="change them so that they total 1"
        )
    return checked


def quantile_scores(values: Matrix, reference: Matrix) -> Matrix:
    """The share of the reference below each value, equal ones counted half (mid-rank): a score between 0 and 1.

    Ties get one score, and a larger value never gets a smaller one.

    Parameters
    ----------
    values : what is scored. reference : sorted, not empty, what it is compared with.

    >>> quantile_scores(np.array([1.0, 5.0, 9.0]), np.array([1.0, 5.0, 5.0, 7.0])).tolist()
    [0.125, 0.5, 1.0]
    """
    below = np.searchsorted(reference, values, side="left")
    up_to = np.searchsorted(reference, values, side="right")
    scores: Matrix = (below + up_to) / (2 * len(reference))
    return scores


def linear_scores(values: Matrix, *, lowest: float, highest: float) -> Matrix:
    """Where each value lies between the lowest and the highest of the reference (极差标准化), kept within 0 and 1.

    Where the reference has one value only, what lies below scores 0, above 1, on it 0.5.

    >>> linear_scores(np.array([0.0, 15.0, 40.0]), lowest=10, highest=30).tolist()
    [0.0, 0.25, 1.0]
    """
    if lowest == highest:
        return 0.5 + 0.5 * np.sign(values - lowest)
    scores: Matrix = np.clip((values - lowest) / (highest - lowest), 0.0, 1.0)
    return scores


def weighted_total(scores: Any, weights: Matrix) -> Matrix:
    """Weighted sum across features, added in the order of the columns so that it is the same everywhere."""
    total = np.zeros(len(scores))
    for column, weight in enumerate(weights):
        total = total + scores[:, column] * weight
    return total
