"""Who bears a giver's pool in the end, where givers serve one another: direct, step-down and reciprocal method.

Horngren, Datar and Rajan, *Cost Accounting: A Managerial Emphasis*, chapter 15 (support departments). All three come to
one matrix, the share of each giver's own pool that every final bearer gets, so that one rule splits whole fen by it:
the methods differ in which givers may receive at all. What is left is a Markov chain whose absorbing states are the
bearers (Lowenthal and Malek, "Reciprocal service department cost allocation and decision making", *Journal of Applied
Mathematics and Decision Sciences*, 2005).

Givers are eliminated one after another: whoever was served by one is served by its receivers instead, in their
proportions, and what comes back to a giver is passed over. Only sums, products and quotients of numbers that are not
negative occur (Grassmann, Taksar and Heyman, "Regenerative analysis and steady state distributions for Markov chains",
*Operations Research* 33, 1985), so that in floating point nothing cancels: how far a share can be off depends on the
number of givers alone, however nearly they serve one another only (O'Cinneide, "Entrywise perturbation theory and error
analysis for Markov chains", *Numerische Mathematik* 65, 1993). Solving I - Q would then lose all digits; here no
condition number needs to be watched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from math import lcm
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bizlab.contracts.columns import words
from bizlab.exact import apportion_rows
from bizlab.labels import Label

Method: TypeAlias = Literal["direct", "step_down", "reciprocal"]
METHODS: dict[str, Label] = words(
    direct="直接分摊 | Direct", step_down="阶梯分摊 | Step-down", reciprocal="交互分摊 | Reciprocal"
)
Weights: TypeAlias = Mapping[str, Mapping[str, int]]
Shares: TypeAlias = dict[str, dict[str, Fraction]]
MOST_EXACT = 60
"""Up to so many givers that serve one another are eliminated in whole numbers, more in floating point."""
_BLOCK = 64
_GRID = 2**48
"""Shares in floating point become whole numbers of this total: coarser than what rounding leaves, so that equal shares
stay equal and the same fen fall to the same bearers on every machine."""
_Reduced: TypeAlias = Callable[[NDArray[Any]], NDArray[Any]]


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
    its own pool, and what others give to it: its only share is itself. Shares are exact for `direct`, and for the
    others up to `MOST_EXACT` givers; beyond that a share among n bearers is right to (1 + n share) / 2^49, which for
    500 bearers is less than 1e-12, and one below 2^-49 is left out.

    >>> weights = {"IT": {"HR": 1, "sales": 3}, "HR": {"IT": 1, "sales": 1}}
    >>> {m: str(final_shares(weights, method=m, order=["IT", "HR"])["IT"]["sales"]) for m in METHODS}
    {'direct': '1', 'step_down': '1', 'reciprocal': '1'}
    >>> some = {"PM": {"IS": 20, "machining": 30, "assembly": 50}, "IS": {"PM": 10, "machining": 80, "assembly": 10}}
    >>> [str(final_shares(some, method=m, order=["PM", "IS"])["PM"]["machining"]) for m in METHODS]
    ['3/8', '43/90', '23/49']
    """
    found = share_matrix(weights, method=method, order=order)
    shares: Shares = {}
    for giver, row in zip(found.giver_ids, found.weights.tolist(), strict=True):
        whole = sum(row)
        shares[giver] = {
            bearer: Fraction(weight, whole) for bearer, weight in zip(found.bearer_ids, row, strict=True) if weight
        }
    return shares


def share_matrix(weights: Weights, *, method: Method, order: Sequence[str] = ()) -> ShareMatrix:
    """The shares of `final_shares` as a matrix of whole numbers, for givers by the thousand.

    Parameters
    ----------
    weights, method, order : as in `final_shares`.

    Returns
    -------
    See `ShareMatrix`; the order of rows and receivers in ``weights`` changes nothing.

    >>> some = {"PM": {"IS": 20, "machining": 30, "assembly": 50}, "IS": {"PM": 10, "machining": 80, "assembly": 10}}
    >>> found = share_matrix(some, method="reciprocal")
    >>> found.giver_ids, found.bearer_ids, found.weights.tolist()
    (['IS', 'PM'], ['assembly', 'machining'], [[15, 83], [26, 23]])
    >>> found.split({"PM": 100, "IS": -7}).tolist()
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
    found = np.zeros((len(givers), len(bearing)), borne.dtype)
    found[passing] = borne
    for column, unit in enumerate(bearing):
        if unit < len(givers):
            found[unit, column] = 1
    return ShareMatrix(givers, [units[unit] for unit in bearing], found)


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
    if not rows[:, :n].any():
        return rows[:, n:]
    if n <= MOST_EXACT:
        return _whole(rows[:, :n].astype(object), rows[:, n:].astype(object))
    shares = _total_one(_by_block(_total_one(rows.astype(float)))[:, n:])
    return np.rint(shares * _GRID).astype(np.int64)


def _whole(among: NDArray[Any], outside: NDArray[Any]) -> NDArray[Any]:
    leaving = outside.sum(axis=1)
    exits = _exits(among, leaving, _in_lowest_terms)
    common = lcm(*(total for total in leaving if total))
    return _in_lowest_terms(exits * (common // np.maximum(leaving, 1)) @ outside)


def _by_block(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same in floating point, some givers at a time, so that nearly all work is multiplication of matrices."""
    n = len(rows)
    for start in range(0, n, _BLOCK):
        end = min(start + _BLOCK, n)
        onward, into = rows[start:end, end:], rows[:, start:end]
        leaving = onward.sum(axis=1)
        exits = _total_one(_exits(into[start:end], leaving, _total_one))
        passed = exits @ (onward / np.where(leaving, leaving, 1)[:, None])
        rows[:, end:] += into @ passed
        rows[start:end, end:] = passed
    return rows


def _exits(among: NDArray[Any], leaving: NDArray[Any], reduced: _Reduced) -> NDArray[Any]:
    """Through whom what givers pass among one another leaves them, where each has a door of its own to the outside.

    Giver after giver is replaced by its receivers in the rows of all others; only proportions within a row count.
    """
    rows = np.hstack([among, np.diag(leaving)])
    for giver, row in enumerate(rows):
        row[giver] = 0
        served = np.flatnonzero(rows[:, giver])
        changed = rows[served] * row.sum() + np.outer(rows[served, giver], row)
        changed[:, giver] = 0
        rows[served] = reduced(changed)
    return rows[:, len(rows) :]


def _in_lowest_terms(rows: NDArray[Any]) -> NDArray[Any]:
    return rows // np.gcd.reduce(rows, axis=1, keepdims=True)


def _total_one(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    shares: NDArray[np.float64] = rows / rows.sum(axis=1, keepdims=True)
    return shares
