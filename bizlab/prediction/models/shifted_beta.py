"""Renewal of contracts: the shifted-beta-geometric model, fitted to right-censored histories.

Every customer has a chance of its own not to renew, the same each time; across customers the chances follow a
Beta(alpha, beta). Those with a high chance leave first, so the retention rate of a cohort rises with its age although
nobody changes. Fader and Hardie, "How to project customer retention", *Journal of Interactive Marketing* 21 (2007)
76-90.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from bizlab.errors import DataError, SettingError
from bizlab.prediction.models.likelihood import Fit, Objective, Vector, maximise

AT_LEAST = 30
"""Histories with a renewal due, below which nothing is fitted."""
_STARTS = ((1.0, 1.0), (0.5, 3.0), (5.0, 15.0))


@dataclass(frozen=True)
class ShiftedBeta:
    """A fitted shifted-beta-geometric model.

    Parameters
    ----------
    fit : parameters ``alpha`` and ``beta`` of the chance not to renew; mean chance at the first renewal
        alpha / (alpha + beta).
    """

    fit: Fit

    @property
    def alpha(self) -> float:
        return self.fit["alpha"]

    @property
    def beta(self) -> float:
        return self.fit["beta"]

    def renewal_probability(self, n_renewed: ArrayLike) -> Vector:
        """Chance that a customer who renewed so many times renews the next time, one fraction each.

        Its chance not to renew is Beta(alpha, beta + n) by then (Bayes), so the mean to renew is
        (beta + n) / (alpha + beta + n).

        Parameters
        ----------
        n_renewed : renewals so far, one per customer; 0 in the first period.

        Raises
        ------
        SettingError : a negative or missing number.
        """
        renewed = np.asarray(n_renewed, dtype=np.float64)
        if not np.all(renewed >= 0):
            raise SettingError(
                "A number of renewals is missing or negative", place="renewal model", fix="give numbers from 0 up"
            )
        behind = self.beta + renewed
        chances: Vector = behind / (self.alpha + behind)
        return chances


def fit_shifted_beta(histories: pd.DataFrame, *, place: str = "renewals") -> ShiftedBeta:
    """Fit the model to the histories of one cohort by maximum likelihood.

    A history that ended at its t-th renewal counts P(T = t) = B(alpha + 1, beta + t - 1) / B(alpha, beta), one that is
    open after t renewals S(t) = B(alpha, beta + t) / B(alpha, beta). Equal histories are counted, not repeated.

    Parameters
    ----------
    histories : one row per subscription: ``n_due`` (renewals that fell due, the one that failed included) and
        ``is_ended``; more columns are ignored. Rows in which nothing was due yet say nothing and are left out.
    place : whose histories, for messages.

    Raises
    ------
    DataError : no history, no renewal due yet, too few histories, everybody or nobody renewed, no second renewal due
        yet, or a likelihood without a maximum; and histories that cannot be (missing, negative, ended with none due).

    >>> lost, kept = [369, 163, 86, 56, 37, 27, 21], 241
    >>> due = np.repeat([1, 2, 3, 4, 5, 6, 7, 7], [*lost, kept])
    >>> model = fit_shifted_beta(pd.DataFrame({"n_due": due, "is_ended": np.arange(1000) < 1000 - kept}))
    >>> round(model.alpha, 3), round(model.beta, 3), model.renewal_probability([0, 7]).round(3).tolist()
    (0.704, 1.182, [0.627, 0.921])
    """
    due, ended = _columns(histories, place)
    _refuse(due, ended, place)
    n_lost = np.bincount(due[ended])
    n_kept = np.bincount(due[~ended & (due > 0)])
    n = int(n_lost.sum() + n_kept.sum())
    objective = log_likelihood(n_lost, n_kept)
    return ShiftedBeta(maximise(objective, names=("alpha", "beta"), starts=_STARTS, n=n, place=place))


def log_likelihood(n_lost: ArrayLike, n_kept: ArrayLike) -> Objective:
    """The log-likelihood of (alpha, beta) and its gradient, a function of the two.

    Parameters
    ----------
    n_lost : at index t the histories that ended at their t-th renewal; index 0 holds 0.
    n_kept : at index t the histories still open after t renewals.

    >>> value, slope = log_likelihood([0, 1], [0, 1])(np.array([1.0, 3.0]))
    >>> round(float(np.exp(value)), 4), slope.round(4).tolist()
    (0.1875, [0.5, -0.1667])
    """
    from scipy.special import betaln, digamma

    lost, kept = np.asarray(n_lost, dtype=np.float64), np.asarray(n_kept, dtype=np.float64)
    at_lost, at_kept = np.flatnonzero(lost), np.flatnonzero(kept)
    lost, kept = lost[at_lost], kept[at_kept]
    total = lost.sum() + kept.sum()

    def objective(parameters: Vector) -> tuple[float, Vector]:
        alpha, beta = parameters
        value = lost @ betaln(alpha + 1, beta + at_lost - 1) + kept @ betaln(alpha, beta + at_kept)
        whole = digamma(alpha + beta)
        together = lost @ digamma(alpha + beta + at_lost) + kept @ digamma(alpha + beta + at_kept) - total * whole
        on_alpha = lost.sum() * digamma(alpha + 1) + kept.sum() * digamma(alpha) - total * digamma(alpha)
        on_beta = lost @ digamma(beta + at_lost - 1) + kept @ digamma(beta + at_kept) - total * digamma(beta)
        return float(value - total * betaln(alpha, beta)), np.array([on_alpha - together, on_beta - together])

    return objective


def _columns(histories: pd.DataFrame, place: str) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Both columns, refused where they hold what cannot be."""
    missing = histories[["n_due", "is_ended"]].isna().any(axis=None)
    if not missing:
        due, ended = histories["n_due"].to_numpy(np.int64), histories["is_ended"].to_numpy(np.bool_)
        if not (np.any(due < 0) or np.any(ended & (due < 1))):
            return due, ended
    raise DataError(
        "A renewal history is missing, negative, or ended before a renewal was due",
        place=f"{place}, columns n_due and is_ended",
        fix="take the histories as renewal_histories gives them",
    )


def _refuse(due: NDArray[np.int64], ended: NDArray[np.bool_], place: str) -> None:
    """Name what is missing before a search would fail for it."""
    if not len(due):
        raise DataError("There is no renewal history", place=place, fix="check the cohort and the as-of date")
    n_due, n_ended = int((due > 0).sum()), int(ended.sum())
    problem = None
    if not n_due:
        problem = f"Nobody of {len(due)} had a chance to renew yet"
    elif n_due < AT_LEAST:
        problem = f"Only {n_due} histories have had a renewal due, fewer than {AT_LEAST}"
    elif not n_ended:
        problem = f"All {n_due} renewed every time: there is no maximum"
    elif due.max() == 1:
        problem = (
            f"None of {n_due} renewed: there is no maximum"
            if n_ended == n_due
            else "Nobody's second renewal has fallen due, so alpha and beta cannot be separated"
        )
    if problem:
        raise DataError(problem, place=place, fix="wait until more periods have ended, or fit a larger cohort")
