"""Maximum likelihood for models whose parameters are positive: several starts, proved convergence, standard errors."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from bizlab.prediction.models.refusals import NotAvailableError
from bizlab.statistics.proportions import Interval

Vector: TypeAlias = NDArray[np.float64]
Objective: TypeAlias = Callable[[Vector], tuple[float, Vector]]
"""Parameters in, log-likelihood and its gradient out."""

NEGLIGIBLE = 1e-6
"""What a further Newton step may still add to the log-likelihood at a maximum; 2 make a parameter worth its place."""
_FURTHEST = 12.0
_STEP = 1e-4
_POLISH = 30


@dataclass(frozen=True)
class Fit:
    """Parameters at the maximum of a likelihood.

    Parameters
    ----------
    names : of the parameters.
    estimates : in the same order, all positive.
    covariance : of the logarithms of the estimates: the inverse of the observed information.
    log_likelihood : at the maximum.
    n : observations.
    n_starts, n_agreeing : starts tried, and those that ended at this maximum.
    """

    names: tuple[str, ...]
    estimates: tuple[float, ...]
    covariance: NDArray[np.float64]
    log_likelihood: float
    n: int
    n_starts: int
    n_agreeing: int

    def __getitem__(self, name: str) -> float:
        return self.estimates[self.names.index(name)]

    @property
    def aic(self) -> float:
        """Akaike's criterion, smaller is better (Akaike, 1974)."""
        return 2 * len(self.names) - 2 * self.log_likelihood

    def standard_error(self, name: str) -> float:
        """Standard error of a parameter, carried over from its logarithm (delta method)."""
        return self[name] * self._spread(name)

    def interval(self, name: str, *, confidence: float = 0.95) -> Interval:
        """Wald interval, taken on the logarithm so that it stays positive."""
        from scipy.stats import norm

        reach = float(norm.ppf(0.5 + confidence / 2)) * self._spread(name)
        return Interval(self[name] * math.exp(-reach), self[name] * math.exp(reach))

    def _spread(self, name: str) -> float:
        at = self.names.index(name)
        return math.sqrt(self.covariance[at, at])


def maximise(
    objective: Objective, *, names: Sequence[str], starts: Sequence[Sequence[float]], n: int, place: str
) -> Fit:
    """The parameters that make the data most likely.

    From every start a quasi-Newton search on the logarithms of the parameters, then Newton steps with the Hessian of
    the analytic gradient. A point counts as a maximum only if the Hessian is negative definite there, another
    Newton step would add less than `NEGLIGIBLE` to the log-likelihood (Newton decrement; Boyd and Vandenberghe,
    *Convex Optimization*, 2004, section 9.5), and no standard error of a logarithm is larger than the range searched:
    whatever a search says of itself, a maximum is recognised and a ridge is refused.

    Parameters
    ----------
    objective : positive parameters to log-likelihood and gradient, both over all observations.
    names : of the parameters. starts : where to begin, at least one.
    n : observations. place : what is fitted, for the message.

    Raises
    ------
    NotAvailableError : no start led to a maximum; the message names the parameter that ran away, if one did.

    >>> def poisson(rate):
    ...     return float(6 * np.log(rate[0]) - 3 * rate[0]), 6 / rate - 3
    >>> fit = maximise(poisson, names=["rate"], starts=[[1.0], [9.0]], n=3, place="calls")
    >>> round(fit["rate"], 6), round(fit.standard_error("rate"), 4), fit.n_agreeing
    (2.0, 0.8165, 2)
    """
    with threadpool_limits(limits=1):
        tried = [_climb(objective, np.log(np.asarray(start, dtype=np.float64)), n) for start in starts]
    maxima = [(value, at, information) for value, at, information in tried if information is not None]
    if not maxima:
        raise _no_maximum(names, [at for _, at, _ in tried], place)
    value, at, information = max(maxima, key=lambda maximum: maximum[0])
    return Fit(
        names=tuple(names),
        estimates=tuple(float(x) for x in np.exp(at)),
        covariance=np.linalg.inv(information).astype(np.float64),
        log_likelihood=value,
        n=n,
        n_starts=len(starts),
        n_agreeing=sum(value - other < 100 * NEGLIGIBLE for other, _, _ in maxima),
    )


def _climb(objective: Objective, start: Vector, n: int) -> tuple[float, Vector, Vector | None]:
    """Where a search from one start ends, with the observed information if that is a maximum.

    At a maximum one more Newton step is taken: it squares the error, so that the digits do not depend on the way.
    Where that step leads must be a maximum too: on a ridge a step that gains next to nothing leads far away.
    """
    from scipy.optimize import minimize

    def on_logs(at: Vector) -> tuple[float, Vector]:
        value, gradient = objective(np.exp(at))
        return value, gradient * np.exp(at)

    def downhill(at: Vector) -> tuple[float, Vector]:
        value, gradient = on_logs(at)
        return -value / n, -gradient / n

    bounds = [(-_FURTHEST, _FURTHEST)] * len(start)
    searched = minimize(downhill, start, jac=True, method="L-BFGS-B", bounds=bounds)
    at: Vector = searched.x
    value, gradient = on_logs(at)
    is_last = False
    for _ in range(_POLISH):
        information = _information(on_logs, at)
        if np.any(np.abs(at) >= _FURTHEST) or not _is_positive_definite(information):
            return value, at, None
        step: Vector = np.linalg.solve(information, gradient).astype(np.float64)
        is_near = bool(gradient @ step / 2 < NEGLIGIBLE)
        if is_near and is_last:
            return value, at, information if _determines(information) else None
        is_last = is_near
        at, value, gradient = _improved(on_logs, at, value, gradient, step)
    return value, at, None


def _improved(
    on_logs: Objective, at: Vector, value: float, gradient: Vector, step: Vector
) -> tuple[Vector, float, Vector]:
    """The point a Newton step leads to, the step halved until it gains anything."""
    for halvings in range(20):
        tried = np.clip(at + step / 2**halvings, -_FURTHEST, _FURTHEST)
        reached, slope = on_logs(tried)
        if reached >= value:
            return tried, reached, slope
    return at, value, gradient


def _information(on_logs: Objective, at: Vector) -> Vector:
    """Minus the Hessian on the logarithms, by central differences of the gradient."""
    steps = np.eye(len(at)) * _STEP
    information = np.array([(on_logs(at - step)[1] - on_logs(at + step)[1]) / (2 * _STEP) for step in steps])
    symmetric: Vector = (information + information.T) / 2
    return symmetric


def _is_positive_definite(matrix: Vector) -> bool:
    if not np.all(np.isfinite(matrix)):
        return False
    values = np.linalg.eigvalsh(matrix)
    return bool(values[0] > 1e-9 * values[-1])


def _determines(information: Vector) -> bool:
    """Whether no standard error exceeds the range searched, as along a ridge that flattens out."""
    return bool(np.linalg.eigvalsh(information)[0] * _FURTHEST**2 > 1)


def _no_maximum(names: Sequence[str], ends: Sequence[Vector], place: str) -> NotAvailableError:
    away = [name for i, name in enumerate(names) if all(abs(end[i]) > _FURTHEST / 2 for end in ends)]
    ran = f": {', '.join(away)} ran away, so the data do not distinguish customers there" if away else ""
    return NotAvailableError(
        f"the likelihood has no maximum that could be proved{ran}",
        reason="no_maximum",
        parameters=away,
        place=f"{place}, {len(ends)} starts",
        fix="take more customers or a longer period; without a maximum nothing is predicted",
    )
