"""Bookings of internal trade that might belong together though their numbers do not say so; nothing is netted."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

import narwhals as nw
import pandas as pd

from bizlab.amoeba.trade.matching import MATCHING
from bizlab.amoeba.trade.pairing import BOOKING, EXACT, OTHER, Tolerance, paired
from bizlab.amoeba.trade.subset_sums import MOST_CANDIDATES, MOST_PARTS, Delivery, fits
from bizlab.contracts.check import Check
from bizlab.contracts.columns import code, column, count, table, words
from bizlab.contracts.finding import Finding, Ref
from bizlab.contracts.says import row_key, says
from bizlab.engine import midnight, to_pandas
from bizlab.labels import Label
from bizlab.units.kinds import Unit

WINDOW_DAYS = 7
"""How far bookings that belong together may lie apart."""
OPEN = ("awaited", "amount_differs", "item_differs", "parties_differ", "seller_only", "buyer_only")
"""Statuses of trades whose bookings may belong to others."""
_SAID = ["side", "seller_id", "buyer_id", "product_id", "trade_id", "traded_on", "quantity", "amount_fen"]
KINDS = words(
    renumbered="单号不同 | Another number",
    split="卖方一笔,买方分批 | Split by the buyer",
    merged="卖方分批,买方一笔 | Merged by the buyer",
)
SIDES = words(seller="卖方 | Seller", buyer="买方 | Buyer")

PROPOSALS = table(
    "trade_proposals",
    "可能属于同一交易的入账 | Bookings that might belong together",
    "每个建议的每笔入账一行 | one row per proposal and booking",
    count("proposal_no", "建议 | Proposal"),
    column("kind", "情形 | Kind", choices=KINDS),
    column(
        "n_others",
        "其他可能 | Other ways",
        "凑成该单笔的其他组合数,加上可替代该单笔的入账数;0 表示唯一 | "
        "other ways to make up the single booking, and bookings that could stand in its place; 0: only one way",
    ),
    column("side", "入账方 | Booked by", choices=SIDES),
    MATCHING["trade_id"],
    code("product_id", "品项 | Item"),
    count("quantity", "数量 | Quantity"),
    column("amount_fen", "金额 | Amount"),
    column("traded_on", "入账日 | Booked on"),
    column(
        "days_after",
        "晚于单笔 | After the single one",
        "与单笔一方入账日之差;早于为负 | day less that of the single booking; earlier is negative",
        unit=Unit.DAYS,
    ),
    MATCHING["seller_id"],
    MATCHING["buyer_id"],
    column("n_parts", "另一方笔数 | Bookings of the other side"),
    key="proposal_no side trade_id",
)
NOTE = Label(
    f"仅为建议,不改动任何数字。同一买卖双方、同一品项,相距 {WINDOW_DAYS} 天以内,数量与金额都恰好相等;单笔对至多 "
    f"{MOST_PARTS} 笔,取最近的 {MOST_CANDIDATES} 笔试算;笔数少者、日期近者优先,每笔入账只用一次。",
    f"Proposals only: no figure is changed. Same units and item, within {WINDOW_DAYS} days, quantity and amount "
    f"exactly equal; one booking against up to {MOST_PARTS} of the {MOST_CANDIDATES} nearest; the fewest first, then "
    "the nearest in days; each booking is used once.",
)


def open_bookings(
    sold: Any, bought: Any, *, first: date, last: date, tolerance: Tolerance = EXACT, window_days: int = WINDOW_DAYS
) -> pd.DataFrame:
    """Bookings to which the other side has none with the same number, parties, item, quantity and amount.

    Parameters
    ----------
    sold, bought, tolerance : as for `match_trades`.
    first, last : the period; bookings of the window before it are given as well, since they may belong to its own.

    Returns
    -------
    One row per side and booking: ``side`` (seller, buyer) and `BOOKING`.
    """
    start, end = midnight(first - timedelta(days=window_days)), midnight(last)
    rows = paired(sold, bought, last=last, tolerance=tolerance).filter(
        nw.col("status").is_in(OPEN),
        nw.any_horizontal(
            *(nw.col(f"traded_on{suffix}").is_between(start, end) for suffix in ("", OTHER)), ignore_nulls=True
        ),
    )
    off = to_pandas(rows)
    sides = [
        off[[f"{name}{suffix}" for name in BOOKING]].set_axis(list(BOOKING), axis=1).assign(side=side)
        for side, suffix in zip(SIDES, ("", OTHER), strict=True)
    ]
    both = pd.concat(sides, ignore_index=True).dropna(subset="trade_id")
    return both[both["traded_on"].between(pd.Timestamp(first) - pd.Timedelta(days=window_days), pd.Timestamp(last))]


class Pairing(NamedTuple):
    """One booking of a side (0 the seller's, 1 the buyer's), and what it might be made up of on the other."""

    side: int
    whole: Delivery
    parts: tuple[Delivery, ...]
    n_others: int


def pairings(sold: Sequence[Delivery], bought: Sequence[Delivery], *, window_days: int) -> Iterator[Pairing]:
    """Pair the bookings of two units for one item, the closest first, each booking once.

    Greedy: whatever is closest among the bookings that are still free is proposed next (fewest bookings, then fewest
    days apart, then the seller's single booking, then by day and id). Other ways are counted among all bookings,
    whether free or not: ways to make up the single booking, and bookings that could stand in its place.

    >>> sold = [Delivery(8, "S1", 10, 1000), Delivery(8, "S2", 3, 300)]
    >>> bought = [Delivery(9, "B1", 4, 400), Delivery(9, "B2", 6, 600), Delivery(8, "B3", 3, 300)]
    >>> for pairing in pairings(sold, bought, window_days=7):
    ...     print(pairing.whole.trade_id, [part.trade_id for part in pairing.parts], pairing.n_others)
    S2 ['B3'] 0
    S1 ['B1', 'B2'] 0
    """
    books, ways = (sold, bought), dict[tuple[int, Delivery], int]()
    used: tuple[set[Delivery], set[Delivery]] = (set(), set())
    queue: list[tuple[int, int, int, Delivery, tuple[Delivery, ...]]]
    queue = [(0, 0, side, whole, ()) for side in (0, 1) for whole in books[side]]
    heapq.heapify(queue)
    while queue:
        *_, side, whole, parts = heapq.heappop(queue)
        if whole in used[side]:
            continue
        if parts and used[1 - side].isdisjoint(parts):
            used[side].add(whole)
            used[1 - side].update(parts)
            rivals = _stand_ins(whole, parts, books[side], window_days)
            yield Pairing(side, whole, parts, ways[side, whole] - 1 + rivals)
            continue
        free = [booking for booking in books[1 - side] if booking not in used[1 - side]]
        fit, n = fits(whole, free, window_days=window_days)
        ways.setdefault((side, whole), n)
        if fit:
            heapq.heappush(queue, (fit.n_parts, fit.days, side, whole, fit.parts))


def _stand_ins(whole: Delivery, parts: Iterable[Delivery], bookings: Iterable[Delivery], window_days: int) -> int:
    """How many other bookings of the same side the parts would make up just as well."""
    same = [other for other in bookings if other != whole and other[2:] == whole[2:]]
    return sum(all(abs(part.day - other.day) <= window_days for part in parts) for other in same)


def propose(bookings: pd.DataFrame, *, first: date, window_days: int = WINDOW_DAYS) -> pd.DataFrame:
    """Propose which open bookings belong together: see `PROPOSALS` and `NOTE`. No figure is changed, nothing is netted.

    Parameters
    ----------
    bookings : from `open_bookings`, with the same window.
    first : the first day of the period; proposals that lie before it altogether are left to their own month.

    Returns
    -------
    The largest amounts first; in each proposal the single booking, then those of the other side by day and id.

    >>> books = pd.DataFrame({"side": ["seller", "buyer", "buyer"], "trade_id": ["T1", "T1", "T7"], "seller_id": "M",
    ...     "buyer_id": "A", "product_id": "P", "quantity": [10, 4, 6], "amount_fen": [1000, 400, 600],
    ...     "traded_on": pd.to_datetime(["2026-10-08", "2026-10-08", "2026-10-09"])})
    >>> proposals = propose(books, first=date(2026, 10, 1))
    >>> proposals[["proposal_no", "kind", "side", "trade_id", "days_after"]].to_numpy().tolist()
    [[1, 'split', 'seller', 'T1', 0], [1, 'split', 'buyer', 'T1', 0], [1, 'split', 'buyer', 'T7', 1]]
    """
    deliveries: dict[tuple[str, ...], tuple[list[Delivery], list[Delivery]]] = defaultdict(lambda: ([], []))
    for side, *group, trade_id, on, quantity, amount_fen in bookings[_SAID].itertuples(index=False):
        of_side = deliveries[tuple(group)][tuple(SIDES).index(side)]
        of_side.append(Delivery(on.toordinal(), trade_id, quantity, amount_fen))
    proposed = [
        (pairing, group)
        for group, (sold, bought) in deliveries.items()
        for pairing in pairings(sold, bought, window_days=window_days)
        if max(booking.day for booking in (pairing.whole, *pairing.parts)) >= first.toordinal()
    ]
    proposed.sort(key=lambda entry: (-abs(entry[0].whole.amount_fen), entry[0].whole, entry[1], entry[0].side))
    return PROPOSALS.frame(
        row for number, (pairing, group) in enumerate(proposed, 1) for row in _rows(number, pairing, group)
    )


def _rows(number: int, pairing: Pairing, group: Any) -> Iterator[tuple[Any, ...]]:
    """The rows of a proposal."""
    side, whole, parts, n_others = pairing
    kind = "renumbered" if len(parts) == 1 else tuple(KINDS)[1 + side]
    single, other = tuple(SIDES)[side], tuple(SIDES)[1 - side]
    for booked_by, booking in ((single, whole), *((other, part) for part in parts)):
        on = pd.Timestamp(date.fromordinal(booking.day))
        said = (booking.trade_id, group[-1], booking.quantity, booking.amount_fen, on, booking.day - whole.day)
        yield (number, kind, n_others, booked_by, *said, *group[:-1], len(parts))


def proposal_checks(proposals: pd.DataFrame) -> list[Check]:
    """In each proposal both sides come to the same pieces and money, and no booking stands in two."""
    sizes = ["quantity", "amount_fen"]
    of_seller, number = proposals["side"] == "seller", proposals["proposal_no"]
    sold, bought = (proposals[sizes].where(mine, 0).groupby(number).sum() for mine in (of_seller, ~of_seller))
    gaps, totals = (sold - bought).abs().sum(), sold.sum()
    once = len(proposals[["side", "trade_id"]].drop_duplicates())
    pieces = "每个建议中卖方数量 = 买方数量 | in each proposal: seller's pieces = buyer's pieces"
    money = "每个建议中卖方金额 = 买方金额 | in each proposal: seller's amount = buyer's amount"
    each_once = "每笔入账至多属于一个建议 | each booking stands in at most one proposal"
    return [
        *(
            Check(f"proposals.{name}", Label.of(text), int(totals[name]), int(totals[name] - gaps[name]), unit)
            for name, text, unit in (("quantity", pieces, Unit.COUNT), ("amount_fen", money, Unit.FEN))
        ),
        Check("proposals.once", Label.of(each_once), len(proposals), once, Unit.COUNT),
    ]


_PROPOSED = words(
    renumbered="卖方 {trade_id} 与买方 {other}({amount_fen})可能是同一笔交易,单号不同 | "
    "{trade_id} of the seller and {other} of the buyer ({amount_fen}) may be one trade under two numbers",
    split="卖方 {trade_id}({amount_fen})恰为买方 {n_parts} 笔之和,可能是分批入账 | "
    "{trade_id} of the seller ({amount_fen}) is the sum of bookings of the buyer ({n_parts}): "
    "perhaps taken in by parts",
    merged="买方 {trade_id}({amount_fen})恰为卖方 {n_parts} 笔之和,可能是合并入账 | "
    "{trade_id} of the buyer ({amount_fen}) is the sum of bookings of the seller ({n_parts}): "
    "perhaps taken in together",
)


def proposal_findings(proposals: pd.DataFrame) -> list[Finding]:
    """Which bookings might belong together, and whether in this way alone: `PROPOSALS`, shown under ``proposals``."""
    findings = []
    for _, rows in proposals.groupby("proposal_no", sort=False):
        single, other, *_ = rows.to_dict("records")
        text = _PROPOSED[single["kind"]]
        if single["n_others"]:
            text = Label(text.zh + ";另有 {n_others} 种可能", text.en + "; other ways: {n_others}")
        finding = says(
            single,
            PROPOSALS,
            text,
            key=f"proposal-{single['side']}-{single['trade_id']}",
            table="proposals",
            weight=abs(float(single["amount_fen"])),
            basis="仅为建议,差异照样列出 | a proposal only; the differences stay listed",
            other=Ref("proposals", row_key(other, PROPOSALS), "trade_id"),
        )
        findings.append(finding)
    return findings
