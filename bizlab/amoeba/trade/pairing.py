"""Both sides' bookings of internal trade side by side, and what became of each trade; nothing is netted."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, NamedTuple

import narwhals as nw

from bizlab.contracts.columns import words
from bizlab.engine import Lazy, day_number, full_join, lazy, midnight
from bizlab.errors import SettingError
from bizlab.labels import Label

STATUSES = words(
    matched="一致 | Matched",
    within_tolerance="容差以内 | Within tolerance",
    awaited="对方仍在期限内 | Other side still in time",
    amount_differs="金额不同 | Amounts differ",
    date_differs="日期不同 | Dates differ",
    item_differs="品项或数量不同 | Items or quantities differ",
    parties_differ="买卖方不同 | Parties differ",
    seller_only="仅卖方入账 | Booked by the seller only",
    buyer_only="仅买方入账 | Booked by the buyer only",
    with_itself="与自身交易 | Trade with itself",
)
TOLERATED = ("within_tolerance", "awaited")
"""Differences that are listed and counted like any other, and are not material."""
BOOKING = ("trade_id", "seller_id", "buyer_id", "product_id", "quantity", "amount_fen", "traded_on")
"""What a booking says, on either side."""
OTHER = "_b"
"""Suffix of the buyer's columns."""


class Tolerance(NamedTuple):
    """By how much two bookings of a trade may differ without being material; both bounds are included."""

    days: int = 0
    fen: int = 0

    @property
    def note(self) -> Label:
        """The tolerance in words, for the page."""
        yuan = f"{self.fen // 100}.{self.fen % 100:02d}"
        return Label(
            f"容差:{self.days} 天、{yuan} 元。容差以内的差异照样列出并计入合计,只是不算重大。",
            f"Tolerance: {self.days} days and {yuan} yuan. A difference within it is listed and counted like any "
            "other; it is only not material.",
        )


EXACT = Tolerance()


def paired(sold: Any, bought: Any, *, last: date | None, tolerance: Tolerance) -> Lazy:
    """Each trade once, with what either side booked and its status, on whatever engine holds the bookings.

    Parameters
    ----------
    sold, bought : under the contracts ``internal_trades_sold`` and ``internal_trades_bought``; a trade id stands once
        in each.
    last : the day as of which is judged; a side that may still book within the tolerance after it is awaited.
    tolerance : what is not material.

    Returns
    -------
    Lazy frame, one row per trade id of either side: the seller's columns `BOOKING`, the buyer's under the same names
    with `OTHER`, missing where a side did not book, and ``status`` (`STATUSES`).

    Raises
    ------
    SettingError : a tolerance below zero.
    """
    if min(tolerance) < 0:
        raise SettingError(
            f"A tolerance cannot be below zero: {tolerance.days} days, {tolerance.fen} fen",
            place="parameters 'trade_tolerance_days', 'trade_tolerance_fen'",
            fix="write 0 or more",
        )
    left, right = (lazy(side).select(*BOOKING) for side in (sold, bought))
    return full_join(left, right, "trade_id", suffix=OTHER).with_columns(status=_status(last, tolerance))


def first_day_awaited(last: date, tolerance: Tolerance) -> date:
    """The first day on which a booking can still find its counterpart after the last day.

    >>> first_day_awaited(date(2026, 9, 30), Tolerance(days=2))
    datetime.date(2026, 9, 29)
    """
    return last - timedelta(days=tolerance.days - 1)


def one_sided() -> nw.Expr:
    """Whether one side alone booked the trade."""
    return nw.col("trade_id").is_null() | nw.col(f"trade_id{OTHER}").is_null()


def booked_on() -> nw.Expr:
    """The day of a trade that one side alone booked."""
    return nw.coalesce("traded_on", f"traded_on{OTHER}")


def _status(last: date | None, tolerance: Tolerance) -> nw.Expr:
    """One status a trade: where several things differ the weightiest one."""
    apart = nw.col("traded_on") != nw.col(f"traded_on{OTHER}")
    late = (day_number("traded_on") - day_number(f"traded_on{OTHER}")).abs() > tolerance.days
    off = (nw.col("amount_fen") - nw.col(f"amount_fen{OTHER}")).abs()
    rules = {
        "with_itself": _equal("seller_id", "buyer_id") | _equal(f"seller_id{OTHER}", f"buyer_id{OTHER}"),
        "seller_only": nw.col(f"trade_id{OTHER}").is_null(),
        "buyer_only": nw.col("trade_id").is_null(),
        "parties_differ": _differ("seller_id") | _differ("buyer_id"),
        "amount_differs": off > tolerance.fen,
        "date_differs": apart if tolerance.days == 0 else late,
        "item_differs": _differ("product_id") | _differ("quantity"),
        "within_tolerance": apart | (off > 0),
    }
    if last is not None and tolerance.days:
        awaited = one_sided() & (booked_on() >= midnight(first_day_awaited(last, tolerance)))
        rules = {"with_itself": rules.pop("with_itself"), "awaited": awaited} | rules
    status: nw.Expr = nw.lit("matched")
    for name, rule in reversed(rules.items()):
        status = nw.when(rule).then(nw.lit(name)).otherwise(status)
    return status


def _equal(left: str, right: str) -> nw.Expr:
    return (nw.col(left) == nw.col(right)).fill_null(False)


def _differ(name: str) -> nw.Expr:
    return nw.col(name) != nw.col(f"{name}{OTHER}")
