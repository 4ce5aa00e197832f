"""Purchase occasions: the days on which a customer bought, and for how much."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import narwhals as nw
import pandas as pd

from bizlab.engine import lazy, midnight, to_pandas, whole

KEY = "customer_id"
_DAY, _AMOUNT, _ONE = "ordered_on", "amount_fen", "n_purchases"


def occasions(orders: Any, *, after: date, last: date) -> pd.DataFrame:
    """How often and for how much each customer bought within a period: ``after < day <= last``.

    Lines of one day are one occasion; a day whose lines do not total more than zero (a return, a rebate) is none, and
    its amount counts for nothing.

    Parameters
    ----------
    orders : one row per order line with ``customer_id``, ``ordered_on``, ``amount_fen``; a frame of any engine.

    Returns
    -------
    One row per customer with an occasion, sorted: ``customer_id``, ``n_purchases``, ``amount_fen``.

    >>> orders = pd.DataFrame({"customer_id": ["a", "a", "a", "b"], "amount_fen": [500, 300, 100, -100],
    ...     "ordered_on": pd.to_datetime(["2026-02-01", "2026-02-01", "2026-01-31", "2026-02-03"])})
    >>> occasions(orders, after=date(2026, 1, 31), last=date(2026, 2, 28)).to_dict("records")
    [{'customer_id': 'a', 'n_purchases': 1, 'amount_fen': 800}]
    """
    day = timedelta(days=1)
    rows = lazy(orders).filter(nw.col(_DAY) >= midnight(after + day), nw.col(_DAY) < midnight(last + day))
    days = whole(rows.group_by(KEY, _DAY).agg(nw.col(_AMOUNT).sum()), [_AMOUNT]).filter(nw.col(_AMOUNT) > 0)
    counted = days.with_columns(nw.lit(1, dtype=nw.Int64).alias(_ONE)).group_by(KEY)
    found = to_pandas(whole(counted.agg(nw.col(_ONE).sum(), nw.col(_AMOUNT).sum()), [_ONE, _AMOUNT]))
    return found.sort_values(KEY, ignore_index=True)
