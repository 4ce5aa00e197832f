"""Who bears a giver's pool in the end, where givers serve one another: direct, step-down and reciprocal method.

Horngren, Datar and Rajan, *Cost Accounting: A Managerial Emphasis*, chapter 15 (support departments). All three come to
one matrix, the share of each giver's own pool that every final bearer gets, so that one rule splits whole fen by it:
the methods differ in which givers may receive at all. What is left is a Markov chain whose absorbing states are the
bearers (Lowenthal and Malek, "Reciprocal service department cost allocation and decision making", *Journal of Applied
Mathematics and Decision Sciences*, 2005).

With D the totals of the givers' driver values, A what they give one another and R what they give to others, the bearers
get (D - A)^-1 R. It is solved in whole numbers by Bareiss, "Sylvester's identity and multistep integer-preserving
Gaussian elimination", *Mathematics of Computation* 22, 1968: every entry on the way is a minor of D - A, so that each
division comes out even. The leading minors are positive wherever something gets out from every giver, so that no pivot
needs to be sought.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import lcm
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bizlab.contracts.columns import words
from bizlab.errors import DataError
from bizlab.exact import apportion_rows
from bizlab.labels import Label

Method: TypeAlias = Literal["direct", "step_down", "reciprocal"]
METHODS: dict[str, Label] = words(
    direct="直接分摊 | Direct", step_down="阶梯分摊 | Step-down", reciprocal="交互分摊 | Reciprocal"
)
Weights: TypeAlias = Mapping[str, Mapping[str, int]]
MOST_PASSING = 100
"""So many givers of a pool may give to other givers: their shares are exact, and the numbers grow with each of them."""


class ShareMatrix(NamedTuple):
    """Who bears what as whole numbers: a share is a weight over the sum of its row, so that shares total exactly 1.

    Parameters
    ----------
    giver_ids : one a row.
    bearer_ids : one a column, sorted. A giver among them bears its own pool, since nothing gets out from it.
    weights : whole numbers, not negative, each row with a positive sum.
    """

    giver_ids: list[str]
    bearer_ids: list[str]
    weights: NDArray[Any]

    def split(self, amounts: Mapping[str, int]) -> NDArray[np.int64]:
        """Each giver's whole amount by bearer, as `bizlab.exact.apportion` splits it; rows total the amounts."""
        return apportion_rows(np.array([amounts[giver] for giver in self.giver_ids], np.int64), self.weights)

    def rates(self) -> NDArray[np.float64]:
        """The shares, each as the floating-point number nearest to it."""
        is_exact = self.weights.dtype == object or bool((self.weights.sum(axis=1, dtype=float) < 2**53).all())
        weights = self.weights if is_exact else self.weights.astype(object)
        rates: NDArray[np.float64] = (weights / weights.sum(axis=1, keepdims=True)).astype(float)
        return rates

    def of(self, giver_id: str, unit_ids: Iterable[str]) -> list[int]:
        """The weights of some units in what a giver gives; 0 for one that bears nothing of it."""
        row = dict(zip(self.bearer_ids, self.weights[self.giver_ids.index(giver_id)].tolist(), strict=True))
        return [row.get(unit_id, 0) for unit_id in unit_ids]


def share_matrix(weights: Weights, *, method: Method, order: Sequence[str] = ()) -> ShareMatrix:
    """The share of each giver's pool that every bearer gets in the end.

    - Direct: what a giver would give to other givers goes to its other receivers, in their proportions.
    - Step-down: givers close one after another; a giver that has closed never receives.
    - Reciprocal: givers serve each other without end, as the limit of endless rounds: F = R + Q F, where Q are the
      shares among givers and R those to others.

    Parameters
    ----------
    weights : for each giver its receivers and their driver values, whole and not negative; what a giver would give
        itself is passed over, and so is a weight of zero. The order of rows and receivers changes nothing.
    order : for step-down all givers, the first to close first.

    Returns
    -------
    See `ShareMatrix`; shares are exact. A giver from which nothing can reach an outsider bears its own pool, and what
    others give to it: its only share is itself.

    Raises
    ------
    DataError : more than `MOST_PASSING` givers give to other givers.

    >>> some = {"PM": {"IS": 20, "machining": 30, "assembly": 50}, "IS": {"PM": 10, "machining": 80, "assembly": 10}}
    >>> shares = share_matrix(some, method="reciprocal")
    >>> shares.giver_ids, shares.bearer_ids, shares.weights.tolist()
    (['IS', 'PM'], ['assembly', 'machining'], [[15, 83], [26, 23]])
    >>> shares.split({"PM": 100, "IS": -7}).tolist()
    [[-1, -6], [53, 47]]
    """
    givers = list(order) if method == "step_down" else sorted(weights)
    units = [*givers, *sorted(set().union(*weights.values()) - set(givers))]
    rows = _driver_values([weights[giver] for giver in givers], units)
    _close(rows[:, : len(givers)], method)
    stuck = ~(rows.any(axis=1) if method == "step_down" else _reaching(rows))
    passing = np.flatnonzero(~stuck)
    bearing = sorted([*np.flatnonzero(stuck), *range(len(givers), len(units))], key=units.__getitem__)
    borne = _passed_on(rows[np.ix_(passing, [*passing, *bearing])])
    weights_of = np.zeros((len(givers), len(bearing)), borne.dtype)
    weights_of[passing] = borne
    for column, unit in enumerate(bearing):
        if unit < len(givers):
            weights_of[unit, column] = 1
    return ShareMatrix(givers, [units[unit] for unit in bearing], weights_of)


def _driver_values(weights: Sequence[Mapping[str, int]], units: Sequence[str]) -> NDArray[np.int64]:
    """One row a giver, one column a unit."""
    place = {unit: column for column, unit in enumerate(units)}
    rows = np.zeros((len(weights), len(units)), np.int64)
    for row, to in zip(rows, weights, strict=True):
        row[np.fromiter(map(place.__getitem__, to), np.intp, len(to))] = np.fromiter(to.values(), np.int64, len(to))
    return rows


def _close(among: NDArray[np.int64], method: Method) -> None:
    """Take out of the weights among givers, in order of closing, those that the method does not let through."""
    if method == "direct":
        among[:] = 0
    elif method == "step_down":
        among[:] = np.triu(among, 1)


def _reaching(rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Givers from which something reaches an outsider, however often it is passed on."""
    among = rows[:, : len(rows)] > 0
    reaching: NDArray[np.bool_] = rows[:, len(rows) :].max(axis=1, initial=0) > 0
    last = reaching
    while last.any():
        last = among[:, last].any(axis=1) & ~reaching
        reaching = reaching | last
    return reaching


def _passed_on(rows: NDArray[np.int64]) -> NDArray[Any]:
    """Whole weights of the bearers, whose columns follow the givers', once no giver has anything left."""
    n = len(rows)
    passing = np.flatnonzero(rows[:, :n].any(axis=1))
    if not passing.size:
        return rows[:, n:]
    if passing.size > MOST_PASSING:
        raise DataError(
            f"{passing.size} givers give to other givers; shares are exact up to {MOST_PASSING} of them",
            place="allocation by the methods step_down and reciprocal",
            fix="let one rule give for several small departments, or allocate by the method direct",
        )
    whole = rows.astype(object)
    borne, given = whole[:, n:], whole[passing]
    arriving = _adjugate(np.diag(given.sum(axis=1)) - given[:, passing]) @ given
    # What arrives at givers that serve bearers alone goes to these, each giver's over a total of its own.
    through = np.setdiff1d(np.flatnonzero(rows[passing, :n].any(axis=0)), passing)
    totals = borne[through].sum(axis=1)
    common = lcm(*totals)
    borne[passing] = arriving[:, through] @ (borne[through] * (common // totals)[:, None]) + arriving[:, n:] * common
    return borne // np.gcd.reduce(borne, axis=1, keepdims=True)


def _adjugate(matrix: NDArray[Any]) -> NDArray[Any]:
    """The inverse times the determinant, of a matrix of whole numbers whose leading minors are positive."""
    minors, last = matrix.copy(), 1
    for k in range(len(minors)):
        pivot, row, column = minors[k, k], minors[k].copy(), minors[:, k].copy()
        minors = (pivot * minors - np.outer(column, row)) // last
        minors[k], minors[:, k], minors[k, k] = row, -column, last
        last = pivot
    return minors
