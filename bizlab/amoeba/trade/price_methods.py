"""Agreed internal prices computed again from what they are made of: market, cost plus, commission."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pandas as pd

from bizlab.amoeba.trade.price_deviations import METHODS, PRICE_DEVIATIONS
from bizlab.contracts.check import Check
from bizlab.contracts.columns import column, count, reason, table, words
from bizlab.contracts.finding import Finding
from bizlab.contracts.says import row_key, says
from bizlab.exact import round_half_up
from bizlab.labels import Label
from bizlab.units.kinds import Unit

NEGOTIATED = "negotiated"
_KEY = ["product_id", "seller_id", "buyer_id", "valid_from"]
_NOT_COMPUTED = words(
    {
        NEGOTIATED: "协商定价,无从重算 | negotiated: nothing to compute it from",
        "no_base": "未填计价基数 | no base is given",
        "no_rate": "未填计价比率 | no rate is given",
    }
)

RECOMPUTED = table(
    "recomputed_prices",
    "按定价方式重算的内部价格 | Agreed prices computed again by their method",
    "本期有效的每个约定价一行 | one row per agreed price in force in the period",
    PRICE_DEVIATIONS["product_id"],
    PRICE_DEVIATIONS["seller_id"],
    PRICE_DEVIATIONS["buyer_id"],
    column("method", "定价方式 | Price method", words=METHODS),
    column("valid_from", "生效日期 | Valid from", unit=Unit.DATE),
    column("base_fen", "计价基数 | Base", nullable=True),
    column("rate", "计价比率 | Rate", nullable=True),
    column("price_fen", "约定单价 | Agreed"),
    column(
        "method_fen",
        "重算单价 | By its method",
        "市场价、佣金:基数 ×(1 − 比率);成本加成:基数 ×(1 + 比率);四舍五入到分 | "
        "market, commission: base × (1 − rate); cost plus: base × (1 + rate); rounded to the fen, halves up",
        nullable=True,
    ),
    reason("method_fen", _NOT_COMPUTED),
    column("difference_fen", "每件差额 | Difference a piece", nullable=True),
    count("quantity", "本期数量 | Pieces in the period"),
    column("at_agreed_fen", "按约定单价 | At the agreed price"),
    column("at_method_fen", "按重算单价 | At the price by method", nullable=True),
    column("effect_fen", "本期影响 | Effect in the period", nullable=True),
    key=" ".join(_KEY),
    sums={
        "difference_fen = price_fen - method_fen": "差额 = 约定 − 重算 | difference = agreed − by method",
        "effect_fen = at_agreed_fen - at_method_fen": (
            "影响 = 按约定 − 按重算 | effect = at the agreed price − at the price by method"
        ),
    },
)
OFF_METHOD = replace(
    RECOMPUTED,
    name="off_method",
    label=Label("与定价方式不符的约定价", "Agreed prices that are not what their method gives"),
    grain=Label("本期有效而不符或无从重算的每个约定价一行", "one row per agreed price in force that is off its method"),
)
METHOD_COUNTS = table(
    "method_counts",
    "各定价方式的重算结果 | What became of the prices of each method",
    "每种定价方式一行 | one row per method in force",
    RECOMPUTED["method"],
    column("n_prices", "约定价个数 | Agreed prices"),
    column("n_as_method", "与重算一致 | As their method gives"),
    column("n_off", "与重算不同 | Other than it gives"),
    column("n_not_computed", "无从重算 | Nothing to compute from"),
    column("at_agreed_fen", "本期按约定单价 | Period at the agreed price"),
    key="method",
    sums={
        "n_prices = n_as_method + n_off + n_not_computed": "每个约定价恰有一个结果 | each agreed price has one outcome"
    },
)


def method_price(method: str, base_fen: int, rate: Fraction) -> int:
    """The price of a piece by its method, in whole fen, rounded once with the library's rule.

    - ``market``: the market price less the discount inside (no selling, no bad debts): base x (1 - rate). The
      comparable uncontrolled price of the OECD's guidelines.
    - ``cost_plus``: the unit cost and a mark-up on it: base x (1 + rate).
    - ``commission``: what the customer outside pays, less the share of it that the selling unit keeps for its work:
      base x (1 - rate). The guidelines' resale price method.

    A negotiated price follows from nothing. OECD, *Transfer Pricing Guidelines for Multinational Enterprises and Tax
    Administrations*, chapter II, part II; for divisions of one company Horngren, Datar and Rajan, *Cost Accounting:
    A Managerial Emphasis*, on market-based, cost-based and negotiated transfer prices.

    >>> method_price("market", 2200, Fraction("0.02")), method_price("commission", 24000, Fraction("0.363"))
    (2156, 15288)
    >>> method_price("cost_plus", 46100, Fraction("0.225"))  # 56472.5
    56473
    """
    return round_half_up(base_fen * (1 + rate if method == "cost_plus" else 1 - rate))


def exact_rate(rate: float) -> Fraction:
    """The decimal that was typed for a rate: a float stands for the shortest decimal that reads as it.

    That is the one typed where it has at most 15 significant digits.

    >>> exact_rate(0.225), Fraction(0.225) == Fraction("0.225")
    (Fraction(9, 40), False)
    """
    return Fraction(repr(float(rate)))


def recomputed_prices(prices: pd.DataFrame, sold: pd.DataFrame, *, first: date, last: date) -> pd.DataFrame:
    """Every agreed price in force in a period against what its method gives: see `RECOMPUTED`.

    Parameters
    ----------
    prices : under the contract ``transfer_prices``: ``base_fen`` and ``rate`` say what a price is made of.
    sold : the sellers' bookings of the period.
    first, last : the period, both days included.

    Returns
    -------
    Largest effects first, then by key. A price without base or rate has none by its method, and the reason beside it.

    >>> day = pd.Timestamp
    >>> pair = {"product_id": "P", "seller_id": "M", "buyer_id": "A"}
    >>> prices = pd.DataFrame([{**pair, "method": "cost_plus", "price_fen": 1250, "base_fen": 1000, "rate": 0.2,
    ...     "valid_from": day("2026-01-01"), "valid_to": pd.NaT}])
    >>> sold = pd.DataFrame([{**pair, "quantity": 3, "traded_on": day("2026-10-08")}])
    >>> recomputed = recomputed_prices(prices, sold, first=date(2026, 10, 1), last=date(2026, 10, 31))
    >>> recomputed[["price_fen", "method_fen", "difference_fen", "effect_fen"]].to_numpy().tolist()
    [[1250, 1200, 50, 150]]
    """
    in_force = (prices["valid_from"] <= pd.Timestamp(last)) & ~(prices["valid_to"] < pd.Timestamp(first))
    rows = prices[in_force].reset_index(drop=True)
    reason = pd.Series(None, index=rows.index, dtype="str").mask(rows["rate"].isna(), "no_rate")
    reason = reason.mask(rows["base_fen"].isna(), "no_base").mask(rows["method"] == NEGOTIATED, NEGOTIATED)
    by_method = [
        None if pd.notna(why) else method_price(method, int(base), exact_rate(rate))
        for why, method, base, rate in zip(reason, rows["method"], rows["base_fen"], rows["rate"], strict=True)
    ]
    method_fen = pd.Series(by_method, index=rows.index, dtype="Int64")
    pairs = rows.reset_index(names="row")[["row", *_KEY, "valid_to"]].merge(sold, on=_KEY[:3])
    starts, ends = pairs["valid_from"] <= pairs["traded_on"], pairs["valid_to"] < pairs["traded_on"]
    pieces = pairs[starts & ~ends].groupby("row")["quantity"].sum()
    quantity = pieces.reindex(rows.index, fill_value=0).astype("int64")
    table = rows.assign(
        method_fen=method_fen,
        method_fen_reason=reason,
        difference_fen=rows["price_fen"] - method_fen,
        quantity=quantity,
        at_agreed_fen=rows["price_fen"] * quantity,
        at_method_fen=method_fen * quantity,
        effect_fen=(rows["price_fen"] - method_fen) * quantity,
    )
    size = table["effect_fen"].abs().fillna(0)
    ordered = table.assign(_size=size).sort_values(["_size", *_KEY], ascending=[False, *[True] * len(_KEY)])
    return RECOMPUTED.conform(ordered)


def off_method(recomputed: pd.DataFrame) -> pd.DataFrame:
    """The prices that are not what their method gives, and those that lack what it needs: see `OFF_METHOD`."""
    lacking = recomputed["method_fen"].isna() & (recomputed["method"] != NEGOTIATED)
    return recomputed[lacking | (recomputed["difference_fen"] != 0).fillna(False)].reset_index(drop=True)


def method_counts(recomputed: pd.DataFrame) -> pd.DataFrame:
    """How many prices of each method came out how: see `METHOD_COUNTS`."""
    known = recomputed["method_fen"].notna()
    same = (recomputed["difference_fen"] == 0).fillna(False).astype(bool)
    counted = recomputed.assign(n_prices=1, n_as_method=same, n_off=known & ~same, n_not_computed=~known)
    sums = counted.groupby("method")[[name for name in METHOD_COUNTS.names if name != "method"]].sum()
    return METHOD_COUNTS.conform(sums.reindex([name for name in METHODS if name in sums.index]).reset_index())


def method_checks(recomputed: pd.DataFrame, deviations: pd.DataFrame, sold: pd.DataFrame) -> list[Check]:
    """Sales at the agreed prices, what deviates from them and what has none make up the sellers' bookings.

    Parameters
    ----------
    recomputed : from `recomputed_prices`. deviations : from `price_deviations`, for the same sales.
    sold : the sellers' bookings of the period.
    """
    agreed, off = int(recomputed["at_agreed_fen"].sum()), int(deviations["deviation_fen"].sum())
    without = int(deviations.loc[deviations["agreed_fen"].isna(), "booked_fen"].sum())
    label = Label(
        "卖方入账 = 按约定单价 + 偏离 + 无约定价者",
        "sellers' bookings = at agreed prices + deviations + without an agreed price",
    )
    return [Check("prices.booked", label, int(sold["amount_fen"].sum()), agreed + off + without, Unit.FEN)]


_OTHER = (
    "{product_id}({seller_id} 卖给 {buyer_id})约定单价 {price_fen},按{method}重算为 {method_fen},"
    "每件差 {difference_fen},本期影响 {effect_fen} | "
    "{product_id} ({seller_id} to {buyer_id}) is agreed at {price_fen}; its method ({method}) gives {method_fen}: "
    "{difference_fen} a piece, {effect_fen} in the period"
)
_LACKING = (
    "{product_id}({seller_id} 卖给 {buyer_id})按{method}定价,却没有计价基数或比率,无从重算约定单价 {price_fen} | "
    "{product_id} ({seller_id} to {buyer_id}) is priced by {method} but has no base or no rate; "
    "{price_fen} cannot be recomputed"
)


def method_findings(off: pd.DataFrame) -> list[Finding]:
    """Each agreed price of `OFF_METHOD`, shown under the key ``methods``, with what its method gives or lacks."""
    return [
        says(
            row,
            OFF_METHOD,
            _LACKING if pd.isna(row["effect_fen"]) else _OTHER,
            key="-".join(("method", *row_key(row, OFF_METHOD))),
            table="methods",
            direction="bad",
            material=True,
            weight=0.0 if pd.isna(row["effect_fen"]) else abs(float(row["effect_fen"])),
            basis="约定价与其定价方式重算的价格相比 | the agreed price against the one computed by its method",
        )
        for row in off.to_dict("records")
    ]
