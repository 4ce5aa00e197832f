"""Whole-number arithmetic: one rounding rule, and division that loses nothing."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction


def round_half_up(value: Fraction | Decimal | int) -> int:
    """Round to the nearest whole number, halves away from zero (四舍五入).

    The only rounding rule of the library: money becomes whole fen with it, hours whole minutes.

    >>> round_half_up(Fraction(5, 2)), round_half_up(Fraction(-5, 2)), round_half_up(Decimal("0.4"))
    (3, -3, 0)
    """
    exact = Fraction(value)
    magnitude = (2 * abs(exact.numerator) + exact.denominator) // (2 * exact.denominator)
    return magnitude if exact >= 0 else -magnitude


def apportion(total: int, weights: Sequence[int | Fraction]) -> list[int]:
    """Split a whole number by weights so that the parts add up to it exactly.

    The largest-remainder method (Hamilton's method; Balinski and Young, *Fair Representation*,
    1982): every part first gets the whole number below its share, then the units left over go
    to the largest remainders. Equal remainders are served in the order given, so a caller sorts
    by a key to make the result independent of row order.

    Parameters
    ----------
    total : fen or minutes to split; may be negative.
    weights : one non-negative weight a part, in any unit; at least one must be positive.

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
    whole = sum(Fraction(weight) for weight in weights)
    if whole == 0:
        raise ValueError("the weights total zero")
    shares = [abs(total) * Fraction(weight) / whole for weight in weights]
    parts = [int(share) for share in shares]
    left = abs(total) - sum(parts)
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - shares[i], i))
    for i in by_remainder[:left]:
        parts[i] += 1
    return parts if total >= 0 else [-part for part in parts]


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
    ValueError : the total is no rounding of the sum.

    >>> rounded_to([Fraction(7, 3), Fraction(-1, 3), Fraction(1, 2)], 3)
    [2, 0, 1]
    """
    floors = [part.numerator // part.denominator for part in parts]
    left = total - sum(floors)
    if abs(sum(parts, Fraction(0)) - total) >= 1 or not 0 <= left <= len(parts):
        raise ValueError(f"{total} is no rounding of the sum of the parts")
    by_remainder = sorted(range(len(parts)), key=lambda i: (floors[i] - parts[i], i))
    for i in by_remainder[:left]:
        floors[i] += 1
    return floors
