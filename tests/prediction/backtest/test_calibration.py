"""Calibration as a whole: known truths, a second computation, and how often the interval holds."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit

from bizlab.labels import Label
from bizlab.prediction.backtest.backtest import Backtest, Prediction
from bizlab.prediction.backtest.calibration import CALIBRATION, calibration
from bizlab.prediction.backtest.table import calibration_table


def drawn(rng, n, *, off=0.0, slope=1.0, dates=1):
    """Events whose log odds are ``off + slope x`` those predicted; each customer stands at so many dates."""
    customers = np.repeat(np.arange(n), dates)
    said = np.repeat(rng.normal(-1, 1, n), dates) + rng.normal(0, 0.3, n * dates)
    return rng.random(n * dates) < expit(off + slope * said), expit(said), customers


def test_the_intercept_makes_the_expected_number_come_true():
    """With the slope at 1, shifting every log odds by the intercept gives exactly the events that came."""
    actual, predicted, customers = drawn(np.random.default_rng(1), 500, off=-0.8)
    result = calibration(actual, predicted, customers)
    assert expit(logit(predicted) + result.intercept.value).sum() == pytest.approx(actual.sum())
    assert result.ratio.value == pytest.approx(predicted.sum() / actual.sum())
    assert result.verdict == "too_many"
    assert result.ratio.lower > 1


@pytest.mark.parametrize(("off", "verdict"), [(-0.7, "too_many"), (0.7, "too_few")])
def test_a_planted_bias_is_named(off, verdict):
    result = calibration(*drawn(np.random.default_rng(2), 600, off=off))
    assert result.verdict == verdict
    assert result.intercept.lower < off < result.intercept.upper


def test_intervals_hold_when_customers_stand_at_several_dates():
    """120 draws of 150 customers at 3 dates that share their luck: at 95 %, fewer than 105 hits have a chance
    below 0.1 %. Errors that took the cases for independent would be too small by a third."""
    rng, hits, slopes = np.random.default_rng(20261031), 0, 0
    for _ in range(120):
        customers = np.repeat(np.arange(150), 3)
        said = np.repeat(rng.normal(-0.5, 1, 150), 3)
        luck = np.repeat(rng.random(150), 3)
        result = calibration(luck < expit(said), expit(said), customers)
        hits += result.intercept.lower < 0 < result.intercept.upper
        slopes += result.slope.lower < 1 < result.slope.upper
    assert min(hits, slopes) >= 105


def test_a_forecast_too_extreme_has_a_slope_below_one():
    result = calibration(*drawn(np.random.default_rng(4), 2_000, slope=0.5))
    assert result.slope.upper < 1
    assert result.slope.lower < 0.5 < result.slope.upper


def test_too_few_events_have_no_verdict():
    result = calibration([1] * 5 + [0] * 95, [0.05] * 100, range(100))
    assert (result.verdict, result.reason) == ("not_available", "too_few_to_compare")
    cases = pd.DataFrame({"customer_id": range(100), "predicted": 0.05, "actual": [1] * 5 + [0] * 95})
    label, day = Label("转化", "Conversion"), date(2026, 6, 30)
    conversion = Prediction("conversion", label, "probability", "rate", label)
    table = calibration_table([Backtest(conversion, 90, (day,), cases, {day: 100}, {}, 0.95)])
    CALIBRATION.verify(table)
    assert table.loc[0, ["expected", "happened"]].tolist() == pytest.approx([5, 5])
    assert pd.isna(table.loc[0, "intercept"])


def test_one_prediction_for_all_has_no_slope():
    result = calibration([1, 0, 0, 0] * 30, [0.25] * 120, range(120))
    assert result.verdict == "agrees"
    assert result.slope.reason == "same_prediction"
