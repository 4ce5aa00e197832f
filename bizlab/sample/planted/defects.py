"""What goes wrong between the truth and the systems: the tables as they were recorded."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import pandas as pd

from bizlab.sample.company.companies import CODE_CHARACTERS

Frame: TypeAlias = pd.DataFrame
MONTH = "2026-10"
N_DUPLICATES = 24
N_WRONG_CODES = 6
MISSING_HOURS = ("EQ-AS-2A", "2026-10-19", "2026-10-21")
ZERO_DRIVER = ("AR-AS-X", "EQ-AS-2B", "2026-10")
ONE_FEN_MORE = ("SA-W1", "6601.04", "2202", MONTH)
"""Cost centre, account and its counter account of the first voucher of the month that holds a fen too many."""
MISTYPED_COST = ("P-HS3", "EQ-MC-1", "2026-01-01", 46_100)
"""Item, seller and first day of a cost-plus price whose unit cost of 416.00 was typed as 461.00."""
AFTER_CLOSING = ("EX2609-00459", 12)
"""An expense of 30 September, and how many days later than in truth the unit and accounting confirmed it."""
TYPED_HEADCOUNT = 2_666
TYPED_COMPANIES = ("000301", "000302")
"""Companies whose headcount people typed as 2,666 and ２６６６."""
ODD_NAMES = (
    '=HYPERLINK("http://example.invalid","点这里")有限公司',
    "<script>alert(1)</script>有限公司",
    "NA",
    "None",
)
TYPED_IN_YUAN = "003055"
"""A lead whose revenue was typed in yuan where 万元 was meant."""
ENTERED_AGAIN = {"001122": ("001096", "铭", "名"), "000555": ("000165", "", "浙江省")}
"""Leads that are an older customer under another name: what was written for what, or before the name."""
RENAMED = {"002049": "001503"}
"""A lead that has the credit code of an older one, which was typed wrong there."""
TRADE_PAIRS = {
    "seller only": ("EQ-AS-1B", "SA-E1"),
    "buyer only": ("WH", "EQ-MC-1"),
    "one fen": ("EQ-MC-2", "EQ-AS-2A"),
    "price above": ("EQ-AS-1B", "SA-N1"),
}
"""Seller and buyer of each faulty trade of October 2026: the largest trade of the pair is the one."""


def record(truth: dict[str, Frame]) -> dict[str, Frame]:
    """The tables as the systems hold them; the truth itself is left as it is."""
    recorded = dict(truth)
    recorded |= _trades(truth)
    recorded["hour_records"] = _without_hours(truth["hour_records"])
    recorded["expense_records"] = _confirmed_after_closing(truth["expense_records"])
    recorded["drivers"] = _with_zero_driver(truth["drivers"])
    recorded["transfer_prices"] = _with_mistyped_cost(truth["transfer_prices"])
    recorded |= _customers(truth)
    recorded["gl_entries"] = _with_a_fen_more(truth["gl_entries"])
    return recorded


def faulty_trades(truth: dict[str, Frame]) -> dict[str, str]:
    """Which trade each fault befalls."""
    sold = truth["internal_trades_sold"]
    of_month = sold[sold["traded_on"].dt.strftime("%Y-%m") == MONTH]
    by_fault = {}
    for fault, (seller, buyer) in TRADE_PAIRS.items():
        pair = of_month[(of_month["seller_id"] == seller) & (of_month["buyer_id"] == buyer)]
        largest = pair.sort_values(["amount_fen", "trade_id"], ascending=[False, True])
        by_fault[fault] = str(largest["trade_id"].iloc[0])
    return by_fault


def _trades(truth: dict[str, Frame]) -> dict[str, Frame]:
    faulty = faulty_trades(truth)
    sold, bought = truth["internal_trades_sold"].copy(), truth["internal_trades_bought"].copy()
    for frame in (sold, bought):
        dear = frame["trade_id"] == faulty["price above"]
        frame.loc[dear, "amount_fen"] = frame.loc[dear, "amount_fen"] * 105 // 100
    bought.loc[bought["trade_id"] == faulty["one fen"], "amount_fen"] += 1
    return {
        "internal_trades_sold": sold[sold["trade_id"] != faulty["buyer only"]].reset_index(drop=True),
        "internal_trades_bought": bought[bought["trade_id"] != faulty["seller only"]].reset_index(drop=True),
    }


def _without_hours(hours: Frame) -> Frame:
    unit, first, last = MISSING_HOURS
    missing = (hours["unit_id"] == unit) & hours["worked_on"].between(pd.Timestamp(first), pd.Timestamp(last))
    return hours[~missing].reset_index(drop=True)


def _confirmed_after_closing(expenses: Frame) -> Frame:
    record_id, n_days = AFTER_CLOSING
    changed, at = expenses.copy(), expenses["record_id"] == record_id
    for stamp in ("confirmed_at", "accepted_at"):
        changed.loc[at, stamp] = expenses.loc[at, stamp] + pd.Timedelta(days=n_days)
    return changed


def _with_zero_driver(drivers: Frame) -> Frame:
    rule, unit, month = ZERO_DRIVER
    changed = drivers.copy()
    at = (drivers["rule_id"] == rule) & (drivers["unit_id"] == unit) & (drivers["month"] == month)
    changed.loc[at, "value"] = 0
    return changed


def _with_mistyped_cost(prices: Frame) -> Frame:
    item, seller, first, typed_fen = MISTYPED_COST
    changed = prices.copy()
    at = (
        (prices["product_id"] == item) & (prices["seller_id"] == seller) & (prices["valid_from"] == pd.Timestamp(first))
    )
    changed.loc[at, "base_fen"] = typed_fen
    return changed


def duplicated_companies(truth: dict[str, Frame]) -> list[str]:
    """Ids of the companies that the CRM holds twice: buyers of four orders and more, every seventh."""
    hardware = truth["orders"][truth["orders"]["product_line"] == "sensor"]
    n_orders = hardware.groupby("customer_id")["order_id"].nunique()
    return sorted(n_orders[n_orders >= 4].index)[::7][:N_DUPLICATES]


def odd_companies(truth: dict[str, Frame]) -> list[str]:
    """Ids of the four companies with odd names: buyers of October 2026."""
    orders = truth["orders"]
    buyers = orders.loc[orders["ordered_on"].dt.strftime("%Y-%m") == MONTH, "customer_id"].unique()
    return sorted(set(buyers) - set(duplicated_companies(truth)))[: len(ODD_NAMES)]


def wrong_codes(truth: dict[str, Frame]) -> list[str]:
    """Ids of the companies whose credit code has a wrong check character."""
    customers = truth["customers"]
    coded = customers.loc[customers["credit_code"].notna(), "customer_id"]
    spared = {*duplicated_companies(truth), *odd_companies(truth)}
    return [customer_id for customer_id in coded[::401] if customer_id not in spared][:N_WRONG_CODES]


def _customers(truth: dict[str, Frame]) -> dict[str, Frame]:
    customers = truth["customers"].copy()
    names = dict(zip(odd_companies(truth), ODD_NAMES, strict=True))
    customers["name"] = customers["customer_id"].map(names).fillna(customers["name"])
    wrong = customers["customer_id"].isin(wrong_codes(truth))
    customers.loc[wrong, "credit_code"] = customers.loc[wrong, "credit_code"].map(_spoilt)
    customers.loc[customers["customer_id"].isin(TYPED_COMPANIES), "n_employees"] = TYPED_HEADCOUNT
    customers.loc[customers["customer_id"] == TYPED_IN_YUAN, "revenue_fen"] *= 10_000
    customers = _look_alikes(customers, truth["customers"])
    first, second = _twins(customers, duplicated_companies(truth), truth["orders"])
    customers = pd.concat([customers.set_index("customer_id").pipe(_replaced, first), second], ignore_index=True)
    twin = second.set_index(first["customer_id"].to_numpy())
    orders, payments = truth["orders"], truth["settlements"]
    later = orders["ordered_on"] >= orders["customer_id"].map(twin["created_on"])
    moved = orders["customer_id"].where(~later, orders["customer_id"].map(twin["customer_id"])).astype("str")
    by_order = pd.Series(moved.to_numpy(), index=orders["order_id"]).groupby(level=0).first()
    return {
        "customers": customers,
        "orders": orders.assign(customer_id=moved),
        "settlements": payments.assign(customer_id=payments["order_id"].map(by_order).astype("str")),
    }


def _look_alikes(customers: Frame, truth: Frame) -> Frame:
    """Leads that nothing but a near name or a near credit code shows to be another company."""
    true = truth.set_index("customer_id")
    changed = customers.set_index("customer_id")
    for lead, (other, written, instead) in ENTERED_AGAIN.items():
        changed.loc[lead, "name"] = true.loc[other, "name"].replace(written, instead, 1)
    for lead, other in RENAMED.items():
        changed.loc[lead, "credit_code"] = true.loc[other, "credit_code"]
    return changed.reset_index()[list(customers.columns)]


def _replaced(customers: Frame, rows: Frame) -> Frame:
    changed = customers.copy()
    changed.loc[rows["customer_id"], "name"] = rows["name"].to_numpy()
    return changed.reset_index()


def _spoilt(code: str) -> str:
    return code[:-1] + CODE_CHARACTERS[(CODE_CHARACTERS.index(code[-1]) + 7) % 31]


def _twins(customers: Frame, ids: list[str], orders: Frame) -> tuple[Frame, Frame]:
    """Both records of each duplicated company: brackets, suffix and full width in turn.

    The second has the same credit code, except where the suffix differs: there it has none. It
    takes the orders from the third on.
    """
    third = orders.drop_duplicates("order_id").groupby("customer_id").nth(2).set_index("customer_id")["ordered_on"]
    first = customers[customers["customer_id"].isin(ids)].reset_index(drop=True)
    kind = np.arange(len(first)) % 3
    core = first["name"].str.replace("(股份|集团)?有限公司$", "", regex=True)
    one = np.choose(kind, [core + "（中国）有限公司", core + "有限公司", core + "A1有限公司"])
    two = np.choose(kind, [core + "(中国)有限公司", core + "有限责任公司", core + "Ａ１ 有限公司"])
    start = int(customers["customer_id"].astype("int64").max()) + 1
    second = first.assign(
        customer_id=[f"{start + i:06d}" for i in range(len(first))],
        name=two,
        credit_code=first["credit_code"].where(kind != 1, None),
        created_on=first["customer_id"].map(third),
        n_active_users=pd.array([pd.NA] * len(first), dtype="Int64"),
    )
    return first.assign(name=one), second


def _with_a_fen_more(entries: Frame) -> Frame:
    """A voucher that balances and yet holds one fen more of travel than the amoeba booked."""
    unit_id, account, counter, month = ONE_FEN_MORE
    of_month = entries["posted_on"].dt.strftime("%Y-%m") == month
    spent = entries[of_month & (entries["unit_id"] == unit_id) & (entries["account_code"] == account)].iloc[0]
    same = entries["voucher_id"] == spent["voucher_id"]
    more = entries.copy()
    more.loc[same & (more["entry_id"] == spent["entry_id"]), "debit_fen"] += 1
    more.loc[same & (more["account_code"] == counter), "credit_fen"] += 1
    return more
