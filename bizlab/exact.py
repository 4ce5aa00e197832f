"""Whole-number arithmetic: one rounding rule, and division that loses nothing."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray


def round_half_up(value: Fraction | Decimal | int) -> int:
    """Round to the nearest whole number, halves away from zero (四舍五入).

    The only rounding rule of the library: money becomes whole fen with it, hours whole minutes.

    >>> round_half_up(Fraction(5, 2)), round_half_up(Fraction(-5, 2)), round_half_up(Decimal("0.4"))
    (3, -3, 0)
    """
    exact = Fraction(value)
    return quotient_half_up(exact.numerator, exact.denominator)


def quotient_half_up(numerator: int, denominator: int) -> int:
    """`round_half_up` of a quotient of whole numbers, without making a fraction of it; the denominator is positive.

    >>> quotient_half_up(5, 2), quotient_half_up(-5, 2), quotient_half_up(4, 10)
    (3, -3, 0)
    """
    magnitude = (2 * abs(numerator) + denominator) // (2 * denominator)
    return magnitude if numerator >= 0 else -magnitude


def apportion(total: int, weights: Sequence[int]) -> list[int]:
    """Split a whole number by weights so that the parts add up to it exactly.

    The largest-remainder method (Hamilton's method; Balinski and Young, *Fair Representation*,
    1982): every part first gets the whole number below its share, then the units left over go
    to the largest remainders. Equal remainders are served in the order given, so a caller sorts
    by a key to make the result independent of row order.

    Parameters
    ----------
    total : fen or minutes to split; may be negative.
    weights : one whole weight a part, not negative, in any unit; at least one must be positive.

    Returns
    -------
    One whole number a weight; their sum is ``total``. A weight of zero receives nothing.

    Raises
    ------
    ValueError : a negative weight, or weights that total zero.

    >>> apportion(18225, [98, 2])
    [17861, 364]
    >>> apportion(-100, [1, 1, 1])
    [-34, -33, -33]
    """
    if any(weight < 0 for weight in weights):
        raise ValueError("a weight is negative")
    whole = sum(weights)
    if whole == 0:
        raise ValueError("the weights total zero")
    divided = [divmod(abs(total) * weight, whole) for weight in weights]
    parts = [part for part, _ in divided]
    by_remainder = sorted(range(len(parts)), key=lambda i: divided[i][1], reverse=True)
    for i in by_remainder[: abs(total) - sum(parts)]:
        parts[i] += 1
    return parts if total >= 0 else [-part for part in parts]


def apportion_rows(totals: NDArray[np.int64], weights: NDArray[Any]) -> NDArray[np.int64]:
    """`apportion` for each row of a table at once, with the same parts.

    Parameters
    ----------
    totals : one whole number a row.
    weights : one row a total, one column a part; int64, or Python's whole numbers where those are larger.

    Returns
    -------
    The parts, in the shape of ``weights``.

    Raises
    ------
    ValueError : as `apportion`, for any row.

    >>> apportion_rows(np.array([18225, -100, 0]), np.array([[98, 2, 0], [1, 1, 1], [0, 5, 0]])).tolist()
    [[17861, 364, 0], [-34, -33, -33], [0, 0, 0]]
    """
    sizes, whole = abs(totals), weights.sum(axis=1, keepdims=True)
    if not _fit(sizes, weights):
        rows = [apportion(total, row) for total, row in zip(totals.tolist(), weights.tolist(), strict=True)]
        return np.array(rows, np.int64).reshape(weights.shape)
    if (weights < 0).any():
        raise ValueError("a weight is negative")
    if (whole == 0).any():
        raise ValueError("the weights total zero")
    near = (sizes[:, None] * (weights / whole)).astype(np.int64)
    # Both products may wrap around, their difference is right: it is within three times the sum of the weights.
    off, remainders = np.divmod(sizes[:, None] * weights - near * whole, whole)
    parts: NDArray[np.int64] = near + off
    by_remainder = np.argsort(-remainders, axis=1, kind="stable")
    served = np.arange(weights.shape[1]) < (sizes - parts.sum(axis=1))[:, None]
    np.put_along_axis(parts, by_remainder, np.take_along_axis(parts, by_remainder, axis=1) + served, axis=1)
    return np.where(totals[:, None] < 0, -parts, parts)


def _fit(sizes: NDArray[np.int64], weights: NDArray[Any]) -> bool:
    """Whether parts computed in floating point are less than 3 off, and 4 times a row's sum is within 64 bits."""
    if weights.dtype != np.int64:
        return False
    return bool((sizes < 2**52).all() and (weights.sum(axis=1, dtype=float) < 2**60).all())


def rounded_to(parts: Sequence[Fraction], total: int) -> list[int]:
    """Round parts of either sign so that they add up to a total, by the largest remainders above the floor.

    Parameters
    ----------
    parts : exact parts; their sum differs from ``total`` by its rounding alone.
    total : what the rounded parts must add up to.

    Returns
    -------
    One whole number a part, less than 1 away from it; equal remainders are served in the order given.

    Raises
    ------
    ValueError : the total is not a rounding of the sum.

    >>> rounded_to([Fraction(7, 3), Fraction(-1, 3), Fraction(1, 2)], 3)
    [2, 0, 1]
    """
    floors = [part.numerator // part.denominator for part in parts]
    left = total - sum(floors)
    if abs(sum(parts, Fraction(0)) - total) >= 1 or not 0 <= left <= len(parts):
        raise ValueError(f"{total} is not a rounding of the sum of the parts")
    by_remainder = sorted(range(len(parts)), key=lambda i: (floors[i] - parts[i], i))
    for i in by_remainder[:left]:
        floors[i] += 1
    return floors
