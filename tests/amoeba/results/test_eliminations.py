"""Trade disappears at the lowest unit above both sides on its day, against a search up the tree for every booking."""

import sys
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from bizlab import amoeba
from bizlab.amoeba.results.eliminations import ELIMINATED_PAIRS, ELIMINATIONS, elimination_checks, eliminations
from bizlab.periods import Month

sys.path.insert(0, str(Path(__file__).parents[1]))
from companies import company, records

OCTOBER = Month(2026, 10)
BOOKS = {
    "sold_fen": ("internal_trades_sold", "seller_id", "eliminated_sales_fen", "children_sales_fen"),
    "bought_fen": ("internal_trades_bought", "buyer_id", "eliminated_purchases_fen", "children_purchases_fen"),
}


def computed(rows):
    parts = amoeba.components(records(rows), month=OCTOBER)
    return parts, eliminations(parts)


def path(rows, unit, day):
    """The unit and those above it on a day; nothing where it is closed."""
    steps = []
    while unit is not None:
        dates = next((row["opened_on"], row["closed_on"]) for row in rows["units"] if row["unit_id"] == unit)
        if not dates[0] <= day <= (dates[1] or day):
            return []
        steps.append(unit)
        above = [
            row["parent_id"]
            for row in rows["unit_parents"]
            if row["unit_id"] == unit and row["valid_from"] <= day <= (row["valid_to"] or day)
        ]
        unit = above[0] if above else None
    return steps


def by_hand(rows, table):
    """Amounts by lowest common parent and the two branches, and what each unit's children brought up."""
    gone, brought = Counter(), Counter()
    for row in rows[table]:
        seller, buyer = (path(rows, row[side], row["traded_on"]) for side in ("seller_id", "buyer_id"))
        if not seller or not buyer or row["seller_id"] == row["buyer_id"]:
            continue
        node = next(unit for unit in seller if unit in buyer)
        branches = [(["", *steps[: steps.index(node)]])[-1] or node for steps in (seller, buyer)]
        gone[node, *branches] += row["amount_fen"]
        own = seller if table == "internal_trades_sold" else buyer
        for unit in own[1 : own.index(node) + 1]:
            brought[unit] += row["amount_fen"]
    return gone, brought


@pytest.mark.parametrize("seed", range(30))
def test_a_search_up_the_tree_for_each_booking_finds_the_same_and_all_sums_close(seed):
    rows = company(seed)
    parts, eliminated = computed(rows)
    checks = (
        ELIMINATIONS.verify(eliminated.nodes)
        + ELIMINATED_PAIRS.verify(eliminated.pairs)
        + elimination_checks(eliminated, parts)
    )
    assert [check.key for check in checks if not check.passed] == []
    pairs = eliminated.pairs.set_index(["node_id", "seller_side_id", "buyer_side_id"])
    nodes = eliminated.nodes.set_index("unit_id")
    for column, (table, _, eliminated, children) in BOOKS.items():
        gone, brought = by_hand(rows, table)
        assert {key: amount for key, amount in pairs[column].to_dict().items() if amount} == {
            key: amount for key, amount in gone.items() if amount
        }
        of_nodes = Counter()
        for (node, *_), amount in gone.items():
            of_nodes[node] += amount
        assert nodes[eliminated].to_dict() == {node: of_nodes[node] for node in nodes.index}
        assert nodes[children].to_dict() == {node: brought[node] for node in nodes.index}


def trade(number, seller, buyer, day, sold, bought):
    row = dict(trade_id=number, seller_id=seller, buyer_id=buyer, product_id="P", quantity=1, traded_on=day)
    return row | {"amount_fen": sold}, row | {"amount_fen": bought}


def moving_on_the_16th(*trades):
    """b3 stands under B until the 15th and under A from the 16th on."""
    rows = company(0)
    rows["unit_parents"] = [row for row in rows["unit_parents"] if row["unit_id"] != "b3"] + [
        dict(unit_id="b3", parent_id="B", valid_from=date(2020, 1, 1), valid_to=date(2026, 10, 15)),
        dict(unit_id="b3", parent_id="A", valid_from=date(2026, 10, 16), valid_to=None),
    ]
    sold, bought = zip(*trades, strict=True)
    return rows | {"internal_trades_sold": list(sold), "internal_trades_bought": list(bought)}


def test_a_move_within_the_month_eliminates_the_same_trade_elsewhere():
    """b1 sells to b3 for 300 within B, and for 500 from B to A once b3 has moved there, of which A's book lacks 1."""
    _, eliminated = computed(
        moving_on_the_16th(
            trade("T1", "b1", "b3", date(2026, 10, 15), 300, 300), trade("T2", "b1", "b3", date(2026, 10, 16), 500, 499)
        )
    )
    assert eliminated.pairs.to_numpy().tolist() == [["Y", "B", "A", 500, 499, 1], ["B", "b1", "b3", 300, 300, 0]]
    nodes = eliminated.nodes.set_index("unit_id")
    assert nodes.loc["B", ["children_sales_fen", "eliminated_sales_fen", "internal_sales_fen"]].tolist() == [
        800, 300, 500,
    ]  # fmt: skip
    assert nodes.loc["A", ["children_purchases_fen", "internal_purchases_fen"]].tolist() == [499, 499]
    assert nodes["hidden_fen"].to_dict() == {"Y": 1, "A": 0, "B": 0}


def test_a_unit_that_trades_with_one_below_it_is_its_own_branch():
    _, eliminated = computed(moving_on_the_16th(trade("T1", "B", "b1", date(2026, 10, 8), 70, 70)))
    assert eliminated.pairs.to_numpy().tolist() == [["B", "B", "b1", 70, 70, 0]]
    top = eliminated.nodes.set_index("unit_id").loc["B"]
    assert top[["own_sales_fen", "children_sales_fen", "eliminated_sales_fen", "internal_sales_fen"]].tolist() == [
        70, 0, 70, 0,
    ]  # fmt: skip
    assert top[["children_purchases_fen", "internal_purchases_fen"]].tolist() == [70, 0]


def test_trade_eliminated_at_another_unit_breaks_the_sums():
    parts, eliminated = computed(moving_on_the_16th(trade("T1", "b1", "b3", date(2026, 10, 15), 300, 300)))
    above = eliminated.nodes["eliminated_sales_fen"].where(eliminated.nodes["unit_id"] != "B", 0)
    wrong = eliminated._replace(nodes=eliminated.nodes.assign(eliminated_sales_fen=above))
    keys = [check.key for check in elimination_checks(wrong, parts) if not check.passed]
    assert keys == ["eliminations.sales.booked", "eliminations.sales.pairs"]
    assert not ELIMINATIONS.verify(wrong.nodes)[0].passed


def test_without_trade_there_is_nothing_to_eliminate():
    parts, eliminated = computed(company(0) | {"internal_trades_sold": [], "internal_trades_bought": []})
    assert eliminated.pairs.empty
    assert eliminated.nodes.drop(columns="unit_id").to_numpy().sum() == 0
    assert all(check.passed for check in elimination_checks(eliminated, parts))
