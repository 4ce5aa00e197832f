"""The value grade as an estimator: fitted on a reference period, kept, and so comparable from month to month."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from bizlab.customers.grading.hierarchy import comparison_matrix, priorities
from bizlab.customers.grading.weighting import (
    Matrix,
    entropy_weights,
    given_weights,
    linear_scores,
    quantile_scores,
    weighted_total,
)
from bizlab.errors import DataError, SettingError, unknown

Weighting: TypeAlias = Literal["given", "quantile", "entropy", "ahp"]
WEIGHTINGS: tuple[Weighting, ...] = ("given", "quantile", "entropy", "ahp")
PLACE = "grading"
TRIM = 0.05


class ValueGrade(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Grade objects by a weighted score whose scale and cut points come from a reference period.

    Every feature is scored between 0 and 1 against the reference, larger being better; the score of an object is
    the weighted sum; cut points are the scores that leave the declared shares of the reference above them.

    | weighting | score of a feature | weights |
    |---|---|---|
    | given | linear between the reference's 5 % and 95 % quantile | as declared |
    | quantile | share of the reference below, ties counted half | as declared |
    | entropy | linear | by entropy of the reference's scores (熵权法) |
    | ahp | linear | by pairwise comparison (层次分析法) |

    Parameters
    ----------
    weighting : one of the four.
    weights : one for each feature, total 1; equal by default. Not used by ``entropy`` and ``ahp``.
    comparisons : for ``ahp``: how many times as important each feature is as each later one, the upper triangle of
        the matrix row by row; all equal by default.
    higher_is_better : one for each feature; all by default.
    grades : names, best first.
    shares : part of the reference in each grade; total 1; equal by default.

    Attributes
    ----------
    weights_ : the weights used.
    reference_ : for each feature the sorted values of the reference, turned so that larger is better.
    range_ : for each feature the ends of the linear scale: the 5 % and 95 % quantile, so that one very large
        customer does not press all others together.
    cut_points_ : the score from which each grade but the last begins, falling.
    n_reference_ : complete rows of the reference.

    Rows with a missing feature are left out of the fit, score NaN and get no grade: there is no default.

    >>> x = np.array([[1.0, 90], [4, 60], [9, 30], [2, 45], [9, np.nan]])
    >>> model = ValueGrade(higher_is_better=(True, False), grades=("A", "B"), shares=(0.25, 0.75)).fit(x)
    >>> model.grade(x), model.grade([[8, 30]]), model.predict(x).tolist()
    (['B', 'B', 'A', 'B', None], ['B'], [1.0, 1.0, 0.0, 1.0, nan])
    """

    def __init__(
        self,
        *,
        weighting: Weighting = "given",
        weights: Sequence[float] | None = None,
        higher_is_better: Sequence[bool] | None = None,
        grades: Sequence[str] = ("A", "B", "C", "D"),
        shares: Sequence[float] | None = None,
        comparisons: Sequence[float] | None = None,
    ) -> None:
        self.weighting = weighting
        self.weights = weights
        self.higher_is_better = higher_is_better
        self.grades = grades
        self.shares = shares
        self.comparisons = comparisons

    def fit(self, X: Any, y: Any = None) -> ValueGrade:  # noqa: ARG002, N803
        """Learn scale, weights and cut points from the reference period.

        Parameters
        ----------
        X : one row per object, one column per feature; rows with a missing value are left out.

        Raises
        ------
        SettingError : an unknown weighting, weights or shares that do not total 1, comparisons that contradict
            one another.
        DataError : fewer complete rows than grades, or so many ties that a grade would have no score of its own.
        """
        values = validate_data(self, X, dtype="float64", ensure_all_finite="allow-nan", ensure_min_samples=2)
        if self.weighting not in WEIGHTINGS:
            raise unknown("weighting", self.weighting, WEIGHTINGS, PLACE)
        turned = self._turned(values)
        complete = turned[~np.isnan(turned).any(axis=1)]
        self.n_reference_ = len(complete)
        if self.n_reference_ < len(self.grades):
            raise DataError(
                f"{self.n_reference_} objects can be graded, fewer than the {len(self.grades)} grades",
                place=f"{PLACE}, reference period",
                fix="choose a longer reference period, or fewer grades",
            )
        self.reference_ = np.sort(complete, axis=0)
        self.range_ = np.quantile(complete, [TRIM, 1 - TRIM], axis=0, method="inverted_cdf")
        scores = self._scores(complete)
        self.weights_ = self._weights(scores)
        self.cut_points_ = self._cut_points(weighted_total(scores, self.weights_))
        return self

    def transform(self, X: Any) -> Matrix:  # noqa: N803
        """The score of each object between 0 and 1, one column; NaN where a feature is missing."""
        check_is_fitted(self)
        checks = {"dtype": "float64", "ensure_all_finite": "allow-nan", "ensure_min_samples": 0}
        values = validate_data(self, X, reset=False, **checks)
        turned = self._turned(values)
        complete = ~np.isnan(turned).any(axis=1)
        scores = np.full((len(turned), 1), np.nan)
        scores[complete, 0] = weighted_total(self._scores(turned[complete]), self.weights_)
        return scores

    def feature_scores(self, X: Any) -> Matrix:  # noqa: N803
        """The score of every feature between 0 and 1, before it is weighted; rows must be complete."""
        check_is_fitted(self)
        return self._scores(self._turned(validate_data(self, X, dtype="float64", reset=False)))

    def predict(self, X: Any) -> Matrix:  # noqa: N803
        """The number of each object's grade, 0 for the best, by the cut points of the reference; NaN for none."""
        score = self.transform(X)[:, 0]
        number = (score[:, None] < self.cut_points_[None, :]).sum(axis=1).astype(np.float64)
        return np.where(np.isnan(score), np.nan, number)

    def grade(self, X: Any) -> list[str | None]:  # noqa: N803
        """The name of each object's grade; None where it cannot be graded."""
        return [None if np.isnan(number) else self.grades[int(number)] for number in self.predict(X)]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def _turned(self, values: Matrix) -> Matrix:
        """Larger is better in every column."""
        n_features = values.shape[1]
        higher = (True,) * n_features if self.higher_is_better is None else tuple(self.higher_is_better)
        if len(higher) != n_features:
            problem = f"There are {len(higher)} directions for {n_features} features"
            raise SettingError(problem, place=PLACE, fix="say of each feature whether higher is better")
        return np.where(higher, values, -values)

    def _scores(self, turned: Matrix) -> Matrix:
        columns = [
            quantile_scores(turned[:, i], self.reference_[:, i])
            if self.weighting == "quantile"
            else linear_scores(turned[:, i], lowest=self.range_[0, i], highest=self.range_[1, i])
            for i in range(turned.shape[1])
        ]
        return np.column_stack(columns)

    def _weights(self, scores: Matrix) -> Matrix:
        if self.weighting == "entropy":
            return entropy_weights(scores)
        if self.weighting == "ahp":
            return self._compared(scores.shape[1])
        return given_weights(self.weights, scores.shape[1], place=f"{PLACE}, weights")

    def _compared(self, n_features: int) -> Matrix:
        place = f"{PLACE}, comparisons"
        upper = [1.0] * (n_features * (n_features - 1) // 2) if self.comparisons is None else self.comparisons
        names = getattr(self, "feature_names_in_", [f"feature {number}" for number in range(1, n_features + 1)])
        return np.array(priorities(comparison_matrix(upper, n_features, place=place), names=names, place=place).weights)

    def _cut_points(self, score: Matrix) -> Matrix:
        """The score of the last object that its grade's share still takes in; equal scores stay together above it."""
        shares = given_weights(self.shares, len(self.grades), place=f"{PLACE}, shares of the grades")
        falling = np.sort(score)[::-1]
        # Half up, not to even: with half an object left over the better grade takes it, for any number of objects.
        taken = np.floor(np.cumsum(shares[:-1]) * len(score) + 0.5).astype(int)
        cuts: Matrix = falling[np.clip(taken - 1, 0, len(score) - 1)]
        if np.any(np.diff(cuts) >= 0) or (len(cuts) and cuts[-1] <= falling[-1]):
            raise DataError(
                "So many objects have the same score that a grade would be empty",
                place=f"{PLACE}, reference period, cut points {cuts.round(4).tolist()}",
                fix="use fewer grades, other shares, or features that distinguish more customers",
            )
        return cuts
