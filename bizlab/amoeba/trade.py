"""Internal trade: both sides' bookings matched one to one, prices held against what was agreed."""

from __future__ import annotations

from datetime import date

import pandas as pd

from bizlab.checks import Check
from bizlab.contracts import Column, Identity, Table
from bizlab.errors import DataError
from bizlab.labels import Label
from bizlab.units import Unit

STATUSES = {
    "matched": Label("一致", "Matched"),
    "amount_differs": Label("金额不同", "Amounts differ"),
    "date_differs": Label("日期不同", "Dates differ"),
    "item_differs": Label("品项或数量不同", "Items or quantities differ"),
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
_BOOKED = Label("未在本期入账为 0", "0 if not booked in the period")
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
        Column("other_parties", Unit.TEXT, Label("买方所记双方", "Parties in the buyer's book"), nullable=True),
        Column("traded_on", Unit.DATE, Label("卖方入账日", "Seller's date"), nullable=True),
        Column("bought_on", Unit.DATE, Label("买方入账日", "Buyer's date"), nullable=True),
        Column("sold_fen", Unit.FEN, Label("卖方金额", "Seller's amount"), definition=_BOOKED),
        Column("bought_fen", Unit.FEN, Label("买方金额", "Buyer's amount"), definition=_BOOKED),
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
        Column(
            "deviation_rate",
            Unit.RATE,
            Label("偏离率", "Rate"),
            nullable=True,
            definition=Label("偏离 ÷ 约定金额", "deviation ÷ agreed amount"),
        ),
        Column(
            "deviation_rate_reason",
            Unit.CODE,
            Label("偏离率无定义的原因", "Why no rate"),
            True,
            choice_labels={
                "no_price": Label("当日没有约定价", "no price agreed for the day"),
                "agreed_zero": Label("约定金额为零", "agreed for nothing"),
            },
        ),
    ),
    identities=(
        Identity("deviation_fen = booked_fen - agreed_fen", Label("偏离 = 入账 − 约定", "deviation = booked − agreed")),
    ),
)


def within(records: pd.DataFrame, column: str, first: date, last: date) -> pd.DataFrame:
    """The rows dated in a period, both days included.

    >>> rows = pd.DataFrame({"on": pd.to_datetime(["2026-09-30", "2026-10-31", None])})
    >>> len(within(rows, "on", date(2026, 10, 1), date(2026, 10, 31)))
    1
    """
    return records[records[column].between(pd.Timestamp(first), pd.Timestamp(last))]


def match_trades(
    sold: pd.DataFrame, bought: pd.DataFrame, *, first: date | None = None, last: date | None = None
) -> pd.DataFrame:
    """Match both sides' bookings one to one by trade id; nothing is netted: see `MATCHING`.

    Parameters
    ----------
    sold, bought : under the contracts ``internal_trades_sold`` and ``internal_trades_bought``. Give more than
        the period: a trade that one side booked in the month before is then no one-sided trade.
    first, last : the period, both days included; all bookings when left out.

    Returns
    -------
    One row per trade that a side booked in the period. Where the sides name other units, the seller's are shown
    and the buyer's beside them. An amount booked outside the period counts as 0 in it.

    >>> sold = pd.DataFrame({"trade_id": ["T1"], "seller_id": ["M"], "buyer_id": ["A"], "product_id": ["P"],
    ...     "quantity": [1], "amount_fen": [500], "traded_on": pd.to_datetime(["2026-09-30"])})
    >>> bought = sold.assign(traded_on=pd.to_datetime(["2026-10-01"]))
    >>> found = match_trades(sold, bought, first=date(2026, 10, 1), last=date(2026, 10, 31))
    >>> found[["status", "sold_fen", "bought_fen", "difference_fen"]].to_numpy().tolist()
    [['date_differs', 0, 500, -500]]
    """
    sides = [side[list(_COMPARED)].astype({"quantity": "Int64", "amount_fen": "Int64"}) for side in (sold, bought)]
    both = sides[0].merge(sides[1], on="trade_id", how="outer", suffixes=("", "_b"), indicator=True)
    in_period = pd.DataFrame({name: _dated(both[name], first, last) for name in ("traded_on", "traded_on_b")})
    other = both["seller_id_b"] + " → " + both["buyer_id_b"]
    rows = both.assign(
        status=_statuses(both),
        seller_id=both["seller_id"].fillna(both["seller_id_b"]),
        buyer_id=both["buyer_id"].fillna(both["buyer_id_b"]),
        other_parties=other.where(_differ(both, "seller_id", "buyer_id")),
        bought_on=both["traded_on_b"],
        sold_fen=both["amount_fen"].where(in_period["traded_on"], 0),
        bought_fen=both["amount_fen_b"].where(in_period["traded_on_b"], 0),
    )
    within_period = rows[in_period.any(axis=1)]
    difference = within_period["sold_fen"] - within_period["bought_fen"]
    return MATCHING.conform(within_period.assign(difference_fen=difference))


_COMPARED = ("trade_id", "seller_id", "buyer_id", "product_id", "quantity", "traded_on", "amount_fen")


def _statuses(both: pd.DataFrame) -> pd.Series[str]:
    """One status a trade: where several things differ the weightier one."""
    status = pd.Series("matched", index=both.index)
    status = status.mask(_differ(both, "product_id", "quantity"), "item_differs")
    status = status.mask(_differ(both, "traded_on"), "date_differs")
    status = status.mask(_differ(both, "amount_fen"), "amount_differs")
    status = status.mask(_differ(both, "seller_id", "buyer_id"), "parties_differ")
    status = status.mask(both["_merge"] == "left_only", "seller_only")
    status = status.mask(both["_merge"] == "right_only", "buyer_only")
    itself = (both["seller_id"] == both["buyer_id"]) | (both["seller_id_b"] == both["buyer_id_b"])
    return status.mask(itself, "with_itself")


def _differ(both: pd.DataFrame, *names: str) -> pd.Series[bool]:
    """Both sides booked the trade, and not the same."""
    off = pd.DataFrame({name: both[name].ne(both[f"{name}_b"]).fillna(False) for name in names})
    return (both["_merge"] == "both") & off.any(axis=1)


def _dated(days: pd.Series[pd.Timestamp], first: date | None, last: date | None) -> pd.Series[bool]:
    """Whether each day lies in the period; a missing one does not."""
    bounds = pd.Timestamp(first or date.min), pd.Timestamp(last or date.max)
    return days.between(*bounds)


def differences(matching: pd.DataFrame) -> pd.DataFrame:
    """The trades on which the two sides do not agree, largest first; 1 fen is a difference, and so is another day.

    >>> rows = pd.DataFrame([("T1", "matched", 0), ("T2", "date_differs", 0), ("T3", "amount_differs", -1)],
    ...     columns=["trade_id", "status", "difference_fen"])
    >>> differences(MATCHING.empty().merge(rows, how="right"))["trade_id"].tolist()
    ['T3', 'T2']
    """
    off = matching[matching["status"] != "matched"]
    size = off["difference_fen"].abs()
    return off.assign(_size=size).sort_values(["_size", "trade_id"], ascending=[False, True])[list(MATCHING.names)]


def price_deviations(sold: pd.DataFrame, prices: pd.DataFrame) -> pd.DataFrame:
    """Sales whose amount is not the agreed price of the day times the quantity: see `PRICE_DEVIATIONS`.

    Parameters
    ----------
    sold : under the contract ``internal_trades_sold``.
    prices : under the contract ``transfer_prices``: fen per piece, with validity.

    Raises
    ------
    DataError : two prices are agreed for one item and pair on the day of a sale.

    >>> day = pd.to_datetime
    >>> pair = {"seller_id": "M", "buyer_id": "A"}
    >>> sold = pd.DataFrame({"trade_id": ["T1", "T2"], "product_id": ["P", "Q"], "quantity": [2, 1], **pair,
    ...     "amount_fen": [2100, 500], "traded_on": day("2026-10-08")})
    >>> prices = pd.DataFrame({"product_id": ["P"], **pair, "method": "market", "price_fen": [1000],
    ...     "valid_from": day("2026-01-01"), "valid_to": day(["2026-12-31"])})
    >>> price_deviations(sold, prices)[["trade_id", "agreed_fen", "deviation_fen"]].to_numpy().tolist()
    [['T1', 2000, 100], ['T2', <NA>, <NA>]]
    """
    pair = ["product_id", "seller_id", "buyer_id"]
    candidates = sold.reset_index(drop=True).reset_index(names="row").merge(prices, on=pair, how="left")
    valid = (candidates["valid_from"] <= candidates["traded_on"]) & (
        candidates["valid_to"].isna() | (candidates["traded_on"] <= candidates["valid_to"])
    )
    _refuse_two_prices(candidates[valid])
    agreed = candidates[valid].set_index("row")
    rows = sold.reset_index(drop=True)
    price = agreed["price_fen"].reindex(rows.index).astype("Int64")
    target = price * rows["quantity"]
    deviation = rows["amount_fen"].astype("Int64") - target
    rate = (deviation / target.where(target != 0)).astype("Float64").astype("float64")
    no_price = pd.Series("no_price", index=rows.index).where(target.isna())
    table = rows.assign(
        method=agreed["method"].reindex(rows.index),
        booked_fen=rows["amount_fen"],
        agreed_fen=target,
        agreed_fen_reason=no_price,
        deviation_fen=deviation,
        deviation_rate=rate,
        deviation_rate_reason=no_price.mask((target == 0).fillna(False), "agreed_zero"),
    )
    off = table[target.isna() | (deviation != 0).fillna(False)]
    return PRICE_DEVIATIONS.conform(off.sort_values("trade_id", kind="stable"))


def _refuse_two_prices(candidates: pd.DataFrame) -> None:
    twice = candidates[candidates["row"].duplicated()]
    if not twice.empty:
        row = twice.sort_values("trade_id").iloc[0]
        raise DataError(
            f"Two prices are agreed for {row['product_id']} from {row['seller_id']} to {row['buyer_id']}",
            place=f"table transfer_prices, {row['traded_on'].date()} (trade {row['trade_id']})",
            way_out="end one price the day before the next begins",
        )


def trade_checks(matching: pd.DataFrame, sold: pd.DataFrame, bought: pd.DataFrame) -> list[Check]:
    """Every booking of either side stands in the matching, the list explains the gap, and both sides booked the same.

    The last check is the one that fails where one side forgot a trade or booked another amount; by the one before
    it, what then remains of A2 − B0 over the company is the sum of the trades listed.
    """
    total_sold, total_bought = int(sold["amount_fen"].sum()), int(bought["amount_fen"].sum())
    off = differences(matching)
    listed = int(off["difference_fen"].sum())
    seen = Label(f"见内部交易差异表,{len(off)} 笔", f"see the trades that differ, {len(off)}") if len(off) else None
    matched = {name: int(matching[name].sum()) for name in ("sold_fen", "bought_fen")}
    sides = {
        "sold": (matched["sold_fen"], total_sold, None),
        "bought": (matched["bought_fen"], total_bought, None),
        "listed": (total_sold - total_bought, listed, None),
        "both_sides": (total_sold, total_bought, seen),
    }
    return [
        Check(f"trade.{key}", _CHECKED[key], left, right, Unit.FEN, detail)
        for key, (left, right, detail) in sides.items()
    ]


_CHECKED = {
    "sold": Label("各状态卖方金额之和 = 卖方入账", "sellers' amounts by status = sellers' bookings"),
    "bought": Label("各状态买方金额之和 = 买方入账", "buyers' amounts by status = buyers' bookings"),
    "listed": Label(
        "公司层面:内部销售 − 内部采购 = 所列差异之和",
        "company: internal sales − internal purchases = differences listed",
    ),
    "both_sides": Label("公司层面:内部销售 = 内部采购", "company: internal sales = internal purchases"),
}
