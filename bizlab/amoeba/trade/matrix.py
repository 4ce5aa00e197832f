"""Who sells to whom inside the company, in the books of either side."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bizlab.amoeba.results.unit_hour import UNIT_ID
from bizlab.amoeba.trade.matching import IS_DIFFERENCE, MATCHING
from bizlab.contracts.check import Check
from bizlab.contracts.columns import column, table
from bizlab.labels import Label
from bizlab.units.kinds import Unit

_PAIR = ["seller_id", "buyer_id"]

TRADE_MATRIX = table(
    "trade_matrix",
    "内部交易矩阵 | Internal trade matrix",
    "每对卖方与买方一行 | one row per seller and buyer",
    MATCHING["seller_id"],
    MATCHING["buyer_id"],
    column("n_trades", "卖方入账笔数 | Trades the seller booked"),
    column("sold_fen", "卖方入账 | Seller's books"),
    column("bought_fen", "买方入账 | Buyer's books"),
    MATCHING["difference_fen"],
    key="seller_id buyer_id",
    sums=IS_DIFFERENCE,
)
NET_POSITIONS = table(
    "net_positions",
    "各巴内部交易净额 | Net internal trade of each unit",
    "每个有内部交易的单元一行 | one row per unit that trades inside",
    UNIT_ID,
    column("sold_fen", "内部销售 | Sold inside"),
    column("bought_fen", "内部采购 | Bought inside"),
    column("net_fen", "净额 | Net"),
    key="unit_id",
    sums={"net_fen = sold_fen - bought_fen": "净额 = 销售 − 采购 | net = sold − bought"},
)


def trade_matrix(sold: pd.DataFrame, bought: pd.DataFrame) -> pd.DataFrame:
    """Sums of a period's trades by seller and buyer, the largest first.

    Parameters
    ----------
    sold, bought : the rows of a period under ``internal_trades_sold`` and ``internal_trades_bought``; each side's
        bookings stand under the parties that it names.

    Returns
    -------
    `TRADE_MATRIX`; read from the buyer's side the matrix is the same with the other sign, so that all positions net to
    the difference between both sides.

    >>> trade = pd.DataFrame({"seller_id": ["M"], "buyer_id": ["A"], "amount_fen": [500]})
    >>> trade_matrix(trade, trade.assign(amount_fen=499))[["sold_fen", "difference_fen"]].to_numpy().tolist()
    [[500, 1]]
    """
    booked = [side.groupby(_PAIR)["amount_fen"].sum() for side in (sold, bought)]
    sums = pd.concat(booked, axis=1, keys=["sold_fen", "bought_fen"]).fillna(0).astype("int64")
    n = sold.groupby(_PAIR).size().reindex(sums.index, fill_value=0)
    rows = sums.assign(n_trades=n, difference_fen=sums["sold_fen"] - sums["bought_fen"]).reset_index()
    ordered = rows.sort_values(["sold_fen", *_PAIR], ascending=[False, True, True], kind="stable")
    return TRADE_MATRIX.conform(ordered)


def net_positions(matrix: pd.DataFrame) -> pd.DataFrame:
    """What each unit of a `TRADE_MATRIX` sold and bought, by its own books: `NET_POSITIONS`, the largest net first."""
    sold, bought = matrix.groupby("seller_id")["sold_fen"].sum(), matrix.groupby("buyer_id")["bought_fen"].sum()
    units = pd.concat([sold, bought], axis=1).fillna(0).astype("int64").rename_axis("unit_id").reset_index()
    rows = units.assign(net_fen=units["sold_fen"] - units["bought_fen"])
    return NET_POSITIONS.conform(rows.sort_values(["net_fen", "unit_id"], ascending=[False, True], kind="stable"))


def net_matrix(matrix: pd.DataFrame) -> pd.DataFrame:
    """What each unit of a `TRADE_MATRIX` sold to each other less what that one sold to it, in the sellers' books.

    Returns
    -------
    A square of fen, units down and across. It is antisymmetric; a row adds up to the unit's net position as the
    sellers booked it.

    >>> trade = pd.DataFrame({"seller_id": ["M", "A"], "buyer_id": ["A", "M"], "amount_fen": [500, 20]})
    >>> net_matrix(trade_matrix(trade, trade)).loc["M", ["A", "M"]].tolist()
    [480, 0]
    """
    units = pd.Index(sorted(set(matrix["seller_id"]) | set(matrix["buyer_id"])))
    sold = np.zeros((len(units), len(units)), "int64")
    sold[units.get_indexer(matrix["seller_id"]), units.get_indexer(matrix["buyer_id"])] = matrix["sold_fen"]
    return pd.DataFrame(sold - sold.T, index=units, columns=units)


def matrix_checks(matrix: pd.DataFrame, nets: pd.DataFrame, sold: pd.DataFrame, bought: pd.DataFrame) -> list[Check]:
    """The matrix holds every booking, and all positions net to what the two sides do not agree on.

    A unit's net position, its purchases taken from its own books, is its row of `net_matrix` and what it and its
    sellers do not agree on.
    """
    square, positions = net_matrix(matrix), nets.set_index("unit_id")["net_fen"]
    unagreed = matrix.groupby("buyer_id")["difference_fen"].sum().reindex(square.index, fill_value=0)
    sides = (
        ("sold", "矩阵卖方合计 = 卖方入账 | sellers' column of the matrix = sellers' bookings",
         matrix["sold_fen"].sum(), sold["amount_fen"].sum()),
        ("bought", "矩阵买方合计 = 买方入账 | buyers' column of the matrix = buyers' bookings",
         matrix["bought_fen"].sum(), bought["amount_fen"].sum()),
        ("net", "各巴净额之和 = 双方差额之和 | net positions of all units = differences between both sides",
         nets["net_fen"].sum(), matrix["difference_fen"].sum()),
        ("antisymmetric", "净额矩阵与其转置互为相反数 | the net matrix and its transpose cancel out",
         (square + square.T).abs().to_numpy().sum(), 0),
        ("rows", "各巴净额 = 净额矩阵该行之和 + 采购差额 | "
         "net position of each unit = its row of the net matrix + differences on its purchases",
         (square.sum(axis=1) + unagreed - positions.reindex(square.index)).abs().sum(), 0),
    )  # fmt: skip
    return [Check(f"matrix.{key}", Label.of(text), int(left), int(right), Unit.FEN) for key, text, left, right in sides]
