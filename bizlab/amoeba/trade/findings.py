"""What internal trade has to say: where the two books differ, what may belong together, and prices that deviate."""

from __future__ import annotations

from collections.abc import Hashable

import pandas as pd

from bizlab.amoeba.trade.pairing import TOLERATED, Tolerance
from bizlab.contracts.columns import words
from bizlab.contracts.finding import Finding, Ref
from bizlab.labels import Label


def trade_findings(different: pd.DataFrame, *, table: str = "differences") -> list[Finding]:
    """Each internal trade on which the two sides do not agree by more than the tolerance.

    Parameters
    ----------
    different : from `settled`, shown under the key ``table``.
    """
    names = {
        "trade": "trade_id",
        "status": "status",
        "seller": "seller_id",
        "buyer": "buyer_id",
        "amount": "difference_fen",
    }
    return [
        Finding(
            key=f"trade-{row['trade_id']}",
            text=Label(
                "内部交易 {trade}({seller} 卖给 {buyer}){status},差额 {amount}",
                "internal trade {trade} ({seller} to {buyer}): {status}, difference {amount}",
            ),
            refs={name: Ref(table, (str(row["trade_id"]),), column) for name, column in names.items()},
            direction="bad",
            material=True,
            weight=abs(float(row["difference_fen"])),
            basis=Label(
                "双方须逐笔一致,一分之差也列出", "both sides must agree trade by trade; even one fen is listed"
            ),
        )
        for row in different[~different["status"].isin(TOLERATED)].to_dict("records")
    ]


def tolerated_findings(statuses: pd.DataFrame, tolerance: Tolerance, *, table: str = "statuses") -> list[Finding]:
    """What lies within the tolerance, in a sentence a status: it is not material, and it is not nothing.

    Parameters
    ----------
    statuses : from `settled`, shown under the key ``table``.
    """
    text = Label(
        "{status}的内部交易 {n} 笔,差额合计 {amount},照样计入合计",
        "internal trade, {status}: {n}, with a difference of {amount} in all, which counts like any other",
    )
    names = {"status": "status", "n": "n_trades", "amount": "difference_fen"}
    return [
        Finding(
            key=f"trades-{row['status']}",
            text=text,
            refs={name: Ref(table, (str(row["status"]),), column) for name, column in names.items()},
            weight=abs(float(row["difference_fen"])),
            basis=tolerance.note,
        )
        for row in statuses[statuses["status"].isin(TOLERATED)].to_dict("records")
    ]


_PROPOSED = words(
    renumbered="卖方 {single} 与买方 {other}({amount})可能是同一笔交易,单号不同 | "
    "{single} of the seller and {other} of the buyer ({amount}) may be one trade under two numbers",
    split="卖方 {single}({amount})恰为买方 {n} 笔之和,可能是分批入账 | "
    "{single} of the seller ({amount}) is the sum of bookings of the buyer ({n}): perhaps taken in by parts",
    merged="买方 {single}({amount})恰为卖方 {n} 笔之和,可能是合并入账 | "
    "{single} of the buyer ({amount}) is the sum of bookings of the seller ({n}): perhaps taken in together",
)


def proposal_findings(proposals: pd.DataFrame, *, table: str = "proposals") -> list[Finding]:
    """Which bookings might belong together, and whether that is the only way; a proposal nets nothing.

    Parameters
    ----------
    proposals : from `propose`, shown under the key ``table``.
    """
    return [_proposed(rows.to_dict("records"), table) for _, rows in proposals.groupby("proposal_no", sort=False)]


def _proposed(rows: list[dict[Hashable, object]], table: str) -> Finding:
    single, other = ((str(row["proposal_no"]), str(row["side"]), str(row["trade_id"])) for row in rows[:2])
    text = _PROPOSED[str(rows[0]["kind"])]
    if rows[0]["n_others"]:
        text = Label(f"{text.zh};另有 {{others}} 种可能", f"{text.en}; other ways: {{others}}")
    named = {"amount": "amount_fen", "n": "n_parts", "others": "n_others"}
    refs = {"single": Ref(table, single, "trade_id"), "other": Ref(table, other, "trade_id")}
    refs |= {name: Ref(table, single, column) for name, column in named.items()}
    return Finding(
        key=f"proposal-{'-'.join(single[1:])}",
        text=text,
        refs={name: ref for name, ref in refs.items() if f"{{{name}}}" in text.en},
        weight=abs(float(str(rows[0]["amount_fen"]))),
        basis=Label("仅为建议,差异照样列出", "a proposal only; the differences stay listed"),
    )


def price_findings(deviations: pd.DataFrame, *, table: str = "prices") -> list[Finding]:
    """Each sale above or below its agreed transfer price.

    Parameters
    ----------
    deviations : from `price_deviations`, shown under the key ``table``.
    """
    names = {
        "trade": "trade_id",
        "seller": "seller_id",
        "buyer": "buyer_id",
        "amount": "deviation_fen",
        "rate": "deviation_rate",
        "agreed": "agreed_fen",
    }
    return [
        Finding(
            key=f"price-{row['trade_id']}",
            text=Label(
                "交易 {trade}({seller} 卖给 {buyer})偏离约定金额 {agreed} 达 {amount}({rate})",
                "trade {trade} ({seller} to {buyer}) is {amount} ({rate}) off the agreed {agreed}",
            ),
            refs={name: Ref(table, (str(row["trade_id"]),), column) for name, column in names.items()},
            direction="bad",
            material=True,
            weight=abs(float(row["deviation_fen"])),
            basis=Label("成交价与当日约定的内部价格相比", "the price booked against the one agreed for the day"),
        )
        for row in deviations.to_dict("records")
        if pd.notna(row["deviation_fen"])
    ]


def method_findings(off: pd.DataFrame, *, table: str = "methods") -> list[Finding]:
    """Each agreed price that is not what its method gives, or lacks what the method needs.

    Parameters
    ----------
    off : from `off_method`, shown under the key ``table``.
    """
    other = Label(
        "{item}({seller} 卖给 {buyer})约定单价 {agreed},按{method}重算为 {computed},每件差 {each},本期影响 {effect}",
        "{item} ({seller} to {buyer}) is agreed at {agreed}; its method ({method}) gives {computed}: {each} a piece, "
        "{effect} in the period",
    )
    lacking = Label(
        "{item}({seller} 卖给 {buyer})按{method}定价,却没有计价基数或比率,无从重算约定单价 {agreed}",
        "{item} ({seller} to {buyer}) is priced by {method} but has no base or no rate; {agreed} cannot be recomputed",
    )
    columns = {"item": "product_id", "seller": "seller_id", "buyer": "buyer_id", "method": "method"}
    columns |= {"agreed": "price_fen", "computed": "method_fen", "each": "difference_fen", "effect": "effect_fen"}
    found = []
    for row in off.to_dict("records"):
        place = (str(row["product_id"]), str(row["seller_id"]), str(row["buyer_id"]), f"{row['valid_from']:%Y-%m-%d}")
        known = pd.notna(row["effect_fen"])
        text = other if known else lacking
        refs = {name: Ref(table, place, column) for name, column in columns.items() if f"{{{name}}}" in text.en}
        weight = abs(float(row["effect_fen"])) if known else 0.0
        basis = Label("约定价与其定价方式重算的价格相比", "the agreed price against the one computed by its method")
        found.append(Finding(f"method-{'-'.join(place)}", text, refs, "bad", True, weight, basis))
    return found
