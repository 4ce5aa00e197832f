"""Out-of-time backtests: at several past dates predict with what was known then, and compare with what came.

At an origin t with a horizon h, the features as of t - h and the outcomes of (t - h, t] teach the model; the features
as of t and the outcomes of (t, t + h] test it. Nothing dated after t reaches the prediction made at t.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeAlias

import pandas as pd

from bizlab.contracts import Column, Identity, Table
from bizlab.errors import DataError, SettingError, some
from bizlab.labels import Label
from bizlab.prediction.evaluation import MEASURES, VERDICTS, Evaluation, Kind, Measure, evaluate
from bizlab.prediction.metrics import reason_column
from bizlab.prediction.refusals import REFUSALS, NotAvailableError
from bizlab.units import Unit

Predictor: TypeAlias = Callable[[date], "pd.Series[Any]"]
"""A date to predictions made then, indexed by customer; a customer may be missing."""
Features: TypeAlias = Callable[[date], pd.DataFrame]
"""A date to what was known then, indexed by customer."""
Outcomes: TypeAlias = Callable[[date], pd.DataFrame]
"""A date to ``customer_id`` and ``outcome`` of the horizon after it, for everybody at risk."""
KEY, POOLED = "customer_id", "pooled"
ORIGINS: dict[str, Label] = {POOLED: Label("全部时点", "All dates")}


@dataclass(frozen=True)
class Prediction:
    """What is predicted, and the plain baseline that it must beat.

    Parameters
    ----------
    key, label : of the prediction. kind : probability, count or amount (fen).
    baseline_key, baseline : of the baseline, such as 'rate of the same grade'.
    """

    key: str
    label: Label
    kind: Kind
    baseline_key: str
    baseline: Label


@dataclass(frozen=True)
class Refused:
    """Why nothing was predicted at an origin: a code of ``refusals.REFUSALS``, and the message."""

    reason: str
    message: str


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
    random_state : seed of the intervals. confidence : their level.
    """

    prediction: Prediction
    horizon_days: int
    origins: tuple[date, ...]
    cases: pd.DataFrame
    n_at_risk: dict[date, int]
    refused: dict[date, Refused]
    random_state: int
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
            random_state=self.random_state,
        )

    @property
    def statement(self) -> Label:
        """The pooled verdict in words, with the baseline's name, for where the prediction is shown."""
        found, p = self.evaluation(), self.prediction
        reason = _reason(self, None, found)
        verdict = VERDICTS[found.verdict]
        if reason:
            why = REFUSALS[reason]
            return Label(f"{p.label.zh}:{verdict.zh}({why.zh})", f"{p.label.en}: {verdict.en} ({why.en})")
        return Label(f"{p.label.zh}:{verdict.zh}({p.baseline.zh})", f"{p.label.en}: {verdict.en} ({p.baseline.en})")


def backtest(
    prediction: Prediction,
    *,
    predict: Predictor,
    baseline: Predictor,
    outcomes: Outcomes,
    origins: Sequence[date],
    horizon_days: int,
    random_state: int = 0,
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

    Returns
    -------
    The backtest. An origin at which a function raises a DataError is refused with its reason and message, and the
    others go on.

    Raises
    ------
    SettingError : no origins, or origins that do not rise.
    DataError : a customer twice at one origin.
    """
    if not origins or list(origins) != sorted(set(origins)):
        raise SettingError(
            f"The origins {some(list(origins))} do not rise",
            place=f"backtest of {prediction.key}",
            way_out="give at least one date, each later than the one before",
        )
    found: list[pd.DataFrame] = []
    n_at_risk: dict[date, int] = {}
    refused: dict[date, Refused] = {}
    for origin in origins:
        try:
            came, predicted, plain = outcomes(origin), predict(origin), baseline(origin)
        except DataError as error:
            reason = error.reason if isinstance(error, NotAvailableError) else "not_fitted"
            refused[origin] = Refused(reason, str(error))
            continue
        n_at_risk[origin] = len(came)
        found.append(_cases(origin, came, predicted, plain))
    kinds = {"origin_on": "datetime64[us]", KEY: "str", "predicted": float, "baseline": float, "actual": float}
    cases = pd.concat(found, ignore_index=True) if found else pd.DataFrame({name: [] for name in kinds})
    cases = cases.astype(kinds)
    return Backtest(prediction, horizon_days, tuple(origins), cases, n_at_risk, refused, random_state, confidence)


def trained(features: Features, outcomes: Outcomes, *, horizon_days: int, fit: Callable[[Any, Any], Any]) -> Predictor:
    """A predictor that at every date learns from the horizon that has just ended.

    Parameters
    ----------
    features, outcomes : as of a date; outcomes of the horizon after it.
    fit : features and outcomes in, a fitted classifier with ``predict_proba`` out, such as ``choice.fit_chosen``.

    Returns
    -------
    Predictor: the probability of the event for every customer with features at the date.

    Raises
    ------
    DataError : when asked, if a customer at risk has no features; ``NotAvailableError`` as ``fit`` raises it.
    """

    def predict(as_of: date) -> pd.Series[Any]:
        known, came = _lesson(features, outcomes, as_of - timedelta(days=horizon_days))
        model = fit(known, came.to_numpy(dtype=bool))
        now = features(as_of)
        return pd.Series(model.predict_proba(now[known.columns])[:, 1], index=now.index)

    return predict


def segment_rate(features: Features, outcomes: Outcomes, *, horizon_days: int, segment: str | None = None) -> Predictor:
    """The plain baseline: everybody gets the rate at which it just happened in the same segment.

    Parameters
    ----------
    features, outcomes, horizon_days : as for `trained`.
    segment : column of the features, such as a grade or a band of recency; None for one rate for all. Gaps, and
        segments that nobody stood in before, get the rate of all.

    Returns
    -------
    Predictor: a rate for every customer with features at the date.
    """

    def predict(as_of: date) -> pd.Series[Any]:
        known, came = _lesson(features, outcomes, as_of - timedelta(days=horizon_days))
        now = features(as_of)
        if came.empty:
            raise NotAvailableError(
                "nobody was at risk", reason="too_few_customers", place=f"baseline at {as_of}", way_out="begin later"
            )
        overall = float(came.mean())
        if segment is None:
            return pd.Series(overall, index=now.index)
        rates = came.groupby(known[segment].astype(object)).mean()
        return now[segment].astype(object).map(rates).astype(float).fillna(overall)

    return predict


def _lesson(features: Features, outcomes: Outcomes, before: date) -> tuple[pd.DataFrame, pd.Series[Any]]:
    """Features as of the earlier date and the outcomes of the horizon after it, of those at risk."""
    known, came = features(before), outcomes(before).set_index(KEY)["outcome"].astype(float)
    lacking = came.index.difference(known.index)
    if len(lacking):
        raise DataError(
            f"{len(lacking)} customers at risk have no features",
            place=f"features as of {before}, {KEY} {some(lacking.tolist())}",
            way_out="build the features for everybody known on the date",
        )
    return known.loc[came.index], came


def _cases(origin: date, came: pd.DataFrame, predicted: pd.Series[Any], plain: pd.Series[Any]) -> pd.DataFrame:
    for name, index in (("outcomes", pd.Index(came[KEY])), ("predictions", predicted.index), ("baseline", plain.index)):
        if index.has_duplicates:
            raise DataError(
                f"The {name} hold a customer twice",
                place=f"backtest at {origin}, {KEY} {some(index[index.duplicated()].tolist())}",
                way_out="give one row per customer",
            )
    cases = pd.DataFrame(
        {
            "origin_on": pd.Timestamp(origin),
            KEY: came[KEY].to_numpy(),
            "predicted": came[KEY].map(predicted).astype(float).to_numpy(),
            "baseline": came[KEY].map(plain).astype(float).to_numpy(),
            "actual": came["outcome"].astype(float).to_numpy(),
        }
    )
    return cases.dropna(subset=["predicted", "baseline"])


def _figure(name: str, zh: str, en: str, meaning: tuple[str, str] | None = None) -> Column:
    return Column(name, Unit.SCORE, Label(zh, en), True, definition=Label(*meaning) if meaning else None)


_REFUSAL = Column("verdict_reason", Unit.CODE, Label("原因", "Reason"), True, tuple(REFUSALS), choice_labels=REFUSALS)
BACKTEST = Table(
    name="backtest",
    label=Label("回测:预测与基准", "Backtest: prediction and baseline"),
    grain=Label("每个预测、时点一行,另有合并行", "one row per prediction and date, and one for all dates"),
    key=("prediction", "origin"),
    columns=(
        Column("prediction", Unit.CODE, Label("预测", "Prediction")),
        Column("baseline", Unit.CODE, Label("基准", "Baseline")),
        Column("origin", Unit.CODE, Label("预测时点", "Predicted on"), choice_labels=ORIGINS),
        Column("is_total", Unit.BOOL, Label("合并行", "Total row")),
        Column("n_origins", Unit.COUNT, Label("时点数", "Dates")),
        Column("horizon_days", Unit.DAYS, Label("预测天数", "Horizon")),
        Column("n_at_risk", Unit.COUNT, Label("有结果的客户", "With an outcome")),
        Column("n_without", Unit.COUNT, Label("其中无预测", "Without a prediction")),
        Column("n_cases", Unit.COUNT, Label("比较数", "Compared")),
        Column("n_customers", Unit.COUNT, Label("不同客户", "Different customers")),
        _figure(
            "actual_mean",
            "实际均值",
            "Actual",
            ("概率类为发生率,金额为分", "a rate for probabilities; fen for amounts"),
        ),
        _figure("predicted_mean", "预测均值", "Predicted"),
        _figure("baseline_mean", "基准均值", "Baseline's"),
        Column("measure", Unit.CODE, Label("误差", "Measure"), False, tuple(MEASURES), None, MEASURES),
        _figure("model_loss", "预测误差", "Loss", ("越小越好", "smaller is better")),
        _figure("baseline_loss", "基准误差", "Baseline's loss"),
        _figure(
            "difference",
            "误差之差",
            "Difference",
            ("预测 − 基准,小于零为优", "prediction minus baseline, below 0 is better"),
        ),
        _figure("lower", "下限", "Lower limit", ("按客户重抽样", "by resampling customers")),
        _figure("upper", "上限", "Upper limit"),
        _figure("skill", "改进比例", "Skill", ("1 − 预测误差 ÷ 基准误差", "1 minus loss over the baseline's loss")),
        reason_column("skill"),
        _figure(
            "auc", "AUC", "AUC", ("发生者排在未发生者之前的机会", "chance that who did is ranked above who did not")
        ),
        _figure("auc_lower", "AUC 下限", "AUC, lower"),
        _figure("auc_upper", "AUC 上限", "AUC, upper"),
        reason_column("auc"),
        Column("verdict", Unit.CODE, Label("结论", "Verdict"), False, tuple(VERDICTS), None, VERDICTS),
        _REFUSAL,
    ),
    identities=(
        Identity(
            "n_at_risk = n_without + n_cases",
            Label("有结果 = 无预测 + 比较数", "with an outcome = without a prediction + compared"),
        ),
    ),
)


def backtest_table(results: Sequence[Backtest], *, measure: Measure | None = None) -> pd.DataFrame:
    """Backtests for readers.

    Parameters
    ----------
    results : of one kind, if ``measure`` is given. measure : the loss compared, by default the first of its kind.

    Returns
    -------
    `BACKTEST`: for each prediction the origins in order and then all of them. A refused origin has 0 at risk, no
    figures, verdict ``not_available`` and its reason. The words of ``prediction`` and ``baseline`` are `words`.
    """
    rows = [_row(result, origin, measure) for result in results for origin in (*result.origins, None)]
    return BACKTEST.conform(pd.DataFrame(rows, columns=list(BACKTEST.names)))


def words(results: Sequence[Backtest]) -> dict[str, Label]:
    """The words of the codes in `BACKTEST`'s ``prediction`` and ``baseline``."""
    named = [result.prediction for result in results]
    return {p.key: p.label for p in named} | {p.baseline_key: p.baseline for p in named}


def _reason(result: Backtest, origin: date | None, found: Evaluation) -> str | None:
    if origin in result.refused:
        return result.refused[origin].reason
    if origin is None and not result.n_at_risk:
        return result.refused[result.origins[-1]].reason
    return found.reason


def _row(result: Backtest, origin: date | None, measure: Measure | None) -> dict[str, Any]:
    found = result.evaluation(origin, measure=measure)
    n_at_risk = sum(result.n_at_risk.values()) if origin is None else result.n_at_risk.get(origin, 0)
    ranked = found.auc
    return {
        "prediction": result.prediction.key,
        "baseline": result.prediction.baseline_key,
        "origin": POOLED if origin is None else origin.isoformat(),
        "is_total": origin is None,
        "n_origins": len(result.n_at_risk) if origin is None else int(origin in result.n_at_risk),
        "horizon_days": result.horizon_days,
        "n_at_risk": n_at_risk,
        "n_without": n_at_risk - found.n_cases,
        "n_cases": found.n_cases,
        "n_customers": found.n_customers,
        "actual_mean": found.actual_mean,
        "predicted_mean": found.predicted_mean,
        "baseline_mean": found.baseline_mean,
        "measure": found.measure,
        "model_loss": found.model_loss,
        "baseline_loss": found.baseline_loss,
        "difference": found.difference.value,
        "lower": found.difference.lower,
        "upper": found.difference.upper,
        "skill": found.skill,
        "skill_reason": found.skill_reason,
        "auc": ranked.value if ranked else math.nan,
        "auc_lower": ranked.lower if ranked else math.nan,
        "auc_upper": ranked.upper if ranked else math.nan,
        "auc_reason": ranked.reason if ranked else "not_ranked",
        "verdict": found.verdict,
        "verdict_reason": _reason(result, origin, found),
    }
