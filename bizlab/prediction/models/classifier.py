"""A classifier for tags: gaps and categories as they come, few parameters, probabilities that are calibrated."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from bizlab.contracts.columns import words
from bizlab.errors import DataError, some, unknown
from bizlab.labels import Label
from bizlab.prediction.models.refusals import NotAvailableError

Kind: TypeAlias = Literal["logistic", "boosting"]
KINDS: dict[str, Label] = words(logistic="逻辑回归 | Logistic regression", boosting="梯度提升树 | Gradient boosting")
MIN_EVENTS = 20
ISOTONIC_EVENTS = 1000
"""Isotonic calibration from this many of each outcome on; with fewer it follows the noise (Niculescu-Mizil and
Caruana, *Predicting good probabilities with supervised learning*, ICML 2005: not below about 1,000 cases)."""
PENALTIES = (0.01, 0.1, 1.0)
FOLDS = 5
RARE = 10
_SKEWED = 10.0
_IQR_OF_NORMAL = 1.349
_PLACE = "tag classifier"


class TagClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Probability of a yes-or-no outcome from the tags of a customer.

    Numbers may have gaps; columns of text (``object``, ``str``, ``category``) are categories, a gap being one of
    its own; a category never seen before counts as a rare one. Dates are refused: give the days since.

    - ``logistic``: skewed numbers by logarithm, all centred on the median and scaled by the quartiles, gaps filled
      with the median and flagged, categories with fewer than 10 customers joined; L2 penalty by cross-validated log
      loss.
    - ``boosting``: 50 small trees (4 leaves of at least 20 customers), gaps and categories as they are.

    Features are prepared once for a training set: medians, quartiles and rare categories know no outcome.

    Then the probabilities are calibrated on predictions for folds left out: isotonic from 1,000 of each outcome on,
    else Platt's sigmoid; not at all where an outcome occurs only once. One thread, so that no figure depends on how
    many there are.

    Parameters
    ----------
    kind : ``logistic`` or ``boosting``; `choose` decides from training data.
    min_events : fewer of either outcome, and nothing is fitted.
    random_state : seed of the folds; the same seed and rows give the same probabilities.

    Attributes
    ----------
    classes_ : the two outcomes; the second is the event.
    n_events_ : events in training.
    dropped_features_ : columns of one value in training, left out.
    calibration_ : ``isotonic``, ``sigmoid`` or ``none``.
    inverse_penalty_ : sklearn's ``C`` chosen for ``logistic``, else None.

    >>> x = pd.DataFrame({"n_orders": [0, 1, 2, 3, None] * 20, "line": ["sensor", None] * 50, "is_known": True})
    >>> y = (x["n_orders"] > 1).to_numpy()
    >>> model = TagClassifier().fit(x, y)
    >>> model.dropped_features_, model.calibration_, (model.predict_proba(x)[:, 1] > 0.5).tolist() == y.tolist()
    (['is_known'], 'sigmoid', True)
    >>> TagClassifier().fit(x, np.arange(100) < 3)
    Traceback (most recent call last):
    bizlab.prediction.models.refusals.NotAvailableError: Not available: 3 cases of class True, fewer than 20. Where: ...
    """

    def __init__(self, *, kind: Kind = "logistic", min_events: int = MIN_EVENTS, random_state: int = 0) -> None:
        self.kind = kind
        self.min_events = min_events
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> TagClassifier:  # noqa: N803
        """Learn from features as of a date and what happened afterwards.

        Parameters
        ----------
        X : one row per customer, one column per feature.
        y : the outcome of each, two values, no gap.

        Raises
        ------
        NotAvailableError : fewer than two customers, one outcome only, fewer than ``min_events`` of either, or no
            feature that varies.
        SettingError : an unknown kind.
        DataError : a column of dates or infinite numbers.
        ValueError : no table, lengths that differ, an outcome of more than two values (scikit-learn's messages).
        """
        if self.kind not in KINDS:
            raise unknown("classifier", self.kind, KINDS, _PLACE)
        frame, y = self._validated(X, y)
        target = type_of_target(y, input_name="y", raise_unknown=True)
        if target != "binary":
            raise ValueError(f"Only binary classification is supported. The type of the target is {target}.")
        self.classes_, codes = np.unique(y, return_inverse=True)
        counts = np.bincount(codes, minlength=2)
        self._refuse_few(counts)
        self.n_events_ = int(counts[1])
        self.categories_ = [name for name in frame if frame[name].dtype == object]
        constant = [name for name in frame if frame[name].nunique(dropna=False) < 2]
        if len(constant) == frame.shape[1]:
            raise NotAvailableError(
                f"none of {len(constant)} features varies",
                reason="no_feature",
                place=_PLACE,
                fix="give features that distinguish customers",
            )
        names = [str(name) for name in getattr(self, "feature_names_in_", [f"x{i}" for i in range(frame.shape[1])])]
        self.dropped_features_ = [names[name] for name in constant]
        self.used_ = [name for name in frame if name not in constant]
        with threadpool_limits(limits=1):
            self._fit(self._kept(frame), codes, int(counts.min()))
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float64]:  # noqa: N803
        """Probability of each of ``classes_``: one row per customer, two columns that add up to 1."""
        check_is_fitted(self)
        frame, _ = self._validated(X)
        with threadpool_limits(limits=1):
            chances: NDArray[np.float64] = self.model_.predict_proba(self.columns_.transform(self._kept(frame)))
        return chances

    def predict(self, X: Any) -> NDArray[Any]:  # noqa: N803
        """The more probable outcome."""
        event = self.predict_proba(X)[:, 1] > 0.5
        return np.asarray(self.classes_[event.astype(int)])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.classifier_tags.multi_class = False
        return tags

    def _validated(self, X: Any, y: Any = None) -> tuple[pd.DataFrame, Any]:  # noqa: N803
        """Features as floats and objects, columns by position; the outcome as an array."""
        fitting = y is not None
        if not isinstance(X, pd.DataFrame):
            checks = {"dtype": "float64", "ensure_all_finite": "allow-nan"}
            if not fitting:
                return pd.DataFrame(validate_data(self, X, reset=False, **checks)), None
            values, y = validate_data(self, X, y, ensure_min_samples=2, **checks)
            return pd.DataFrame(values), y
        validate_data(self, X, reset=fitting, skip_check_array=True)
        if fitting:
            y = column_or_1d(y, warn=True)
            if len(X) != len(y):
                raise ValueError(f"Found {len(X)} rows of features and {len(y)} outcomes")
            if len(X) < 2:
                raise NotAvailableError(
                    f"found {len(X)} rows, of which at least 2 are needed",
                    reason="too_few_customers",
                    place=_PLACE,
                    fix="choose a later date, or more customers",
                )
        given = None if fitting else self.categories_
        columns = {i: _feature(X.iloc[:, i], None if given is None else i in given) for i in range(X.shape[1])}
        return pd.DataFrame(columns, index=range(len(X))), y

    def _kept(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The features used, numbered anew: scikit-learn takes whole numbers for places, not for names."""
        return frame[self.used_].set_axis(range(len(self.used_)), axis=1)

    def _refuse_few(self, counts: NDArray[np.int64]) -> None:
        if len(self.classes_) < 2:
            raise NotAvailableError(
                f"only one class, {self.classes_[0]}",
                reason="one_class",
                place=_PLACE,
                fix="choose a longer horizon, or more customers",
            )
        rarer = int(counts.argmin())
        if counts[rarer] < self.min_events:
            raise NotAvailableError(
                f"{counts[rarer]} cases of class {self.classes_[rarer]}, fewer than {self.min_events}",
                reason="too_few_events",
                place=_PLACE,
                fix="choose a longer horizon, or more customers; few events teach a model noise",
            )

    def _fit(self, frame: pd.DataFrame, codes: NDArray[np.int64], n_rarer: int) -> None:
        """Prepare the features once, without a look at the outcomes; then choose the penalty, fit and calibrate."""
        categories = [place for place, name in enumerate(self.used_) if name in self.categories_]
        numbers = [place for place in frame if place not in categories]
        prepare, model = _LEARNERS[self.kind](numbers, categories, self.random_state)
        self.columns_ = prepare.fit(frame)
        prepared = self.columns_.transform(frame)
        self.inverse_penalty_ = None
        self.calibration_ = "none"
        if n_rarer < 2:
            self.model_ = model.fit(prepared, codes)
            return
        folds = folds_for(n_rarer, self.random_state)
        if self.kind == "logistic":
            self.inverse_penalty_ = _inverse_penalty(model, prepared, codes, folds)
            model = model.set_params(C=self.inverse_penalty_)
        self.calibration_ = "isotonic" if n_rarer >= ISOTONIC_EVENTS else "sigmoid"
        calibrated = CalibratedClassifierCV(model, method=self.calibration_, cv=folds, ensemble=False)
        self.model_ = calibrated.fit(prepared, codes)


class RobustScale(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Numbers on one scale: the signed logarithm where they are skewed, minus the median, over the quartiles.

    Skewed is a column whose 95 % quantile is over 10 times its median, zeros left out and signs aside. Where the
    quartiles meet, as for rare flags, the standard deviation is the scale. Gaps stay gaps.

    >>> RobustScale().fit_transform([[0.0], [1], [2], [3], [np.nan]]).round(2).ravel().tolist()
    [-1.35, -0.45, 0.45, 1.35, nan]
    """

    def fit(self, X: Any, y: Any = None) -> RobustScale:  # noqa: ARG002, N803
        values = np.asarray(X, dtype=np.float64)
        self.n_features_in_ = values.shape[1]
        self.is_skewed_ = np.array([_is_skewed(column[~np.isnan(column)]) for column in values.T])
        columns = [column[~np.isnan(column)] for column in self._logged(values).T]
        self.centre_ = np.array([np.median(column) if len(column) else 0.0 for column in columns])
        self.scale_ = np.array([_spread(column) for column in columns])
        return self

    def transform(self, X: Any) -> NDArray[np.float64]:  # noqa: N803
        check_is_fitted(self)
        scaled: NDArray[np.float64] = (self._logged(np.asarray(X, dtype=np.float64)) - self.centre_) / self.scale_
        return scaled

    def _logged(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.where(self.is_skewed_, np.sign(values) * np.log1p(np.abs(values)), values)


def _is_skewed(values: NDArray[np.float64]) -> bool:
    sizes = np.abs(values[values != 0])
    return bool(len(sizes)) and bool(np.quantile(sizes, 0.95) > _SKEWED * np.median(sizes))


def _spread(values: NDArray[np.float64]) -> float:
    if not len(values):
        return 1.0
    low, high = np.quantile(values, [0.25, 0.75])
    return float((high - low) / _IQR_OF_NORMAL or values.std() or 1.0)


def _feature(values: pd.Series[Any], is_category: bool | None) -> pd.Series[Any]:
    """One feature: floats, or objects for a category; which of both is kept from the fit."""
    plain = values.reset_index(drop=True)
    if pd.api.types.is_datetime64_any_dtype(plain.dtype):
        raise DataError(
            "A feature holds dates, which a model cannot carry into the next month",
            place=f"{_PLACE}, feature {values.name}",
            fix="give the days between the date and the as-of date",
        )
    if is_category is None:
        is_category = _is_text(plain)
    if is_category:
        text = plain.astype(object)
        return text.where(text.isna(), text.astype(str)).where(text.notna(), np.nan).astype(object)
    numbers = pd.Series(plain.to_numpy(dtype=np.float64, na_value=np.nan))
    if np.isinf(numbers).any():
        raise DataError(
            f"Infinite numbers in rows {some(numbers.index[np.isinf(numbers)].tolist())}",
            place=f"{_PLACE}, feature {values.name}",
            fix="make them missing: a ratio over nothing is not a number",
        )
    return numbers


def _is_text(values: pd.Series[Any]) -> bool:
    if isinstance(values.dtype, (pd.CategoricalDtype, pd.StringDtype)):
        return True
    return values.dtype == object and any(isinstance(value, str) for value in values.dropna())


def folds_for(n_rarer: int, random_state: int) -> StratifiedKFold:
    """Folds that each hold both outcomes: five, or as many as the rarer outcome has cases."""
    return StratifiedKFold(min(FOLDS, n_rarer), shuffle=True, random_state=random_state)


def _logistic(numbers: list[Any], categories: list[Any], random_state: int) -> tuple[Any, Any]:  # noqa: ARG001
    filled = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
    encoded = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=RARE, sparse_output=False)
    columns = ColumnTransformer(
        [("numbers", make_pipeline(RobustScale(), filled), numbers), ("categories", encoded, categories)]
    )
    return columns, LogisticRegression(solver="newton-cholesky", max_iter=1000)


def _boosting(numbers: list[Any], categories: list[Any], random_state: int) -> tuple[Any, Any]:
    gap: dict[str, Any] = {"unknown_value": np.nan, "encoded_missing_value": np.nan}
    encoded = OrdinalEncoder(handle_unknown="use_encoded_value", min_frequency=RARE, max_categories=200, **gap)
    columns = ColumnTransformer([("numbers", "passthrough", numbers), ("categories", encoded, categories)])
    trees = HistGradientBoostingClassifier(
        max_iter=50,
        learning_rate=0.1,
        max_leaf_nodes=4,
        min_samples_leaf=20,
        l2_regularization=1.0,
        early_stopping=False,
        categorical_features=[len(numbers) + i for i in range(len(categories))] or None,
        random_state=random_state,
    )
    return columns, trees


_LEARNERS = {"logistic": _logistic, "boosting": _boosting}


def _inverse_penalty(model: Any, prepared: Any, codes: NDArray[np.int64], folds: StratifiedKFold) -> float:
    """Of `PENALTIES` the one with the least log loss over the folds; of equals the strictest."""
    losses = dict.fromkeys(PENALTIES, 0.0)
    for training, left_out in folds.split(prepared, codes):
        for penalty in PENALTIES:
            fitted = model.set_params(C=penalty).fit(prepared[training], codes[training])
            losses[penalty] += log_loss(codes[left_out], fitted.predict_proba(prepared[left_out]))
    return min(PENALTIES, key=lambda penalty: losses[penalty])
