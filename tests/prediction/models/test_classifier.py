"""The classifier of tags: planted truths, refusals with a name, the contract of scikit-learn."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError, SkipTestWarning
from sklearn.utils.estimator_checks import check_estimator

from bizlab.errors import DataError, SettingError
from bizlab.prediction.backtest.calibration import calibration
from bizlab.prediction.backtest.metrics import auc
from bizlab.prediction.models.classifier import ISOTONIC_EVENTS, KINDS, RobustScale, TagClassifier
from bizlab.prediction.models.refusals import REFUSALS, NotAvailableError


def planted(n: int, *, seed: int = 1) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Customers whose log odds are -0.5 - 1.2 x z(recency) + 1.5 for region east, and gaps that tell nothing."""
    rng = np.random.default_rng(seed)
    recency = rng.normal(size=n)
    region = rng.choice(["east", "south", "north"], n)
    p = 1 / (1 + np.exp(-(-0.5 - 1.2 * recency + 1.5 * (region == "east"))))
    frame = pd.DataFrame(
        {
            "recency_days": np.where(rng.random(n) < 0.1, np.nan, 100 + 30 * recency),
            "amount_fen": np.round(rng.lognormal(10, 2, n)),
            "region": pd.Series(region, dtype="str").mask(rng.random(n) < 0.05),
            "is_listed": True,
        }
    )
    return frame, rng.random(n) < p, p


@pytest.mark.parametrize("kind", KINDS)
def test_it_keeps_the_contract_of_scikit_learn(kind):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SkipTestWarning)
        check_estimator(TagClassifier(kind=kind, min_events=1))


@pytest.mark.parametrize("kind", KINDS)
def test_planted_probabilities_are_found_in_customers_never_seen(kind):
    x, y, _ = planted(1500)
    new, happened, truth = planted(3000, seed=2)
    model = TagClassifier(kind=kind).fit(x, y)
    p = model.predict_proba(new)[:, 1]
    assert auc(happened, p).value > auc(happened, truth).value - 0.04
    assert 0.8 < calibration(happened, p, range(len(p))).slope.value < 1.2
    assert abs(p.mean() - happened.mean()) < 0.04
    assert model.dropped_features_ == ["is_listed"]


def test_calibration_follows_the_number_of_the_rarer_outcome():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(2 * ISOTONIC_EVENTS, 1))
    y = np.arange(len(x)) < ISOTONIC_EVENTS
    assert TagClassifier().fit(x, y).calibration_ == "isotonic"
    assert TagClassifier().fit(x[1:], y[1:]).calibration_ == "sigmoid"
    assert TagClassifier(min_events=1).fit(x[:10], np.arange(10) == 0).calibration_ == "none"


def test_the_same_seed_gives_the_same_probabilities_and_no_input_is_changed(unchanged):
    x, y, _ = planted(400)
    with unchanged(x):
        first, second = (TagClassifier(random_state=3).fit(x, y).predict_proba(x) for _ in range(2))
    assert first.tolist() == second.tolist()


@pytest.mark.parametrize("kind", KINDS)
def test_gaps_and_categories_never_seen_before_are_predicted_too(kind):
    x, y, _ = planted(400)
    model = TagClassifier(kind=kind).fit(x, y)
    new = pd.DataFrame(
        {
            "recency_days": [np.nan, 80.0],
            "amount_fen": [np.nan, 5.0],
            "region": ["mars", None],
            "is_listed": [False, None],
        }
    )
    p = model.predict_proba(new)
    assert np.isfinite(p).all()
    assert p.sum(axis=1) == pytest.approx(1)


def test_the_type_of_a_column_changes_nothing():
    x, y, _ = planted(300)
    result = x.assign(
        region=x["region"].astype("category"),
        recency_days=x["recency_days"].astype("Float64"),
        amount_fen=x["amount_fen"].astype("Int64"),
        is_listed=x["is_listed"].astype("boolean"),
    )
    other = x.assign(region=x["region"].astype(object), amount_fen=x["amount_fen"].astype(object))
    expected = TagClassifier().fit(x, y).predict_proba(x)
    for frame in (result, other, x.set_index(np.arange(len(x)) * 7)):
        assert TagClassifier().fit(frame, y).predict_proba(frame) == pytest.approx(expected)


def test_a_gap_that_predicts_is_used():
    """Who left the headcount open never renews: the gap is the feature."""
    rng = np.random.default_rng(5)
    known = rng.random(400) < 0.5
    x = pd.DataFrame({"headcount": np.where(known, rng.normal(100, 10, 400), np.nan)})
    p = TagClassifier().fit(x, known).predict_proba(x)[:, 1]
    assert p[known].min() > 0.9
    assert p[~known].max() < 0.1


@pytest.mark.parametrize(
    ("y", "reason", "message"),
    [
        ([True] * 100, "one_class", "Not available: only one class, True"),
        ([False] * 97 + [True] * 3, "too_few_events", "Not available: 3 cases of class True, fewer than 20"),
        ([False] * 5 + [True] * 95, "too_few_events", "Not available: 5 cases of class False, fewer than 20"),
    ],
)
def test_too_little_to_learn_from_is_refused_by_name(y, reason, message):
    x, _, _ = planted(100)
    with pytest.raises(NotAvailableError, match=message) as refused:
        TagClassifier().fit(x, y)
    assert refused.value.reason == reason
    assert reason in REFUSALS
    assert isinstance(refused.value, DataError)


def test_features_that_say_nothing_or_too_much_are_refused():
    x, y, _ = planted(100)
    with pytest.raises(NotAvailableError, match="none of 1 features varies"):
        TagClassifier().fit(x[["is_listed"]], y)
    with pytest.raises(DataError, match=r"holds dates.*last_on"):
        TagClassifier().fit(x.assign(last_on=pd.Timestamp("2026-01-01")), y)
    with pytest.raises(DataError, match=r"Infinite numbers in rows 0.*amount_fen"):
        TagClassifier().fit(x.assign(amount_fen=[np.inf, *x["amount_fen"][1:]]), y)
    with pytest.raises(SettingError, match="no classifier 'oracle'"):
        TagClassifier(kind="oracle").fit(x, y)
    with pytest.raises(ValueError, match="rows of features"):
        TagClassifier().fit(x, y[1:])
    with pytest.raises(NotFittedError):
        TagClassifier().predict(x)
    with pytest.raises(ValueError, match="feature names"):
        TagClassifier().fit(x, y).predict(x.rename(columns={"region": "area"}))


def test_scaling_by_hand():
    """Quartiles of 0 to 4 are 1 and 3, so a step is 1.349 / 2; amounts over two decades go by their logarithm."""
    scaled = RobustScale().fit([[0.0, 1], [1, 1], [2, 1], [3, 10], [4, 1000]])
    assert scaled.is_skewed_.tolist() == [False, True]
    result = scaled.transform([[3, 1], [np.nan, 0]])
    assert result[0, 0] == pytest.approx(1.349 / 2)
    assert np.isnan(result[1, 0])
    assert result[0, 1] == 0
    assert RobustScale().fit([[0.0]] * 9 + [[1.0]]).scale_.tolist() == pytest.approx([0.3])
    assert RobustScale().fit([[np.nan], [np.nan]]).scale_.tolist() == [1.0]


@pytest.mark.parametrize("kind", ["logistic", "boosting"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_constant_feature_changes_nothing_wherever_it_stands(kind, place):
    rng = np.random.default_rng(5)
    x = pd.DataFrame({"n": rng.normal(size=300), "line": rng.choice(["sensor", "gateway"], 300)})
    y = x["n"] + x["line"].eq("sensor") + rng.normal(size=300) > 0.5
    plain = TagClassifier(kind=kind).fit(x, y).predict_proba(x)
    wider = x.copy()
    wider.insert(place, "is_known", True)
    np.testing.assert_array_equal(TagClassifier(kind=kind).fit(wider, y).predict_proba(wider), plain)


@pytest.mark.parametrize("n", [0, 1])
def test_nobody_to_learn_from_is_a_refusal_that_pages_can_show(n):
    """The first months of a company have no horizon behind them: no rows reach the classifier."""
    nobody = pd.DataFrame({"n_orders": [1.0] * n, "industry": ["rail"] * n})
    with pytest.raises(NotAvailableError, match=f"found {n} rows") as refused:
        TagClassifier().fit(nobody, np.ones(n, dtype=bool))
    assert refused.value.reason == "too_few_customers"
