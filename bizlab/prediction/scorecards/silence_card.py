"""The scorecard of silence: points for ordering again, learned from past dates whose outcomes are over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from bizlab.contracts.columns import code, column, score, table, words
from bizlab.contracts.finding import Finding
from bizlab.contracts.says import says
from bizlab.errors import DataError
from bizlab.prediction.backtest.backtest import Features, Outcomes, lesson
from bizlab.prediction.backtest.tasks import ACTIVE_DAYS
from bizlab.prediction.models.refusals import NotAvailableError
from bizlab.prediction.scorecards.scorecard import SCORECARD, SCORECARD_FEATURES, Scorecard
from bizlab.prediction.scorecards.settings import PLACE, ScorecardSettings
from bizlab.statistics.binning import bin_numeric
from bizlab.statistics.monotone import Limits

LEFT_OUT = words(
    constant="取值全部相同,分不出客户 | the same for all, it does not distinguish customers",
    too_few="有值的企业太少,不足一箱 | too few companies have a value to fill one bin",
)
CARD_LEFT_OUT = table(
    "card_left_out",
    "未进评分卡的指标 | Features left off the scorecard",
    "每个指标一行 | one row per feature",
    code("feature", "指标 | Feature"),
    column("why", "原因 | Why", choices=LEFT_OUT),
    key="feature",
)
CARD_LESSONS = table(
    "card_lessons",
    "评分卡从何处学来 | What the scorecard was learned from",
    "每个训练时点一行 | one row per date of training",
    column("lesson_on", "训练时点 | Date"),
    column("outcome_until_on", "结果截至 | Outcomes until"),
    column("n_customers", "近一年有采购的企业 | Buyers of a year"),
    column("n_stayed", "其中再次下单 | Ordered again"),
    column("n_silent", "其中沉默 | Fell silent"),
    key="lesson_on",
)
CARD = replace(
    SCORECARD,
    name="silence_card",
    columns=(
        *SCORECARD.columns,
        score(
            "lost_points",
            "失分 | Points lost",
            "训练样本该指标的平均分 − 本箱分数;小于0为得分 | "
            "mean points of the feature over the training rows less those of the bin; below 0 points are won",
        ),
    ),
)
CARD_FEATURES = replace(
    SCORECARD_FEATURES,
    name="silence_card_features",
    columns=(
        *SCORECARD_FEATURES.columns,
        column(
            "is_reversed",
            "系数为负 | Coefficient below 0",
            "与其他指标重叠:分数方向与分箱本身相反,不可单独解读 | "
            "overlaps with others: its points run against its own bins, do not read them alone",
        ),
    ),
)


@dataclass(frozen=True, eq=False)
class SilenceScorecard:
    """A fitted scorecard; its event is to order again, so that more points are good news.

    Parameters
    ----------
    settings : what it was fitted by. fitted : the points. left_out : features that could not be used, with a code of
        `LEFT_OUT`.
    lessons : `CARD_LESSONS`.
    bounds : of the bands of scores, rising: equal parts of the training rows, in whole points.
    """

    settings: ScorecardSettings
    fitted: Scorecard
    left_out: Mapping[str, str]
    lessons: pd.DataFrame
    bounds: tuple[float, ...]

    @property
    def used(self) -> list[str]:
        """The features on the scorecard."""
        return [binning.feature for binning in self.fitted.binnings_]

    def points(self, features: pd.DataFrame) -> pd.Series[float]:
        """The score of each customer."""
        return pd.Series(self.fitted.points(features[self.used]), index=features.index, name="points")

    def silence(self, features: pd.DataFrame) -> pd.Series[float]:
        """The chance of each customer to order nothing within the horizon."""
        return pd.Series(
            self.fitted.predict_proba(features[self.used])[:, 0], index=features.index, name="silence_rate"
        )

    def table(self) -> pd.DataFrame:
        """The scorecard as it is printed: `CARD`."""
        scorecard = self.fitted.table()
        whole = (
            scorecard.assign(points=scorecard["points"] * scorecard["n_rows"])
            .groupby("feature")[["points", "n_rows"]]
            .transform("sum")
        )
        return CARD.conform(scorecard.assign(lost_points=whole["points"] / whole["n_rows"] - scorecard["points"]))

    def features_table(self) -> pd.DataFrame:
        """How much each feature says and counts: `CARD_FEATURES`."""
        features = self.fitted.features()
        return CARD_FEATURES.conform(features.assign(is_reversed=features["coefficient"] < 0))

    def left_out_table(self) -> pd.DataFrame:
        """What could not be used: `CARD_LEFT_OUT`, empty where all was."""
        return CARD_LEFT_OUT.conform(pd.DataFrame(list(self.left_out.items()), columns=list(CARD_LEFT_OUT.names)))


def lesson_dates(as_of: date, *, horizon_days: int, n_lessons: int, known_from: date | None = None) -> list[date]:
    """The dates that a scorecard made on a day learns from, a horizon apart: the last outcome ends on that day.

    Parameters
    ----------
    known_from : the first day of records. A date that does not look back on `tasks.ACTIVE_DAYS` of them is left out:
        its totals of 12 months would be those of fewer.

    Raises
    ------
    NotAvailableError : no date is left.

    >>> [day.isoformat() for day in lesson_dates(date(2026, 8, 2), horizon_days=90, n_lessons=2)]
    ['2026-02-03', '2026-05-04']
    """
    days = [as_of - timedelta(days=horizon_days * back) for back in range(n_lessons, 0, -1)]
    whole = [day for day in days if known_from is None or day - timedelta(days=ACTIVE_DAYS) >= known_from]
    if not whole:
        raise NotAvailableError(
            f"records begin on {known_from}: no earlier date looks back on {ACTIVE_DAYS} days of them",
            reason="too_few_customers",
            place=f"{PLACE} as of {as_of}",
            fix="wait for more months of records, or choose a shorter horizon",
        )
    return whole


def fit_silence_scorecard(
    features: Features,
    outcomes: Outcomes,
    settings: ScorecardSettings,
    *,
    as_of: date,
    horizon_days: int,
    known_from: date | None = None,
) -> SilenceScorecard:
    """Learn a scorecard on a date from what had happened by then.

    Parameters
    ----------
    features : as of a date, as `settings.printed_features` gives them, for every customer at risk.
    outcomes : of the horizon after a date: True for who fell silent (`tasks.churn`).
    as_of : nothing dated later is read. A customer at risk at several dates counts at each.
    known_from : the first day of records; dates that do not look back on a whole year of them are left out.

    Raises
    ------
    NotAvailableError : no date looks back on a year, all outcomes are the same, or no feature can be used.
    """
    days = lesson_dates(as_of, horizon_days=horizon_days, n_lessons=settings.n_lessons, known_from=known_from)
    parts = [lesson(features, outcomes, day) for day in days]
    known = pd.concat([part for part, _ in parts], ignore_index=True)
    stayed = pd.concat([came for _, came in parts], ignore_index=True).eq(0)
    if stayed.all() or not stayed.any():
        raise NotAvailableError(
            f"all {len(stayed)} outcomes are the same",
            reason="one_class",
            place=f"{PLACE} as of {as_of}",
            fix="take more dates, or a horizon in which both happen",
        )
    left_out = _left_out(known, stayed, settings)
    used = [name for name in settings.features if name not in left_out]
    if not used:
        raise NotAvailableError(
            f"none of {len(left_out)} features distinguishes customers",
            reason="no_feature",
            place=f"{PLACE} as of {as_of}",
            fix="name other features, or take more dates",
        )
    scorecard = settings.scorecard().fit(known[used], stayed.to_numpy(dtype=bool))
    rows = [
        {
            "lesson_on": pd.Timestamp(day),
            "outcome_until_on": pd.Timestamp(day + timedelta(days=horizon_days)),
            "n_customers": len(came),
            "n_stayed": int(came.eq(0).sum()),
            "n_silent": int(came.eq(1).sum()),
        }
        for day, (_, came) in zip(days, parts, strict=True)
    ]
    return SilenceScorecard(
        settings,
        scorecard,
        left_out,
        CARD_LESSONS.conform(pd.DataFrame(rows)),
        _bounds(scorecard, known[used], settings.n_bands),
    )


def reversed_findings(features: pd.DataFrame, *, key: str = "card_features") -> list[Finding]:
    """One sentence for each row of `CARD_FEATURES`, shown under ``key``, whose points run against its own bins."""
    text = (
        "评分卡中「{feature}」的系数为负({coefficient}):与其他指标重叠,它的分数不可单独解读。 | "
        "On the scorecard '{feature}' has a coefficient below 0 ({coefficient}): it overlaps with others, its points "
        "cannot be read alone."
    )
    return [
        says(row, CARD_FEATURES, text, key=f"card.reversed.{row['feature']}", table=key)
        for row in features[features["is_reversed"]].to_dict("records")
    ]


def _left_out(known: pd.DataFrame, stayed: pd.Series[bool], settings: ScorecardSettings) -> dict[str, str]:
    """Features that cannot be binned, each tried alone, so that one of them does not cost the whole scorecard."""
    limits = Limits(settings.max_bins, settings.min_share, settings.min_cases)
    left_out = {}
    for name in settings.features:
        try:
            bin_numeric(known[name], stayed, feature=name, limits=limits)
        except DataError:
            left_out[name] = "constant" if known[name].nunique(dropna=False) < 2 else "too_few"
    return left_out


def _bounds(scorecard: Scorecard, known: pd.DataFrame, n_bands: int) -> tuple[float, ...]:
    """Bounds of the bands: equal parts of the training rows, in whole points; fewer where many score the same."""
    cuts = np.quantile(scorecard.points(known), np.arange(1, n_bands) / n_bands)
    return tuple(float(bound) for bound in np.unique(cuts.round()))
