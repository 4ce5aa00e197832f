"""What the scorecard of silence learns from: features, outcomes and the date it is tested on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pandas as pd

from bizlab.analyses.customers.forecasting import Forecasting
from bizlab.contracts.columns import words
from bizlab.prediction.backtest.backtest import Backtest, Prediction, backtest
from bizlab.prediction.scorecards.settings import parse_scorecard, printed_features, printed_labels
from bizlab.prediction.scorecards.silence_card import SilenceScorecard, fit_silence_scorecard
from bizlab.run.kept.step import Given
from bizlab.tagging.dictionary.dictionary import parse_dictionary
from bizlab.units.kinds import Unit

CARD = "silence_card"
CARD_WORDS = words({CARD: "沉默评分卡 | Scorecard of silence"})


class Silence(Forecasting):
    """The scorecard of a month.

    Parameters
    ----------
    given : tables, tags and parameters as of the month's last day; at earlier dates they are cut there again.
    """

    def __init__(self, given: Given) -> None:
        super().__init__(given)
        self.settings = parse_scorecard(given.config("scorecard"))
        self.churn = self.tasks["churn"]
        self.tested_on = self.as_of - timedelta(days=self.horizon_days)
        """The latest date whose horizon is over."""
        dictionary = parse_dictionary(given.config("tags")).on(self.as_of)
        self._units: dict[str, Unit] = {name: tag.unit for name, tag in dictionary.tags.items()}
        self.names = printed_labels(self.settings, dictionary.labels, self._units)

    def features(self, day: date) -> pd.DataFrame:
        """The features of every company known on a day."""
        return printed_features(self.tags(day), self.settings, self._units)

    def learned(self) -> SilenceScorecard:
        """The scorecard as it was learned by the test date."""
        return fit_silence_scorecard(
            self.features,
            self.churn.outcomes,
            self.settings,
            as_of=self.tested_on,
            horizon_days=self.horizon_days,
            known_from=self.orders["ordered_on"].min().date(),
        )

    def judged(self, scorecard: Callable[[], SilenceScorecard]) -> Backtest:
        """The scorecard on the test date, against the baseline of silence on the predictions page.

        Parameters
        ----------
        scorecard : gives it, or says why there is none.
        """
        baseline = self.churn.prediction
        return backtest(
            Prediction(CARD, CARD_WORDS[CARD], "probability", baseline.baseline_key, baseline.baseline),
            predict=lambda day: scorecard().silence(self.features(day)),
            baseline=self.churn.baseline,
            outcomes=self.churn.outcomes,
            origins=[self.tested_on],
            horizon_days=self.horizon_days,
            confidence=self.given.parameter("confidence"),
        )
