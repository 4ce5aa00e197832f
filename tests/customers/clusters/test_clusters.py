"""Clusters in the data: planted groups come back, numbers stay, what is not there is not stable."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError, SkipTestWarning
from sklearn.metrics import adjusted_rand_score
from sklearn.utils.estimator_checks import check_estimator

from bizlab.customers.clusters.clusters import (
    CLUSTER_CHOICE,
    CLUSTER_PROFILE,
    CustomerClusters,
    Stability,
    cluster_profile,
    cluster_stability,
)
from bizlab.errors import DataError, SettingError

METHODS = ("kmeans", "gmm")
NAMES = ["amount_yuan", "n_orders"]


def planted(seed=1, n=100):
    """Key accounts, regulars and occasional buyers: lognormal around 1 000 000, 50 000 and 2 000 yuan."""
    rng = np.random.default_rng(seed)
    true = np.repeat([0, 1, 2], n)
    amount = np.exp(np.log([1_000_000, 50_000, 2_000])[true] + rng.normal(0, 0.4, 3 * n))
    orders = np.exp(np.log([200, 30, 3])[true] + rng.normal(0, 0.3, 3 * n))
    order = rng.permutation(3 * n)
    return pd.DataFrame({"amount_yuan": amount, "n_orders": orders}).iloc[order].reset_index(drop=True), true[order]


@pytest.mark.parametrize("method", METHODS)
def test_it_keeps_the_contract_of_scikit_learn(method):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SkipTestWarning)
        check_estimator(CustomerClusters(method=method, n_init=2, max_clusters=4))


@pytest.mark.parametrize("method", METHODS)
def test_three_planted_groups_are_found_and_numbered_by_amount(method):
    features, true = planted()
    model = CustomerClusters(method=method, max_clusters=5, n_init=3).fit(features)
    assert model.n_clusters_ == 3
    assert adjusted_rand_score(true, model.labels_) > 0.98
    assert (model.labels_ == true).mean() > 0.99


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_numbers_do_not_swap_with_another_start_or_another_order(method, seed):
    features, _ = planted()
    clusters = CustomerClusters(method=method, max_clusters=4, n_init=3).fit(features)
    turned = CustomerClusters(method=method, max_clusters=4, n_init=3, random_state=seed).fit(features.iloc[::-1])
    assert clusters.predict(features).tolist() == turned.predict(features).tolist()


def test_a_fit_is_the_same_each_time():
    features, _ = planted()
    first, again = (CustomerClusters(max_clusters=5).fit(features) for _ in range(2))
    assert first.criteria_ == again.criteria_
    assert first.labels_.tolist() == again.labels_.tolist()


def test_a_mixture_sees_that_there_is_one_group_only():
    rng = np.random.default_rng(6)
    model = CustomerClusters(method="gmm", scaling="robust", min_clusters=1, max_clusters=3, n_init=2)
    model.fit(rng.normal(size=(300, 2)))
    assert model.n_clusters_ == 1


@pytest.mark.parametrize("method", METHODS)
def test_planted_groups_are_stable(method):
    features, _ = planted(n=60)
    model = CustomerClusters(method=method, max_clusters=4, n_init=3).fit(features)
    stability = cluster_stability(model, features, n_resamples=10)
    assert stability.lowest > 0.95
    assert stability.level == "excellent"


def test_clusters_cut_into_one_cloud_are_not_stable():
    """k-means finds clusters in a single Gaussian too; drawn anew they are others."""
    rng = np.random.default_rng(6)
    cloud = rng.normal(size=(300, 3))
    model = CustomerClusters(scaling="robust", min_clusters=4, max_clusters=5, n_init=2).fit(cloud)
    stability = cluster_stability(model, cloud, n_resamples=10)
    assert stability.mean < 0.65
    assert stability.level == "poor"
    assert stability.lowest <= stability.mean


@pytest.mark.parametrize(("mean", "level"), [(0.9, "excellent"), (0.8, "good"), (0.65, "moderate"), (0.649, "poor")])
def test_the_figure_in_words(mean, level):
    assert Stability(mean, mean, 10).level == level


def test_later_months_are_placed_by_the_reference():
    features, _ = planted()
    model = CustomerClusters().fit(features)
    later = pd.DataFrame({"amount_yuan": [900_000.0, 1_500], "n_orders": [180.0, 2]})
    assert model.predict(later).tolist() == [0, 2]
    assert model.predict(later.iloc[[1]]).tolist() == [2]


def test_who_lacks_a_feature_is_in_no_cluster_and_changes_nothing():
    features, _ = planted()
    gaps = pd.concat([features, pd.DataFrame({"amount_yuan": [np.nan, 5.0], "n_orders": [3.0, np.nan]})])
    complete, with_gaps = CustomerClusters().fit(features), CustomerClusters().fit(gaps)
    assert with_gaps.labels_[-2:].tolist() == [-1, -1]
    assert with_gaps.labels_[:-2].tolist() == complete.labels_.tolist()
    assert with_gaps.n_reference_ == len(features)


def test_the_unit_of_a_feature_does_not_matter_without_logarithms():
    features, _ = planted()
    in_yuan = CustomerClusters(scaling="robust").fit(features)
    in_fen = CustomerClusters(scaling="robust").fit(features * [100.0, 12.0])
    assert in_yuan.labels_.tolist() == in_fen.labels_.tolist()


def test_a_feature_that_is_zero_for_most_is_scaled_by_its_standard_deviation():
    features, _ = planted()
    mostly_zero = features.assign(complaints=[5.0] * 20 + [0.0] * 280)
    model = CustomerClusters(scaling="robust").fit(mostly_zero)
    assert model.spread_[2] == pytest.approx(mostly_zero["complaints"].std(ddof=0))


def test_the_profile_counts_everyone_and_speaks_in_the_units_of_the_features():
    features, true = planted()
    model = CustomerClusters().fit(features)
    gaps = pd.concat([features, pd.DataFrame({"amount_yuan": [np.nan], "n_orders": [3.0]})], ignore_index=True)
    profile = cluster_profile(model, gaps)
    CLUSTER_PROFILE.verify(profile)
    amount = profile[profile["feature"].eq("amount_yuan")].set_index("cluster")
    assert amount["n_customers"].to_dict() == {"1": 100, "2": 100, "3": 100, "none": 1}
    assert amount["share_rate"].sum() == pytest.approx(1)
    assert amount.loc["1", "mean"] == pytest.approx(features.loc[true == 0, "amount_yuan"].mean())
    assert amount.loc["2", "median"] == pytest.approx(features.loc[true == 1, "amount_yuan"].median())
    assert np.isnan(amount.loc["none", "mean"])
    assert amount.loc["none", "mean_reason"] == "incomplete"


def test_a_cluster_that_is_empty_this_month_has_a_reason():
    features, _ = planted()
    model = CustomerClusters().fit(features)
    profile = cluster_profile(model, features[model.labels_ != 0])
    assert profile[profile["cluster"].eq("1")]["mean_reason"].tolist() == ["empty", "empty"]


@pytest.mark.parametrize(("method", "criterion"), [("kmeans", "silhouette"), ("gmm", "bic")])
def test_the_choice_is_shown(method, criterion):
    model = CustomerClusters(method=method, max_clusters=5).fit(planted()[0])
    choice = model.choice()
    CLUSTER_CHOICE.verify(choice)
    assert choice["n_clusters"].tolist() == [2, 3, 4, 5]
    assert choice["criterion"].unique().tolist() == [criterion]
    assert choice.loc[choice["is_chosen"], "n_clusters"].tolist() == [3]


def test_a_feature_that_is_the_same_for_all_is_refused_by_name():
    with pytest.raises(DataError, match=r"same for all customers\. Where: clusters, feature branch") as caught:
        CustomerClusters().fit(planted()[0].assign(branch=1.0))
    with pytest.raises(DataError, match="clusters, feature 1"):
        CustomerClusters().fit([[4.0]] * 9)
    assert "leave the feature out" in caught.value.fix


@pytest.mark.parametrize("method", METHODS)
def test_too_few_customers_are_refused(method):
    with pytest.raises(DataError, match="complete rows are too few for 4 clusters"):
        CustomerClusters(method=method, min_clusters=4).fit([[1, 2], [1, 2], [3, 4], [5, 9.0]])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"method": "dbscan"}, "There is no method 'dbscan'"),
        ({"scaling": "ranks"}, "scaling 'ranks'"),
        ({"min_clusters": 1}, "There cannot be 1 to 8 clusters by 'kmeans'"),
        ({"method": "gmm", "min_clusters": 0}, "There cannot be 0 to 8 clusters by 'gmm'"),
        ({"min_clusters": 5, "max_clusters": 4}, "5 to 4 clusters"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings, message):
    with pytest.raises(SettingError, match=message):
        CustomerClusters(**settings).fit(planted()[0])


def test_it_must_be_fitted_first():
    with pytest.raises(NotFittedError):
        CustomerClusters().predict([[1.0, 2.0]])
