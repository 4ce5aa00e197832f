"""The latest totals beside what came."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from bizlab.errors import DataError
from bizlab.labels import Label
from bizlab.prediction.backtest.backtest import Backtest, Prediction, backtest
from bizlab.prediction.backtest.latest import LATEST_TOTALS, latest_totals, realised_findings

EARLIER, LATER = date(2026, 3, 31), date(2026, 6, 30)


def backtested(predicted, outcome, *, kind: str = "probability") -> Backtest:
    """The same customers predicted twice; at the earlier date nothing came."""
    ids = [f"c{i:05d}" for i in range(len(predicted))]
    label = Label("复购", "Purchase")
    return backtest(
        Prediction("buys", label, kind, "zero", label),
        predict=lambda as_of: pd.Series(predicted, index=ids),
        baseline=lambda as_of: pd.Series(0.0, index=ids),
        outcomes=lambda as_of: pd.DataFrame({"customer_id": ids, "outcome": outcome if as_of == LATER else 0}),
        origins=[EARLIER, LATER],
        horizon_days=90,
    )


@pytest.mark.parametrize(("n_happened", "standing"), [(0, "below"), (20, "within"), (60, "above")])
def test_the_total_is_placed_against_what_chance_allows(n_happened, standing):
    totals = latest_totals([backtested([0.2] * 100, np.arange(100) < n_happened)])
    LATEST_TOTALS.verify(totals)
    total = totals.iloc[0]
    assert (total["origin_on"], total["n_compared"], total["standing"]) == (pd.Timestamp(LATER), 100, standing)
    assert (total["expected"], total["actual"]) == pytest.approx((20, n_happened))
    assert len(realised_findings(totals)) == (standing != "within")


def test_counts_have_no_interval_and_the_reason():
    total = latest_totals([backtested([2.0, 3.0, 1.0], [1, 4, 0], kind="count")]).iloc[0]
    assert (total["standing"], total["lower_reason"]) == ("not_available", "no_variance")
    assert np.isnan(total["lower"])


def test_who_has_no_prediction_is_not_compared():
    totals = latest_totals([backtested([np.nan, np.nan], [True, False])])
    LATEST_TOTALS.verify(totals)
    assert totals[["n_compared", "lower_reason", "standing"]].to_numpy().tolist() == [[0, "nobody", "not_available"]]


def test_what_is_not_a_probability_is_refused():
    with pytest.raises(DataError, match="not a probability"):
        latest_totals([backtested([2.0, 3.0], [True, False])])
