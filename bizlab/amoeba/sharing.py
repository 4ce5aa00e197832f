"""Who bears a giver's pool in the end, where givers serve one another: direct, step-down and reciprocal method.

Horngren, Datar and Rajan, *Cost Accounting: A Managerial Emphasis*, chapter 15 (support departments). All three come to
one matrix, the share of each giver's own pool that every final bearer gets, so that one rule splits whole fen by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Literal, TypeAlias

import numpy as np

from bizlab.labels import Label

Method: TypeAlias = Literal["direct", "step_down", "reciprocal"]
METHODS: dict[str, Label] = {
    "direct": Label("直接分摊", "Direct"),
    "step_down": Label("阶梯分摊", "Step-down"),
    "reciprocal": Label("交互分摊", "Reciprocal"),
}
Weights: TypeAlias = Mapping[str, Mapping[str, int]]
Shares: TypeAlias = dict[str, dict[str, Fraction]]
MOST_EXACT = 60
"""Up to so many givers the reciprocal equations are solved in fractions, more in floating point."""


def final_shares(weights: Weights, *, method: Method, order: Sequence[str] = ()) -> Shares:
    """The share of each giver's pool that every bearer gets in the end.

    - Direct: what a giver would give to other givers goes to its other receivers, in their proportions.
    - Step-down: givers close one after another; a giver that has closed never receives.
    - Reciprocal: givers serve each other without end, as the limit of endless rounds: F = R + Q F, where Q are the
      shares among givers and R those to others.

    Parameters
    ----------
    weights : for each giver its receivers and their driver values, whole and not negative; what a giver would give
        itself is passed over, and so is a weight of zero.
    order : for step-down all givers, the first to close first.

    Returns
    -------
    For each giver its bearers and their shares, which total 1. A giver from which nothing can reach an outsider bears
    its own pool, and what others give to it: its only share is itself. Shares are exact for `direct` and `step_down`,
    and for `reciprocal` up to `MOST_EXACT` givers; beyond that they are within about 1e-15.

    >>> weights = {"IT": {"HR": 1, "sales": 3}, "HR": {"IT": 1, "sales": 1}}
    >>> {m: str(final_shares(weights, method=m, order=["IT", "HR"])["IT"]["sales"]) for m in METHODS}
    {'direct': '1', 'step_down': '1', 'reciprocal': '1'}
    >>> some = {"PM": {"IS": 20, "machining": 30, "assembly": 50}, "IS": {"PM": 10, "machining": 80, "assembly": 10}}
    >>> [str(final_shares(some, method=m, order=["PM", "IS"])["PM"]["machining"]) for m in METHODS]
    ['3/8', '43/90', '23/49']
    """
    given = {giver: _normal(to, without={giver}) for giver, to in weights.items()}
    if method == "direct":
        return {giver: _normal(weights[giver], without=weights.keys()) or _self(giver) for giver in given}
    if method == "step_down":
        return _step_down(weights, order)
    stuck = _without_outlet(given)
    open_givers = {giver: to for giver, to in given.items() if giver not in stuck}
    solved = _exact(open_givers) if len(open_givers) <= MOST_EXACT else _floating(open_givers)
    return solved | {giver: _self(giver) for giver in stuck}


def _self(giver: str) -> dict[str, Fraction]:
    return {giver: Fraction(1)}


def _normal(to: Mapping[str, int | Fraction], *, without: Iterable[str]) -> dict[str, Fraction]:
    """Shares that total 1 among the receivers left; none where nobody is."""
    left = {unit: Fraction(weight) for unit, weight in to.items() if weight and unit not in without}
    whole = sum(left.values())
    return {unit: weight / whole for unit, weight in left.items()}


def _step_down(weights: Weights, order: Sequence[str]) -> Shares:
    """From the last to close to the first: what goes to a giver still open is borne as that giver's own pool is."""
    shares: Shares = {}
    for place in reversed(range(len(order))):
        giver = order[place]
        to = _normal(weights[giver], without=set(order[: place + 1]))
        shares[giver] = _passed_on(to, shares) or _self(giver)
    return shares


def _passed_on(to: Mapping[str, Fraction], shares: Mapping[str, Mapping[str, Fraction]]) -> dict[str, Fraction]:
    """Shares of receivers, with each giver among them replaced by its own bearers."""
    found: dict[str, Fraction] = {}
    for unit, share in to.items():
        for bearer, part in shares.get(unit, _self(unit)).items():
            found[bearer] = found.get(bearer, Fraction(0)) + share * part
    return found


def _without_outlet(given: Mapping[str, Mapping[str, Fraction]]) -> set[str]:
    """Givers from which nothing reaches an outsider, however often it is passed on."""
    reaching = {giver for giver, to in given.items() if any(unit not in given for unit in to)}
    while more := {giver for giver, to in given.items() if giver not in reaching and not reaching.isdisjoint(to)}:
        reaching |= more
    return set(given) - reaching


def _exact(given: Mapping[str, Mapping[str, Fraction]]) -> Shares:
    """Elimination in fractions: giver after giver is replaced by its receivers in the shares of all others."""
    rows = {giver: dict(to) for giver, to in given.items()}
    for giver in rows:
        loop = rows[giver].pop(giver, Fraction(0))
        rows[giver] = {unit: share / (1 - loop) for unit, share in rows[giver].items()}
        for other, to in rows.items():
            share = to.pop(giver, None) if other != giver else None
            if share is not None:
                for unit, part in rows[giver].items():
                    to[unit] = to.get(unit, Fraction(0)) + share * part
    return rows


def _floating(given: Mapping[str, Mapping[str, Fraction]]) -> Shares:
    givers = list(given)
    bearers = sorted({unit for to in given.values() for unit in to if unit not in given})
    among, outside = _matrix(given, givers), _matrix(given, bearers)
    found = np.linalg.solve(np.eye(len(givers)) - among, outside)
    found = np.clip(found + np.linalg.solve(np.eye(len(givers)) - among, outside - (found - among @ found)), 0, None)
    return {
        giver: _normal({unit: Fraction(float(share)) for unit, share in zip(bearers, row, strict=True)}, without=())
        for giver, row in zip(givers, found, strict=True)
    }


def _matrix(
    given: Mapping[str, Mapping[str, Fraction]], columns: Sequence[str]
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    place = {unit: number for number, unit in enumerate(columns)}
    found = np.zeros((len(given), len(columns)))
    for row, to in enumerate(given.values()):
        for unit, share in to.items():
            if unit in place:
                found[row, place[unit]] = float(share)
    return found
