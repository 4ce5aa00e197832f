"""The value grade as an estimator."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.exceptions import NotFittedError, SkipTestWarning
from sklearn.utils.estimator_checks import check_estimator

from bizlab.customers.grading.grading import WEIGHTINGS, ValueGrade
from bizlab.errors import DataError, SettingError

REFERENCE = np.array([[100, 10.0, 20], [90, 9, 25], [80, 7, 30], [60, 5, 35], [40, 3, 40], [20, 2, 50], [10, 1, 60]])
HIGHER = (True, True, False)


def fitted(weighting: str = "given", **changes) -> ValueGrade:
    return ValueGrade(weighting=weighting, higher_is_better=HIGHER, **changes).fit(REFERENCE)


@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_it_keeps_the_contract_of_scikit_learn(weighting):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SkipTestWarning)
        check_estimator(ValueGrade(weighting=weighting))


def test_nobody_gets_no_grade_and_is_no_error():
    nobody = np.empty((0, 3))
    assert fitted().grade(nobody) == []
    assert fitted().transform(nobody).shape == (0, 1)


def test_the_shares_of_the_reference_are_those_declared():
    """Of 200 companies that all differ, 20 %, 30 %, 30 % and 20 % stand in the four grades."""
    rng = np.random.default_rng(1)
    x = rng.lognormal(size=(200, 3))
    grades = ValueGrade(shares=(0.2, 0.3, 0.3, 0.2)).fit(x).grade(x)
    assert [grades.count(grade) for grade in "ABCD"] == [40, 60, 60, 40]


def test_a_score_by_hand():
    """Two features, equal weights, linear between the 5 % and 95 % quantile (here smallest and largest).

    Amount 30 between 10 and 50: 0.5; cycle 20 days between 60 and 10, shorter better: 0.8; together 0.65.
    """
    x = np.array([[10, 60.0], [20, 40], [30, 30], [50, 10]])
    model = ValueGrade(higher_is_better=(True, False), grades=("A", "B"), shares=(0.25, 0.75)).fit(x)
    assert model.transform([[30, 20]])[0, 0] == pytest.approx(0.65)


def test_cut_points_are_kept_whatever_is_graded_later():
    model = fitted()
    before = model.cut_points_.copy()
    assert model.grade(REFERENCE * [10, 10, 1])[0] == "A"
    assert model.grade(REFERENCE / [100, 100, 1])[0] != "A"
    assert model.cut_points_.tolist() == before.tolist()


@pytest.mark.parametrize("weighting", WEIGHTINGS)
@settings(max_examples=40, deadline=None, derandomize=True)
@given(quantity=st.floats(0, 200), amount=st.floats(-5, 50), days=st.floats(0, 200), more=st.floats(0, 50))
def test_more_bought_or_sooner_paid_never_lowers_the_grade(weighting, quantity, amount, days, more):
    model = fitted(weighting)
    base, *better = model.predict(
        [
            [quantity, amount, days],
            [quantity + more, amount, days],
            [quantity, amount + more, days],
            [quantity, amount, days - more],
        ]
    )
    assert all(number <= base for number in better)


@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_the_order_of_rows_does_not_matter(weighting):
    shuffled = np.random.default_rng(3).permutation(REFERENCE)
    ordered, mixed = fitted(weighting), ValueGrade(weighting=weighting, higher_is_better=HIGHER).fit(shuffled)
    assert ordered.cut_points_ == pytest.approx(mixed.cut_points_)
    assert ordered.grade(REFERENCE) == mixed.grade(REFERENCE)


def test_what_is_missing_gets_no_grade_and_does_not_enter_the_fit():
    gaps = np.vstack([REFERENCE, [50, np.nan, 30], [np.nan, 4, 30]])
    model = ValueGrade(higher_is_better=HIGHER).fit(gaps)
    assert model.n_reference_ == len(REFERENCE)
    assert model.grade(gaps)[-2:] == [None, None]
    assert model.cut_points_.tolist() == fitted().cut_points_.tolist()


def test_ties_that_would_leave_a_grade_empty_are_refused():
    same = np.tile([5.0, 5.0, 5.0], (20, 1))
    with pytest.raises(DataError, match="a grade would be empty"):
        ValueGrade(weighting="quantile").fit(np.vstack([same, REFERENCE]))


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"weights": (0.5, 0.5, 0.5)}, SettingError, "The weights total 1.5, not 1"),
        ({"shares": (0.2, 0.3, 0.3, 0.3)}, SettingError, "total 1.1, not 1. Where: grading, shares"),
        ({"weighting": "delphi"}, SettingError, "There is no weighting 'delphi'"),
        ({"weighting": "ahp", "comparisons": (1, 2)}, SettingError, "2 comparisons for 3 features"),
        ({"weighting": "ahp", "comparisons": (3, 1 / 3, 3)}, SettingError, "contradict one another"),
        ({"higher_is_better": (True,)}, SettingError, "1 directions for 3 features"),
        ({"grades": "ABCDEFGH"}, DataError, "7 objects can be graded, fewer than the 8 grades"),
    ],
)
def test_settings_that_cannot_be_are_refused(changes, error, message):
    with pytest.raises(error, match=message):
        ValueGrade(**changes).fit(REFERENCE)


def test_it_must_be_fitted_first():
    with pytest.raises(NotFittedError):
        ValueGrade().predict(REFERENCE)


def test_the_entropy_weighting_ignores_the_declared_weights():
    free, declared = fitted("entropy"), fitted("entropy", weights=(0.9, 0.05, 0.05))
    assert free.weights_.tolist() == declared.weights_.tolist()
    assert free.weights_.sum() == pytest.approx(1)


def test_the_weights_of_ahp_are_those_of_the_comparisons():
    """Amount is twice as important as quantity and as settlement, which are equal: a half and two quarters."""
    model = fitted("ahp", comparisons=(1 / 2, 1, 2), weights=(0.9, 0.05, 0.05))
    assert model.weights_ == pytest.approx([0.25, 0.5, 0.25])
    same = fitted("given", weights=(0.25, 0.5, 0.25))
    assert model.transform(REFERENCE) == pytest.approx(same.transform(REFERENCE))
    assert model.grade(REFERENCE) == same.grade(REFERENCE)
