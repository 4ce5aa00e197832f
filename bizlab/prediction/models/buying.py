"""Buying until a silent end: the BG/NBD model and its variant MBG/NBD, in which the end may follow the first purchase.

While a customer is alive it buys at random at a rate of its own; after each purchase it drops out with a chance of its
own. Rates are Gamma(r, alpha) across customers, chances Beta(a, b). Fader, Hardie and Lee, "'Counting your customers'
the easy way", *Marketing Science* 24 (2005) 275-284; the variant: Batislam, Denizel and Filiztekin, "Empirical
validation and comparison of models for customer base analysis", *International Journal of Research in Marketing* 24
(2007) 201-209. The two differ in one thing alone: how often a customer with x repeat purchases has had the chance to
drop out, x times or x + 1 times.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bizlab.contracts.columns import words
from bizlab.errors import DataError, SettingError, some, unknown
from bizlab.prediction.models.likelihood import Fit, Objective, Vector, maximise
from bizlab.prediction.models.refusals import NotAvailableError

NAMES = ("r", "alpha", "a", "b")
VARIANTS = words(bg_nbd="BG/NBD", mbg_nbd="MBG/NBD")
AT_LEAST = 100
"""Customers below which four parameters are not fitted."""
_STARTS = ((0.5, 5.0, 0.5, 2.0), (1.5, 15.0, 1.0, 5.0), (0.2, 2.0, 1.0, 1.0))
_HISTORY = ["n_repeat", "recency_days", "age_days"]
_WEEK = 7
_NODES = 96
_CHUNK = 40_000
_BLOCK = 16_384
"""Histories at a time, so that all that is computed of them stays in the processor's cache."""
Places: TypeAlias = NDArray[np.intp]


class Histories(NamedTuple):
    """Distinct purchase histories: repeat purchases, weeks to the latest, weeks known, and customers of each."""

    x: Vector
    latest: Vector
    known: Vector
    n_customers: Vector


@dataclass(frozen=True)
class BuyingModel:
    """A fitted model of repeat purchases.

    Parameters
    ----------
    variant : ``bg_nbd`` or ``mbg_nbd``.
    fit : parameters ``r``, ``alpha`` (weeks), ``a``, ``b``.
    """

    variant: str
    fit: Fit

    def probability_alive(self, summary: pd.DataFrame) -> Vector:
        """The chance that each customer has not dropped out yet.

        Parameters
        ----------
        summary : `purchases.REPEAT_PURCHASES`.

        Returns
        -------
        One fraction per row; with BG/NBD 1 for who bought once, since the first purchase ends nobody.
        """
        r, alpha, a, b = self.fit.estimates
        x, latest, known, _ = _histories(summary)
        flips = _flips(x, self.variant)
        alive = -(r + x) * np.log(alpha + known)
        with np.errstate(divide="ignore", invalid="ignore"):
            gone = np.log(a) - np.log(b + flips - 1) - (r + x) * np.log(alpha + latest)
        share: Vector = np.exp(alive - np.logaddexp(alive, np.where(flips > 0, gone, -np.inf)))
        return share

    def expected_purchases(self, summary: pd.DataFrame, *, weeks: float) -> Vector:
        """Purchases expected of each customer in the weeks to come, given its history.

        The expectation over the chance to drop out is a Gauss-Jacobi sum of 96 terms instead of the published
        hypergeometric function, which is 0 / 0 where a is 1 and loses digits near it.

        Parameters
        ----------
        summary : `purchases.REPEAT_PURCHASES`. weeks : how far ahead, above 0.

        Returns
        -------
        One number per row.

        Raises
        ------
        SettingError : no time ahead.
        """
        if not weeks > 0:
            raise SettingError(f"{weeks:g} weeks ahead", place="purchases expected", fix="give more than 0")
        r, alpha, a, b = self.fit.estimates
        histories = _histories(summary)
        if_alive = np.zeros(len(histories.x))
        for repeats in np.unique(histories.x):
            rows = np.flatnonzero(histories.x == repeats)
            chances, weights = _beta_nodes(a, b + _flips(np.array([repeats]), self.variant)[0])
            for part in np.array_split(rows, len(rows) // _CHUNK + 1):
                if_alive[part] = _future(r + repeats, alpha + histories.known[part], weeks, chances, weights)
        expected: Vector = if_alive * self.probability_alive(summary)
        return expected


def fit_buying(summary: pd.DataFrame, *, variant: str = "bg_nbd") -> BuyingModel:
    """Fit one of the two models by maximum likelihood; equal histories are counted, not repeated.

    Parameters
    ----------
    summary : `purchases.REPEAT_PURCHASES`. variant : a code of `VARIANTS`.

    Raises
    ------
    SettingError : no such variant.
    NotAvailableError : too few customers, or none that bought again.
    DataError : histories that cannot be, or a likelihood without a maximum.

    >>> summary = pd.DataFrame({"n_repeat": [0, 2], "recency_days": [0, 200], "age_days": 280})
    >>> fit_buying(summary)
    Traceback (most recent call last):
    bizlab.prediction.models.refusals.NotAvailableError: Not available: 2 customers that bought, fewer than 100. ...
    """
    if variant not in VARIANTS:
        raise unknown("variant", variant, VARIANTS, "repeat purchases")
    _refuse(summary)
    objective, place = log_likelihood(collapsed(summary), variant), f"repeat purchases, {VARIANTS[variant].en}"
    return BuyingModel(variant, maximise(objective, names=NAMES, starts=_STARTS, n=len(summary), place=place))


def fit_buying_model(summary: pd.DataFrame) -> BuyingModel:
    """The better of BG/NBD and MBG/NBD by Akaike's criterion; both have four parameters, so by likelihood.

    Parameters and errors as for `fit_buying`; refused only where neither has a maximum.
    """
    models, faults = [], []
    for variant in VARIANTS:
        try:
            models.append(fit_buying(summary, variant=variant))
        except DataError as fault:
            faults.append(fault)
    if not models:
        raise faults[0]
    return min(models, key=lambda model: model.fit.aic)


def collapsed(summary: pd.DataFrame) -> Histories:
    """Distinct histories with the number of customers that share each."""
    counted = summary.groupby(_HISTORY, sort=True).size().reset_index(name="n_customers")
    return _histories(counted)._replace(n_customers=counted["n_customers"].to_numpy(np.float64))


def log_likelihood(histories: Histories, variant: str) -> Objective:
    """The log-likelihood of (r, alpha, a, b) and its gradient, in logarithms throughout.

    Parameters
    ----------
    histories : distinct histories with their customers, in weeks.

    >>> history = Histories(*(np.array([value]) for value in (2.0, 30.43, 38.86, 1.0)))
    >>> value, slope = log_likelihood(history, "bg_nbd")(np.array([0.243, 4.414, 0.793, 2.426]))
    >>> round(value, 4), slope.round(4).tolist()
    (-9.4586, [2.6962, -0.0002, -0.2029, 0.0766])
    """
    from scipy.special import digamma, gammaln

    levels, n_at, flips = _levels(histories, variant)
    repeats, sums_known = levels.repeats, levels.repeats_known

    def objective(parameters: Vector) -> tuple[float, Vector]:
        r, alpha, a, b = parameters
        left = alpha + levels.known
        odds = np.divide(a, b + flips - 1, out=np.ones_like(flips), where=flips > 0)
        value, gone, slope_r, slope_alpha = _either_way(r, alpha, np.log(odds), levels)
        value += n_at @ (
            gammaln(r + repeats) - gammaln(r) + r * np.log(alpha)
            + gammaln(a + b) + gammaln(b + flips) - gammaln(b) - gammaln(a + b + flips)
        )  # fmt: skip
        shapes = r * levels.n_known + sums_known
        whole = n_at @ (digamma(a + b) - digamma(a + b + flips))
        slopes = (
            slope_r + n_at @ (digamma(r + repeats) - digamma(r) + np.log(alpha)) - levels.n_known @ np.log(left),
            slope_alpha + n_at.sum() * r / alpha - (shapes / left).sum(),
            whole + gone.sum() / a,
            whole + n_at @ (digamma(b + flips) - digamma(b)) - (gone * odds).sum() / a,
        )
        return float(value - shapes @ np.log(left)), np.array(slopes)

    return objective


class _Levels(NamedTuple):
    """Histories by their distinct values, so that logarithms are taken once a value and not once a history.

    ``repeats``, ``latest``, ``known`` are the values; ``n_known`` and ``repeats_known`` the customers and their repeat
    purchases at each of ``known``. One element per history that may have ended: ``at_*`` its place among the
    values, ``x`` its repeat purchases, ``n`` its customers.
    """

    repeats: Vector
    latest: Vector
    known: Vector
    n_known: Vector
    repeats_known: Vector
    at_repeats: Places
    at_latest: Places
    at_known: Places
    x: Vector
    n: Vector


def _levels(histories: Histories, variant: str) -> tuple[_Levels, Vector, Vector]:
    """The histories by value; with the customers at each number of repeats, and the chances they had to drop out."""
    x, _, _, n = histories
    (repeats, at_x), (latest, at_latest), (known, at_known) = (
        np.unique(values, return_inverse=True) for values in histories[:3]
    )
    ends = np.flatnonzero(_flips(x, variant) > 0)
    n_at, n_known, sums_known = (
        np.bincount(places, weights).astype(np.float64)
        for places, weights in ((at_x, n), (at_known, n), (at_known, n * x))
    )
    places = (at_x[ends], at_latest[ends], at_known[ends])
    levels = _Levels(repeats, latest, known, n_known, sums_known, *places, x[ends], n[ends])
    return levels, n_at, _flips(repeats, variant)


def _either_way(r: float, alpha: float, log_odds: Vector, levels: _Levels) -> tuple[float, Vector, float, float]:
    """What the possible end after the latest purchase adds to the likelihood of being alive, log(1 + odds of it).

    Returns
    -------
    The sum over customers; how many are expected gone at each number of repeats; the slopes in r and alpha.
    """
    left, stopped = alpha + levels.known, alpha + levels.latest
    log_left, log_stopped = np.log(left), np.log(stopped)
    value = slope_r = slope_alpha = 0.0
    gone_at = np.zeros(len(levels.repeats))
    for start in range(0, len(levels.n), _BLOCK):
        part = slice(start, start + _BLOCK)
        at_repeats, at_latest, at_known = levels.at_repeats[part], levels.at_latest[part], levels.at_known[part]
        silence = log_left[at_known] - log_stopped[at_latest]
        shape = r + levels.x[part]
        odds = log_odds[at_repeats] + shape * silence
        rest = np.exp(-np.abs(odds))
        gone = levels.n[part] * np.where(odds > 0, 1.0, rest) / (1 + rest)
        value += float(levels.n[part] @ (np.maximum(odds, 0) + np.log(1 + rest)))
        slope_r += float(gone @ silence)
        slope_alpha += float((gone * shape) @ (1 / left[at_known] - 1 / stopped[at_latest]))
        gone_at += np.bincount(at_repeats, gone, minlength=len(gone_at))
    return value, gone_at, slope_r, slope_alpha


def _flips(x: Vector, variant: str) -> Vector:
    """How often a customer has had the chance to drop out."""
    return x + 1 if variant == "mbg_nbd" else x


def _beta_nodes(a: float, b: float) -> tuple[Vector, Vector]:
    """Points and weights of a Gauss rule for a chance that is Beta(a, b) (Golub and Welsch, 1969).

    From the recurrence of the Jacobi polynomials, since a library's rule is scaled by 2 ** (a + b - 1), which no float
    holds for a customer of a thousand purchases.
    """
    from scipy.linalg import eigh_tridiagonal

    k = np.arange(1.0, _NODES)
    total = 2 * k + a + b - 2
    middle = np.append(a / (a + b), 0.5 + (a - b) * (a + b - 2) / (2 * total * (total + 2)))
    beside = np.sqrt(k * (k + a - 1) * (k + b - 1)) / total
    beside[0] *= np.sqrt(1 / (a + b + 1))
    beside[1:] *= np.sqrt((k[1:] + a + b - 2) / (total[1:] ** 2 - 1))
    nodes, vectors = eigh_tridiagonal(middle, beside)
    return nodes, vectors[0] ** 2


def _future(shape: float, rate: Vector, weeks: float, chances: Vector, weights: Vector) -> Vector:
    """Purchases to come while alive: the mean over the chance p of (1 - (1 + p weeks / rate) ** -shape) / p."""
    scaled = np.log1p(chances * (weeks / rate)[:, None])
    return -np.expm1(-shape * scaled) / chances @ weights


def _histories(summary: pd.DataFrame) -> Histories:
    x, latest, known = (summary[name].to_numpy(np.float64) for name in _HISTORY)
    return Histories(x, latest / _WEEK, known / _WEEK, np.ones(len(x)))


def _refuse(summary: pd.DataFrame) -> None:
    histories = summary[_HISTORY]
    x, latest, known = (histories[name] for name in histories)
    wrong = histories.isna().any(axis=1) | (x < 0) | (latest > known) | (latest < 0) | ((x == 0) & (latest > 0))
    if wrong.any():
        raise DataError(
            f"{int(wrong.sum())} histories cannot be: bought later than the as-of date, or never and yet again",
            place=f"repeat purchases, rows {some(list(histories.index[wrong]))}",
            fix="take the summary as repeat_purchases gives it",
        )
    n, fix = len(histories), "take a longer period; who bought once shows no habit"
    if n < AT_LEAST:
        problem = f"{n} customers that bought, fewer than {AT_LEAST}"
        raise NotAvailableError(problem, reason="too_few_customers", place="repeat purchases", fix=fix)
    if not (x > 0).any():
        problem = f"none of {n} customers bought again"
        raise NotAvailableError(problem, reason="too_few_events", place="repeat purchases", fix=fix)
