"""Clusters that are kept assign customers as they did on the day they were fitted."""

import json
from dataclasses import replace

import pytest
from cluster_company import SETTINGS, planted

from bizlab.customers.clusters.model import fit_clusters
from bizlab.customers.clusters.stored import clusters_version, stored_clusters
from bizlab.customers.clusters.traits import cluster_names
from bizlab.errors import SettingError
from bizlab.labels import Label

REFERENCE = ("2024-11", "2025-10")


def kept(settings=SETTINGS, version=1, seed=1):
    entry = clusters_version(fit_clusters(planted(seed=seed)[0], settings), version=version, reference=REFERENCE)
    return json.loads(json.dumps(entry))


@pytest.mark.parametrize("method", ["kmeans", "gmm"])
def test_kept_clusters_hold_the_same_customers(method):
    settings = replace(SETTINGS, method=method)
    result = fit_clusters(planted()[0], settings)
    again = stored_clusters([kept(settings)], settings, reference=REFERENCE)
    later, _ = planted(n=300, seed=9)
    later["order_amount_12m_fen"] = later["order_amount_12m_fen"] // 3 + 1
    assert again.standing(later).tolist() == result.standing(later).tolist()
    assert cluster_names(again) == cluster_names(result)
    assert again.estimator.choice().equals(result.estimator.choice())
    assert again.stability == result.stability
    assert (again.version, result.version) == (1, None)


def test_the_latest_version_of_the_same_settings_is_taken():
    other = replace(SETTINGS, max_clusters=2)
    versions = [kept(), kept(version=2, seed=2), kept(other, version=3)]
    result = stored_clusters(versions, SETTINGS, reference=REFERENCE)
    assert result.version == 2
    assert result.estimator.partition_.centres.tolist() == versions[1]["centres"]


def test_other_settings_or_another_reference_have_no_version_and_other_words_do():
    versions = [kept()]
    assert stored_clusters(versions, replace(SETTINGS, scaling="robust"), reference=REFERENCE) is None
    assert stored_clusters(versions, SETTINGS, reference=("2024-12", "2025-11")) is None
    words = (Label("多", "much"), Label("慢", "slow"))
    assert stored_clusters(versions, replace(SETTINGS, high=words), reference=REFERENCE) is not None


@pytest.mark.parametrize(
    ("change", "match"), [({"version": 2}, "The versions are"), ({"centres": None}, "'centres' is missing")]
)
def test_versions_that_were_changed_by_hand_are_refused(change, match):
    entry = {name: value for name, value in (kept() | change).items() if value is not None}
    with pytest.raises(SettingError, match=match):
        stored_clusters([entry], SETTINGS, reference=REFERENCE)
