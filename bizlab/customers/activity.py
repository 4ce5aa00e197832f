"""What one customer bought, paid and owes, and its contacts."""

from __future__ import annotations

from typing import Any

import pandas as pd

from bizlab.contracts.check import Check
from bizlab.contracts.columns import code, column, table, text
from bizlab.contracts.finding import Finding
from bizlab.contracts.says import says
from bizlab.errors import SettingError, did_you_mean
from bizlab.labels import Label
from bizlab.periods import Month
from bizlab.tables import TABLES
from bizlab.units.kinds import Unit

ROLES = TABLES["contacts"]["role"].words

MONTHS = table(
    "customer_months",
    "逐月采购与回款 | Purchases and payments by month",
    "每个月一行 | one row per month",
    column("month", "月份 | Month"),
    column("n_orders", "订单数 | Orders"),
    column("amount_fen", "采购金额 | Amount purchased"),
    column("paid_fen", "回款 | Paid"),
    column("owed_fen", "月末应收 | Owed at month end", "有史以来采购减回款 | all purchases so far less all payments"),
    key="month",
)
PRODUCTS = table(
    "customer_products",
    "采购结构 | What was bought",
    "每条产品线一行 | one row per product line",
    code("product_line", "产品线 | Product line"),
    column("n_orders", "订单数 | Orders"),
    column("quantity", "数量 | Quantity", unit=Unit.QUANTITY),
    column("amount_fen", "金额 | Amount"),
    column("last_on", "最近下单 | Latest order"),
    key="product_line",
)
ORDERS = table(
    "customer_orders",
    "订单 | Orders",
    "每个订单一行 | one row per order",
    code("order_id", "订单号 | Order id"),
    column("ordered_on", "下单日期 | Ordered on"),
    column("due_on", "应收日期 | Due on"),
    column("amount_fen", "金额 | Amount"),
    column("paid_fen", "已回款 | Paid"),
    column("open_fen", "未回款 | Open"),
    column("is_overdue", "逾期 | Overdue"),
    key="order_id",
    sums={"amount_fen = paid_fen + open_fen": "金额 = 已回款 + 未回款 | amount = paid + open"},
)
CONTACTS = table(
    "customer_contacts",
    "联系人 | Contacts",
    "每位联系人一行 | one row per contact",
    code("contact_id", "联系人编号 | Contact id"),
    column("role", "决策链角色 | Role in the decision", choices=ROLES),
    text("position", "职位 | Position", nullable=True),
    column("created_on", "建档日期 | Entered on"),
    key="contact_id",
)


def chosen(tags: pd.DataFrame, given: str | None) -> str:
    """The customer of the card: the one asked for, else the largest buyer of the last 12 months.

    Parameters
    ----------
    tags : one row per customer: ``customer_id``, ``order_amount_12m_fen``.

    Raises
    ------
    SettingError : nobody of that id is known.
    """
    if given is None:
        ranked = tags.sort_values(["order_amount_12m_fen", "customer_id"], ascending=[False, True])
        return str(ranked["customer_id"].iloc[0])
    if given not in set(tags["customer_id"]):
        raise SettingError(
            f"There is no customer '{given}' by that month",
            place="parameter 'customer'",
            fix=did_you_mean(given, tags["customer_id"]),
        )
    return given


def months(orders: pd.DataFrame, settlements: pd.DataFrame, *, first: Month, last: Month) -> pd.DataFrame:
    """Purchases, payments and what is owed, month by month, those without a purchase too: `MONTHS`.

    Parameters
    ----------
    orders, settlements : rows of one customer, up to the end of ``last``; orders one row per line.
    """
    every = [str(month) for month in first.to(last)]
    bought = orders.assign(month=orders["ordered_on"].dt.strftime("%Y-%m"))
    paid = settlements.assign(month=settlements["paid_on"].dt.strftime("%Y-%m"))
    frame = pd.DataFrame(
        {
            "n_orders": bought.groupby("month")["order_id"].nunique(),
            "amount_fen": bought.groupby("month")["amount_fen"].sum(),
            "paid_fen": paid.groupby("month")["amount_fen"].sum(),
        }
    ).astype("Int64")
    frame = frame.reindex(sorted({*every, *frame.index}), fill_value=0).fillna(0)
    frame["owed_fen"] = (frame["amount_fen"] - frame["paid_fen"]).cumsum()
    return MONTHS.conform(frame.loc[every].rename_axis("month").reset_index())


def products(orders: pd.DataFrame) -> pd.DataFrame:
    """Product lines by amount, the largest first: see `PRODUCTS`."""
    grouped = orders.groupby("product_line")
    frame = pd.DataFrame(
        {
            "n_orders": grouped["order_id"].nunique(),
            "quantity": grouped["quantity"].sum(),
            "amount_fen": grouped["amount_fen"].sum(),
            "last_on": grouped["ordered_on"].max(),
        }
    ).reset_index()
    return PRODUCTS.conform(frame.sort_values(["amount_fen", "product_line"], ascending=[False, True]))


def order_list(orders: pd.DataFrame, settlements: pd.DataFrame, *, as_of: Any) -> pd.DataFrame:
    """Every order with what was paid for it, the latest first: see `ORDERS`.

    An order is overdue when something of it is open after the due date.
    """
    grouped = orders.groupby("order_id")
    frame = pd.DataFrame(
        {
            "ordered_on": grouped["ordered_on"].min(),
            "due_on": grouped["due_on"].max(),
            "amount_fen": grouped["amount_fen"].sum(),
        }
    )
    paid = settlements.groupby("order_id")["amount_fen"].sum()
    frame["paid_fen"] = paid.reindex(frame.index, fill_value=0)
    frame["open_fen"] = frame["amount_fen"] - frame["paid_fen"]
    frame["is_overdue"] = (frame["open_fen"] > 0) & (frame["due_on"] < pd.Timestamp(as_of))
    return ORDERS.conform(frame.reset_index().sort_values(["ordered_on", "order_id"], ascending=False))


def contact_list(contacts: pd.DataFrame) -> pd.DataFrame:
    """Contacts, decision makers first: see `CONTACTS`."""
    return CONTACTS.conform(contacts.sort_values(["role", "created_on", "contact_id"]))


def activity_checks(by_month: pd.DataFrame, by_product: pd.DataFrame, by_order: pd.DataFrame) -> list[Check]:
    """The same purchases three ways, and what is owed as the orders have it.

    Holds where the months shown reach back to the first purchase.
    """
    amount, owed = by_order["amount_fen"].sum(), by_order["open_fen"].sum()
    pairs = (
        (
            "products",
            "各产品线金额之和 = 订单金额之和 | product lines = orders",
            by_product["amount_fen"].sum(),
            amount,
        ),
        ("months", "各月金额之和 = 订单金额之和 | months = orders", by_month["amount_fen"].sum(), amount),
        (
            "owed",
            "月末应收 = 各订单未回款之和 | owed at the end = open amounts of all orders",
            by_month["owed_fen"].iloc[-1],
            owed,
        ),
    )
    return [Check(f"card.{name}", Label.of(text), int(left), int(right), Unit.FEN) for name, text, left, right in pairs]


def activity_findings(by_order: pd.DataFrame, *, key: str = "orders") -> list[Finding]:
    """The oldest open order of `ORDERS`, shown under ``key``, where the customer is overdue."""
    late = by_order[by_order["is_overdue"]].sort_values(["due_on", "order_id"])
    text = (
        "订单 {order_id} 应于 {due_on} 付清,仍有 {open_fen} 未回款;这是最早的一笔逾期 | "
        "Order {order_id} was due on {due_on} and {open_fen} of it is still open; no other has been overdue for longer"
    )
    weight = float(late["open_fen"].sum())
    return [
        says(row, ORDERS, text, key="overdue", table=key, direction="bad", material=True, weight=weight)
        for row in late.head(1).to_dict("records")
    ]
