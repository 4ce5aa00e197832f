"""The predictions of a month as a page asks for them: tested against their baselines, put back as tags."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from bizlab.analyses.customers.forecast_steps import FittedModels, backtests, fitted_models, predictions
from bizlab.analyses.customers.forecasting import CATEGORY, PREDICTIONS, TASKS
from bizlab.prediction.backtest.backtest import Backtest
from bizlab.run.session import Run
from bizlab.tagging.quality.migration import Moment
from bizlab.tagging.tags.predicted import Predicted, predicted_models, with_predictions


class Forecasts:
    """The predictions of a month, by the names that the tags' rules give them; each is a step.

    Parameters
    ----------
    run : of a page with the parameters of tags and predictions.
    """

    def __init__(self, run: Run) -> None:
        self.run = run

    @property
    def backtests(self) -> dict[str, Backtest]:
        """Each task at the last three dates whose horizon is over."""
        return {name: self.backtest(name) for name in (*TASKS, CATEGORY)}

    def backtest(self, name: str) -> Backtest:
        """One task at the last three dates whose horizon is over."""
        return self.run.step(backtests, name=name)

    def predicted(self, name: str) -> Predicted:
        """One prediction as of the month's last day."""
        return self.run.step(predictions, name=name)

    @cached_property
    def fitted(self) -> FittedModels:
        """The models of purchases, their value and renewal as of the month's last day."""
        return self.run.step(fitted_models)

    def with_tags(self, moment: Moment, *, names: Sequence[str] = PREDICTIONS) -> Moment:
        """The month's tags with predictions beside them: all, or those that are named."""
        predicted = {name: self.predicted(name) for name in names}
        snapshot = with_predictions(moment.snapshot, predicted)
        return replace(moment, snapshot=snapshot, models={**moment.models, **predicted_models(predicted)})
