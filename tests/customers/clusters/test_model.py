"""Clusters as a month uses them: settings, standing, names, sizes, moves, on a company whose kinds are planted."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cluster_company import SETTINGS, planted

from bizlab.customers.clusters.methods import CLUSTER_METHODS, cluster_methods, method_findings
from bizlab.customers.clusters.model import (
    buyers_features,
    cluster_features,
    fit_clusters,
    parse_clusters,
    state_labels,
)
from bizlab.customers.clusters.movement import cluster_migration, cluster_moved, migration_checks, movement_findings
from bizlab.customers.clusters.sizes import CLUSTER_SIZES, cluster_sizes, size_checks, size_findings
from bizlab.customers.clusters.traits import cluster_names, cluster_traits
from bizlab.errors import DataError, SettingError
from bizlab.labels import Label
from bizlab.yaml_file import load_yaml

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def company():
    tags, kind = planted()
    return tags, kind, fit_clusters(tags, SETTINGS)


def moved(tags):
    """A month later: one large customer buys little and quickly, one small one is gone, one is new."""
    after = tags.set_index("customer_id")
    after.loc["000000", ["order_amount_12m_fen", "settlement_days"]] = [1_000_000, 8.0]
    after.loc["000179", ["order_amount_12m_fen", "settlement_days", "has_ordered_12m"]] = [0, np.nan, False]
    after.loc["000900"] = [20_000_000, 30.0, True]
    return after.reset_index()


def test_everybody_stands_where_they_were_planted_or_has_its_reason(company):
    tags, kind, model = company
    standing = model.standing(tags)
    assert standing.head(180).tolist() == [str(number + 1) for number in kind]
    assert standing.tail(7).tolist() == ["missing.settlement_days"] * 3 + ["not_buying"] * 4


def test_amounts_are_clustered_in_wan_yuan(company):
    tags, *_ = company
    assert cluster_features(tags, SETTINGS)["order_amount_12m_fen"].iloc[180] == 5.0
    assert len(buyers_features(tags, SETTINGS)) == 183


def test_names_say_what_is_high_and_low(company):
    names = cluster_names(company[2])
    assert names == {
        "1": Label("1 大额、结算慢", "1 large, settles late"),
        "2": Label("2 各项居中", "2 in the middle throughout"),
        "3": Label("3 小额、结算快", "3 small, settles early"),
    }
    words = state_labels(names, SETTINGS.features, {name: Label(name, name) for name in SETTINGS.features})
    assert set(company[2].states) <= set(words)


def test_centres_are_in_the_unit_of_the_feature(company):
    traits = cluster_traits(company[2]).set_index(["cluster", "feature"])
    assert traits.loc[("1", "order_amount_12m_fen"), "centre"] == pytest.approx(400, rel=0.1)
    assert traits.loc[("3", "settlement_days"), "centre"] == pytest.approx(8, rel=0.1)
    assert traits.loc[("2", "settlement_days"), "typical"] == pytest.approx(30, rel=0.1)


def test_clusters_and_those_in_none_add_up_to_the_company(company):
    tags, _, model = company
    sizes = cluster_sizes(model, tags)
    CLUSTER_SIZES.verify(sizes)
    assert sizes["cluster"].tolist() == ["1", "2", "3", "missing.settlement_days", "not_buying", "total"]
    assert sizes["n_customers"].tolist() == [60, 60, 60, 3, 4, 187]
    assert sizes["customer_rate"].head(3).tolist() == pytest.approx([1 / 3] * 3)
    assert sizes["customer_rate_reason"].tolist()[3:] == ["outside", "outside", "mixed"]
    assert all(check.passed for check in size_checks(sizes, tags))
    assert not all(check.passed for check in size_checks(sizes[sizes["cluster"] != "2"], tags))
    (largest,) = size_findings(sizes)
    assert largest.refs["cluster"].path == "clusters[1].cluster"


def test_who_moved_is_listed_once_and_the_matrix_adds_up(company):
    tags, _, model = company
    after = moved(tags)
    migration = cluster_migration(model, tags, after)
    result = migration[(migration["n_customers"] > 0) & (migration["from_cluster"] != migration["to_cluster"])]
    pairs = list(zip(result["from_cluster"], result["to_cluster"], result["n_customers"], strict=True))
    assert pairs == [("1", "3", 1), ("3", "not_buying", 1), ("not_known", "2", 1)]
    assert sorted(cluster_moved(model, tags, after)["customer_id"]) == ["000000", "000179", "000900"]
    sizes = [cluster_sizes(model, frame) for frame in (tags, after)]
    assert all(check.passed for check in migration_checks(migration, *sizes))
    assert not all(check.passed for check in migration_checks(migration, sizes[1], sizes[0]))
    findings = movement_findings(migration, sizes[1], material_fen=1_000_000)
    assert {finding.key: finding.direction for finding in findings}["clusters.moved.1.3"] == "bad"
    assert not [finding for finding in findings if "not_known" in finding.key]


def test_both_methods_find_the_planted_kinds_and_agree(company):
    tags, _, model = company
    methods = cluster_methods(model, buyers_features(tags, SETTINGS))
    CLUSTER_METHODS.verify(methods)
    assert methods["method"].tolist() == ["kmeans", "gmm"]
    assert methods["is_used"].tolist() == [True, False]
    assert methods["n_clusters"].tolist() == [3, 3]
    assert methods["smallest"].tolist() == [60, 60]
    assert methods["agreement"].tolist() == pytest.approx([1, 1])
    (stability,) = method_findings(methods)
    assert (stability.key, stability.material) == ("clusters.stability", False)
    assert stability.refs["reading"].path == "methods[kmeans].reading"
    (doubtful,) = method_findings(methods.assign(reading="poor"))
    assert (doubtful.direction, doubtful.material) == ("bad", True)


def test_a_method_that_the_data_do_not_carry_has_its_reason():
    """Eight buyers are enough for three clusters by k-means, not for three full covariances of two features."""
    few = planted(n=60)[0].iloc[[0, 1, 2, 60, 61, 62, 120, 121]]
    model = fit_clusters(few, replace(SETTINGS, min_clusters=3, max_clusters=3))
    methods = cluster_methods(model, buyers_features(few, SETTINGS)).set_index("method")
    assert methods.loc["gmm", "n_clusters_reason"] == "refused"
    assert pd.isna(methods.loc["gmm", "stability"])


def test_a_feature_that_is_the_same_for_all_is_refused_by_name(company):
    with pytest.raises(DataError, match="settlement_days"):
        fit_clusters(company[0].assign(settlement_days=30.0), SETTINGS)


def test_the_settings_of_the_project_can_be_read():
    settings = parse_clusters(load_yaml(ROOT / "params" / "clusters.yaml").content)
    assert settings.features[0] == "order_amount_12m_fen"


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"metod": "kmeans"}, "'metod' is not known here"),
        ({"method": "ward"}, "There is no method 'ward'"),
        ({"features": {}}, "There is no feature"),
        ({"features": {"a": {"high": {"zh": "高", "en": "high"}}}}, "'low' is missing"),
        ({"features": {"a": {"high": {"zh": "高"}, "low": {"zh": "低", "en": "low"}}}}, "'en' is missing"),
        ({"max_clusters": 2.5}, "'2.5' is not a whole number"),
    ],
)
def test_settings_that_cannot_be_are_refused(change, match):
    config = dict(load_yaml(ROOT / "params" / "clusters.yaml").content)
    with pytest.raises(SettingError, match=match):
        parse_clusters(config | change)


def test_a_feature_that_is_no_tag_is_refused(company):
    with pytest.raises(SettingError, match="There is no tag 'n_visits'"):
        cluster_features(company[0], replace(SETTINGS, features=("n_visits",)))
