"""A value grade that is kept grades as it did on the day it was fitted."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizlab.customers.grading.grades import GradeSettings, ValueGradeModel
from bizlab.customers.grading.grading import WEIGHTINGS, ValueGrade
from bizlab.customers.grading.stored import stored_model, stored_version
from bizlab.errors import SettingError

SETTINGS = GradeSettings(
    ("q", "a", "s"), (True, True, False), (0.25, 0.5, 0.25), ("A", "B", "C"), (0.2, 0.3, 0.5), (0.5, 1.0, 2.0)
)
REFERENCE = ("2024-11", "2025-10")


def fitted(weighting, seed=1):
    x = np.random.default_rng(seed).lognormal(size=(200, 3))
    estimator = ValueGrade(
        weighting=weighting, weights=SETTINGS.weights, higher_is_better=SETTINGS.higher_is_better,
        grades=SETTINGS.grades, shares=SETTINGS.shares, comparisons=SETTINGS.comparisons,
    )  # fmt: skip
    return ValueGradeModel(SETTINGS, estimator.fit(x))


def kept(weighting, version=1, seed=1):
    entry = stored_version(fitted(weighting, seed), version=version, weighting=weighting, reference=REFERENCE)
    return json.loads(json.dumps(entry))


@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_a_kept_grade_gives_every_customer_the_same_grade(weighting):
    again = stored_model([kept(weighting)], SETTINGS, weighting=weighting, reference=REFERENCE)
    x = np.random.default_rng(2).lognormal(size=(500, 3))
    x[::7, 1] = np.nan
    assert again.estimator.grade(x) == fitted(weighting).estimator.grade(x)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000))
def test_the_score_is_the_same_to_the_last_digit(seed):
    again = stored_model([kept("given", seed=seed)], SETTINGS, weighting="given", reference=REFERENCE)
    x = np.random.default_rng(seed + 1).lognormal(size=(20, 3))
    np.testing.assert_array_equal(again.estimator.transform(x), fitted("given", seed).estimator.transform(x))


def test_the_latest_version_that_fits_the_settings_is_taken():
    versions = [kept("given", 1, seed=1), kept("entropy", 2), kept("given", 3, seed=2)]
    result = stored_model(versions, SETTINGS, weighting="given", reference=REFERENCE)
    assert result.estimator.cut_points_.tolist() == versions[2]["cut_points"]


def test_another_reference_or_other_settings_have_no_version():
    versions = [kept("given")]
    assert stored_model(versions, SETTINGS, weighting="quantile", reference=REFERENCE) is None
    assert stored_model(versions, SETTINGS, weighting="given", reference=("2024-12", "2025-11")) is None
    other = GradeSettings(("q", "a", "s"), (True, True, False), (0.25, 0.5, 0.25), ("A", "B", "C"), (0.3, 0.3, 0.4))
    assert stored_model(versions, other, weighting="given", reference=REFERENCE) is None


@pytest.mark.parametrize(
    ("versions", "match"),
    [
        ([kept("given", 2)], "The versions are"),
        ([kept("given", 1), kept("given", 1)], "The versions are"),
        ([{"version": 1}], "'weighting' is missing"),
    ],
)
def test_versions_that_were_changed_by_hand_are_refused(versions, match):
    with pytest.raises(SettingError, match=match):
        stored_model(versions, SETTINGS, weighting="given", reference=REFERENCE)
