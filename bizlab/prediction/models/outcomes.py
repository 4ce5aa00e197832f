"""What happened in the horizon after a date, customer by customer: the truth that predictions are compared with."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import narwhals as nw
import pandas as pd

from bizlab.engine import lazy, midnight, to_pandas, until
from bizlab.errors import DataError, SettingError, some
from bizlab.prediction.models.refusals import NotAvailableError

KEY = "customer_id"
_ORDERED, _KNOWN = "ordered_on", "created_on"
_WITHIN, _EVER, _LATELY = "__within", "__ever", "__lately"


def bought(orders: Any, population: Any, *, as_of: date, horizon_days: int, observed_until: date) -> pd.DataFrame:
    """Whether each customer known on a date ordered in the horizon after it: ``as_of < order <= as_of + horizon``.

    Parameters
    ----------
    orders : one row per order line with ``customer_id``, ``ordered_on``; a frame of any engine, may be lazy. Every row
        counts as buying, so leave returns out first; rows without customer or date, and rows of customers outside
        the population, count for nothing.
    population : one row per customer with ``customer_id`` and ``created_on``; at risk is who was known by ``as_of``.
    as_of : the date predicted at, a day; orders of that day itself are history.
    horizon_days : length of the horizon in days, at least 1.
    observed_until : the last day of which every order is in ``orders``.

    Returns
    -------
    One row per customer at risk, sorted: ``customer_id`` (str) and ``outcome`` (bool, never missing).

    Raises
    ------
    NotAvailableError : the horizon is not over by ``observed_until``.
    DataError : the population repeats or lacks a customer id.
    SettingError : a horizon shorter than a day.

    >>> orders = pd.DataFrame({"customer_id": ["a", "b"], "ordered_on": pd.to_datetime(["2026-01-31", "2026-03-02"])})
    >>> people = pd.DataFrame({"customer_id": ["a", "b"], "created_on": pd.Timestamp("2025-01-01")})
    >>> day = date(2026, 1, 31)
    >>> bought(orders, people, as_of=day, horizon_days=30, observed_until=date(2026, 3, 31))["outcome"].tolist()
    [False, True]
    >>> bought(orders, people, as_of=day, horizon_days=90, observed_until=date(2026, 3, 31))
    Traceback (most recent call last):
    bizlab.prediction.models.refusals.NotAvailableError: Not available: the horizon ends on 2026-05-01, ...
    """
    end = horizon_end(as_of, horizon_days, observed_until)
    known = _flags(orders, population, as_of=as_of, flags={_WITHIN: within(as_of, end)})
    return _outcome(known, known[_WITHIN])


def converted(orders: Any, population: Any, *, as_of: date, horizon_days: int, observed_until: date) -> pd.DataFrame:
    """Whether each customer without an order by a date placed its first one in the horizon after it.

    Parameters, result and errors as in `bought`; at risk is who was known by ``as_of`` and had no order by then.

    >>> orders = pd.DataFrame({"customer_id": ["a", "b"], "ordered_on": pd.to_datetime(["2026-01-31", "2026-03-02"])})
    >>> people = pd.DataFrame({"customer_id": ["a", "b", "c"], "created_on": pd.Timestamp("2025-01-01")})
    >>> came = converted(orders, people, as_of=date(2026, 1, 31), horizon_days=30, observed_until=date(2026, 3, 31))
    >>> dict(zip(came["customer_id"], came["outcome"].tolist()))
    {'b': True, 'c': False}
    """
    end = horizon_end(as_of, horizon_days, observed_until)
    flags = {_WITHIN: within(as_of, end), _EVER: nw.col(_ORDERED) < midnight(as_of + timedelta(days=1))}
    known = _flags(orders, population, as_of=as_of, flags=flags)
    at_risk = known[~known[_EVER]]
    return _outcome(at_risk, at_risk[_WITHIN])


def churned(
    orders: Any, population: Any, *, as_of: date, horizon_days: int, observed_until: date, active_days: int
) -> pd.DataFrame:
    """Whether each customer active on a date ordered nothing in the horizon after it.

    Parameters, result and errors as in `bought`; at risk is who ordered in the last ``active_days`` days, the as-of
    day included. Without a contract nobody says goodbye: churn here is silence as long as the horizon.

    >>> orders = pd.DataFrame({"customer_id": ["a", "b", "b"],
    ...     "ordered_on": pd.to_datetime(["2026-01-01", "2026-01-02", "2026-02-01"])})
    >>> people = pd.DataFrame({"customer_id": ["a", "b", "c"], "created_on": pd.Timestamp("2025-01-01")})
    >>> within = {"as_of": date(2026, 1, 31), "horizon_days": 28, "observed_until": date(2026, 2, 28)}
    >>> churned(orders, people, active_days=31, **within)["outcome"].tolist()
    [True, False]
    >>> churned(orders, people, active_days=30, **within)["customer_id"].tolist()
    ['b']
    """
    if active_days < 1:
        raise SettingError(f"{active_days} active days", place="churn", fix="give at least 1 day")
    end = horizon_end(as_of, horizon_days, observed_until)
    flags = {_WITHIN: within(as_of, end), _LATELY: within(as_of - timedelta(days=active_days), as_of)}
    known = _flags(orders, population, as_of=as_of, flags=flags)
    at_risk = known[known[_LATELY]]
    return _outcome(at_risk, ~at_risk[_WITHIN])


def horizon_end(as_of: date, horizon_days: int, observed_until: date) -> date:
    """The last day of the horizon, refused if that is not over yet.

    >>> horizon_end(date(2026, 1, 31), 28, date(2026, 2, 28))
    datetime.date(2026, 2, 28)
    """
    if horizon_days < 1:
        raise SettingError(f"A horizon of {horizon_days} days", place="horizon", fix="give at least 1 day")
    end = as_of + timedelta(days=horizon_days)
    if end > observed_until:
        raise NotAvailableError(
            f"the horizon ends on {end}, but orders are known until {observed_until} only",
            reason="not_observed",
            place=f"outcomes of the {horizon_days} days after {as_of}",
            fix="choose an earlier date or a shorter horizon",
        )
    return end


def within(after: date, last: date) -> nw.Expr:
    """Orders later than the first day and no later than the last, timestamps of that day included."""
    day = timedelta(days=1)
    return (nw.col(_ORDERED) >= midnight(after + day)) & (nw.col(_ORDERED) < midnight(last + day))


def _flags(orders: Any, population: Any, *, as_of: date, flags: dict[str, nw.Expr]) -> pd.DataFrame:
    """Customers known on the date, sorted, and for each flag whether any of their orders has it."""
    people = to_pandas(until(lazy(population), _KNOWN, as_of).select(KEY))[KEY]
    repeated = people[people.duplicated() | people.isna()]
    if len(repeated):
        raise DataError(
            "The population repeats a customer or has a row without one",
            place=f"population, {KEY} {some(repeated.tolist())}",
            fix="hand over one row per customer",
        )
    yes, no = nw.lit(1, dtype=nw.Int64), nw.lit(0, dtype=nw.Int64)
    marked = [nw.when(keep).then(yes).otherwise(no).alias(name) for name, keep in flags.items()]
    dated = lazy(orders).filter(~nw.col(KEY).is_null(), ~nw.col(_ORDERED).is_null()).select(KEY, *marked)
    by_customer = to_pandas(dated.group_by(KEY).agg(*(nw.col(name).max() for name in flags))).set_index(KEY)
    flagged = pd.DataFrame({KEY: people.astype("str").sort_values(ignore_index=True)})
    for name in flags:
        flagged[name] = flagged[KEY].map(by_customer[name]).eq(1).to_numpy(dtype=bool)
    return flagged


def _outcome(at_risk: pd.DataFrame, outcome: pd.Series[bool]) -> pd.DataFrame:
    return pd.DataFrame({KEY: at_risk[KEY], "outcome": outcome}).reset_index(drop=True)
