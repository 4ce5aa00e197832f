"""Internal trade at transfer prices; quantities follow the order lines of the day."""

from __future__ import annotations

from fractions import Fraction
from typing import TypeAlias

import numpy as np
import pandas as pd

from bizlab.sample.company import catalogue
from bizlab.sample.company.calendar_cn import Days, working_days
from bizlab.sample.company.confirmations import confirmed
from bizlab.sample.company.draws import generator, numbered_by_month
from bizlab.sample.company.organisation import BY_ID, SALES_TEAMS
from bizlab.tables import TABLES

Frame: TypeAlias = pd.DataFrame
FLOW = ["traded_on", "seller_id", "buyer_id", "product_id", "quantity"]
NEW_PRICES_FROM = "2026-01-01"
BASE = {"market": Fraction(1), "cost_plus": Fraction(4, 5), "commission": Fraction(20, 13)}
"""Market price, unit cost and price outside, each as a multiple of the price agreed inside to the end of 2025."""
RATES = {"market": (0.0, 0.02), "cost_plus": (0.25, 0.225), "commission": (0.35, 0.363)}
"""Discount, mark-up and share kept by the buyer: to the end of 2025, and from 2026 on, when prices fell by 2 %."""


def transfer_prices() -> Frame:
    """The table ``transfer_prices``: prices to the end of 2025, and prices from 2026 on."""
    agreed = [
        (p.product_id, p.maker, team, p.method, p.transfer_yuan) for p in catalogue.PRODUCTS for team in SALES_TEAMS
    ]
    agreed += [
        (part.part_id, part.maker, catalogue.PRODUCT[part.product_id].maker, "cost_plus", part.price_yuan)
        for part in catalogue.PARTS
    ]
    makers = sorted({catalogue.PRODUCT[product_id].maker for product_id in catalogue.HARDWARE})
    agreed += [(catalogue.INSPECTION, "EQ-QA", team, "negotiated", catalogue.INSPECTION_YUAN) for team in makers]
    agreed += [(catalogue.HANDLING, "WH", unit, "market", _handling_yuan(unit)) for unit in _served()]
    agreed.append((catalogue.RENEWAL_CARE, "CL-CS", "CL-PD", "negotiated", catalogue.RENEWAL_CARE_YUAN))
    names = ["product_id", "seller_id", "buyer_id", "method", "yuan"]
    frame = pd.DataFrame(agreed, columns=names)
    frame["base_fen"] = [_base_fen(*row) for row in frame[["method", "yuan"]].itertuples(index=False)]
    before, since = (frame["method"].map({method: rates[n] for method, rates in RATES.items()}) for n in (0, 1))
    old = frame.assign(price_fen=frame["yuan"] * 100, rate=before, valid_from="2024-11-01", valid_to="2025-12-31")
    new = frame.assign(price_fen=_lowered(frame["yuan"]), rate=since, valid_from=NEW_PRICES_FROM, valid_to=None)
    both = pd.concat([_within_life(old), _within_life(new)], ignore_index=True)
    return TABLES["transfer_prices"].conform(both.sort_values([*names[:3], "valid_from"], kind="stable"))


def _served() -> list[str]:
    return [*SALES_TEAMS, *catalogue.MATERIAL_RATE]


def _handling_yuan(unit_id: str) -> int:
    return next(yuan for prefix, yuan in catalogue.HANDLING_YUAN.items() if unit_id.startswith(prefix))


def _base_fen(method: str, yuan: int) -> int | None:
    return int(BASE[method] * yuan * 100) if method in BASE else None


def _lowered(yuan: pd.Series[int]) -> pd.Series[int]:
    return (yuan * 100 * round(catalogue.PRICES_2026_RATE * 100)) // 100


def _within_life(prices: Frame) -> Frame:
    """Prices hold only while the buying unit exists."""
    opened = pd.to_datetime(prices["buyer_id"].map(lambda u: BY_ID[u].opened_on))
    closed = pd.to_datetime(prices["buyer_id"].map(lambda u: BY_ID[u].closed_on))
    valid_from = pd.concat([pd.to_datetime(prices["valid_from"]), opened], axis=1).max(axis=1)
    valid_to = pd.concat([pd.to_datetime(prices["valid_to"]), closed], axis=1).min(axis=1)
    exists = valid_to.isna() | (valid_from <= valid_to)
    return prices.assign(valid_from=valid_from, valid_to=valid_to)[exists]


def internal_trades(orders: Frame, subscriptions: Frame, seed: int, *, block: int = 0) -> Frame:
    """All trades as both sides should book them; in the columns of either table.

    Assembly, cloud product and customer success sell each order line to the team that sold it;
    machining delivers the parts of each day's lines to assembly; quality and the warehouse charge
    pieces once a week; customer success charges cloud product for the renewals of a month.
    """
    rng = generator(seed, "trades", block)
    lines = orders[orders["quantity"] > 0]
    flows = [_to_sales(lines), _parts(lines), _inspections(lines), _handling(lines), _renewals(subscriptions)]
    trades = pd.concat([flow[FLOW] for flow in flows], ignore_index=True)
    trades = trades.sort_values(FLOW[:4], kind="stable").reset_index(drop=True)
    on = trades["traded_on"].to_numpy("datetime64[D]")
    trades["trade_id"] = numbered_by_month(f"IT{block or ''}", on)
    trades["amount_fen"] = trades["quantity"] * agreed_price(trades)
    trades["confirmed_at"], trades["accepted_at"] = confirmed(on, rng)
    return TABLES["internal_trades_sold"].conform(trades)


def booked_by_buyer(sold: Frame, seed: int, *, block: int = 0) -> Frame:
    """The same trades on the other side, with confirmations of its own."""
    rng = generator(seed, "trades bought", block)
    unit, accounting = confirmed(sold["traded_on"].to_numpy("datetime64[D]"), rng)
    return TABLES["internal_trades_bought"].conform(sold.assign(confirmed_at=unit, accepted_at=accounting))


def agreed_price(trades: Frame) -> pd.Series[int]:
    """The unit price (fen) that holds for each trade on its day."""
    old = trades["traded_on"] < pd.Timestamp(NEW_PRICES_FROM)
    yuan = {p.product_id: p.transfer_yuan for p in catalogue.PRODUCTS}
    yuan |= {part.part_id: part.price_yuan for part in catalogue.PARTS}
    yuan |= {catalogue.INSPECTION: catalogue.INSPECTION_YUAN, catalogue.RENEWAL_CARE: catalogue.RENEWAL_CARE_YUAN}
    plain = trades["product_id"].map(yuan)
    handled = trades["product_id"] == catalogue.HANDLING
    base = plain.where(~handled, trades["buyer_id"].map({unit: _handling_yuan(unit) for unit in _served()}))
    base = base.astype("int64")
    return (base * 100).where(old, _lowered(base))


def _to_sales(lines: Frame) -> Frame:
    makers = {p.product_id: p.maker for p in catalogue.PRODUCTS}
    return lines.assign(
        traded_on=lines["ordered_on"], seller_id=lines["product_id"].map(makers), buyer_id=lines["unit_id"]
    )


def _parts(lines: Frame) -> Frame:
    made = lines.groupby(["ordered_on", "product_id"], as_index=False)["quantity"].sum()
    flows = []
    for part in catalogue.PARTS:
        needed = made[made["product_id"] == part.product_id]
        flows.append(
            needed.assign(
                traded_on=needed["ordered_on"],
                seller_id=part.maker,
                product_id=part.part_id,
                buyer_id=catalogue.PRODUCT[part.product_id].maker,
            )
        )
    return pd.concat(flows)


def _inspections(lines: Frame) -> Frame:
    return _weekly(_pieces_by_maker(lines), seller="EQ-QA", product=catalogue.INSPECTION)


def _handling(lines: Frame) -> Frame:
    """Pieces that leave for customers, that assembly receives, and that machining hands over."""
    hardware = lines[lines["product_id"].isin(catalogue.HARDWARE)]
    to_sales = hardware.rename(columns={"unit_id": "buyer_id"})[["ordered_on", "buyer_id", "quantity"]]
    machined = [
        hardware[hardware["product_id"] == part.product_id].assign(buyer_id=part.maker) for part in catalogue.PARTS
    ]
    pieces = pd.concat([to_sales, _pieces_by_maker(lines), *machined])
    return _weekly(pieces, seller="WH", product=catalogue.HANDLING)


def _pieces_by_maker(lines: Frame) -> Frame:
    hardware = lines[lines["product_id"].isin(catalogue.HARDWARE)]
    makers = {p.product_id: p.maker for p in catalogue.PRODUCTS}
    return hardware.assign(buyer_id=hardware["product_id"].map(makers))[["ordered_on", "buyer_id", "quantity"]]


def _weekly(pieces: Frame, *, seller: str, product: str) -> Frame:
    """Pieces of a week within a month, charged on its last working day."""
    on = pieces["ordered_on"].to_numpy("datetime64[D]")
    charged = charging_days()[np.searchsorted(charging_days(), on)]
    summed = (
        pieces.assign(traded_on=charged.astype("datetime64[s]"))
        .groupby(["traded_on", "buyer_id"], as_index=False)["quantity"]
        .sum()
    )
    return summed.assign(seller_id=seller, product_id=product)


def charging_days() -> Days:
    """The last working day of each week and of each month."""
    worked = working_days()
    week = (worked.astype(np.int64) + 3) // 7
    month = worked.astype("datetime64[M]").astype(np.int64)
    last = (np.diff(week, append=week[-1] + 1) != 0) | (np.diff(month, append=month[-1] + 1) != 0)
    charged: Days = worked[last]
    return charged


def _renewals(subscriptions: Frame) -> Frame:
    renewed = subscriptions[subscriptions["period_no"] > 1]
    worked = working_days()
    month_ends = pd.Series(worked, index=worked.astype("datetime64[M]").astype(str)).groupby(level=0).max()
    counted = renewed.groupby(renewed["signed_on"].dt.strftime("%Y-%m")).size().rename("quantity").reset_index()
    return counted.assign(
        traded_on=counted["signed_on"].map(month_ends),
        seller_id="CL-CS",
        buyer_id="CL-PD",
        product_id=catalogue.RENEWAL_CARE,
    )
