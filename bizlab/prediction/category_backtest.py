"""Whether naming a customer's next product line beats naming the line that its segment buys most."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pandas as pd

from bizlab.errors import DataError
from bizlab.labels import Label
from bizlab.prediction.backtest import Backtest, Prediction, Refused
from bizlab.prediction.category import fit_preference, hits, line_counts, lines_after, preference_table
from bizlab.prediction.refusals import NotAvailableError

CATEGORY = Prediction(
    "category",
    Label("下一产品线(命中)", "Next product line (hits)"),
    "count",
    "segment_line",
    Label("同行业最常购的产品线", "The line that its industry buys most"),
)
"""A count of hits, of one a customer that bought: the absolute error is the share of misses."""


def category_backtest(
    orders: Any,
    segments: Callable[[date], pd.Series[Any]],
    *,
    origins: Sequence[date],
    horizon_days: int,
    observed_until: date,
    confidence: float = 0.95,
) -> Backtest:
    """Name the next line of every customer at past dates, and count the hits among those that then bought.

    Parameters
    ----------
    orders : one row per order line with ``customer_id``, ``order_id``, ``ordered_on``, ``product_line``.
    segments : as of a date, the segment by customer id.
    origins : dates to predict at, rising. observed_until : the last day of which every order is known.

    Returns
    -------
    A backtest whose cases are customers that had ordered by the date and bought in the horizon after it; ``actual``
    is always 1, the predictions are 1 for a hit and 0 for a miss.
    """
    found: list[pd.DataFrame] = []
    n_at_risk: dict[date, int] = {}
    refused: dict[date, Refused] = {}
    for origin in origins:
        try:
            counts = line_counts(orders, as_of=origin)
            then = lines_after(orders, as_of=origin, horizon_days=horizon_days, observed_until=observed_until)
            named = preference_table(fit_preference(counts, segments(origin)), counts, segments(origin))
        except DataError as error:
            reason = error.reason if isinstance(error, NotAvailableError) else "not_fitted"
            refused[origin] = Refused(reason, str(error))
            continue
        cases = hits(named, then)
        n_at_risk[origin] = len(cases)
        found.append(cases.assign(origin_on=pd.Timestamp(origin)))
    kinds = {
        "origin_on": "datetime64[us]",
        "customer_id": "str",
        "predicted": float,
        "baseline": float,
        "actual": float,
    }
    cases = pd.concat(found, ignore_index=True) if found else pd.DataFrame({name: [] for name in kinds})
    held = cases.astype(kinds)[list(kinds)]
    return Backtest(CATEGORY, horizon_days, tuple(origins), held, n_at_risk, refused, 0, confidence)
