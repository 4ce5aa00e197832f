"""Who sells to whom: every booking stands in the matrix, and read from the other side it has the other sign."""

import sys
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from bizlab import amoeba
from bizlab.amoeba.trade.matrix import (
    NET_POSITIONS,
    TRADE_MATRIX,
    matrix_checks,
    net_matrix,
    net_positions,
    trade_matrix,
)

sys.path.insert(0, str(Path(__file__).parents[1]))
from companies import company, records


def books(seed, *, one_sided):
    recorded = records(company(seed, one_sided=one_sided))
    return recorded.internal_trades_sold, recorded.internal_trades_bought


@pytest.mark.parametrize("seed", range(6))
def test_the_matrix_holds_every_booking_and_nets_to_the_differences(seed):
    sold, bought = books(seed, one_sided=True)
    matrix = trade_matrix(sold, bought)
    nets = net_positions(matrix)
    TRADE_MATRIX.verify(matrix)
    NET_POSITIONS.verify(nets)
    assert all(check.passed for check in matrix_checks(matrix, nets, sold, bought))
    matched = amoeba.match_trades(sold, bought)
    assert matrix["difference_fen"].sum() == matched["difference_fen"].sum()


@pytest.mark.parametrize("seed", range(6))
def test_the_net_matrix_is_what_loops_over_the_bookings_find(seed):
    sold, bought = books(seed, one_sided=False)
    net = Counter()
    for row in sold.to_dict("records"):
        net[row["seller_id"], row["buyer_id"]] += row["amount_fen"]
        net[row["buyer_id"], row["seller_id"]] -= row["amount_fen"]
    matrix = trade_matrix(sold, bought)
    square = net_matrix(matrix)
    assert {(i, j): square.loc[i, j] for i in square.index for j in square.columns if square.loc[i, j]} == {
        pair: amount for pair, amount in net.items() if amount
    }
    positions = net_positions(matrix).set_index("unit_id")["net_fen"]
    assert square.sum(axis=1).to_dict() == positions.to_dict(), "where both books agree, rows are net positions"


def test_a_position_that_is_a_fen_off_breaks_its_row_though_all_still_net():
    sold, bought = books(2, one_sided=True)
    matrix = trade_matrix(sold, bought)
    nets = net_positions(matrix)
    shifted = nets.assign(net_fen=nets["net_fen"] + pd.Series([1, -1, *[0] * (len(nets) - 2)]))
    assert [c.key for c in matrix_checks(matrix, shifted, sold, bought) if not c.passed] == ["matrix.rows"]


def test_without_trade_all_is_empty_and_closes():
    nothing, _ = (side.head(0) for side in books(2, one_sided=True))
    matrix = trade_matrix(nothing, nothing)
    assert net_matrix(matrix).empty
    assert all(check.passed for check in matrix_checks(matrix, net_positions(matrix), nothing, nothing))
