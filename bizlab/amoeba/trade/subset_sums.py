"""Which of a few deliveries add up to one: exact sums of whole numbers, counted and ordered."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

MOST_PARTS = 6
"""How many bookings may make up one; with more, some sum fits by chance."""
MOST_CANDIDATES = 20
"""How many bookings are tried as parts of one, the nearest in days first."""


class Delivery(NamedTuple):
    """One booking: its day as a number, pieces and fen, and an id that no other of its side has."""

    day: int
    trade_id: str
    quantity: int
    amount_fen: int


class Fit(NamedTuple):
    """Bookings that add up to one of the other side; the closest has the fewest, then the nearest, then the first."""

    n_parts: int
    days: int
    parts: tuple[Delivery, ...]


def fits(whole: Delivery, others: Sequence[Delivery], *, window_days: int) -> tuple[Fit | None, int]:
    """The closest way to make up a booking from bookings of the other side, and how many ways there are.

    Quantity and amount must both be met exactly. Parts lie within the window around the whole and have its sign in
    both: a return is no part of a delivery, nor is a booking of no pieces or no money. Up to `MOST_PARTS` of the
    `MOST_CANDIDATES` nearest are tried as parts; single bookings that equal the whole are all seen.

    The sums are built up booking by booking (dynamic programming over the number of parts, pieces and fen, as for the
    subset-sum problem: Cormen, Leiserson, Rivest and Stein, *Introduction to Algorithms*, chapter on NP-completeness),
    each with the number of ways to it and the closest of them.

    Parameters
    ----------
    whole : the booking to be made up.
    others : bookings of the other side between the same units and for the same item, in any order.
    window_days : how far a part may lie from the whole, either way.

    Returns
    -------
    The closest fit, None where there is none, and the number of all fits.

    >>> ten, four, six = Delivery(8, "S", 10, 1000), Delivery(8, "B1", 4, 400), Delivery(9, "B2", 6, 600)
    >>> best, n = fits(ten, [six, four, Delivery(8, "B3", 6, 601)], window_days=7)
    >>> [part.trade_id for part in best.parts], best.days, n
    (['B1', 'B2'], 1, 1)
    """
    near = [other for other in others if abs(other.day - whole.day) <= window_days]
    same = [Fit(1, abs(other.day - whole.day), (other,)) for other in near if other[2:] == whole[2:]]
    smaller = (
        other
        for other in near
        if _between(other.quantity, whole.quantity) and _between(other.amount_fen, whole.amount_fen)
    )
    nearest = heapq.nsmallest(MOST_CANDIDATES, smaller, key=lambda other: (abs(other.day - whole.day), other))
    made = _made_up(whole, sorted(nearest))
    best = min([*same, *(fit for fit, _ in made)], default=None)
    return best, len(same) + sum(n for _, n in made)


def _between(part: int, limit: int) -> bool:
    return 0 < part < limit or limit < part < 0


def _made_up(whole: Delivery, parts: Sequence[Delivery]) -> list[tuple[Fit, int]]:
    """For each number of parts that add up to the whole: the closest of them and how many ways there are.

    The closest way to a sum that ends in a given part goes through the closest way to what remains, since days add up
    and the parts are tried in order.
    """
    quantity, amount = abs(whole.quantity), abs(whole.amount_fen)
    sums: list[dict[tuple[int, int], tuple[_Way, int]]] = [{(0, 0): ((0, ()), 1)}, *({} for _ in range(MOST_PARTS))]
    for part in parts:
        apart, pieces, money = abs(part.day - whole.day), abs(part.quantity), abs(part.amount_fen)
        for shorter, longer in zip(sums[-2::-1], sums[:0:-1], strict=True):
            for size, ((days, chosen), n) in shorter.items():
                total = (size[0] + pieces, size[1] + money)
                if total[0] <= quantity and total[1] <= amount:
                    way = (days + apart, (*chosen, part))
                    known, others = longer.get(total, (way, 0))
                    longer[total] = (min(known, way), others + n)
    ends = [
        (n_parts, by_sum[quantity, amount])
        for n_parts, by_sum in enumerate(sums)
        if n_parts and (quantity, amount) in by_sum
    ]
    return [(Fit(n_parts, *way), n) for n_parts, (way, n) in ends]


_Way: TypeAlias = tuple[int, tuple[Delivery, ...]]
"""Days apart in all, and the parts."""
