"""Entropy weights and scores against published examples and an independent computation."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizlab.customers.grading.weighting import entropy_weights, given_weights, linear_scores, quantile_scores
from bizlab.errors import DataError, SettingError


def test_entropy_weights_of_xu():
    """Xu, "A note on the subjective and objective integrated approach to determine attribute weights", European
    Journal of Operational Research 156(2), 2004, 530-532: weights 0.4630, 0.3992, 0.1378 and 0.0000."""
    matrix = np.array([[30, 30, 38, 29], [19, 54, 86, 29], [19, 15, 85, 28.9], [68, 70, 60, 29]])
    assert entropy_weights(matrix).round(4).tolist() == [0.4630, 0.3992, 0.1378, 0.0000]


def test_entropy_weights_of_elsayed():
    """Elsayed, Dawood and Karthikeyan, "Evaluating alternatives through the application of TOPSIS method with entropy
    weight", International Journal of Engineering Trends and Technology 46(2), 2017, 60-66."""
    matrix = np.array(
        [
            [7, 312, 1891, 6613, 163],
            [72, 88, 728, 941804, 1078],
            [10, 252, 2594, 3466, 117471],
            [10, 145, 980, 2371, 86329],
            [65, 54, 350, 501, 29897],
            [29, 48, 380, 912, 34051],
            [7, 476, 3300, 78470, 2212],
            [70, 87, 650, 733, 819000],
            [4, 86, 591, 3015, 103],
            [12, 79, 579, 3240, 96098],
            [21, 45, 261, 1253, 453],
            [1, 72, 530, 4333, 0.1048],
        ]
    )
    assert entropy_weights(matrix) == pytest.approx([0.104991, 0.069124, 0.071373, 0.449937, 0.304575], abs=1e-6)


def plain_entropy_weights(rows: list[list[float]]) -> list[float]:
    """The formula once more, number by number."""
    divergences = []
    for column in zip(*rows, strict=True):
        shares = [value / sum(column) for value in column] if sum(column) else [1 / len(rows)] * len(rows)
        entropy = -sum(p * math.log(p) for p in shares if p > 0) / math.log(len(rows))
        divergences.append(1 - entropy)
    return [d / sum(divergences) for d in divergences]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9)), min_size=2, max_size=12))
def test_entropy_weights_by_a_second_computation(rows):
    matrix = np.array(rows, dtype=float)
    if (matrix.min(axis=0) == matrix.max(axis=0)).all():
        with pytest.raises(DataError, match="the same for all objects"):
            entropy_weights(matrix)
        return
    result = entropy_weights(matrix)
    assert result == pytest.approx(plain_entropy_weights([list(row) for row in rows]), abs=1e-9)
    assert math.fsum(result) == pytest.approx(1)


def test_a_constant_feature_weighs_exactly_nothing():
    assert entropy_weights(np.array([[1.0, 7.0], [2.0, 7.0], [9.0, 7.0]])).tolist() == [1.0, 0.0]


@pytest.mark.parametrize("matrix", [[[1.0, 2.0]], [[1.0, -2.0], [3.0, 4.0]], [[1.0, float("nan")], [3.0, 4.0]]])
def test_what_has_no_entropy_is_refused(matrix):
    with pytest.raises(DataError, match="no negative or missing value"):
        entropy_weights(np.array(matrix))


def test_weights_that_do_not_total_one_are_refused():
    assert given_weights([0.1, 0.2, 0.7], 3, place="grading").tolist() == [0.1, 0.2, 0.7]
    with pytest.raises(SettingError, match=r"The weights total 0\.9, not 1"):
        given_weights([0.4, 0.5], 2, place="grading")
    with pytest.raises(SettingError, match="negative"):
        given_weights([1.5, -0.5], 2, place="grading")
    with pytest.raises(SettingError, match="2 weights for 3 features"):
        given_weights([0.5, 0.5], 3, place="grading")


def test_mid_rank_scores_with_ties():
    """Of 1, 5, 5, 7 one lies below 5 and two equal it: (1 + 2/2) / 4."""
    scores = quantile_scores(np.array([0.0, 1, 5, 6, 7, 8]), np.array([1.0, 5, 5, 7]))
    assert scores.tolist() == [0, 0.125, 0.5, 0.75, 0.875, 1]


def test_a_reference_of_one_value_tells_only_above_from_below():
    assert linear_scores(np.array([4.0, 5, 6]), lowest=5, highest=5).tolist() == [0, 0.5, 1]
