"""Weights from pairwise comparisons, against published examples and an independent computation."""

import re
from fractions import Fraction
from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizlab.configuration import Spot
from bizlab.customers.grading.hierarchy import comparison_matrix, priorities, read_comparisons
from bizlab.errors import SettingError

# Saaty, "Decision making with the analytic hierarchy process", Int. J. Services Sciences 1 (2008) 83-98: which drink
# is consumed more in the USA: coffee, wine, tea, beer, sodas, milk, water.
DRINKS = "9 5 2 1 1 1/2 | 1/3 1/9 1/9 1/9 1/9 | 1/3 1/4 1/3 1/9 | 1/2 1 1/3 | 2 1/2 | 1/3"
# Saaty, Journal of Mathematical Psychology 15 (1977) 234-281: wealth of USA, USSR, China, France, UK, Japan,
# West Germany.
WEALTH = "4 9 6 6 5 5 | 7 5 5 3 4 | 1/5 1/5 1/7 1/5 | 1 1/3 1/3 | 1/3 1/3 | 2"
# Saaty, *The Analytic Hierarchy Process*, 1980: choosing a school; the book itself gives a ratio of more than 0.2.
SCHOOL = "4 3 1 3 4 | 7 3 1/5 1 | 1/5 1/5 1/6 | 1 1/3 | 3"


def compared(text):
    upper = [float(Fraction(word)) for word in text.replace("|", " ").split()]
    n = next(n for n in range(2, 11) if n * (n - 1) // 2 == len(upper))
    return comparison_matrix(upper, n, place="example")


def weigh(matrix):
    return priorities(matrix, names=[f"f{i}" for i in range(len(matrix))], place="example")


@pytest.mark.parametrize(
    ("text", "weights", "ratio"),
    [
        (DRINKS, [0.177, 0.019, 0.042, 0.116, 0.190, 0.129, 0.327], 0.022),
        (WEALTH, [0.427, 0.230, 0.021, 0.052, 0.052, 0.123, 0.094], 0.077),
    ],
)
def test_published_examples(text, weights, ratio):
    result = weigh(compared(text))
    assert np.round(result.weights, 3).tolist() == weights
    assert result.consistency_ratio == pytest.approx(ratio, abs=0.0005)


def test_the_largest_eigenvalue_of_the_wealth_of_nations():
    result = weigh(compared(WEALTH))
    assert result.largest_eigenvalue == pytest.approx(7.61, abs=0.005)
    assert result.consistency_index == pytest.approx(0.10, abs=0.005)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(raw=st.lists(st.floats(0.05, 1), min_size=1, max_size=10))
def test_comparisons_that_agree_give_back_the_weights_they_came_from(raw):
    weights = np.array(raw) / sum(raw)
    result = weigh(weights[:, None] / weights[None, :])
    assert result.weights == pytest.approx(weights.tolist())
    assert result.consistency_ratio == pytest.approx(0, abs=1e-9)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(upper=st.lists(st.sampled_from([1 / 3, 1 / 2, 1, 2, 3]), min_size=6, max_size=6))
def test_repeated_multiplication_reaches_the_same_weights(upper):
    """The power method, von Mises 1929, is a second way to the principal eigenvector."""
    matrix = comparison_matrix(upper, 4, place="example")
    vector = np.ones(4)
    for _ in range(300):
        vector = matrix @ vector
        vector /= vector.sum()
    largest = (matrix @ vector).sum()
    if (largest - 4) / 3 / 0.90 > 0.0999:
        return
    result = weigh(matrix)
    assert result.weights == pytest.approx(vector.tolist(), abs=1e-6)
    assert result.largest_eigenvalue == pytest.approx(largest, abs=1e-6)


def test_three_features_have_the_geometric_mean_as_their_weights():
    """For three features the principal eigenvector is the row geometric mean (Crawford and Williams, 1985)."""
    matrix = comparison_matrix([1 / 3, 1 / 2, 2], 3, place="example")
    means = np.exp(np.log(matrix).mean(axis=1))
    assert weigh(matrix).weights == pytest.approx((means / means.sum()).tolist())


def test_saatys_school_is_too_contradictory():
    with pytest.raises(SettingError, match=r"consistency ratio 0\.23, above 0\.1"):
        weigh(compared(SCHOOL))


def test_a_circle_is_refused_and_the_three_that_make_it_are_named():
    """Of four features, a over b over c over a is the contradiction; d agrees with all."""
    matrix = comparison_matrix([3, 1 / 3, 1, 3, 1, 1], 4, place="grading.comparisons")
    with pytest.raises(SettingError) as caught:
        priorities(matrix, names=("a", "b", "c", "d"), place="grading.comparisons")
    message = str(caught.value)
    assert "'a' is 3 times 'b', which is 3 times 'c'; that makes 9 times, but 0.333 is given" in message
    assert "'a' over 'c' near 9 would agree" in message


@pytest.mark.parametrize("seed", range(20))
def test_no_other_three_disagree_more_than_those_named(seed):
    upper = np.random.default_rng(seed).choice([1 / 9, 1 / 5, 1 / 2, 1, 3, 7], 10)
    matrix = comparison_matrix(upper.tolist(), 5, place="example")
    with pytest.raises(SettingError) as caught:
        weigh(matrix)
    named = [int(text) for text in re.findall(r"'f(\d)'", caught.value.problem)]
    gaps = {
        (i, j, k): max(matrix[i, j] * matrix[j, k] * matrix[k, i], matrix[k, j] * matrix[j, i] * matrix[i, k])
        for i, j, k in permutations(range(5), 3)
    }
    assert gaps[named[0], named[1], named[2]] == pytest.approx(max(gaps.values()))


def test_the_fix_is_one():
    """Amount 6 times quantity and quantity 2 times settlement, but amount only as important as settlement."""
    upper = [1 / 6, 2, 1]
    with pytest.raises(SettingError) as caught:
        weigh(comparison_matrix(upper, 3, place="example"))
    assert "'f0' over 'f2' near 0.167 would agree" in caught.value.fix
    assert weigh(comparison_matrix([1 / 6, 0.167, 1], 3, place="example")).consistency_ratio < 0.001


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        ([[1, 2], [2, 1]], "'f0' over 'f1' is 2, but the other way round 2"),
        ([[2, 2], [0.5, 1]], "'f0' over 'f0' is 2, but the other way round 2"),
        ([[1, -2], [-0.5, 1]], "'f0' over 'f1' is -2, which is not positive"),
        ([[1, 0], [0, 1]], "'f0' over 'f1' is 0, which is not positive"),
        ([[1, float("nan")], [1, 1]], "'f0' over 'f1' is nan, which is not positive"),
        ([[1, 2]], "of the shape (1, 2), for 1 features"),
        (np.ones((11, 11)), "give a square matrix of up to 10 features"),
    ],
)
def test_a_matrix_that_compares_nothing_is_refused(matrix, message):
    with pytest.raises(SettingError) as caught:
        weigh(matrix)
    assert message in str(caught.value)


def test_lines_are_read_in_either_direction():
    roles = ("quantity", "amount", "settlement")
    config = {"amount over quantity": 4, "amount over settlement": 2, "quantity over settlement": 0.5}
    upper = read_comparisons(config, Spot("comparisons"), roles=roles)
    assert dict(zip(combinations(roles, 2), upper, strict=True)) == {
        ("quantity", "amount"): 0.25,
        ("quantity", "settlement"): 0.5,
        ("amount", "settlement"): 2,
    }


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"amount over settlement": None}, "'None' is not a positive number. Where: p, amount over settlement"),
        ({"amount over settlement": 0}, "'0' is not a positive number"),
        ({"amount over settlement": True}, "'True' is not a positive number"),
        ({"quantity over amount": 2}, "'quantity' and 'amount' are compared twice"),
        ({"amount over weight": 2}, "'amount over weight' does not compare two features"),
        ({"amount above settlement": 2}, "write 'one over other' with two of quantity, amount, settlement"),
    ],
)
def test_lines_that_cannot_be_read_are_refused(change, message):
    lines = {"amount over quantity": 2, "amount over settlement": 2, "quantity over settlement": 1}
    with pytest.raises(SettingError) as caught:
        read_comparisons({**lines, **change}, Spot("p"), roles=("quantity", "amount", "settlement"))
    assert message in str(caught.value)


def test_a_pair_left_out_is_named():
    with pytest.raises(SettingError, match="'amount' and 'settlement' are not compared") as caught:
        read_comparisons(
            {"amount over quantity": 2, "quantity over settlement": 1},
            Spot("p"),
            roles=("quantity", "amount", "settlement"),
        )
    assert "add 'amount over settlement: ...'" in str(caught.value)
