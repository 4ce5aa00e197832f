"""Weights from pairwise comparisons (层次分析法, AHP), and whether the comparisons agree with one another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from bizlab.configuration import Spot, mapping
from bizlab.customers.grading.weighting import Matrix
from bizlab.errors import SettingError

RANDOM_INDEX = (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49)
"""Mean consistency index of random matrices of 1 to 10 features: Saaty, *The Analytic Hierarchy Process*, 1980."""
LARGEST_RATIO = 0.1
_TOLERANCE = 1e-9
_OVER = " over "


@dataclass(frozen=True)
class Priorities:
    """Weights by pairwise comparison.

    Parameters
    ----------
    weights : one per feature; they total 1.
    largest_eigenvalue : of the matrix; equal to the number of features where all comparisons agree, above it else.
    consistency_index : (largest eigenvalue - n) / (n - 1).
    consistency_ratio : the index over that of random comparisons; 0 where there is nothing to disagree about.
    """

    weights: tuple[float, ...]
    largest_eigenvalue: float
    consistency_index: float
    consistency_ratio: float


def priorities(matrix: Any, *, names: Sequence[str], place: str) -> Priorities:
    """Weights as the principal eigenvector of the comparisons.

    Saaty, *A scaling method for priorities in hierarchical structures*, Journal of Mathematical Psychology 15 (1977)
    234-281; *The Analytic Hierarchy Process*, 1980: a consistency ratio up to 0.1 is acceptable.

    Parameters
    ----------
    matrix : n x n, n up to 10; row i, column j: how many times as important i is as j.
    names : of the features, for errors.
    place : where the comparisons stand, for errors.

    Raises
    ------
    SettingError : a matrix that is not square, a number that is not positive, two comparisons of one pair that are
        not each other's reciprocal, or a consistency ratio above 0.1; then the three features that
        disagree most are named.

    >>> result = priorities([[1, 2, 4], [1 / 2, 1, 2], [1 / 4, 1 / 2, 1]], names=("a", "b", "c"), place="grading")
    >>> [round(weight, 4) for weight in result.weights], round(result.consistency_ratio, 4)
    ([0.5714, 0.2857, 0.1429], 0.0)
    """
    compared = _checked(matrix, names, place)
    n = len(compared)
    values, vectors = np.linalg.eig(compared)
    at = int(values.real.argmax())
    weights = np.abs(vectors[:, at].real)
    largest = float(values[at].real)
    index = max(0.0, (largest - n) / (n - 1)) if n > 1 else 0.0
    ratio = index / RANDOM_INDEX[n - 1] if RANDOM_INDEX[n - 1] else 0.0
    if ratio > LARGEST_RATIO:
        _refuse_inconsistent(compared, names, place, ratio)
    return Priorities(tuple((weights / weights.sum()).tolist()), largest, index, ratio)


def comparison_matrix(upper: Sequence[float], n_features: int, *, place: str) -> Matrix:
    """The whole matrix from its upper triangle, row by row; below stand the reciprocals.

    Raises
    ------
    SettingError : a wrong number of comparisons, or one that is not positive.

    >>> comparison_matrix([2, 4, 2], 3, place="grading").tolist()
    [[1.0, 2.0, 4.0], [0.5, 1.0, 2.0], [0.25, 0.5, 1.0]]
    """
    needed = n_features * (n_features - 1) // 2
    if len(upper) != needed:
        raise SettingError(
            f"There are {len(upper)} comparisons for {n_features} features, which make {needed} pairs",
            place=place,
            fix="compare each pair of features once",
        )
    matrix: Matrix = np.ones((n_features, n_features))
    for (i, j), times in zip(combinations(range(n_features), 2), upper, strict=True):
        _refuse_no_ratio(times, place)
        matrix[i, j], matrix[j, i] = times, 1 / times
    return matrix


def read_comparisons(config: Any, spot: Spot, *, roles: Sequence[str]) -> tuple[float, ...]:
    """The upper triangle from lines such as ``amount over quantity: 2``.

    Parameters
    ----------
    config : one line for each pair of roles, in either direction: how many times as important the first is.
    roles : in the order of the features.

    Returns
    -------
    One comparison per pair, first role over second, in the order of `itertools.combinations`.

    Raises
    ------
    SettingError : a line that cannot be read, a role that is not known, a pair left out or given twice.

    >>> read_comparisons({"amount over quantity": 4}, Spot("comparisons"), roles=("quantity", "amount"))
    (0.25,)
    """
    comparisons: dict[tuple[str, str], float] = {}
    for line, times in mapping(config, spot).items():
        first, second = _pair(str(line), roles, spot.place)
        if (first, second) in comparisons:
            fix = "keep one of the two lines; the other direction is its reciprocal"
            raise spot.refuse(f"'{first}' and '{second}' are compared twice", fix)
        _refuse_no_ratio(times, spot.at(line).place)
        comparisons[first, second], comparisons[second, first] = float(times), 1 / times
    pairs = list(combinations(roles, 2))
    for first, second in pairs:
        if (first, second) not in comparisons:
            raise spot.refuse(f"'{first}' and '{second}' are not compared", f"add '{first}{_OVER}{second}: ...'")
    return tuple(comparisons[pair] for pair in pairs)


def _pair(line: str, roles: Sequence[str], place: str) -> tuple[str, str]:
    names = line.split(_OVER)
    if len(names) != 2 or names[0] == names[1] or not set(names) <= set(roles):
        raise SettingError(
            f"'{line}' does not compare two features",
            place=place,
            fix=f"write 'one{_OVER}other' with two of {', '.join(roles)}",
        )
    return names[0], names[1]


def _refuse_no_ratio(times: Any, place: str) -> None:
    is_number = isinstance(times, int | float) and not isinstance(times, bool)
    if not is_number or not 0 < times < math.inf:
        fix = "write how many times as important the first is: 2 for twice, 0.5 for half"
        raise SettingError(f"'{times}' is not a positive number", place=place, fix=fix)


def _checked(matrix: Any, names: Sequence[str], place: str) -> Matrix:
    compared: Matrix = np.asarray(matrix, dtype=np.float64)
    n = len(names)
    if compared.shape != (n, n) or not 1 <= n <= len(RANDOM_INDEX):
        problem = f"The comparisons are of the shape {compared.shape}, for {n} features"
        fix = f"give a square matrix of up to {len(RANDOM_INDEX)} features; group them if there are more"
        raise SettingError(problem, place=place, fix=fix)
    for i, j in np.argwhere(~((compared > 0) & np.isfinite(compared))):
        problem = f"'{names[i]}' over '{names[j]}' is {compared[i, j]:g}, which is not positive"
        raise SettingError(problem, place=place, fix="write 2 for twice as important, 0.5 for half")
    for i, j in np.argwhere(np.abs(compared * compared.T - 1) > _TOLERANCE):
        raise SettingError(
            f"'{names[i]}' over '{names[j]}' is {compared[i, j]:g}, but the other way round {compared[j, i]:g}",
            place=place,
            fix=f"make it {1 / compared[i, j]:g}: one is the reciprocal of the other, and 1 on the diagonal",
        )
    return compared


def _refuse_inconsistent(compared: Matrix, names: Sequence[str], place: str, ratio: float) -> None:
    """Name the three features of which the direct comparison differs most from the one by way of the third."""

    def gap(triad: tuple[int, int, int]) -> float:
        i, j, k = triad
        return abs(math.log(compared[i, j] * compared[j, k] / compared[i, k]))

    i, j, k = max(combinations(range(len(names)), 3), key=gap)
    by_way = compared[i, j] * compared[j, k]
    raise SettingError(
        f"The comparisons contradict one another: consistency ratio {ratio:.2f}, above {LARGEST_RATIO}. Worst: "
        f"'{names[i]}' is {compared[i, j]:.3g} times '{names[j]}', which is {compared[j, k]:.3g} times '{names[k]}'; "
        f"that makes {by_way:.3g} times, but {compared[i, k]:.3g} is given",
        place=place,
        fix=f"think over these three; '{names[i]}' over '{names[k]}' near {by_way:.3g} would agree",
    )
