"""Purchases at regular opportunities without a contract: the beta-geometric/beta-binomial model.

At each opportunity, such as a month, a living customer buys with a chance of its own, drawn from Beta(alpha, beta), and
before each it may have left for good with another, drawn from Beta(gamma, delta). Nobody sees a customer leave.
Fader, Hardie and Shang, "Customer-base analysis in a discrete-time noncontractual setting", *Marketing Science* 29
(2010) 1086-1108.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from bizlab.contracts.columns import code, column, count, table
from bizlab.engine import lazy, month_number, to_pandas, until
from bizlab.errors import DataError
from bizlab.periods import Month
from bizlab.prediction.models.likelihood import Fit, Objective, Vector, maximise
from bizlab.prediction.models.refusals import NotAvailableError

AT_LEAST = 100
"""Customers with an opportunity, below which nothing is fitted."""
WIDEST = 10_000
"""A parameter whose interval spans more than this factor is not determined by the data."""
_COUNTS = ["n_repeat", "last_repeat", "n_opportunities"]
_STARTS = ((1.0, 1.0, 1.0, 3.0), (0.5, 2.0, 0.5, 5.0), (2.0, 6.0, 1.0, 20.0))

REPEATS = table(
    "repeat_months",
    "复购月份 | Months of repeat orders",
    "每家企业一行 | one row per company",
    code("customer_id", "企业 | Company", refers="customers"),
    column("first_month", "首单月份 | Month of the first order"),
    column(
        "n_repeat",
        "复购月数 | Months with a repeat order",
        "首单月之后有订单的月数 | months after that of the first order that saw an order",
    ),
    count(
        "last_repeat",
        "最近复购序号 | Last of them",
        "最近一次复购是首单后的第几个月;未复购为0 | "
        "which month after that of the first order saw the last order; 0 where none did",
    ),
    column(
        "n_opportunities",
        "机会月数 | Months observed",
        "首单月之后至截止日的完整月数 | complete months after that of the first order",
    ),
    key="customer_id",
)


def repeat_months(orders: Any, *, as_of: date) -> pd.DataFrame:
    """In how many months after that of its first order each customer ordered again, and in which last.

    A month is an opportunity once it is over: orders of a month that is still running on ``as_of`` are not read. Only
    lines with a quantity above 0 are orders; rebates and returns are not.

    Parameters
    ----------
    orders : contract ``orders``, any kind of frame; filter the product lines before.
    as_of : the day; nothing dated later is read.

    Returns
    -------
    Contract ``REPEATS``, by company; customers whose first order falls into the running month are not in it.

    >>> orders = pd.DataFrame({"customer_id": ["000101"] * 4, "quantity": [5, 1, 2, 2], "ordered_on": pd.to_datetime(
    ...     ["2026-01-20", "2026-03-02", "2026-03-30", "2026-06-10"])})
    >>> repeat_months(orders, as_of=date(2026, 6, 29)).values.tolist()
    [['000101', '2026-01', 1, 2, 4]]
    """
    # The last month that is over on the day: its own month only where the day is its last.
    month = Month.of(as_of) if Month.of(as_of + timedelta(days=1)) > Month.of(as_of) else Month.of(as_of).previous
    rows = until(lazy(orders), "ordered_on", month.last).filter(nw.col("quantity") > 0)
    months = rows.select("customer_id", month_number("ordered_on").cast(nw.Int64).alias("month")).unique()
    counted = to_pandas(
        months.group_by("customer_id").agg(
            nw.col("month").min().alias("first"), nw.col("month").max().alias("last"), nw.len().alias("n_months")
        )
    ).sort_values("customer_id", ignore_index=True)
    counted = counted.assign(
        first_month=[str(Month(at // 12, at % 12 + 1)) for at in counted["first"].astype(int)],
        n_repeat=counted["n_months"].astype("int64") - 1,
        last_repeat=counted["last"] - counted["first"],
        n_opportunities=month.year * 12 + month.month - 1 - counted["first"],
    )
    return REPEATS.conform(counted)


def fit_bg_bb(summary: pd.DataFrame, *, place: str) -> Fit:
    """Fit the model by maximum likelihood; customers with the same counts are taken together.

    Parameters
    ----------
    summary : `REPEATS`, or its three counts. Rows without an opportunity say nothing and are left out.
    place : whose purchases, for messages.

    Returns
    -------
    Parameters ``alpha`` and ``beta`` of the chance to buy, ``gamma`` and ``delta`` of the chance to leave.

    Raises
    ------
    DataError : no customer, no opportunity yet, too few customers, nobody bought again, everybody bought every time,
        or a likelihood without a maximum; and counts that cannot be.

    >>> few = pd.DataFrame({"n_repeat": [0, 2], "last_repeat": [0, 3], "n_opportunities": [6, 6]})
    >>> fit_bg_bb(few, place="sensors")
    Traceback (most recent call last):
    bizlab.errors.DataError: Only 2 customers have had an opportunity, fewer than 100. Where: sensors. ...
    """
    counts = _counts_of(summary, place)
    _refuse(counts, place)
    patterns, n_customers = np.unique(counts[counts[:, 2] > 0], axis=0, return_counts=True)
    objective = log_likelihood(*patterns.T, n_customers=n_customers.astype(np.float64))
    names = ("alpha", "beta", "gamma", "delta")
    return maximise(objective, names=names, starts=_STARTS, n=int(n_customers.sum()), place=place)


def identified(fit: Fit, *, place: str) -> Fit:
    """The same fit, unless the data hardly determine one of its parameters: a flat maximum is as good as none.

    Parameters
    ----------
    fit : with its covariance. place : whose purchases, for the message.

    Raises
    ------
    NotAvailableError : the 95 % interval of a parameter spans more than a factor of `WIDEST`.

    >>> flat = Fit(("gamma",), (2.0,), np.array([[9.0]]), -5.0, 200, 3, 3)
    >>> identified(flat, place="sensors")
    Traceback (most recent call last):
    bizlab.prediction.models.refusals.NotAvailableError: Not available: the data do not determine gamma: ...
    """
    reach = {name: fit.interval(name, confidence=0.95) for name in fit.names}
    vague = [name for name, limits in reach.items() if limits.upper > WIDEST * limits.lower]
    if vague:
        raise NotAvailableError(
            f"the data do not determine {', '.join(vague)}: its 95 % interval spans more than a factor of {WIDEST:,}",
            reason="not_determined",
            parameters=vague,
            place=place,
            fix="take more customers or a longer period; the rest of the fit alone predicts nothing",
        )
    return fit


def log_likelihood(x: Vector, last: Vector, n: Vector, *, n_customers: Vector) -> Objective:
    """The log-likelihood of (alpha, beta, gamma, delta) and its gradient, a function of the four.

    A customer with x purchases, the last at t, in n opportunities either lived through all n, or left before
    opportunity t + i + 1 for one of i = 0 ... n - t - 1: a sum of products of two beta functions, added up in
    logarithms. Who bought and passed adds to the exponents of Beta(alpha, beta), who left and lived on to those of
    Beta(gamma, delta).

    Parameters
    ----------
    x, last, n : one row per pattern. n_customers : how many customers show it.

    >>> once = np.array([1.0])
    >>> value, slope = log_likelihood(once, once, once, n_customers=once)(np.array([1.0, 3.0, 1.0, 4.0]))
    >>> round(float(np.exp(value)), 6), slope.round(4).tolist()
    (0.2, [0.75, -0.25, -0.2, 0.05])
    """
    from scipy.special import betaln, digamma

    bought, silent = x[:, None], (n - last)[:, None]
    # A column for each opportunity after which the customer may be gone; the last one of a row is to have stayed.
    gone_after = np.arange(int(silent.max(initial=0)) + 1)[None, :]
    is_used = gone_after <= silent
    lived = np.where(is_used, last[:, None] + gone_after, bought)
    passed, left = lived - bought, np.where(gone_after < silent, 1.0, 0.0)

    def objective(parameters: Vector) -> tuple[float, Vector]:
        alpha, beta, gamma, delta = parameters
        chance_to_buy = betaln(alpha + bought, beta + passed) - betaln(alpha, beta)
        chance_to_leave = betaln(gamma + left, delta + lived) - betaln(gamma, delta)
        terms = np.where(is_used, chance_to_buy + chance_to_leave, -np.inf)
        each = np.logaddexp.reduce(terms, axis=1)
        weight = n_customers[:, None] * np.exp(terms - each[:, None])
        slopes = []
        for first, second, more, other in ((alpha, beta, bought, passed), (gamma, delta, left, lived)):
            whole = digamma(first + second + more + other) - digamma(first + second)
            slopes += [
                digamma(first + more) - digamma(first) - whole,
                digamma(second + other) - digamma(second) - whole,
            ]
        return float(n_customers @ each), np.array([(weight * slope).sum() for slope in slopes])

    return objective


def _counts_of(summary: pd.DataFrame, place: str) -> Vector:
    """The three counts, one row per customer, refused where they cannot be."""
    if not summary[_COUNTS].isna().any(axis=None):
        counts: Vector = summary[_COUNTS].to_numpy(np.float64)
        x, last, n = counts.T
        if np.all((x >= 0) & (x <= last) & (last <= n) & ((x == 0) == (last == 0))):
            return counts
    raise DataError(
        "A count is missing, or does not keep 0 <= n_repeat <= last_repeat <= n_opportunities",
        place=f"{place}, columns {', '.join(_COUNTS)}",
        fix="take the counts as repeat_months gives them",
    )


def _refuse(counts: Vector, place: str) -> None:
    """Name what is missing before a search would fail for it."""
    if not len(counts):
        raise DataError("There is no customer", place=place, fix="check the filter and the as-of date")
    x, _, n = counts[counts[:, 2] > 0].T
    problem = None
    if not len(n):
        problem = f"None of {len(counts)} customers has had an opportunity yet"
    elif len(n) < AT_LEAST:
        problem = f"Only {len(n)} customers have had an opportunity, fewer than {AT_LEAST}"
    elif not x.any():
        problem = f"None of {len(n)} bought again: there is no maximum"
    elif np.all(x == n):
        problem = f"All {len(n)} bought at every opportunity: there is no maximum"
    if problem:
        raise DataError(problem, place=place, fix="wait for more months, or take more customers")
