"""Calibration and lift: nobody is lost, ties are shared, the order of rows is nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizlab.errors import SettingError
from bizlab.prediction.backtest.by_score import CALIBRATION, LIFT, calibration_table, lift_table

CASES = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 10)), min_size=1, max_size=30)


def arrays(cases):
    return np.array([c[0] for c in cases]), np.array([c[1] / 10 for c in cases])


@settings(max_examples=100, deadline=None, derandomize=True)
@given(CASES, st.integers(1, 12))
def test_calibration_and_lift_lose_nobody(cases, n_bins):
    y, p = arrays(cases)
    calibration, lift = calibration_table(y, p, n_bins=n_bins), lift_table(y, p, n_bins=n_bins)
    assert all(check.passed for check in CALIBRATION.verify(calibration))
    LIFT.verify(lift)
    assert calibration["n_customers"].sum() == lift["n_customers"].sum() == len(y)
    assert calibration["n_happened"].sum() == y.sum()
    assert lift["n_happened"].sum() == pytest.approx(y.sum())
    assert calibration["n_expected"].sum() == pytest.approx(p.sum())
    assert lift["n_customers"].max() - lift["n_customers"].min() <= 1
    assert ((calibration["lower_rate"] <= calibration["observed_rate"] + 1e-12)
            & (calibration["observed_rate"] <= calibration["upper_rate"] + 1e-12)).all()  # fmt: skip
    if y.any():
        assert lift["gain_rate"].iloc[-1] == pytest.approx(1)
    else:
        assert set(lift["gain_rate_reason"]) == {"no_events"}
        assert lift["lift"].isna().all()


@settings(max_examples=50, deadline=None, derandomize=True)
@given(CASES, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_neither_table(cases, random):
    mixed = random.sample(cases, len(cases))
    (y, p), (y2, p2) = (
        (np.array([c[0] for c in some]), np.array([c[1] / 10 for c in some])) for some in (cases, mixed)
    )
    assert np.allclose(lift_table(y, p, n_bins=4)["n_happened"], lift_table(y2, p2, n_bins=4)["n_happened"])
    assert calibration_table(y, p, n_bins=4)["n_happened"].tolist() == (
        calibration_table(y2, p2, n_bins=4)["n_happened"].tolist()
    )


def test_lift_of_twenty_customers_by_hand():
    """Four of 20 buy (20 %); three of them among the highest five, scores 0.95 to 0.75."""
    p = np.linspace(0.95, 0, 20)
    y = np.isin(np.arange(20), [0, 1, 4, 12]).astype(int)
    lift = lift_table(y, p, n_bins=4)
    assert lift["lift"].tolist() == pytest.approx([3, 0, 1, 0])
    assert lift["gain_rate"].tolist() == pytest.approx([0.75, 0.75, 1, 1])
    assert lift["customers_rate"].tolist() == pytest.approx([0.25, 0.5, 0.75, 1])


def test_one_score_for_all_lifts_nothing():
    lift = lift_table([1, 0, 0, 1, 0], [0.4] * 5, n_bins=5)
    assert lift["lift"].tolist() == pytest.approx([1] * 5)


def test_tables_of_nobody_are_empty():
    assert len(calibration_table([], [])) == len(lift_table([], [])) == 0


def test_no_groups_are_refused():
    with pytest.raises(SettingError, match="0 groups"):
        lift_table([1], [0.5], n_bins=0)
