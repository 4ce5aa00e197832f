"""What a purchase is worth: the Gamma-Gamma model of spending.

A customer's purchases vary around a mean of its own, which varies across customers and, by assumption, has nothing to
do with how often it buys. Fader, Hardie and Lee, "RFM and CLV: using iso-value curves for customer base analysis",
*Journal of Marketing Research* 42 (2005) 415-430; derivation: Fader and Hardie, "The gamma-gamma model of monetary
value", technical note, 2013.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bizlab.errors import DataError
from bizlab.prediction.models.likelihood import Fit, Objective, Vector, maximise
from bizlab.prediction.models.refusals import NotAvailableError
from bizlab.statistics.robust import Association, rank_correlation

AT_LEAST = 50
"""Customers that bought again, below which three parameters are not fitted."""
_STARTS = ((2.0, 3.0, 2.0), (6.0, 4.0, 0.7), (1.0, 10.0, 10.0))


@dataclass(frozen=True)
class GammaGamma:
    """A fitted model of spending.

    Parameters
    ----------
    fit : ``p``, ``q`` and ``gamma``; gamma in units of ``scale_fen``.
    scale_fen : the mean purchase over all customers, by which amounts were divided before fitting.
    association : rank correlation of frequency and value among the customers of the fit; the model assumes 0.
    """

    fit: Fit
    scale_fen: float
    association: Association

    def expected_value_fen(self, summary: pd.DataFrame) -> Vector:
        """What a purchase of each customer is worth on average, in fen: its own mean, drawn towards that of all.

        Parameters
        ----------
        summary : `purchases.REPEAT_PURCHASES`; without a repeat purchase the mean of all is given, or NaN where it
            does not exist (q at most 1).
        """
        p, q, gamma = self.fit.estimates
        x = summary["n_repeat"].to_numpy(np.float64)
        total = x * summary["mean_value_fen"].fillna(0).to_numpy(np.float64) / self.scale_fen
        below = p * x + q - 1
        expected: Vector = np.where(below > 0, p * (gamma + total) / np.where(below > 0, below, 1), np.nan)
        return expected * self.scale_fen


def fit_gamma_gamma(summary: pd.DataFrame) -> GammaGamma:
    """Fit the model to customers with repeat purchases.

    Parameters
    ----------
    summary : `purchases.REPEAT_PURCHASES`; rows without a repeat purchase are left out.

    Raises
    ------
    NotAvailableError : too few customers.
    DataError : a mean that is not above zero, or a likelihood without a maximum (all customers alike).
    """
    again = summary[summary["n_repeat"] > 0]
    if len(again) < AT_LEAST:
        raise NotAvailableError(
            f"{len(again)} customers that bought again, fewer than {AT_LEAST}",
            reason="too_few_customers",
            place="value of purchases",
            fix="take a longer period",
        )
    x, mean = again["n_repeat"].to_numpy(np.float64), again["mean_value_fen"].to_numpy(np.float64)
    if not np.all(mean > 0):
        raise DataError(
            "A mean purchase is missing or not above zero",
            place="value of purchases",
            fix="take the summary as repeat_purchases gives it",
        )
    scale = float((x * mean).sum() / x.sum())
    objective = log_likelihood(x, mean / scale)
    fit = maximise(objective, names=("p", "q", "gamma"), starts=_STARTS, n=len(x), place="value of purchases")
    return GammaGamma(fit, scale, rank_correlation(x, mean))


def log_likelihood(x: Vector, mean: Vector) -> Objective:
    """The log-likelihood of (p, q, gamma) and its gradient.

    Parameters
    ----------
    x : purchases of each customer, at least 1. mean : their mean value, above 0.
    """
    from scipy.special import digamma, gammaln

    def objective(parameters: Vector) -> tuple[float, Vector]:
        p, q, gamma = parameters
        shape, total = p * x, gamma + x * mean
        value = (
            gammaln(shape + q) - gammaln(shape) - gammaln(q) + q * np.log(gamma)
            + (shape - 1) * np.log(mean) + shape * np.log(x) - (shape + q) * np.log(total)
        )  # fmt: skip
        slopes = (
            x * (digamma(shape + q) - digamma(shape) + np.log(mean) + np.log(x) - np.log(total)),
            digamma(shape + q) - digamma(q) + np.log(gamma) - np.log(total),
            q / gamma - (shape + q) / total,
        )
        return float(value.sum()), np.array([slope.sum() for slope in slopes])

    return objective
