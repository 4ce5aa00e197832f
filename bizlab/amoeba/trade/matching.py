"""Internal trade: both sides' bookings matched one to one."""

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
from bizlab.contracts.columns import code, column, table, text
from bizlab.contracts.finding import Finding
from bizlab.contracts.says import says
from bizlab.engine import dated, lazy, midnight, to_pandas, whole
from bizlab.labels import Label
from bizlab.units.kinds import Unit

_BOOKED = "未在本期入账为 0 | 0 if not booked in the period"
IS_DIFFERENCE = {"difference_fen = sold_fen - bought_fen": "差额 = 卖方 − 买方 | difference = seller − buyer"}

MATCHING = table(
    "matching",
    "内部交易核对 | Internal trade, matched",
    "每笔内部交易一行 | one row per internal trade",
    code("trade_id", "交易单号 | Trade id"),
    column("status", "状态 | Status", choices=STATUSES),
    code("seller_id", "卖方巴 | Selling unit", refers="units"),
    code("buyer_id", "买方巴 | Buying unit", refers="units"),
    text("other_parties", "买方所记双方 | Parties in the buyer's book", nullable=True),
    column("traded_on", "卖方入账日 | Seller's date", nullable=True),
    column("bought_on", "买方入账日 | Buyer's date", nullable=True),
    column("sold_fen", "卖方金额 | Seller's amount", _BOOKED),
    column("bought_fen", "买方金额 | Buyer's amount", _BOOKED),
    column("difference_fen", "差额 | Difference"),
    key="trade_id",
    sums=IS_DIFFERENCE,
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
    sums=IS_DIFFERENCE,
)


def within(records: Any, column: str, first: date, last: date) -> pd.DataFrame:
    """The rows dated in a period, both days included, as a pandas frame whatever holds the records.

    >>> rows = pd.DataFrame({"on": pd.to_datetime(["2026-09-30", "2026-10-31", None])})
    >>> len(within(rows, "on", date(2026, 10, 1), date(2026, 10, 31)))
    1
    """
    return to_pandas(dated(records, column, first, last))


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
    tolerance : what is not material. It is compared with the two bookings, whichever months they lie in. A booking
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
    ...     matching = match_trades(sold, bought, first=date(2026, 10, 1), last=date(2026, 10, 31),
    ...         tolerance=Tolerance(days=days))
    ...     matching[["status", "sold_fen", "bought_fen", "difference_fen"]].to_numpy().tolist()
    [['date_differs', 0, 500, -500]]
    [['within_tolerance', 0, 500, -500]]
    """
    begin, end = midnight(first or date.min), midnight(last or date.max)
    in_period = {name: nw.col(name).is_between(begin, end) for name in ("traded_on", f"traded_on{OTHER}")}
    rows = paired(sold, bought, last=last, tolerance=tolerance).filter(
        nw.any_horizontal(*in_period.values(), _falls_due(first, tolerance), ignore_nulls=True)
    )
    parties = nw.concat_str([f"seller_id{OTHER}", f"buyer_id{OTHER}"], separator=" → ")
    amounts = zip(("sold_fen", "bought_fen"), ("amount_fen", f"amount_fen{OTHER}"), in_period.values(), strict=True)
    shown = rows.with_columns(
        *(nw.when(inside).then(nw.col(amount)).otherwise(nw.lit(0)).alias(name) for name, amount, inside in amounts),
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
    grouped = to_pandas(whole(rows.group_by("status", "trade_id").agg(*parts), sums))
    off_rows = grouped[grouped["status"] != "matched"]
    by_size = off_rows.assign(size=off_rows["difference_fen"].abs())
    different = by_size.sort_values(["size", "trade_id"], ascending=[False, True])
    order = {status: place for place, status in enumerate(STATUSES)}
    by_status = grouped.groupby("status")[list(sums)].sum().sort_index(key=lambda codes: codes.map(order))
    return Settled(MATCHING.conform(different), TRADE_STATUSES.conform(by_status.reset_index()))


def differences(matching: Any) -> pd.DataFrame:
    """The trades on which the two sides do not agree, largest first: see `settled`."""
    return settled(matching).different


def trade_checks(outcome: Settled, sold: pd.DataFrame, bought: pd.DataFrame) -> list[Check]:
    """Every booking of either side stands in the matching, the list explains the gap, and both sides booked the same.

    The last check is the one that fails where one side forgot a trade or booked another amount; by the one before
    it, what then remains of A2 − B0 over the company is the sum of the trades listed. A tolerance moves neither.

    Parameters
    ----------
    outcome : from `settled`.
    sold, bought : both sides' bookings of the period.
    """
    total_sold, total_bought = int(sold["amount_fen"].sum()), int(bought["amount_fen"].sum())
    different, statuses = outcome
    n, tolerated = len(different), int(different["status"].isin(TOLERATED).sum())
    seen = Label(
        f"见内部交易差异表,{n} 笔,其中容差以内 {tolerated} 笔",
        f"see the trades that differ, {n}, of which within tolerance {tolerated}",
    )
    sellers = Label("各状态卖方金额之和 = 卖方入账", "sellers' amounts by status = sellers' bookings")
    buyers = Label("各状态买方金额之和 = 买方入账", "buyers' amounts by status = buyers' bookings")
    listed = Label(
        "公司层面:内部销售 − 内部采购 = 所列差异之和",
        "company: internal sales − internal purchases = differences listed",
    )
    both = Label("公司层面:内部销售 = 内部采购", "company: internal sales = internal purchases")
    apart = int(different["difference_fen"].sum())
    return [
        Check("trade.sold", sellers, int(statuses["sold_fen"].sum()), total_sold, Unit.FEN),
        Check("trade.bought", buyers, int(statuses["bought_fen"].sum()), total_bought, Unit.FEN),
        Check("trade.listed", listed, total_sold - total_bought, apart, Unit.FEN),
        Check("trade.both_sides", both, total_sold, total_bought, Unit.FEN, seen if n else None),
    ]


def trade_findings(different: pd.DataFrame) -> list[Finding]:
    """Each trade that differs by more than the tolerance, from `MATCHING`, shown under the key ``differences``."""
    return [
        says(
            row,
            MATCHING,
            "内部交易 {trade_id}({seller_id} 卖给 {buyer_id}){status},差额 {difference_fen} | "
            "internal trade {trade_id} ({seller_id} to {buyer_id}): {status}, difference {difference_fen}",
            key=f"trade-{row['trade_id']}",
            table="differences",
            direction="bad",
            material=True,
            weight=abs(float(row["difference_fen"])),
            basis="双方须逐笔一致,一分之差也列出 | both sides must agree trade by trade; even one fen is listed",
        )
        for row in different[~different["status"].isin(TOLERATED)].to_dict("records")
    ]


def tolerated_findings(statuses: pd.DataFrame, tolerance: Tolerance) -> list[Finding]:
    """What lies within the tolerance, a sentence a status, from `TRADE_STATUSES`, shown under the key ``statuses``."""
    return [
        says(
            row,
            TRADE_STATUSES,
            "{status}的内部交易 {n_trades} 笔,差额合计 {difference_fen},照样计入合计 | "
            "internal trade, {status}: {n_trades}, with a difference of {difference_fen} in all, "
            "which counts like any other",
            key=f"trades-{row['status']}",
            table="statuses",
            weight=abs(float(row["difference_fen"])),
            basis=tolerance.note,
        )
        for row in statuses[statuses["status"].isin(TOLERATED)].to_dict("records")
    ]
