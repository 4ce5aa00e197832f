"""The models that a month fits, on the sample: what is reported and what is refused."""

from pathlib import Path

from bizlab.analyses.customers.forecasts import Forecasts
from bizlab.prediction.models.fits import refused_table
from bizlab.run.session import open_page
from bizlab.run.settings import Setting

ROOT = Path(__file__).parents[3]


def test_months_with_an_order_are_tried_and_refused_with_the_reason():
    """Orders do not tell how customers differ in leaving: hardware has no maximum, all orders a flat one."""
    run = open_page(ROOT, "predictions", {"month": Setting("2026-10", "test")})
    models = Forecasts(run).fitted
    refused = refused_table(models.refused).to_numpy().tolist()
    assert refused == [
        ["BG/BB (all orders)", "not_determined", "gamma, delta"],
        ["BG/BB (hardware)", "no_maximum", "gamma, delta"],
    ]
    assert set(models.fits).isdisjoint(models.refused)
