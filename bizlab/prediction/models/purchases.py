"""Each customer's purchases in three figures: how often again, when last, how long known; and what they were worth."""

from __future__ import annotations

from datetime import date
from typing import Any

import narwhals as nw
import pandas as pd

from bizlab.contracts.columns import code, column, ratio, table, words
from bizlab.engine import grouped, lazy, to_pandas, until
from bizlab.prediction.models.occasions import AMOUNT, DAY, KEY, N, purchase_days
from bizlab.units.kinds import Unit

NO_REPEAT = "no_repeat"
_FIRST, _LAST = "first_day", "last_day"

REPEAT_PURCHASES = table(
    "repeat_purchases",
    "重复采购 | Repeat purchases",
    "每个买过的客户一行 | one row per customer that ever bought",
    code(KEY, "企业 | Company", refers="customers"),
    column("n_repeat", "重复采购次数 | Repeat purchases", "首次之后的采购日数 | days of purchase after the first"),
    column(
        "recency_days", "首购到末购天数 | First to latest purchase", "没有重复采购为0 | 0 without a repeat purchase"
    ),
    column("age_days", "首购到截至日天数 | First purchase to the as-of date"),
    ratio(
        "mean_value_fen",
        "重复采购均值(分) | Mean repeat purchase (fen)",
        "首购之外各次金额的均值 | mean amount of purchases other than the first",
        missing=words({NO_REPEAT: "没有重复采购 | no repeat purchase"}),
        unit=Unit.SCORE,
    ),
    key=KEY,
)


def repeat_purchases(orders: Any, *, as_of: date) -> pd.DataFrame:
    """The summary that buying models are fitted to, of every customer that ever bought: `REPEAT_PURCHASES`.

    Purchases are those of `occasions.purchase_days`: days whose lines total more than zero.

    Parameters
    ----------
    orders : one row per order line with ``customer_id``, ``ordered_on``, ``amount_fen``; a frame of any engine.
    as_of : nothing later is read.

    >>> orders = pd.DataFrame({"customer_id": ["a", "a", "a", "b"], "amount_fen": [500, 300, 100, 900],
    ...     "ordered_on": pd.to_datetime(["2026-01-01", "2026-01-15", "2026-01-15", "2026-01-30"])})
    >>> summary = repeat_purchases(orders, as_of=date(2026, 1, 31))
    >>> summary[["customer_id", "n_repeat", "recency_days", "age_days", "mean_value_fen"]].fillna(-1).values.tolist()
    [['a', 1, 14, 30, 400.0], ['b', 0, 0, 1, -1.0]]
    """
    days = purchase_days(until(lazy(orders), DAY, as_of))
    counted = days.with_columns(nw.col(DAY).alias(_FIRST), nw.col(DAY).alias(_LAST))
    each = grouped(counted, KEY, sums=[N, AMOUNT], lowest=[_FIRST], highest=[_LAST])
    firsts = days.select(KEY, nw.col(DAY).alias(_FIRST), nw.col(AMOUNT).alias("first_fen"))
    summary = to_pandas(each.join(firsts, on=[KEY, _FIRST], how="left")).sort_values(KEY, ignore_index=True)
    n_repeat = summary[N] - 1
    return REPEAT_PURCHASES.conform(
        pd.DataFrame(
            {
                KEY: summary[KEY],
                "n_repeat": n_repeat,
                "recency_days": summary[_LAST] - summary[_FIRST],
                "age_days": as_of.toordinal() - summary[_FIRST],
                "mean_value_fen": ((summary[AMOUNT] - summary["first_fen"]) / n_repeat.where(n_repeat > 0)),
                "mean_value_fen_reason": n_repeat.eq(0).map({True: NO_REPEAT, False: None}),
            }
        )
    )
