"""A scorecard: the chance of an event as a sum of whole statements, so many points for each bin of each feature."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_is_fitted, validate_data

from bizlab.contracts.columns import code, score, table
from bizlab.errors import DataError, SettingError
from bizlab.statistics.binning import BINS, ROWS_ADD_UP, bin_numeric
from bizlab.statistics.monotone import Limits

Matrix = NDArray[np.float64]
PLACE = "scorecard"

SCORECARD = table(
    "scorecard",
    "评分卡 | Scorecard",
    "每个指标、分箱一行 | one row per feature and bin",
    code("feature", "指标 | Feature"),
    (column for column in BINS.columns if column.name != "iv"),
    score(
        "points",
        "分数 | Points",
        "各指标的分数相加即总分;基础分已平均分到各指标,未取整 | "
        "the points of all features add up to the score; the base is spread evenly, nothing is rounded",
    ),
    key="feature bin",
    sums=ROWS_ADD_UP,
)
SCORECARD_FEATURES = table(
    "scorecard_features",
    "评分卡的指标 | Features of the scorecard",
    "每个指标一行 | one row per feature",
    code("feature", "指标 | Feature"),
    score("iv", "信息值 | Information value"),
    score(
        "coefficient",
        "系数 | Coefficient",
        "证据权重的系数;小于 0 表示与其他指标重叠,读分数时须当心 | "
        "of the weight of evidence; below 0 the feature overlaps with others: read its points with care",
    ),
    score("range_points", "分数跨度 | Range of points", "最高分箱减最低分箱 | highest bin less lowest"),
    key="feature",
)


class _OneClassError(DataError, ValueError):
    """All outcomes are the same; also what scikit-learn expects to be raised then."""


class Scorecard(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Logistic regression on the weight of evidence of optimal bins, shown as points.

    log odds = intercept + sum of coefficient x weight of evidence; points = offset + factor x log odds, with
    factor = pdo / ln 2 and offset = base points - factor x ln(base odds). Siddiqi, *Credit Risk Scorecards*, 2006,
    chapter 6. The event is the second class; more points mean that it is more likely. Each feature carries its share
    of offset and intercept, so the points of a row are the sum of one number a feature. Nothing is rounded.

    Parameters
    ----------
    base_points, base_odds : a row with these odds of the event to one scores so many points.
    pdo : points that double the odds.
    max_bins, min_share, min_cases : limits of the bins, as in `bizlab.monotone.Limits`.
    c : inverse strength of the ridge penalty on the coefficients (scikit-learn's ``C``).

    Attributes
    ----------
    classes_ : both outcomes, the event second.
    binnings_ : one `bizlab.binning.Binning` per feature.
    coef_, intercept_ : of the log odds.
    factor_, offset_ : of the points.

    A missing value scores the points of its own bin, and no evidence where the fit saw no missing value.

    >>> days = np.array([5, 8, 9, 12, 20, 31, 33, 40, 45, 60.0] * 10)[:, None]
    >>> renewed = np.array([1, 1, 1, 0, 1, 0, 1, 0, 0, 0] * 10)
    >>> scorecard = Scorecard(base_points=600, base_odds=50, pdo=20).fit(days, renewed)
    >>> round(scorecard.factor_, 4), round(scorecard.offset_, 3)
    (28.8539, 487.123)
    >>> scorecard.points([[5], [60]]).round().tolist()
    [639.0, 335.0]
    """

    def __init__(
        self,
        *,
        base_points: float = 600,
        base_odds: float = 50,
        pdo: float = 20,
        max_bins: int = 6,
        min_share: float = 0.05,
        min_cases: int = 0,
        c: float = 1.0,
    ) -> None:
        self.base_points = base_points
        self.base_odds = base_odds
        self.pdo = pdo
        self.max_bins = max_bins
        self.min_share = min_share
        self.min_cases = min_cases
        self.c = c

    def fit(self, X: Any, y: Any) -> Scorecard:  # noqa: N803
        """Find the bins, then the coefficients.

        Parameters
        ----------
        X : one row per object, one column per feature; missing allowed.
        y : two classes, none missing.

        Raises
        ------
        SettingError : points, odds or limits that cannot be.
        DataError : one class only, a feature that is the same in all rows, or too few cases of a class; by name.
        """
        if self.pdo <= 0 or self.base_odds <= 0 or self.c <= 0:
            raise SettingError(
                f"Points cannot be scaled by odds of {self.base_odds}, {self.pdo} to double them and c = {self.c}",
                place=PLACE,
                fix="give positive numbers, such as odds of 50 to one and 20 points to double them",
            )
        values, outcome = validate_data(
            self, X, y, dtype="float64", ensure_all_finite="allow-nan", ensure_min_samples=2
        )
        happened = self._happened(outcome)
        limits = Limits(self.max_bins, self.min_share, self.min_cases)
        numbered = [str(number) for number in range(1, self.n_features_in_ + 1)]
        names: Sequence[str] = getattr(self, "feature_names_in_", numbered)
        self.binnings_ = [
            bin_numeric(values[:, at], happened, feature=name, limits=limits) for at, name in enumerate(names)
        ]
        model = LogisticRegression(C=self.c, max_iter=1000, tol=1e-8).fit(self._woe(values), happened)
        self.coef_: Matrix = model.coef_[0]
        self.intercept_ = float(model.intercept_[0])
        self.factor_ = self.pdo / math.log(2)
        self.offset_ = self.base_points - self.factor_ * math.log(self.base_odds)
        return self

    def decision_function(self, X: Any) -> Matrix:  # noqa: N803
        """Log odds of the event, one per row."""
        log_odds: Matrix = self._woe(self._valid(X)) @ self.coef_ + self.intercept_
        return log_odds

    def predict_proba(self, X: Any) -> Matrix:  # noqa: N803
        """Chance of each class, in the order of ``classes_``."""
        chance = 1 / (1 + np.exp(-self.decision_function(X)))
        return np.column_stack([1 - chance, chance])

    def predict(self, X: Any) -> NDArray[Any]:  # noqa: N803
        """The likelier class."""
        log_odds = self.decision_function(X)
        classes: NDArray[Any] = self.classes_[(log_odds > 0).astype(int)]
        return classes

    def points(self, X: Any) -> Matrix:  # noqa: N803
        """The score of each row: the points of its bins together."""
        woe = self._woe(self._valid(X))
        total: Matrix = np.sum([self._points(at, woe[:, at]) for at in range(woe.shape[1])], axis=0)
        return total

    def table(self) -> pd.DataFrame:
        """The points of every bin, missing values last of each feature: `SCORECARD`."""
        check_is_fitted(self)
        parts = [
            binning.table.assign(feature=binning.feature, points=self._points(at, binning.table["woe"].to_numpy()))
            for at, binning in enumerate(self.binnings_)
        ]
        return SCORECARD.conform(pd.concat(parts, ignore_index=True))

    def features(self) -> pd.DataFrame:
        """How much each feature says and counts, in the order of the columns: `SCORECARD_FEATURES`."""
        points = self.table().groupby("feature", sort=False)["points"]
        frame = pd.DataFrame(
            {
                "feature": [binning.feature for binning in self.binnings_],
                "iv": [binning.information_value for binning in self.binnings_],
                "coefficient": self.coef_,
                "range_points": (points.max() - points.min()).to_numpy(),
            }
        )
        return SCORECARD_FEATURES.conform(frame)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.classifier_tags.multi_class = False
        return tags

    def _valid(self, values: Any) -> Matrix:
        check_is_fitted(self)
        valid: Matrix = validate_data(self, values, dtype="float64", ensure_all_finite="allow-nan", reset=False)
        return valid

    def _woe(self, values: Matrix) -> Matrix:
        return np.column_stack([binning.woe_of(values[:, at]) for at, binning in enumerate(self.binnings_)])

    def _points(self, at: int, woe: Matrix) -> Matrix:
        share = (self.offset_ + self.factor_ * self.intercept_) / len(self.binnings_)
        points: Matrix = share + self.factor_ * self.coef_[at] * woe
        return points

    def _happened(self, outcome: Any) -> NDArray[np.int64]:
        check_classification_targets(outcome)
        self.classes_, codes = np.unique(outcome, return_inverse=True)
        if len(self.classes_) == 1:
            raise _OneClassError(
                "All rows have the same outcome: there is only one class",
                place=f"{PLACE}, {len(codes)} rows",
                fix="take a longer period, so that both outcomes occur",
            )
        if len(self.classes_) > 2:
            kind = type_of_target(outcome)
            raise ValueError(f"Only binary classification is supported. The type of the target is {kind}.")
        return np.asarray(codes, dtype=np.int64)
