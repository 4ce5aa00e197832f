"""Out-of-time backtests: at several past dates predict with what was known then, and compare with what came.

At an origin t with a horizon h, the features as of t - h and the outcomes of (t - h, t] teach the model; the features
as of t and the outcomes of (t, t + h] test it. Nothing dated after t reaches the prediction made at t.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeAlias

import pandas as pd

from bizlab.errors import DataError, SettingError, some
from bizlab.labels import Label
from bizlab.prediction.backtest.calibration import CALIBRATED, Calibration, calibration
from bizlab.prediction.backtest.evaluation import VERDICTS, Evaluation, Kind, Measure, evaluate
from bizlab.prediction.models.refusals import REFUSALS, NotAvailableError, Refusal

Predictor: TypeAlias = Callable[[date], "pd.Series[Any]"]
"""A date to predictions made then, indexed by customer; a customer may be missing."""
Features: TypeAlias = Callable[[date], pd.DataFrame]
"""A date to what was known then, indexed by customer."""
Outcomes: TypeAlias = Callable[[date], pd.DataFrame]
"""A date to ``customer_id`` and ``outcome`` of the horizon after it, for everybody at risk."""
KEY = "customer_id"


@dataclass(frozen=True)
class Prediction:
    """What is predicted, and the plain baseline that it must beat.

    Parameters
    ----------
    key, label : of the prediction; the label of an amount names its unit. kind : probability, count or amount.
    baseline_key, baseline : of the baseline, such as 'rate of the same grade'.
    """

    key: str
    label: Label
    kind: Kind
    baseline_key: str
    baseline: Label


@dataclass(frozen=True, eq=False)
class Backtest:
    """Predictions made at past dates beside a baseline's and what came.

    Parameters
    ----------
    prediction : what was predicted. horizon_days : how far.
    origins : the dates predicted at, in order.
    cases : one row per origin and customer with both predictions: ``origin_on``, ``customer_id``, ``predicted``,
        ``baseline``, ``actual``.
    n_at_risk : customers with an outcome, by origin; refused origins are not in it.
    refused : by origin.
    confidence : level of the intervals.
    """

    prediction: Prediction
    horizon_days: int
    origins: tuple[date, ...]
    cases: pd.DataFrame
    n_at_risk: dict[date, int]
    refused: dict[date, Refusal]
    confidence: float

    def evaluation(self, origin: date | None = None, *, measure: Measure | None = None) -> Evaluation:
        """Prediction against baseline at one origin, or pooled over all."""
        cases = self.cases if origin is None else self.cases[self.cases["origin_on"] == pd.Timestamp(origin)]
        return evaluate(
            cases["predicted"],
            cases["baseline"],
            cases["actual"],
            kind=self.prediction.kind,
            customers=cases[KEY],
            measure=measure,
            confidence=self.confidence,
        )

    def reason(self, origin: date | None, evaluation: Evaluation) -> str | None:
        """Why there is no verdict, a code of ``refusals.REFUSALS``; None where there is one."""
        if origin in self.refused:
            return self.refused[origin].reason
        if origin is None and not self.n_at_risk:
            return self.refused[self.origins[-1]].reason
        return evaluation.reason

    @property
    def calibration(self) -> Calibration | None:
        """Events predicted against events that came, over all origins; None for counts and amounts."""
        if self.prediction.kind != "probability":
            return None
        cases = self.cases
        return calibration(cases["actual"], cases["predicted"], cases[KEY], confidence=self.confidence)

    @property
    def statement(self) -> Label:
        """The pooled verdict in words, with the baseline's name, for where the prediction is shown.

        Of a probability it also says whether too many or too few events are predicted.
        """
        evaluation, p = self.evaluation(), self.prediction
        reason = self.reason(None, evaluation)
        verdict, beside = VERDICTS[evaluation.verdict], REFUSALS[reason] if reason else p.baseline
        whole = self.calibration
        off = CALIBRATED[whole.verdict] if whole and whole.verdict in {"too_many", "too_few"} else None
        return Label(
            f"{p.label.zh}:{verdict.zh}({beside.zh})" + (f";{off.zh}" if off else ""),
            f"{p.label.en}: {verdict.en} ({beside.en})" + (f"; {off.en.lower()}" if off else ""),
        )


def backtest(
    prediction: Prediction,
    *,
    predict: Predictor,
    baseline: Predictor,
    outcomes: Outcomes,
    origins: Sequence[date],
    horizon_days: int,
    confidence: float = 0.95,
) -> Backtest:
    """Predict at every origin and put the baseline's prediction and the outcome beside it.

    Parameters
    ----------
    predict, baseline : both are asked for the same dates; see `trained` and `segment_rate`.
    outcomes : of the horizon after a date; its customers are those at risk. Customers at risk without a prediction
        of both kinds are counted and left out.
    origins : dates to predict at, rising.
    horizon_days : how far, for the table; ``outcomes`` must use the same.

    Raises
    ------
    SettingError : no origins, or origins that do not rise.
    DataError : a customer twice at one origin.

    >>> rate = Label("同一比率", "one rate")
    >>> purchase = Prediction("buys", Label("复购", "Purchase"), "probability", "one_rate", rate)
    >>> ids = [f"c{i}" for i in range(100)]
    >>> came = pd.DataFrame({"customer_id": ids, "outcome": [i % 4 == 0 for i in range(100)]})
    >>> result = backtest(
    ...     purchase,
    ...     predict=lambda as_of: pd.Series([0.3 if i % 2 == 0 else 0.05 for i in range(100)], index=ids),
    ...     baseline=lambda as_of: pd.Series(0.25, index=ids),
    ...     outcomes=lambda as_of: came,
    ...     origins=[date(2026, 3, 31), date(2026, 6, 30)],
    ...     horizon_days=90,
    ... )
    >>> result.statement.en
    'Purchase: Better than the baseline (one rate); predicts too few'
    >>> result.evaluation().n_cases, result.evaluation().n_customers
    (200, 100)
    """
    if not origins or list(origins) != sorted(set(origins)):
        raise SettingError(
            f"The origins {some(list(origins))} do not rise",
            place=f"backtest of {prediction.key}",
            fix="give at least one date, each later than the one before",
        )
    parts: list[pd.DataFrame] = []
    n_at_risk: dict[date, int] = {}
    refused: dict[date, Refusal] = {}
    for origin in origins:
        try:
            came, predicted, by_baseline = outcomes(origin), predict(origin), baseline(origin)
        except DataError as error:
            refused[origin] = Refusal.of(error)
            continue
        n_at_risk[origin] = len(came)
        parts.append(_cases(origin, came, predicted, by_baseline))
    kinds = {"origin_on": "datetime64[us]", KEY: "str", "predicted": float, "baseline": float, "actual": float}
    cases = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({name: [] for name in kinds})
    cases = cases.astype(kinds)
    return Backtest(prediction, horizon_days, tuple(origins), cases, n_at_risk, refused, confidence)


def trained(features: Features, outcomes: Outcomes, *, horizon_days: int, fit: Callable[[Any, Any], Any]) -> Predictor:
    """A predictor that learns at every date from the horizon just ended: the chance of the event by customer.

    Parameters
    ----------
    features, outcomes : as of a date; outcomes of the horizon after it.
    fit : features and outcomes in, a fitted classifier with ``predict_proba`` out, such as ``choice.fit_chosen``.

    Raises
    ------
    DataError : when asked, if a customer at risk has no features; ``NotAvailableError`` as ``fit`` raises it.

    >>> from sklearn.dummy import DummyClassifier
    >>> known = pd.DataFrame({"n_orders": [1, 2]}, index=["a", "b"])
    >>> came = pd.DataFrame({"customer_id": ["a", "b"], "outcome": [True, False]})
    >>> fit = lambda x, y: DummyClassifier(strategy="prior").fit(x, y)
    >>> trained(lambda as_of: known, lambda as_of: came, horizon_days=30, fit=fit)(date(2026, 6, 30)).to_dict()
    {'a': 0.5, 'b': 0.5}
    """

    def predict(as_of: date) -> pd.Series[Any]:
        known, came = lesson(features, outcomes, as_of - timedelta(days=horizon_days))
        model = fit(known, came.to_numpy(dtype=bool))
        now = features(as_of)
        return pd.Series(model.predict_proba(now[known.columns])[:, 1], index=now.index)

    return predict


def segment_rate(features: Features, outcomes: Outcomes, *, horizon_days: int, segment: str | None = None) -> Predictor:
    """The plain baseline: every customer gets the rate at which it just happened in the same segment.

    Parameters
    ----------
    features, outcomes, horizon_days : as for `trained`.
    segment : column of the features, such as a grade or a band of recency; None for one rate for all. Gaps, and
        segments that nobody stood in before, get the rate of all.

    >>> known = pd.DataFrame({"grade": ["A", "A", "B", None]}, index=list("abcd"))
    >>> came = pd.DataFrame({"customer_id": list("abc"), "outcome": [True, False, True]})
    >>> rates = segment_rate(lambda as_of: known, lambda as_of: came, horizon_days=30, segment="grade")
    >>> rates(date(2026, 6, 30)).round(3).to_dict()
    {'a': 0.5, 'b': 0.5, 'c': 1.0, 'd': 0.667}
    """

    def predict(as_of: date) -> pd.Series[Any]:
        known, came = lesson(features, outcomes, as_of - timedelta(days=horizon_days))
        now = features(as_of)
        if came.empty:
            raise NotAvailableError(
                "nobody was at risk", reason="too_few_customers", place=f"baseline at {as_of}", fix="begin later"
            )
        overall = float(came.mean())
        if segment is None:
            return pd.Series(overall, index=now.index)
        rates = came.groupby(known[segment].astype(object)).mean()
        return now[segment].astype(object).map(rates).astype(float).fillna(overall)

    return predict


def lesson(features: Features, outcomes: Outcomes, before: date) -> tuple[pd.DataFrame, pd.Series[Any]]:
    """Features as of the earlier date and the outcomes of the horizon after it, of those at risk."""
    known, came = features(before), outcomes(before).set_index(KEY)["outcome"].astype(float)
    lacking = came.index.difference(known.index)
    if len(lacking):
        raise DataError(
            f"{len(lacking)} customers at risk have no features",
            place=f"features as of {before}, {KEY} {some(lacking.tolist())}",
            fix="build the features for everybody known on the date",
        )
    return known.loc[came.index], came


def _cases(origin: date, came: pd.DataFrame, predicted: pd.Series[Any], by_baseline: pd.Series[Any]) -> pd.DataFrame:
    ids = {"outcomes": pd.Index(came[KEY]), "predictions": predicted.index, "baseline": by_baseline.index}
    for name, index in ids.items():
        if index.has_duplicates:
            raise DataError(
                f"The {name} hold a customer twice",
                place=f"backtest at {origin}, {KEY} {some(index[index.duplicated()].tolist())}",
                fix="give one row per customer",
            )
    cases = pd.DataFrame(
        {
            "origin_on": pd.Timestamp(origin),
            KEY: came[KEY].to_numpy(),
            "predicted": came[KEY].map(predicted).astype(float).to_numpy(),
            "baseline": came[KEY].map(by_baseline).astype(float).to_numpy(),
            "actual": came["outcome"].astype(float).to_numpy(),
        }
    )
    return cases.dropna(subset=["predicted", "baseline"])
