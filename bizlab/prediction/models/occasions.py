"""Purchase occasions: the days on which a customer bought, and for how much."""

from __future__ import annotations

from datetime import date
from typing import Any

import narwhals as nw
import pandas as pd

from bizlab.engine import Lazy, day_number, grouped, lazy, to_pandas, whole
from bizlab.prediction.models.outcomes import within

KEY, DAY, AMOUNT, N = "customer_id", "ordered_on", "amount_fen", "n_purchases"


def purchase_days(orders: Lazy) -> Lazy:
    """One row per customer and day of purchase.

    Lines of one day are one purchase, whatever the time of day; a day whose lines do not total more than zero (a
    return, a rebate) is none. A line that names no customer is nobody's purchase.

    Parameters
    ----------
    orders : one row per order line with ``customer_id``, ``ordered_on``, ``amount_fen``.

    Returns
    -------
    ``customer_id``, ``ordered_on`` (a number, see `engine.day_number`), ``amount_fen``, and ``n_purchases``, always 1.
    """
    named = orders.select(KEY, DAY, AMOUNT).filter(~nw.col(KEY).is_null())
    lines = named.with_columns(day_number(DAY).cast(nw.Int64).alias(DAY))
    days = whole(lines.group_by(KEY, DAY).agg(nw.col(AMOUNT).sum()), [AMOUNT]).filter(nw.col(AMOUNT) > 0)
    return days.with_columns(nw.lit(1, dtype=nw.Int64).alias(N))


def occasions(orders: Any, *, after: date, last: date) -> pd.DataFrame:
    """How often and for how much each customer bought within a period: ``after < day <= last``.

    Purchases are those of `purchase_days`; what a day that is none amounts to counts for nothing.

    Parameters
    ----------
    orders : as for `purchase_days`; a frame of any engine.

    Returns
    -------
    One row per customer with a purchase, sorted: ``customer_id``, ``n_purchases``, ``amount_fen``.

    >>> orders = pd.DataFrame({"customer_id": ["a", "a", "a", "b"], "amount_fen": [500, 300, 100, -100],
    ...     "ordered_on": pd.to_datetime(["2026-02-01", "2026-02-01", "2026-01-31", "2026-02-03"])})
    >>> occasions(orders, after=date(2026, 1, 31), last=date(2026, 2, 28)).to_dict("records")
    [{'customer_id': 'a', 'n_purchases': 1, 'amount_fen': 800}]
    """
    days = purchase_days(lazy(orders).filter(within(after, last)))
    bought = to_pandas(grouped(days, KEY, sums=[N, AMOUNT]))
    return bought.sort_values(KEY, ignore_index=True)
