"""Internal trade: both sides' bookings matched one to one, prices held against what was agreed."""

from __future__ import annotations

from datetime import date

import pandas as pd

from bizlab.checks import Check
from bizlab.contracts import Column, Identity, Table
from bizlab.labels import Label
from bizlab.units import Unit

STATUSES = {
    "matched": Label("一致", "Matched"),
    "amount_differs": Label("金额不同", "Amounts differ"),
    "date_differs": Label("日期不同", "Dates differ"),
    "parties_differ": Label("买卖方不同", "Parties differ"),
    "seller_only": Label("仅卖方入账", "Booked by the seller only"),
    "buyer_only": Label("仅买方入账", "Booked by the buyer only"),
    "with_itself": Label("与自身交易", "Trade with itself"),
}
METHODS = {
    "market": Label("市场价", "Market price"),
    "cost_plus": Label("成本加成", "Cost plus"),
    "commission": Label("佣金", "Commission"),
    "negotiated": Label("协商定价", "Negotiated"),
}
_TRADE_ID = Column("trade_id", Unit.CODE, Label("交易单号", "Trade id"))
_SELLER = Column("seller_id", Unit.CODE, Label("卖方巴", "Selling unit"))
_BUYER = Column("buyer_id", Unit.CODE, Label("买方巴", "Buying unit"))
_ITEM = Column("product_id", Unit.CODE, Label("品项", "Item"))
_ON = Column("traded_on", Unit.DATE, Label("交易日期", "Date"))

MATCHING = Table(
    name="matching",
    label=Label("内部交易核对", "Internal trade, matched"),
    grain=Label("每笔内部交易一行", "one row per internal trade"),
    key=("trade_id",),
    columns=(
        _TRADE_ID,
        Column("status", Unit.CODE, Label("状态", "Status"), choices=tuple(STATUSES), choice_labels=STATUSES),
        _SELLER,
        _BUYER,
        _ON,
        Column(
            "sold_fen",
            Unit.FEN,
            Label("卖方金额", "Seller's amount"),
            definition=Label("未入账为 0", "0 if not booked"),
        ),
        Column(
            "bought_fen",
            Unit.FEN,
            Label("买方金额", "Buyer's amount"),
            definition=Label("未入账为 0", "0 if not booked"),
        ),
        Column("difference_fen", Unit.FEN, Label("差额", "Difference")),
    ),
    identities=(
        Identity("difference_fen = sold_fen - bought_fen", Label("差额 = 卖方 − 买方", "difference = seller − buyer")),
    ),
)

PRICE_DEVIATIONS = Table(
    name="price_deviations",
    label=Label("偏离约定内部价格的交易", "Trades off the agreed transfer price"),
    grain=Label("每笔偏离或无约定价的卖方交易一行", "one row per sale off its agreed price, or without one"),
    key=("trade_id",),
    columns=(
        _TRADE_ID,
        _SELLER,
        _BUYER,
        _ITEM,
        _ON,
        Column("quantity", Unit.COUNT, Label("数量", "Quantity")),
        Column("method", Unit.CODE, Label("定价方式", "Price method"), True, choice_labels=METHODS),
        Column("booked_fen", Unit.FEN, Label("入账金额", "Booked")),
        Column(
            "agreed_fen",
            Unit.FEN,
            Label("按约定价", "At the agreed price"),
            nullable=True,
            definition=Label("约定单价 × 数量", "agreed unit price × quantity"),
        ),
        Column(
            "agreed_fen_reason",
            Unit.CODE,
            Label("为何没有", "Why not"),
            True,
            choice_labels={
                "no_price": Label("当日没有约定价", "no price agreed for the day"),
            },
        ),
        Column("deviation_fen", Unit.FEN, Label("偏离", "Deviation"), nullable=True),
        Column("deviation_rate", Unit.RATE, Label("偏离率", "Rate"), nullable=True),
    ),
    identities=(
        Identity("deviation_fen = booked_fen - agreed_fen", Label("偏离 = 入账 − 约定", "deviation = booked − agreed")),
    ),
)


def within(records: pd.DataFrame, column: str, first: date, last: date) -> pd.DataFrame:
    """The rows dated in a period, both days included."""
    return records[records[column].between(pd.Timestamp(first), pd.Timestamp(last))]


def match_trades(sold: pd.DataFrame, bought: pd.DataFrame) -> pd.DataFrame:
    """Match both sides' bookings one to one by trade id; nothing is netted: see `MATCHING`.

    Parameters
    ----------
    sold, bought : under the contracts ``internal_trades_sold`` and ``internal_trades_bought``.

    Returns
    -------
    One row per trade. Where the sides disagree on units or day, the seller's are shown.
    """
    names = ["trade_id", "seller_id", "buyer_id", "traded_on", "amount_fen"]
    both = sold[names].merge(bought[names], on="trade_id", how="outer", suffixes=("", "_b"), indicator=True)
    status = pd.Series("matched", index=both.index)
    status = status.mask(both["traded_on"] != both["traded_on_b"], "date_differs")
    status = status.mask(both["amount_fen"] != both["amount_fen_b"], "amount_differs")
    parties = (both["seller_id"] != both["seller_id_b"]) | (both["buyer_id"] != both["buyer_id_b"])
    status = status.mask(parties, "parties_differ")
    status = status.mask(both["_merge"] == "left_only", "seller_only").mask(
        both["_merge"] == "right_only", "buyer_only"
    )
    shown = {name: both[name].where(both[name].notna(), both[f"{name}_b"]) for name in names[1:4]}
    status = status.mask(shown["seller_id"] == shown["buyer_id"], "with_itself")
    amounts = {"sold_fen": both["amount_fen"], "bought_fen": both["amount_fen_b"]}
    filled = {name: values.fillna(0).astype("int64") for name, values in amounts.items()}
    return MATCHING.conform(
        pd.DataFrame({"trade_id": both["trade_id"], "status": status, **shown, **filled}).assign(
            difference_fen=filled["sold_fen"] - filled["bought_fen"]
        )
    )


def differences(matching: pd.DataFrame) -> pd.DataFrame:
    """The trades on which the two sides do not agree, largest first."""
    off = matching[matching["status"] != "matched"]
    size = off["difference_fen"].abs()
    return off.assign(_size=size).sort_values(["_size", "trade_id"], ascending=[False, True])[list(MATCHING.names)]


def price_deviations(sold: pd.DataFrame, prices: pd.DataFrame) -> pd.DataFrame:
    """Sales whose amount is not the agreed price of the day times the quantity: see `PRICE_DEVIATIONS`.

    Parameters
    ----------
    sold : under the contract ``internal_trades_sold``.
    prices : under the contract ``transfer_prices``: fen per piece, with validity.
    """
    pair = ["product_id", "seller_id", "buyer_id"]
    candidates = sold.reset_index(drop=True).reset_index(names="row").merge(prices, on=pair, how="left")
    valid = (candidates["valid_from"] <= candidates["traded_on"]) & (
        candidates["valid_to"].isna() | (candidates["traded_on"] <= candidates["valid_to"])
    )
    agreed = candidates[valid].drop_duplicates("row").set_index("row")
    rows = sold.reset_index(drop=True)
    price = agreed["price_fen"].reindex(rows.index).astype("Int64")
    target = price * rows["quantity"]
    deviation = rows["amount_fen"].astype("Int64") - target
    rate = (deviation / target.where(target != 0)).astype("Float64").astype("float64")
    table = rows.assign(
        method=agreed["method"].reindex(rows.index),
        booked_fen=rows["amount_fen"],
        agreed_fen=target,
        agreed_fen_reason=pd.Series("no_price", index=rows.index).where(target.isna()),
        deviation_fen=deviation,
        deviation_rate=rate,
    )
    off = table[target.isna() | (deviation != 0).fillna(False)]
    return PRICE_DEVIATIONS.conform(off.sort_values("trade_id", kind="stable"))


def trade_checks(matching: pd.DataFrame, sold: pd.DataFrame, bought: pd.DataFrame) -> list[Check]:
    """Every booking of either side stands in the matching, and both sides booked the same.

    The last check is the one that fails where one side forgot a trade or booked another amount.
    """
    total_sold, total_bought = int(sold["amount_fen"].sum()), int(bought["amount_fen"].sum())
    sides = (
        (
            "sold",
            "sold_fen",
            total_sold,
            Label("各状态卖方金额之和 = 卖方入账", "sellers' amounts by status = sellers' bookings"),
        ),
        (
            "bought",
            "bought_fen",
            total_bought,
            Label("各状态买方金额之和 = 买方入账", "buyers' amounts by status = buyers' bookings"),
        ),
    )
    checks = [
        Check(f"trade.{key}", label, int(matching[column].sum()), total, Unit.FEN)
        for key, column, total, label in sides
    ]
    off = differences(matching)
    detail = Label(
        f"见内部交易差异表,{len(off)} 笔" if len(off) else "",
        f"see the trades that differ, {len(off)}" if len(off) else "",
    )
    checks.append(
        Check(
            "trade.both_sides",
            Label("公司层面:内部销售 = 内部采购", "company: internal sales = internal purchases"),
            total_sold,
            total_bought,
            Unit.FEN,
            detail if len(off) else None,
        )
    )
    return checks
