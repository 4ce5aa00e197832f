"""Internal trade: both sides' bookings matched one to one, prices held against what was agreed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, NamedTuple

import narwhals as nw
import pandas as pd

from bizlab.amoeba.trade.pairing import (
    EXACT,
    OTHER,
    STATUSES,
    TOLERATED,
    Tolerance,
    booked_on,
    first_day_awaited,
    one_sided,
    paired,
)
from bizlab.contracts.check import Check
from bizlab.contracts.columns import code, column, count, ratio, reason, table, text, words
from bizlab.engine import lazy, midnight, to_pandas, whole
from bizlab.errors import DataError
from bizlab.labels import Label
from bizlab.tables import TABLES
from bizlab.units.kinds import Unit

METHODS = TABLES["transfer_prices"]["method"].words
_TRADE_ID = code("trade_id", "交易单号 | Trade id")
_SELLER = code("seller_id", "卖方巴 | Selling unit", refers="units")
_BUYER = code("buyer_id", "买方巴 | Buying unit", refers="units")
_ITEM = code("product_id", "品项 | Item")
_BOOKED = "未在本期入账为 0 | 0 if not booked in the period"
_ON = column("traded_on", "交易日期 | Date")
_DIFFERENCE = {"difference_fen = sold_fen - bought_fen": "差额 = 卖方 − 买方 | difference = seller − buyer"}

MATCHING = table(
    "matching",
    "内部交易核对 | Internal trade, matched",
    "每笔内部交易一行 | one row per internal trade",
    _TRADE_ID,
    column("status", "状态 | Status", choices=STATUSES),
    _SELLER,
    _BUYER,
    text("other_parties", "买方所记双方 | Parties in the buyer's book", nullable=True),
    column("traded_on", "卖方入账日 | Seller's date", nullable=True),
    column("bought_on", "买方入账日 | Buyer's date", nullable=True),
    column("sold_fen", "卖方金额 | Seller's amount", _BOOKED),
    column("bought_fen", "买方金额 | Buyer's amount", _BOOKED),
    column("difference_fen", "差额 | Difference"),
    key="trade_id",
    sums=_DIFFERENCE,
)

TRADE_STATUSES = table(
    "trade_statuses",
    "内部交易核对结果 | Internal trade by outcome of the matching",
    "每种状态一行 | one row per status that occurs",
    MATCHING["status"],
    column("n_trades", "笔数 | Trades"),
    MATCHING["sold_fen"],
    MATCHING["bought_fen"],
    MATCHING["difference_fen"],
    key="status",
    sums=_DIFFERENCE,
)

PRICE_DEVIATIONS = table(
    "price_deviations",
    "偏离约定内部价格的交易 | Trades off the agreed transfer price",
    "每笔偏离或无约定价的卖方交易一行 | one row per sale off its agreed price, or without one",
    _TRADE_ID,
    _SELLER,
    _BUYER,
    _ITEM,
    _ON,
    count("quantity", "数量 | Quantity"),
    column("method", "定价方式 | Price method", nullable=True, words=METHODS),
    column("booked_fen", "入账金额 | Booked"),
    column(
        "agreed_fen", "按约定价 | At the agreed price", "约定单价 × 数量 | agreed unit price × quantity", nullable=True
    ),
    reason("agreed_fen", words(no_price="当日没有约定价 | no price agreed for the day")),
    column("deviation_fen", "偏离 | Deviation", nullable=True),
    ratio(
        "deviation_rate",
        "偏离率 | Rate",
        "偏离 ÷ 约定金额 | deviation ÷ agreed amount",
        missing=words(
            no_price="当日没有约定价 | no price agreed for the day", agreed_zero="约定金额为零 | agreed for nothing"
        ),
    ),
    key="trade_id",
    sums={"deviation_fen = booked_fen - agreed_fen": "偏离 = 入账 − 约定 | deviation = booked − agreed"},
)


def within(records: Any, column: str, first: date, last: date) -> pd.DataFrame:
    """The rows dated in a period, both days included, as a pandas frame whatever holds the records.

    >>> rows = pd.DataFrame({"on": pd.to_datetime(["2026-09-30", "2026-10-31", None])})
    >>> len(within(rows, "on", date(2026, 10, 1), date(2026, 10, 31)))
    1
    """
    return to_pandas(lazy(records).filter(_dated(column, first, last)))


def match_trades(
    sold: Any, bought: Any, *, first: date | None = None, last: date | None = None, tolerance: Tolerance = EXACT
) -> Any:
    """Match both sides' bookings one to one by trade id; nothing is netted: see `MATCHING`.

    Parameters
    ----------
    sold, bought : under the contracts ``internal_trades_sold`` and ``internal_trades_bought``, pandas frames or
        anything narwhals can scan. Give more than the period: a trade that one side booked in the month before is
        then no one-sided trade.
    first, last : the period, both days included; all bookings when left out.
    tolerance : what is not material. It is held against the two bookings, whichever months they lie in. A booking
        whose other side may still come in time is awaited as of ``last``; if it does not come it is listed again, as
        one-sided and without an amount, in the period in which it falls due.

    Returns
    -------
    One row per trade that a side booked in the period: a pandas frame in the order of the ids, or a lazy frame where
    the bookings are none of pandas. Where the sides name other units, the seller's are shown and the buyer's beside
    them. An amount booked outside the period counts as 0 in it.

    >>> sold = pd.DataFrame({"trade_id": ["T1"], "seller_id": ["M"], "buyer_id": ["A"], "product_id": ["P"],
    ...     "quantity": [1], "amount_fen": [500], "traded_on": pd.to_datetime(["2026-09-30"])})
    >>> bought = sold.assign(traded_on=pd.to_datetime(["2026-10-01"]))
    >>> for days in (0, 1):
    ...     found = match_trades(sold, bought, first=date(2026, 10, 1), last=date(2026, 10, 31),
    ...         tolerance=Tolerance(days=days))
    ...     found[["status", "sold_fen", "bought_fen", "difference_fen"]].to_numpy().tolist()
    [['date_differs', 0, 500, -500]]
    [['within_tolerance', 0, 500, -500]]
    """
    in_period = {name: _dated(name, first, last) for name in ("traded_on", f"traded_on{OTHER}")}
    rows = paired(sold, bought, last=last, tolerance=tolerance).filter(
        nw.any_horizontal(*in_period.values(), _falls_due(first, tolerance), ignore_nulls=True)
    )
    parties = nw.concat_str([f"seller_id{OTHER}", f"buyer_id{OTHER}"], separator=" → ")
    amounts = zip(("sold_fen", "bought_fen"), ("amount_fen", f"amount_fen{OTHER}"), in_period.values(), strict=True)
    shown = rows.with_columns(
        *(nw.when(dated).then(nw.col(amount)).otherwise(nw.lit(0)).alias(name) for name, amount, dated in amounts),
        *(nw.coalesce(name, f"{name}{OTHER}").alias(name) for name in ("trade_id", "seller_id", "buyer_id")),
        other_parties=nw.when(nw.col("status") == "parties_differ").then(parties),
        bought_on=nw.col(f"traded_on{OTHER}"),
    ).with_columns(difference_fen=nw.col("sold_fen") - nw.col("bought_fen"))
    matching = shown.select(*MATCHING.names)
    if matching.implementation.is_pandas():
        return MATCHING.conform(to_pandas(matching).sort_values("trade_id", kind="stable"))
    return matching


def _falls_due(first: date | None, tolerance: Tolerance) -> nw.Expr:
    """One side booked before the period, and the last day for the other lies within it."""
    if first is None:
        return nw.lit(False)
    before = first - timedelta(days=1)
    return one_sided() & booked_on().is_between(midnight(first_day_awaited(before, tolerance)), midnight(before))


def _dated(column: str, first: date | None, last: date | None) -> nw.Expr:
    """Whether a day lies in the period; a missing one does not."""
    return nw.col(column).is_between(midnight(first or date.min), midnight(last or date.max))


class Settled(NamedTuple):
    """What came of a matching: the trades that differ (`MATCHING`) and the sums of each status (`TRADE_STATUSES`)."""

    different: pd.DataFrame
    statuses: pd.DataFrame


def settled(matching: Any) -> Settled:
    """The trades on which the two sides do not agree, and the sums of all, in one pass over the matching.

    Parameters
    ----------
    matching : from `match_trades`. 1 fen is a difference, and so is another day; what lies within the tolerance is
        listed too, under a status of its own.

    Returns
    -------
    The differences, largest first, and the sums in the order of `STATUSES`.

    >>> sold = pd.DataFrame({"trade_id": ["T1", "T2", "T3"], "seller_id": "M", "buyer_id": "A", "product_id": "P",
    ...     "quantity": 1, "amount_fen": 500, "traded_on": pd.to_datetime("2026-10-08")})
    >>> later, dearer = sold["traded_on"].mask(sold.index == 1, pd.Timestamp("2026-10-09")), [500, 500, 501]
    >>> different, statuses = settled(match_trades(sold, sold.assign(traded_on=later, amount_fen=dearer)))
    >>> different["trade_id"].tolist()
    ['T3', 'T2']
    >>> statuses[["status", "n_trades", "difference_fen"]].to_numpy().tolist()
    [['matched', 1, 0], ['amount_differs', 1, -1], ['date_differs', 1, 0]]
    """
    words, days = ("seller_id", "buyer_id", "other_parties"), ("traded_on", "bought_on")
    sums = ("n_trades", "sold_fen", "bought_fen", "difference_fen")
    off = nw.col("status") != "matched"
    rows = lazy(matching).with_columns(
        *(nw.when(off).then(nw.col(name)).alias(name) for name in (*words, *days)),
        trade_id=nw.when(off).then(nw.col("trade_id")).otherwise(nw.lit("")),
        n_trades=nw.lit(1),
    )
    parts = [nw.col(name).max() for name in (*words, *days)] + [nw.col(name).sum() for name in sums]
    told = to_pandas(whole(rows.group_by("status", "trade_id").agg(*parts), sums))
    off_rows = told[told["status"] != "matched"]
    different = off_rows.assign(_size=off_rows["difference_fen"].abs())
    different = different.sort_values(["_size", "trade_id"], ascending=[False, True])
    order = {status: place for place, status in enumerate(STATUSES)}
    by_status = told.groupby("status")[list(sums)].sum().sort_index(key=lambda codes: codes.map(order))
    return Settled(MATCHING.conform(different), TRADE_STATUSES.conform(by_status.reset_index()))


def differences(matching: Any) -> pd.DataFrame:
    """The trades on which the two sides do not agree, largest first: see `settled`."""
    return settled(matching).different


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


def trade_checks(told: Settled, sold: pd.DataFrame, bought: pd.DataFrame) -> list[Check]:
    """Every booking of either side stands in the matching, the list explains the gap, and both sides booked the same.

    The last check is the one that fails where one side forgot a trade or booked another amount; by the one before
    it, what then remains of A2 − B0 over the company is the sum of the trades listed. A tolerance moves neither.

    Parameters
    ----------
    told : from `settled`.
    sold, bought : both sides' bookings of the period.
    """
    total_sold, total_bought = int(sold["amount_fen"].sum()), int(bought["amount_fen"].sum())
    different, statuses = told
    n, tolerated = len(different), int(different["status"].isin(TOLERATED).sum())
    seen = Label(
        f"见内部交易差异表,{n} 笔,其中容差以内 {tolerated} 笔",
        f"see the trades that differ, {n}, of which within tolerance {tolerated}",
    )
    sides = {
        "sold": (int(statuses["sold_fen"].sum()), total_sold, None),
        "bought": (int(statuses["bought_fen"].sum()), total_bought, None),
        "listed": (total_sold - total_bought, int(different["difference_fen"].sum()), None),
        "both_sides": (total_sold, total_bought, seen if n else None),
    }
    return [
        Check(f"trade.{key}", _CHECKED[key], left, right, Unit.FEN, detail)
        for key, (left, right, detail) in sides.items()
    ]


_CHECKED = words(
    sold="各状态卖方金额之和 = 卖方入账 | sellers' amounts by status = sellers' bookings",
    bought="各状态买方金额之和 = 买方入账 | buyers' amounts by status = buyers' bookings",
    listed="公司层面:内部销售 − 内部采购 = 所列差异之和 | "
    "company: internal sales − internal purchases = differences listed",
    both_sides="公司层面:内部销售 = 内部采购 | company: internal sales = internal purchases",
)
