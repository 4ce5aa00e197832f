"""Revenue, orders received and expenses as the amoebas enter them day by day."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import pandas as pd

from bizlab.sample.books.spending import spending_plan, spread
from bizlab.sample.books.trades import charging_days
from bizlab.sample.company import catalogue
from bizlab.sample.company.calendar_cn import FIRST, LAST, months, working_days
from bizlab.sample.company.confirmations import confirmed
from bizlab.sample.company.draws import generator, numbered_by_month
from bizlab.tables import TABLES

Frame: TypeAlias = pd.DataFrame
ENTRY = ["recorded_on", "unit_id", "kind", "amount_fen", "remark"]
PARTS_PER_SCRAP = 83
"""Scrap brings one eighty-third of what the parts of the month are sold for."""
FREIGHT_RATE = 0.006
HOSTING_RATE = 0.33


def revenue_records(orders: Frame, trades: Frame, seed: int, *, block: int = 0) -> Frame:
    """The table ``revenue_records``: the order lines of a sales team and day, products and services apart.

    Machining also sells its scrap once a month (kind ``other``), which is in no order.
    """
    rng = generator(seed, "revenue", block)
    kind = np.where(orders["product_line"].isin(["sensor", "gateway"]), "product", "service")
    sold = orders.assign(kind=kind).groupby(["ordered_on", "unit_id", "kind"], as_index=False)["amount_fen"].sum()
    sold = sold.rename(columns={"ordered_on": "recorded_on"}).assign(remark=None)
    records = _entries([sold, _scrap(trades)], "RV", block)
    records["confirmed_at"], records["accepted_at"] = confirmed(records["recorded_on"].to_numpy("datetime64[D]"), rng)
    return TABLES["revenue_records"].conform(records)


def order_intake(orders: Frame, *, block: int = 0) -> Frame:
    """The table ``order_intake``: every order with its whole amount."""
    received = orders.groupby("order_id", sort=False, as_index=False).agg(
        recorded_on=("ordered_on", "first"), unit_id=("unit_id", "first"), amount_fen=("amount_fen", "sum")
    )
    records = _entries([received.assign(kind="", remark=None)], "OI", block)
    return TABLES["order_intake"].conform(records.rename(columns={"recorded_on": "received_on"}))


def expense_records(truth: dict[str, Frame], seed: int, *, block: int = 0) -> Frame:
    """The table ``expense_records``.

    Parameters
    ----------
    truth : the tables orders, internal_trades_sold and persons.
    """
    rng = generator(seed, "expenses", block)
    flows = [
        _material(truth["internal_trades_sold"], rng),
        _reversals(truth["internal_trades_sold"], rng),
        _freight(truth["orders"]),
        _hosting(truth["orders"]),
        spread(spending_plan(truth["persons"]), seed, block=block),
    ]
    records = _entries(flows, "EX", block)
    records["confirmed_at"], records["accepted_at"] = confirmed(records["recorded_on"].to_numpy("datetime64[D]"), rng)
    return TABLES["expense_records"].conform(records)


def _entries(flows: list[Frame], prefix: str, block: int) -> Frame:
    records = pd.concat([flow[ENTRY] for flow in flows if len(flow)], ignore_index=True)
    records = records.sort_values(["recorded_on", "unit_id", "kind"], kind="stable").reset_index(drop=True)
    on = records["recorded_on"].to_numpy("datetime64[D]")
    return records.assign(record_id=numbered_by_month(f"{prefix}{block or ''}", on))


def _scrap(trades: Frame) -> Frame:
    parts = trades[trades["seller_id"].str.startswith("EQ-MC")]
    month = parts["traded_on"].dt.to_period("M")
    sums = parts.groupby([month, "seller_id"], as_index=False)["amount_fen"].sum()
    worked = working_days()
    last = pd.Series(worked, index=worked.astype("datetime64[M]").astype(str)).groupby(level=0).max()
    days = parts.groupby([month, "seller_id"])["traded_on"].max().reset_index(drop=True)
    return sums.assign(
        unit_id=sums["seller_id"],
        kind="other",
        remark="废料销售",
        amount_fen=sums["amount_fen"] // (PARTS_PER_SCRAP * 100) * 100,
        recorded_on=days.dt.strftime("%Y-%m").map(last),
    )


def _material(trades: Frame, rng: np.random.Generator) -> Frame:
    """Material drawn on the day for what a team delivers, a few percent around its norm."""
    made = trades[trades["seller_id"].isin(catalogue.MATERIAL_RATE)]
    daily = made.groupby(["traded_on", "seller_id"], as_index=False)["amount_fen"].sum()
    norm = daily["seller_id"].map(catalogue.MATERIAL_RATE).to_numpy() * rng.normal(1.0, 0.03, len(daily))
    amount = (daily["amount_fen"] * norm).round().astype("int64")
    return daily.assign(
        recorded_on=daily["traded_on"], unit_id=daily["seller_id"], kind="material", amount_fen=amount, remark=None
    )


def _reversals(trades: Frame, rng: np.random.Generator) -> Frame:
    """Material given back at the end of a month: a negative entry."""
    made = trades[trades["seller_id"].isin(catalogue.MATERIAL_RATE)]
    month_end = made.groupby([made["traded_on"].dt.to_period("M"), "seller_id"])["traded_on"].max()
    back = month_end.rename("recorded_on").reset_index().rename(columns={"seller_id": "unit_id"})
    amount = -(rng.integers(80_000, 600_000, len(back)))
    return back.assign(kind="material", amount_fen=amount, remark="退料红字冲销")


def _freight(orders: Frame) -> Frame:
    hardware = orders[orders["product_line"].isin(["sensor", "gateway"])]
    on = hardware["ordered_on"].to_numpy("datetime64[D]")
    charged = charging_days()[np.searchsorted(charging_days(), on)]
    sums = (
        hardware.assign(recorded_on=charged.astype("datetime64[s]"))
        .groupby(["recorded_on", "unit_id"], as_index=False)["amount_fen"]
        .sum()
    )
    amount = (sums["amount_fen"] * FREIGHT_RATE).round().astype("int64")
    return sums.assign(kind="freight", amount_fen=amount, remark="发货运费")


def _hosting(orders: Frame) -> Frame:
    """Cloud hosting grows with the subscriptions of the quarter behind."""
    monitoring = orders[orders["product_line"] == "monitoring"]
    monthly = monitoring.groupby(monitoring["ordered_on"].dt.strftime("%Y-%m"))["amount_fen"].sum()
    monthly = monthly.reindex(months().astype(str), fill_value=0)
    running = monthly.rolling(3, min_periods=1).mean()
    worked = working_days(FIRST, LAST)
    last = pd.Series(worked, index=worked.astype("datetime64[M]").astype(str)).groupby(level=0).max()
    return pd.DataFrame(
        {
            "recorded_on": last.reindex(running.index).to_numpy("datetime64[s]"),
            "unit_id": "CL-PD",
            "kind": "other",
            "amount_fen": (running * HOSTING_RATE).round().astype("int64").to_numpy() + 6_000_000,
            "remark": "云资源",
        }
    )
