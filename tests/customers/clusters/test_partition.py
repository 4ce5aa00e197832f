"""Assignment by plain numbers is that of scikit-learn's own fitted models."""

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.mixture import GaussianMixture

from bizlab.customers.clusters.partition import Partition


@pytest.fixture
def points():
    rng = np.random.default_rng(3)
    return np.concatenate([rng.normal(0, 1, (80, 3)), rng.normal(2, 0.5, (80, 3)), rng.normal(-2, 2, (80, 3))])


def test_the_nearest_centre_is_that_of_kmeans(points):
    fitted = KMeans(3, n_init=3, random_state=0).fit(points)
    other = np.random.default_rng(4).normal(0, 3, (500, 3))
    assert Partition(fitted.cluster_centers_).assign(other).tolist() == fitted.predict(other).tolist()


def test_the_likeliest_component_is_that_of_the_mixture(points):
    fitted = GaussianMixture(3, random_state=0).fit(points)
    other = np.random.default_rng(4).normal(0, 3, (500, 3))
    result = Partition(fitted.means_, fitted.weights_, fitted.precisions_cholesky_).assign(other)
    assert result.tolist() == fitted.predict(other).tolist()


def test_new_numbers_move_no_customer(points):
    fitted = GaussianMixture(3, random_state=0).fit(points)
    partition = Partition(fitted.means_, fitted.weights_, fitted.precisions_cholesky_)
    order = np.array([2, 0, 1])
    assert order[partition.ordered(order).assign(points)].tolist() == partition.assign(points).tolist()
