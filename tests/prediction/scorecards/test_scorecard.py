"""The scorecard: its scale, its points, its contract."""

import math
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from sklearn.exceptions import NotFittedError, SkipTestWarning
from sklearn.metrics import roc_auc_score
from sklearn.utils.estimator_checks import check_estimator

from bizlab.errors import DataError, SettingError
from bizlab.prediction.scorecards.scorecard import SCORECARD, SCORECARD_FEATURES, Scorecard


@pytest.fixture(scope="module")
def customers():
    """2000 customers; slow payers and those long silent renew less; the number of the row says nothing."""
    rng = np.random.default_rng(4)
    frame = pd.DataFrame(
        {
            "settlement_days": rng.gamma(4, 10, 2000).round(),
            "silent_days": rng.exponential(60, 2000).round(),
            "row": rng.permutation(2000).astype(float),
        }
    )
    log_odds = 3 - 0.04 * frame["settlement_days"] - 0.02 * frame["silent_days"]
    frame.loc[rng.random(2000) < 0.1, "silent_days"] = np.nan
    renewed = pd.Series(rng.random(2000) < 1 / (1 + np.exp(-log_odds)))
    return frame, renewed.map({True: "renewed", False: "left"}), log_odds


@pytest.fixture(scope="module")
def card(customers):
    return Scorecard().fit(*customers[:2])


def test_it_keeps_the_contract_of_scikit_learn():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SkipTestWarning)
        check_estimator(Scorecard())


def test_the_scale_of_siddiqis_example(card):
    """600 points at odds of 50 to one, 20 to double: factor 28.8539, offset 487.123; 580 points at 25 to one."""
    assert card.factor_ == pytest.approx(28.8539, abs=5e-5)
    assert card.offset_ == pytest.approx(487.123, abs=5e-4)
    assert card.offset_ + card.factor_ * math.log(50) == pytest.approx(600)
    assert card.offset_ + card.factor_ * math.log(25) == pytest.approx(580)


def test_points_are_read_off_the_card_bin_by_bin(card, customers):
    """What a person with the printed card would add up is the score, and the score is the chance."""
    frame = customers[0].head(200)
    printed = card.table().set_index(["feature", "bin"])["points"]
    by_hand = []
    for row in frame.to_dict("records"):
        total = 0.0
        for binning in card.binnings_:
            value = row[binning.feature]
            number = "missing" if math.isnan(value) else str(1 + sum(value >= cut for cut in binning.cuts))
            total += printed[binning.feature, number]
        by_hand.append(total)
    assert card.points(frame) == pytest.approx(by_hand)
    chance = card.predict_proba(frame)[:, list(card.classes_).index("renewed")]
    assert by_hand == pytest.approx(card.offset_ + card.factor_ * np.log(chance / (1 - chance)))


def test_twenty_points_more_are_twice_the_odds(card, customers):
    points = card.points(customers[0])
    odds = np.exp(card.decision_function(customers[0]))
    low, high = points.argmin(), points.argmax()
    assert odds[high] / odds[low] == pytest.approx(2 ** ((points[high] - points[low]) / 20))


def test_the_coefficients_minimise_the_penalised_loss(card, customers):
    """The regression again, by a general optimiser on its textbook formula."""
    frame, renewed, _ = customers
    woe = np.column_stack([binning.woe_of(frame[binning.feature]) for binning in card.binnings_])
    sign = np.where(renewed == card.classes_[1], 1, -1)

    def loss(theta):
        return np.logaddexp(0, -sign * (woe @ theta[1:] + theta[0])).sum() + (theta[1:] ** 2).sum() / 2

    result = minimize(loss, np.zeros(4), method="BFGS", options={"gtol": 1e-4})
    assert result.x == pytest.approx([card.intercept_, *card.coef_], abs=1e-3)


def test_the_planted_causes_are_found(card, customers):
    frame, renewed, log_odds = customers
    features = card.features().set_index("feature")
    SCORECARD_FEATURES.verify(card.features())
    assert features["iv"].drop("row").min() > 0.2 > 0.05 > features.loc["row", "iv"]
    assert features["range_points"].idxmin() == "row"
    best = roc_auc_score(renewed == "renewed", log_odds)
    assert roc_auc_score(renewed == "renewed", card.points(frame)) > best - 0.03


def test_the_chances_add_up_to_those_who_renewed(card, customers):
    """The score equation of the intercept, which is not penalised: expected equals observed."""
    frame, renewed, _ = customers
    expected = card.predict_proba(frame)[:, 1].sum()
    assert expected == pytest.approx((renewed == card.classes_[1]).sum(), abs=0.01)


def test_the_event_is_the_second_class_and_more_points_speak_for_it(customers):
    frame, renewed, _ = customers
    renewing = Scorecard().fit(frame, renewed == "renewed")
    leaving = Scorecard().fit(frame, renewed == "left")
    assert np.corrcoef(renewing.points(frame), (renewed == "renewed").astype(float))[0, 1] > 0.3
    assert (renewing.points(frame) - renewing.offset_) == pytest.approx(
        -(leaving.points(frame) - leaving.offset_), abs=1e-2
    )


def test_the_card_keeps_its_contract_and_names_the_features(card):
    table = card.table()
    assert all(check.left == check.right for check in SCORECARD.verify(table))
    assert table["feature"].drop_duplicates().tolist() == ["settlement_days", "silent_days", "row"]
    missing = table.loc[table["bin"].eq("missing")].set_index("feature")
    assert missing.loc["silent_days", "n_rows"] > 100
    assert missing.loc["row", "event_rate_reason"] == "empty"


def test_what_has_no_evidence_scores_the_features_share_of_the_base(card):
    nothing = pd.DataFrame({"settlement_days": [np.nan], "silent_days": [30.0], "row": [np.nan]})
    printed = card.table().set_index(["feature", "bin"])["points"]
    share = (card.offset_ + card.factor_ * card.intercept_) / 3
    assert printed["row", "missing"] == pytest.approx(share)
    silent = card.points(nothing)[0] - 2 * share
    assert any(silent == pytest.approx(points) for points in printed["silent_days"])


@pytest.mark.parametrize(
    ("frame", "outcome", "error", "message"),
    [
        ({"days": [5.0] * 40}, [0, 1] * 20, DataError, "The feature is the same in all rows. Where: feature days"),
        ({"days": range(40)}, [1] * 40, DataError, "there is only one class. Where: scorecard, 40 rows"),
        ({"days": [1.0, 2, None]}, [0, 0, 1], DataError, "0 events and 2 non-events have a value, fewer than the 1"),
        ({"days": range(9)}, [0, 1, 2] * 3, ValueError, "Only binary classification is supported"),
    ],
)
def test_data_that_make_no_card_are_refused(frame, outcome, error, message):
    with pytest.raises(error) as caught:
        Scorecard().fit(pd.DataFrame(frame), outcome)
    assert message in str(caught.value)


def test_a_scale_that_cannot_be_is_refused(customers):
    with pytest.raises(SettingError, match="Points cannot be scaled by odds of 0"):
        Scorecard(base_odds=0).fit(*customers[:2])


def test_it_must_be_fitted_first():
    with pytest.raises(NotFittedError):
        Scorecard().table()
