"""Sales inside the company whose amount is not the transfer price agreed for the day."""

from __future__ import annotations

import pandas as pd

from bizlab.amoeba.trade.matching import MATCHING
from bizlab.contracts.columns import code, column, count, ratio, reason, table, words
from bizlab.contracts.finding import Finding
from bizlab.contracts.says import says
from bizlab.errors import DataError
from bizlab.tables import TABLES

METHODS = TABLES["transfer_prices"]["method"].words
_NO_PRICE = words(no_price="当日没有约定价 | no price agreed for the day")

PRICE_DEVIATIONS = table(
    "price_deviations",
    "偏离约定内部价格的交易 | Trades off the agreed transfer price",
    "每笔偏离或无约定价的卖方交易一行 | one row per sale off its agreed price, or without one",
    MATCHING["trade_id"],
    MATCHING["seller_id"],
    MATCHING["buyer_id"],
    code("product_id", "品项 | Item"),
    column("traded_on", "交易日期 | Date"),
    count("quantity", "数量 | Quantity"),
    column("method", "定价方式 | Price method", nullable=True, words=METHODS),
    column("booked_fen", "入账金额 | Booked"),
    column(
        "agreed_fen", "按约定价 | At the agreed price", "约定单价 × 数量 | agreed unit price × quantity", nullable=True
    ),
    reason("agreed_fen", _NO_PRICE),
    column("deviation_fen", "偏离 | Deviation", nullable=True),
    ratio(
        "deviation_rate",
        "偏离率 | Rate",
        "偏离 ÷ 约定金额 | deviation ÷ agreed amount",
        missing=_NO_PRICE | words(agreed_zero="约定金额为零 | agreed for nothing"),
    ),
    key="trade_id",
    sums={"deviation_fen = booked_fen - agreed_fen": "偏离 = 入账 − 约定 | deviation = booked − agreed"},
)


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
    begun, over = candidates["valid_from"] <= candidates["traded_on"], candidates["valid_to"] < candidates["traded_on"]
    in_force = candidates[begun & ~over]
    twice = in_force[in_force["row"].duplicated()].sort_values("trade_id")
    for row in twice.head(1).to_dict("records"):
        raise DataError(
            f"Two prices are agreed for {row['product_id']} from {row['seller_id']} to {row['buyer_id']}",
            place=f"table transfer_prices, {row['traded_on'].date()} (trade {row['trade_id']})",
            fix="end one price the day before the next begins",
        )
    agreed = in_force.set_index("row")
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


def price_findings(deviations: pd.DataFrame) -> list[Finding]:
    """Each sale above or below its agreed price, from `PRICE_DEVIATIONS`, shown under the key ``prices``."""
    return [
        says(
            row,
            PRICE_DEVIATIONS,
            "交易 {trade_id}({seller_id} 卖给 {buyer_id})偏离约定金额 {agreed_fen} 达 {deviation_fen}"
            "({deviation_rate}) | "
            "trade {trade_id} ({seller_id} to {buyer_id}) is {deviation_fen} ({deviation_rate}) off the agreed "
            "{agreed_fen}",
            key=f"price-{row['trade_id']}",
            table="prices",
            direction="bad",
            material=True,
            weight=abs(float(row["deviation_fen"])),
            basis="成交价与当日约定的内部价格相比 | the price booked against the one agreed for the day",
        )
        for row in deviations[deviations["deviation_fen"].notna()].to_dict("records")
    ]
