"""Renewal of contracts: the shifted-beta-geometric model, fitted to right-censored histories.

Every customer has a chance of its own not to renew, the same each time; across customers the chances follow a
Beta(alpha, beta). Those with a high chance leave first, so the retention rate of a cohort rises with its age although
nobody changes. Fader and Hardie, "How to project customer retention", *Journal of Interactive Marketing* 21 (2007)
76-90; residual lifetime: "Customer-base valuation in a contractual setting", *Marketing Science* 29 (2010) 85-93.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from bizlab.errors import DataError, SettingError
from bizlab.prediction.models.likelihood import Fit, Objective, Vector, maximise
from bizlab.statistics.proportions import Interval

AT_LEAST = 30
"""Histories with a renewal due, below which nothing is fitted unless the caller says otherwise."""
_FURTHER = 40
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

    def survival(self, n_renewals: ArrayLike) -> Vector:
        """Share of a new cohort that renews at least so many times.

        Parameters
        ----------
        n_renewals : numbers of renewals, none negative; 0 gives 1.

        Returns
        -------
        One fraction each, falling.

        Raises
        ------
        SettingError : a negative or missing number.
        """
        from scipy.special import betaln

        counts = _counts(n_renewals, lowest=0, what="n_renewals")
        shares: Vector = np.exp(betaln(self.alpha, self.beta + counts) - betaln(self.alpha, self.beta))
        return shares

    def retention(self, renewal_no: ArrayLike) -> Vector:
        """Share of those still there before the first, second, ... renewal that renew at it.

        Parameters
        ----------
        renewal_no : which renewal, from 1.

        Returns
        -------
        One fraction each: (beta + t - 1) / (alpha + beta + t - 1), rising.

        Raises
        ------
        SettingError : a number below 1.
        """
        return self.renewal_probability(_counts(renewal_no, lowest=1, what="renewal_no") - 1)

    def renewal_probability(self, n_renewed: ArrayLike) -> Vector:
        """Chance that a customer who renewed so many times renews the next time.

        Its chance not to renew is Beta(alpha, beta + n) by then (Bayes), so the mean to renew is
        (beta + n) / (alpha + beta + n).

        Parameters
        ----------
        n_renewed : renewals so far, one per customer; 0 in the first period.

        Returns
        -------
        One fraction each.

        Raises
        ------
        SettingError : a negative or missing number.
        """
        behind = self.beta + _counts(n_renewed, lowest=0, what="n_renewed")
        chances: Vector = behind / (self.alpha + behind)
        return chances

    def renewal_interval(self, n_renewed: int, *, confidence: float = 0.95) -> Interval:
        """Interval of :meth:`renewal_probability`, by the delta method on its logit, so that it stays within 0 and 1.

        The logit is ln(beta + n) - ln(alpha); its slopes on ln alpha and ln beta are -1 and beta / (beta + n). What it
        covers is how well alpha and beta are known, not the luck of one customer.

        Parameters
        ----------
        n_renewed : renewals so far. confidence : level, such as 0.95.

        Raises
        ------
        SettingError : a negative number.
        """
        from scipy.special import expit
        from scipy.stats import norm

        behind = self.beta + float(_counts(n_renewed, lowest=0, what="n_renewed"))
        slope = np.array([-1.0, self.beta / behind])
        reach = float(norm.ppf(0.5 + confidence / 2)) * math.sqrt(slope @ self.fit.covariance @ slope)
        middle = math.log(behind / self.alpha)
        return Interval(float(expit(middle - reach)), float(expit(middle + reach)))

    def expected_renewals(self, n_renewed: ArrayLike, *, horizon: int) -> Vector:
        """Renewals expected of a customer at the next so many opportunities.

        Finite for every model, while the expectation without a horizon is infinite where alpha is at most 1.

        Parameters
        ----------
        n_renewed : renewals so far, one per customer. horizon : opportunities ahead, at least 1.

        Returns
        -------
        One number each, between 0 and ``horizon``.

        Raises
        ------
        SettingError : a negative number, or a horizon below 1.
        """
        from scipy.special import betaln

        behind = self.beta + _counts(n_renewed, lowest=0, what="n_renewed")[..., None]
        ahead = np.arange(1, 1 + int(_counts(horizon, lowest=1, what="horizon")))
        chances = np.exp(betaln(self.alpha, behind + ahead) - betaln(self.alpha, behind))
        expected: Vector = chances.sum(axis=-1)
        return expected

    def residual_lifetime(self, n_renewed: ArrayLike, *, discount_rate: float) -> Vector:
        """Discounted expected residual lifetime (DERL) just before the next renewal (Fader and Hardie 2010, eq. 6).

        The present value of one unit of money paid at each renewal to come, the first of them now:
        (b / c) 2F1(1, b + 1; c + 1; 1 / (1 + d)) with b = beta + n and c = alpha + b.

        Parameters
        ----------
        n_renewed : renewals so far, one per customer.
        discount_rate : for one period of the contract, above 0: 0.10 a year is 1.10 ** 0.25 - 1 a quarter.

        Returns
        -------
        One number of payments each.

        Raises
        ------
        SettingError : a negative number of renewals, or a discount rate that is not above 0.
        """
        behind = self.beta + _counts(n_renewed, lowest=0, what="n_renewed")
        everything = self.alpha + behind
        value: Vector = behind / everything * _hypergeometric(behind + 1, everything + 1, _discount(discount_rate))
        return value

    def lifetime(self, *, discount_rate: float) -> float:
        """Discounted expected lifetime (DEL) of a new customer, the payment of its first period included.

        Raises
        ------
        SettingError : a discount rate that is not above 0.
        """
        return 1 + float(self.residual_lifetime(0, discount_rate=discount_rate)) / (1 + _discount(discount_rate))


def fit_shifted_beta(histories: pd.DataFrame, *, place: str = "renewals", at_least: int = AT_LEAST) -> ShiftedBeta:
    """Fit the model to the histories of one cohort by maximum likelihood.

    A history that ended at its t-th renewal counts P(T = t) = B(alpha + 1, beta + t - 1) / B(alpha, beta), one that is
    open after t renewals S(t) = B(alpha, beta + t) / B(alpha, beta). Equal histories are counted, not repeated.

    Parameters
    ----------
    histories : one row per subscription: ``n_due`` (renewals that fell due, the one that failed included) and
        ``is_ended``; more columns are ignored. Rows in which nothing was due yet say nothing and are left out.
    place : whose histories, for messages. at_least : smallest number of histories with a renewal due.

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
    _refuse(due, ended, place, at_least)
    n_lost = np.bincount(due[ended])
    n_kept = np.bincount(due[~ended & (due > 0)])
    n = int(n_lost.sum() + n_kept.sum())
    objective = log_likelihood(n_lost, n_kept)
    return ShiftedBeta(maximise(objective, names=("alpha", "beta"), starts=_STARTS, n=n, place=place))


def log_likelihood(n_lost: ArrayLike, n_kept: ArrayLike) -> Objective:
    """The log-likelihood of (alpha, beta) and its gradient.

    Parameters
    ----------
    n_lost : at index t the histories that ended at their t-th renewal; index 0 holds 0.
    n_kept : at index t the histories still open after t renewals.

    Returns
    -------
    Function of the two parameters.

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


def _refuse(due: NDArray[np.int64], ended: NDArray[np.bool_], place: str, at_least: int) -> None:
    """Name what is missing before a search would fail for it."""
    n_due, n_ended = int((due > 0).sum()), int(ended.sum())
    wait = "wait until more periods have ended, or fit a larger cohort"
    if not len(due):
        raise DataError("There is no renewal history", place=place, fix="check the cohort and the as-of date")
    if not n_due:
        raise DataError(f"Nobody of {len(due)} had a chance to renew yet", place=place, fix=wait)
    if n_due < at_least:
        problem = f"Only {n_due} histories have had a renewal due, fewer than {at_least}"
        raise DataError(problem, place=place, fix=wait)
    if not n_ended:
        raise DataError(f"All {n_due} renewed every time: there is no maximum", place=place, fix=wait)
    if n_ended == n_due and due.max() == 1:
        raise DataError(f"None of {n_due} renewed: there is no maximum", place=place, fix=wait)
    if due.max() == 1:
        problem = "Nobody's second renewal has fallen due, so alpha and beta cannot be separated"
        raise DataError(problem, place=place, fix=wait)


def _hypergeometric(b: Vector, c: Vector, discount_rate: float) -> Vector:
    """2F1(1, b; c; 1 / (1 + d)) for c > b > 0 by Gauss's continued fraction, evaluated from its end (NIST
    Digital Library of Mathematical Functions, section 15.7).

    The series needs some 30 / d terms, the fraction the root of that; scipy's function gives NaN where c - b is whole.
    """
    z = 1 / (1 + discount_rate)
    depth = _FURTHER + math.ceil(20 / math.sqrt(1 - z))
    tail = np.ones_like(c)
    for m in range(depth, 0, -1):
        tail = 1 - m * (c - b + m - 1) / ((c + 2 * m - 2) * (c + 2 * m - 1)) * z / tail
        tail = 1 - (b + m - 1) * (c + m - 2) / ((c + 2 * m - 3) * (c + 2 * m - 2)) * z / tail
    return 1 / tail


def _counts(values: ArrayLike, *, lowest: int, what: str) -> Vector:
    """Whole numbers not below the lowest, in whatever shape they came."""
    counts = np.asarray(values, dtype=np.float64)
    if not np.all(counts >= lowest) or np.any(counts != np.floor(counts)):
        fix = f"give whole numbers from {lowest}"
        raise SettingError(f"'{what}' holds a number that cannot be", place="renewal model", fix=fix)
    return counts


def _discount(rate: float) -> float:
    if not rate > 0:
        raise SettingError(
            f"The discount rate {rate:g} is not above 0",
            place="renewal model, discount_rate",
            fix="give the rate for one period of the contract, or use expected_renewals with a horizon",
        )
    return rate
