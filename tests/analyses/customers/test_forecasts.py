"""Predictions as a month makes them: who has none and why, what they say they read, and the first months."""

from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

import bizlab
from bizlab.analyses.customers.forecasting import Forecasting
from bizlab.analyses.customers.forecasts import Forecasts
from bizlab.analyses.customers.tags import tags_of
from bizlab.prediction.models.purchases import repeat_purchases

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def forecasts():
    with pytest.MonkeyPatch.context() as at:
        at.chdir(ROOT)
        yield Forecasts(bizlab.open("predictions", month="2026-10"))


@pytest.fixture(scope="module")
def now(forecasts):
    (moment,) = tags_of(forecasts.run, forecasts.run.as_of)
    return moment


def test_the_tags_named_as_inputs_are_what_the_buying_model_reads(forecasts, now):
    tags, computed = now.snapshot, Forecasting(forecasts.run)
    assert set(tags.dictionary["alive_rate"].inputs) == {"n_hardware_days", "first_hardware_on", "last_hardware_on"}
    read = repeat_purchases(computed.hardware, as_of=tags.as_of).set_index("customer_id")
    named = tags.frame.set_index("customer_id").loc[read.index]
    assert (named["n_hardware_days"] == read["n_repeat"] + 1).all()
    assert ((named["last_hardware_on"] - named["first_hardware_on"]).dt.days == read["recency_days"]).all()
    assert ((pd.Timestamp(tags.as_of) - named["first_hardware_on"]).dt.days == read["age_days"]).all()


def test_of_who_bought_once_nobody_knows_whether_it_has_stopped(forecasts, now):
    """BG/NBD lets nobody drop out after the first purchase, so its chance is 1 whatever the silence: no knowledge."""
    assert Forecasting(forecasts.run).buying.variant == "bg_nbd"
    once = now.snapshot.frame.set_index("customer_id")["n_hardware_days"] == 1
    result = forecasts.with_tags(now, names=["alive"]).snapshot
    shown = result.frame.set_index("customer_id")
    assert (shown["alive_rate_reason"] == "bought_once").tolist() == once.tolist()
    assert shown["alive_rate"].max() < 1
    assert not result.reasons["bought_once"].is_known
    assert "not tested by itself" in forecasts.predicted("alive").account.en


def test_a_subscription_that_ends_within_a_month_has_a_reason_and_no_figure(forecasts, now):
    shown = forecasts.with_tags(now, names=["renewal"]).snapshot.frame
    soon = shown["renewal_rate_reason"] == "ends_soon"
    last = pd.Timestamp(forecasts.run.as_of + timedelta(days=30))
    assert soon.any()
    assert (shown.loc[soon, "subscription_ends_on"] >= pd.Timestamp(forecasts.run.as_of)).all()
    assert shown.loc[shown["renewal_rate"].notna(), "subscription_ends_on"].min() > last


def test_both_cohorts_stand_among_the_parameters(forecasts):
    assert {"sBG 2024-11", "sBG 2025-11"} <= set(forecasts.fitted.fits)


def test_the_first_months_say_why_they_predict_nothing(monkeypatch):
    """Two months after the records begin there is no past horizon to learn from."""
    monkeypatch.chdir(ROOT)
    early = Forecasts(bizlab.open("predictions", month="2024-12"))
    for name in ("conversion", "churn", "purchases", "alive", "renewal", "category"):
        result = early.predicted(name)
        assert result.values.empty, name  # noqa: PD011  a field of the prediction
        assert not result.reasons[result.otherwise].is_known
