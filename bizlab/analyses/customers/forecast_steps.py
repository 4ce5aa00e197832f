"""What pages and commands share of a month's predictions: each backtest, each prediction, the fitted models."""

from __future__ import annotations

from typing import NamedTuple

from bizlab.analyses.customers.forecasting import Forecasting
from bizlab.analyses.customers.tag_steps import TAG_TABLES, tags
from bizlab.prediction.backtest.backtest import Backtest
from bizlab.prediction.models.gamma_gamma import GammaGamma
from bizlab.prediction.models.likelihood import Fit
from bizlab.prediction.models.refusals import Refusal
from bizlab.prediction.models.renewal_cohorts import CohortModels
from bizlab.run.kept.step import Given, step
from bizlab.tagging.tags.predicted import Predicted

READS = {
    "tables": TAG_TABLES,
    "config": ("tags",),
    "lists": ("product_lines",),
    "parameters": ("horizon_days", "confidence", "cohort_month", "grade_reference"),
}
"""What predictions are made from."""


class FittedModels(NamedTuple):
    """Fits by the name of the model, why others are not there, and the models that a page tells more of."""

    fits: dict[str, Fit]
    refused: dict[str, Refusal]
    cohorts: CohortModels | None
    value: GammaGamma | None


@step(**READS, uses=(tags,))
def backtests(given: Given, *, name: str) -> Backtest:
    """One task at the last three dates whose horizon is over, against its baseline."""
    return Forecasting(given).tested(name)


@step(**READS, uses=(tags, backtests))
def predictions(given: Given, *, name: str) -> Predicted:
    """One prediction as of the day, by the name that the tags' rules give it."""
    return Forecasting(given).forecast(name, lambda task: given.step(backtests, name=task))


@step(**READS, uses=(tags,))
def fitted_models(given: Given) -> FittedModels:
    """The models of purchases, their value and renewal as of the day."""
    forecasting = Forecasting(given)
    fits, refused = forecasting.fitted()
    cohorts = forecasting.cohorts if "sBG" not in refused else None
    value = forecasting.value if "Gamma-Gamma" not in refused else None
    return FittedModels(fits, refused, cohorts, value)
