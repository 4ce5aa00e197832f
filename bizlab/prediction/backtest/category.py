"""Naming a customer's next product line, and whether that beats naming the line that its segment buys most."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any, TypeAlias

import pandas as pd

from bizlab.labels import Label
from bizlab.prediction.backtest.backtest import Backtest, Prediction, backtest
from bizlab.prediction.models.category import KEY, LINE, days_after, fit_preference, hits, line_days, preference_table

Known: TypeAlias = Callable[[date], pd.DataFrame]
"""A date to ``group`` and ``segment`` as known then, indexed by customer."""
CATEGORY = Prediction(
    "category",
    Label("下一产品线(命中)", "Next product line (hits)"),
    "count",
    "segment_line",
    Label("同行业最常购的产品线", "The line that its industry buys most"),
)
"""A count of hits, of one a customer that bought: the absolute error is the share of misses."""


def next_lines(orders: Any, known: Known, *, as_of: date, horizon_days: int) -> pd.DataFrame:
    """The most likely next line of every customer, learnt from the horizon just ended: `category.CATEGORY_PREFERENCE`.

    Parameters
    ----------
    orders : one row per order line with ``customer_id``, ``ordered_on``, ``product_line``.
    known : as of a date, for every customer the ``group`` on which the next line depends (such as whether a
        subscription runs) and the ``segment`` of the baseline.

    Raises
    ------
    NotAvailableError : too few customers bought again within the horizon that has just ended.
    """
    before = as_of - timedelta(days=horizon_days)
    days, now = line_days(orders, as_of=as_of), known(as_of)
    model = fit_preference(
        line_days(orders, as_of=before),
        days_after(orders, as_of=before, horizon_days=horizon_days, observed_until=as_of),
        known(before)["group"],
        as_of=before,
        lines=tuple(sorted(days[LINE].unique())),
    )
    return preference_table(model, days, now["group"], now["segment"], as_of=as_of)


def category_backtest(
    orders: Any,
    known: Known,
    *,
    origins: Sequence[date],
    horizon_days: int,
    observed_until: date,
    confidence: float = 0.95,
) -> Backtest:
    """Name the next line of every customer at past dates, and count the hits among those that then bought.

    Parameters
    ----------
    orders, known, horizon_days : as for `next_lines`.
    origins : dates to predict at, rising. observed_until : the last day of which every order is known.

    Returns
    -------
    A backtest whose cases are customers that had ordered by the date and bought in the horizon after it; ``actual``
    is always 1, the predictions are 1 for a hit and 0 for a miss.
    """

    @cache
    def named(origin: date) -> pd.DataFrame:
        then = days_after(orders, as_of=origin, horizon_days=horizon_days, observed_until=observed_until)
        return hits(next_lines(orders, known, as_of=origin, horizon_days=horizon_days), then).set_index(KEY)

    return backtest(
        CATEGORY,
        predict=lambda origin: named(origin)["predicted"],
        baseline=lambda origin: named(origin)["baseline"],
        outcomes=lambda origin: named(origin)["actual"].rename("outcome").reset_index(),
        origins=origins,
        horizon_days=horizon_days,
        confidence=confidence,
    )
