"""Tables that tags are counted from and no system exports: payments with their waiting time, open receivables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import narwhals as nw

from bizlab.engine import Lazy, day_number, grouped


@dataclass(frozen=True)
class Prepared:
    """How a prepared table is made: the tables it takes, in order, and the function."""

    takes: tuple[str, ...]
    make: Callable[..., Lazy]


def payments(settlements: Lazy, orders: Lazy) -> Lazy:
    """Payments with the days since the order and past the due date, each times the amount.

    The settlement cycle (结算周期) of a customer is the sum of ``cycle_fen_days`` over the sum of ``matched_fen``:
    days from order to payment, weighted by amount, so that a deposit counts for what it pays. Orders not yet paid
    are not in it; what they owe is in `receivables`.

    Parameters
    ----------
    settlements : one row per payment; ``order_id``, ``customer_id``, ``amount_fen``, ``paid_on``.
    orders : one row per order line; ``order_id``, ``ordered_on``, ``due_on``.

    Returns
    -------
    One row per payment. A payment whose order is not at hand has ``matched_fen`` 0 and adds no days.

    >>> import pandas as pd
    >>> from bizlab.engine import lazy, to_pandas
    >>> day = pd.to_datetime(["2026-01-01", "2026-01-31", "2026-02-10"])
    >>> orders = pd.DataFrame({"order_id": ["O1"], "ordered_on": day[:1], "due_on": day[1:2]})
    >>> paid = pd.DataFrame({"order_id": ["O1", "O9"], "customer_id": "a", "amount_fen": [5, 7], "paid_on": day[2]})
    >>> waited = to_pandas(payments(lazy(paid), lazy(orders)))
    >>> waited[["matched_fen", "cycle_fen_days", "late_fen_days"]].astype(int).to_numpy().tolist()
    [[5, 200, 50], [0, 0, 0]]
    """
    order = grouped(orders, "order_id", lowest=["ordered_on"], highest=["due_on"])
    joined = settlements.join(order, on="order_id", how="left").with_columns(
        nw.coalesce("ordered_on", "paid_on").alias("__from"), nw.coalesce("due_on", "paid_on").alias("__due")
    )
    matched = ~nw.col("ordered_on").is_null()
    waited = day_number("paid_on") - day_number("__from")
    late = day_number("paid_on") - day_number("__due")
    amount = nw.col("amount_fen")
    return joined.with_columns(
        nw.when(matched).then(amount).otherwise(nw.lit(0)).alias("matched_fen"),
        (amount * waited).alias("cycle_fen_days"),
        (amount * late).alias("late_fen_days"),
    )


def receivables(orders: Lazy, settlements: Lazy) -> Lazy:
    """What each order is worth, what was paid for it and what is open.

    Parameters
    ----------
    orders : one row per order line. settlements : one row per payment.

    Returns
    -------
    One row per order: ``customer_id``, ``ordered_on``, ``due_on`` (the latest of its lines), ``amount_fen``,
    ``paid_fen``, ``open_fen`` (negative where more was paid than ordered).

    >>> import pandas as pd
    >>> from bizlab.engine import lazy, to_pandas
    >>> day = pd.Timestamp("2026-01-01")
    >>> orders = pd.DataFrame({"order_id": ["O1", "O1", "O2"], "customer_id": "a", "amount_fen": [50, -5, 9],
    ...                        "ordered_on": day, "due_on": day})
    >>> paid = pd.DataFrame({"order_id": ["O1"], "amount_fen": [60]})
    >>> owed = to_pandas(receivables(lazy(orders), lazy(paid))).sort_values("order_id")
    >>> owed[["amount_fen", "paid_fen", "open_fen"]].to_numpy().tolist()
    [[45, 60, -15], [9, 0, 9]]
    """
    order = grouped(orders, "order_id", sums=["amount_fen"], lowest=["customer_id", "ordered_on"], highest=["due_on"])
    paid = grouped(settlements, "order_id", sums=["amount_fen"]).rename({"amount_fen": "paid_fen"})
    joined = order.join(paid, on="order_id", how="left").with_columns(nw.col("paid_fen").fill_null(0).cast(nw.Int64))
    return joined.with_columns((nw.col("amount_fen") - nw.col("paid_fen")).alias("open_fen"))


PREPARED: Mapping[str, Prepared] = {
    "payments": Prepared(("settlements", "orders"), payments),
    "receivables": Prepared(("orders", "settlements"), receivables),
}
