"""Every node's figures against an independent computation, and what must hold for any company."""

import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from bizlab import amoeba
from bizlab.amoeba.accounting.consolidation import ADDITIVE
from bizlab.amoeba.accounting.sharing import METHODS
from bizlab.errors import SettingError
from bizlab.periods import Month

sys.path.insert(0, str(Path(__file__).parents[1]))
from companies import DAYS, NATURES, company, records
from oracle import figures

OCTOBER = Month(2026, 10)


@pytest.mark.parametrize("block", [0, 1, *(pytest.param(n, marks=pytest.mark.prove) for n in range(2, 10))])
def test_a_plain_second_computation_agrees_to_the_fen_and_minute(block):
    """Five hundred companies in all, each under one of the three methods of allocation."""
    for seed in range(block * 50, block * 50 + 50):
        rows, method = company(seed), list(METHODS)[seed % 3]
        parts = amoeba.components(records(rows), month=OCTOBER, method=method)
        expected = figures(rows, DAYS, "2026-10", method)
        for node in parts.nodes.to_dict("records"):
            lines = {line: node[line] for line in ADDITIVE}
            assert lines == {line: expected[node["unit_id"]][line] for line in ADDITIVE}, (seed, node["unit_id"])
        by_kind = parts.direct_by_kind.set_index(["unit_id", "kind"])["direct_fen"]
        for unit_id, kind in {(node["unit_id"], kind) for node in parts.nodes.to_dict("records") for kind in NATURES}:
            assert by_kind.get((unit_id, kind), 0) == expected[unit_id][f"direct_{kind}_fen"], (seed, unit_id, kind)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seed", range(12))
def test_nothing_is_lost_in_allocation_or_roll_up(seed, method):
    checks = amoeba.component_checks(amoeba.components(records(company(seed)), month=OCTOBER, method=method))
    assert [check.key for check in checks if not check.passed] == []


def test_an_order_of_closing_that_names_no_unit_is_refused():
    with pytest.raises(SettingError, match=r"There is no unit FINN.*allocation_order"):
        amoeba.components(records(company(1)), month=OCTOBER, method="step_down", order=["D", "FINN"])


@pytest.mark.parametrize("seed", range(6))
def test_the_order_of_rows_does_not_matter(seed, unchanged):
    recorded = records(company(seed))
    tables = [getattr(recorded, name) for name in amoeba.INPUTS]
    with unchanged(*tables):
        before = amoeba.components(recorded, month=OCTOBER)
    mixed = (table.sample(frac=1, random_state=seed).reset_index(drop=True) for table in tables)
    shuffled = amoeba.Records(*mixed, natures=NATURES)
    after = amoeba.components(shuffled, month=OCTOBER)
    pd.testing.assert_frame_equal(after.nodes, before.nodes)
    pd.testing.assert_frame_equal(after.allocation.trace, before.allocation.trace)


@pytest.mark.parametrize("seed", range(6))
def test_an_internal_price_moves_value_between_units_and_leaves_the_company_alone(seed):
    rows = company(seed + 900, one_sided=False)
    recorded = records(rows)
    dearer = [getattr(recorded, name).copy() for name in ("internal_trades_sold", "internal_trades_bought")]
    for table in dearer:
        table.loc[table.index[:1], "amount_fen"] += 1_234_567
    changed = replace(recorded, internal_trades_sold=dearer[0], internal_trades_bought=dearer[1])
    sheets = [
        amoeba.unit_hour_sheet([amoeba.components(books, month=OCTOBER)], period="month").set_index("unit_id")
        for books in (recorded, changed)
    ]
    value = [sheet["value_added_fen"] for sheet in sheets]
    assert value[0]["Y"] == value[1]["Y"]
    if rows["internal_trades_sold"]:
        seller = rows["internal_trades_sold"][0]["seller_id"]
        assert value[1][seller] - value[0][seller] == 1_234_567


def test_trade_below_a_parent_is_not_the_parents_trade():
    rows = company(0, one_sided=False)
    for name in ("internal_trades_sold", "internal_trades_bought"):
        rows[name] = [dict(trade_id="T", seller_id="a1", buyer_id="a2", product_id="P", quantity=1, amount_fen=500,
                           traded_on=DAYS[3])]  # fmt: skip
    nodes = amoeba.components(records(rows), month=OCTOBER).nodes.set_index("unit_id")
    assert nodes.loc[["a1", "a2", "A", "Y"], "internal_sales_fen"].tolist() == [500, 0, 0, 0]
    assert nodes.loc[["a1", "a2", "A", "Y"], "internal_purchases_fen"].tolist() == [0, 500, 0, 0]
