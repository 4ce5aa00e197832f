"""The price lab: what a month would have been at another internal price. Units win and lose, the company does not."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pandas as pd

from bizlab.amoeba.accounting.components import Components, components
from bizlab.amoeba.accounting.ledger import Records
from bizlab.amoeba.results.unit_hour import SHEET, UNIT_ID, is_leaf, unit_hour_sheet
from bizlab.contracts.check import Check
from bizlab.contracts.columns import code, column, table
from bizlab.contracts.finding import Finding, Ref
from bizlab.contracts.says import says
from bizlab.errors import SettingError, some
from bizlab.exact import round_half_up
from bizlab.labels import Label
from bizlab.units.kinds import Unit

PRICE_LAB = table(
    "price_lab",
    "价格实验 | Price lab",
    "每个单元一行 | one row per unit",
    UNIT_ID,
    SHEET["depth"],
    column("before_fen", "C 现价 | C at the price booked"),
    column("after_fen", "C 新价 | C at the new price"),
    column("change_fen", "C 变动 | Change of C"),
    column("before_per_hour", "F 现价 | F at the price booked", nullable=True),
    column("after_per_hour", "F 新价 | F at the new price", nullable=True),
    SHEET["value_per_hour_reason"],
    key="unit_id",
    sums={"change_fen = after_fen - before_fen": "变动 = 新价 − 现价 | change = new price − booked"},
)

SCENARIO = table(
    "scenario",
    "实验的价格 | The price that is tried",
    "一个品项一行 | one row for the item",
    code("product_id", "品项 | Item"),
    column("change_rate", "调价比例 | Change of price"),
    column("n_trades", "内部交易笔数 | Internal trades"),
    column("booked_fen", "卖方入账 | Booked by sellers"),
    column("tried_fen", "按新价 | At the new price"),
    key="product_id",
)


def scenario(sold: pd.DataFrame, product_id: str | None, rate: Fraction) -> pd.DataFrame:
    """What is tried on the sellers' bookings of the period: see `SCENARIO`; no row where nothing is."""
    if product_id is None:
        return SCENARIO.empty()
    rows = sold[sold["product_id"] == product_id]
    amounts = int(rows["amount_fen"].sum()), int(repriced(rows, product_id, rate)["amount_fen"].sum())
    return SCENARIO.frame([(product_id, float(rate), len(rows), *amounts)])


def repriced(trades: pd.DataFrame, product_id: str, rate: Fraction) -> pd.DataFrame:
    """Trades of one item at another price; amounts rounded once, halves away from zero.

    >>> trades = pd.DataFrame({"product_id": ["P", "Q"], "amount_fen": [1050, 1050]})
    >>> repriced(trades, "P", Fraction(1, 20))["amount_fen"].tolist()
    [1103, 1050]
    """
    concerned = trades["product_id"] == product_id
    new = [round_half_up(int(amount) * (1 + rate)) for amount in trades.loc[concerned, "amount_fen"]]
    amounts = trades["amount_fen"].copy()
    amounts[concerned] = new
    return trades.assign(amount_fen=amounts)


def price_lab(records: Records, now: Components, *, product_id: str | None, rate: Fraction, **how: Any) -> pd.DataFrame:
    """The month computed again with every internal trade of an item at another price.

    Quantities stay as they were: the lab tells who would have won, not how units would have answered.

    Parameters
    ----------
    records : with both sides' trades as pandas frames. now : the month as booked.
    product_id, rate : the item, and the change of its price as a fraction of it; without an item nothing changes.
    how : as the month was computed, see `components`.

    Returns
    -------
    `PRICE_LAB` in the order of the tree: every unit whose C moves, and the company, which never does.

    Raises
    ------
    SettingError : the item was not traded inside in the month, or a price below zero.
    """
    tried = now if product_id is None else _at_another_price(records, now, product_id, rate, **how)
    before, after = (unit_hour_sheet([parts], period="month").set_index("unit_id") for parts in (now, tried))
    rows = before[["depth"]].assign(
        before_fen=before["value_added_fen"],
        after_fen=after["value_added_fen"],
        change_fen=after["value_added_fen"] - before["value_added_fen"],
        before_per_hour=before["value_per_hour"],
        after_per_hour=after["value_per_hour"],
        value_per_hour_reason=before["value_per_hour_reason"],
    )
    return PRICE_LAB.conform(rows[(rows["change_fen"] != 0) | (rows["depth"] == 0)].reset_index())


def _at_another_price(records: Records, now: Components, product_id: str, rate: Fraction, **how: Any) -> Components:
    sold, first, last = records.internal_trades_sold, pd.Timestamp(now.month.first), pd.Timestamp(now.month.last)
    traded = sorted(set(sold.loc[sold["traded_on"].between(first, last), "product_id"]))
    if product_id not in traded:
        raise SettingError(
            f"'{product_id}' was not sold inside in {now.month}",
            place="parameter 'price_item'",
            fix=f"choose from {some(traded)}" if traded else "leave it out: nothing was sold inside",
        )
    if rate < -1:
        raise SettingError("A price cannot fall by more than itself", place="price_change_rate", fix="write -0.1")
    sides = ("internal_trades_sold", "internal_trades_bought")
    changed = replace(records, **{name: repriced(getattr(records, name), product_id, rate) for name in sides})
    return components(changed, month=now.month, **how)


def largest_item(sold: pd.DataFrame) -> str | None:
    """The item with the largest internal sales, of equal ones the first by code; None where nothing was sold inside."""
    if sold.empty:
        return None
    sums = sold.groupby("product_id")["amount_fen"].sum()
    return str(sums.sort_index().sort_values(ascending=False, kind="stable").index[0])


def price_lab_checks(lab: pd.DataFrame) -> list[Check]:
    """The company's value added is the same at any internal price."""
    company = lab[lab["depth"] == 0]
    label = Label("任何内部价格下公司 C 不变", "the company's C is the same at any internal price")
    return [
        Check("price_lab.company", label, int(company["after_fen"].sum()), int(company["before_fen"].sum()), Unit.FEN)
    ]


def price_lab_findings(lab: pd.DataFrame) -> list[Finding]:
    """Who would win and who lose most in `PRICE_LAB`, among the units with none below them that moves."""
    moved = lab[is_leaf(lab["depth"]) & (lab["depth"] > 0)].sort_values(["change_fen", "unit_id"], kind="stable")
    if moved.empty:
        return []
    loser = (str(moved["unit_id"].iloc[0]),)
    return [
        says(
            moved.to_dict("records")[-1],
            PRICE_LAB,
            "价格实验:新价下 {unit_id} 增加最多({change_fen}),{loser} 减少最多({loser_fen}),公司不变 | "
            "price lab: at the new price {unit_id} would gain most ({change_fen}), {loser} lose most ({loser_fen}); "
            "the company would not move",
            key="price_lab",
            weight=float(moved["change_fen"].abs().max()),
            loser=Ref("price_lab", loser, "unit_id"),
            loser_fen=Ref("price_lab", loser, "change_fen"),
        )
    ]
