"""The models that a month fits, on the sample: what is reported and what is refused."""

from pathlib import Path

from bizlab.reporting.predictions import Forecasts
from bizlab.reporting.session import Run
from bizlab.reporting.settings import Setting, load_parameters

ROOT = Path(__file__).parents[2]


def test_months_with_an_order_are_fitted_or_refused_by_name():
    """Hardware orders do not tell how customers differ in leaving: a likelihood without a maximum is not reported."""
    run = Run("predictions", ROOT, load_parameters(ROOT, {"month": Setting("2026-10", "test")}))
    forecasts = Forecasts(run)
    assert "BG/BB (all orders)" in forecasts.fits
    assert "gamma, delta ran away" in forecasts.refused_fits["BG/BB (hardware)"]
    assert set(forecasts.fits).isdisjoint(forecasts.refused_fits)
