"""The value chain: by hand, its conservation, and the unit-hour sheet that it agrees with."""

import sys
from pathlib import Path

import pandas as pd
import pytest

from bizlab import amoeba
from bizlab.amoeba.accounting.branch import notice
from bizlab.amoeba.accounting.sharing import METHODS
from bizlab.amoeba.results.value_chain import (
    CHAIN_FLOWS,
    CHAIN_UNITS,
    chain_checks,
    chain_findings,
    chain_flows,
    chain_units,
    links,
)
from bizlab.periods import Month
from bizlab.report.sentences import Figures, statements
from bizlab.report.view import shown_table

sys.path.insert(0, str(Path(__file__).parents[1]))
from companies import DAYS, company, records

OCTOBER = Month(2026, 10)


def empty_company():
    return company(0) | dict.fromkeys(
        ("revenue_records", "expense_records", "hour_records", "order_intake", "headcount", "internal_trades_sold",
         "internal_trades_bought", "allocation_rules", "drivers"), ()
    )  # fmt: skip


def trade(number, seller, buyer, amount, day=DAYS[3]):
    return dict(trade_id=f"T{number}", seller_id=seller, buyer_id=buyer, product_id="P", quantity=1, traded_on=day,
                amount_fen=amount)  # fmt: skip


def test_a_chain_of_two_worked_out_by_hand():
    """a1 makes 500 of 300 materials and 50 energy and sells it to b1, which books 490, travels for 20 and sells 900."""
    spent = [("a1", "material", 300), ("a1", "energy", 50), ("a1", "labour", 70), ("b1", "travel", 20)]
    rows = empty_company() | {
        "expense_records": [
            dict(record_id=f"E{n}", unit_id=unit, kind=kind, recorded_on=DAYS[2], amount_fen=amount)
            for n, (unit, kind, amount) in enumerate(spent)
        ],
        "internal_trades_sold": [trade(1, "a1", "b1", 500)],
        "internal_trades_bought": [trade(1, "a1", "b1", 490)],
        "revenue_records": [
            dict(record_id="S", unit_id="b1", kind="product", recorded_on=DAYS[5], amount_fen=900)
        ],
    }  # fmt: skip
    part = amoeba.components(records(rows), month=OCTOBER)
    flows = chain_flows(part)
    assert flows[["from_id", "to_id", "sold_fen", "bought_fen"]].to_numpy().tolist() == [
        ["b1", "customers", 900, 900],
        ["a1", "b1", 500, 490],
        ["material", "a1", 300, 300],
        ["expense", "a1", 50, 50],
        ["expense", "b1", 20, 20],
    ]
    chain = chain_units(flows, part).set_index("unit_id")
    assert chain["value_added_fen"].to_dict() == {"a1": 150, "b1": 390}
    assert chain["value_added_rate"].to_dict() == pytest.approx({"a1": 0.3, "b1": 390 / 900})
    assert chain["value_share_rate"].sum() == pytest.approx(1)
    assert all(check.passed for check in chain_checks(chain.reset_index(), flows, part))


@pytest.mark.parametrize("seed", range(9))
def test_flows_are_conserved_at_every_depth_and_nothing_is_lost(seed):
    part = amoeba.components(records(company(seed)), month=OCTOBER, method=list(METHODS)[seed % 3])
    for depth in (1, 2, 9):
        flows = chain_flows(part, depth=depth)
        chain = chain_units(flows, part)
        checks = CHAIN_UNITS.verify(chain) + CHAIN_FLOWS.verify(flows) + chain_checks(chain, flows, part)
        assert [check.key for check in checks if not check.passed] == []


@pytest.mark.parametrize("seed", range(9))
def test_a_link_adds_what_its_unit_hour_sheet_says(seed):
    """At depth 1 every link is a node with all that stands below it, and the company with what it books itself."""
    part = amoeba.components(records(company(seed)), month=OCTOBER)
    chain = chain_units(chain_flows(part, depth=1), part).set_index("unit_id")
    sheet = amoeba.unit_hour_sheet([part], period="month").set_index("unit_id")
    below = sheet.index[sheet["depth"] == 1]
    added = chain["value_added_fen"].reindex(below, fill_value=0)
    pd.testing.assert_series_equal(added, sheet.loc[below, "value_added_fen"], check_names=False)


def test_a_unit_that_moves_is_a_link_s_on_the_days_on_which_it_stands_there():
    """b3 stands under B to the 15th and under A from the 16th; a sale on either day belongs to either."""
    rows = empty_company()
    rows["unit_parents"] = [row for row in rows["unit_parents"] if row["unit_id"] != "b3"] + [
        dict(unit_id="b3", parent_id="B", valid_from=DAYS[0], valid_to=DAYS[14]),
        dict(unit_id="b3", parent_id="A", valid_from=DAYS[15], valid_to=None),
    ]
    rows["revenue_records"] = [
        dict(record_id=f"S{n}", unit_id="b3", kind="product", recorded_on=day, amount_fen=amount)
        for n, (day, amount) in enumerate([(DAYS[14], 30), (DAYS[15], 50)])
    ]
    rows["internal_trades_sold"] = rows["internal_trades_bought"] = [
        trade(1, "b1", "b3", 7, DAYS[14]),
        trade(2, "b1", "b3", 9, DAYS[15]),
    ]
    part = amoeba.components(records(rows), month=OCTOBER)
    flows = chain_flows(part, depth=1).set_index(["from_id", "to_id"])["sold_fen"]
    assert flows.to_dict() == {("A", "customers"): 50, ("B", "customers"): 30, ("B", "A"): 9}


def test_who_gives_its_expense_away_keeps_no_materials():
    rows = empty_company() | {
        "expense_records": [dict(record_id="E", unit_id="D", kind="material", recorded_on=DAYS[2], amount_fen=100)],
        "allocation_rules": [
            dict(rule_id="R", from_unit_id="D", pool="expense", scope="department", valid_from=DAYS[0], valid_to=None,
                 driver="area")
        ],
        "drivers": [dict(rule_id="R", unit_id="a1", month="2026-10", value=1)],
    }  # fmt: skip
    flows = chain_flows(amoeba.components(records(rows), month=OCTOBER))
    assert flows[["from_id", "to_id", "sold_fen"]].to_numpy().tolist() == [["expense", "a1", 100]]


def test_a_month_without_records_has_no_chain():
    part = amoeba.components(records(empty_company()), month=OCTOBER)
    flows = chain_flows(part)
    chain = chain_units(flows, part)
    assert len(flows) == len(chain) == 0
    assert all(check.passed for check in chain_checks(chain, flows, part))
    assert chain_findings(chain) == []


def test_the_chain_of_a_unit_has_its_links_and_the_other_units_at_its_ends():
    """a1 sells 500 to b1, which books 490, buys 40 from b2, and sells 60 to a2 within A; b1's own trade is not A's."""
    spent = [("a1", "material", 300), ("b1", "travel", 20)]
    trades = [trade(1, "a1", "b1", 500), trade(2, "b2", "a1", 40), trade(3, "a1", "a2", 60), trade(4, "b2", "b1", 7)]
    rows = empty_company() | {
        "expense_records": [
            dict(record_id=f"E{n}", unit_id=unit, kind=kind, recorded_on=DAYS[2], amount_fen=amount)
            for n, (unit, kind, amount) in enumerate(spent)
        ],
        "internal_trades_sold": trades,
        "internal_trades_bought": [trade(1, "a1", "b1", 490), *trades[1:]],
    }
    recorded = records(rows)
    part = amoeba.components(recorded, month=OCTOBER, notice=notice(amoeba.components(recorded, month=OCTOBER), "A"))
    flows = chain_flows(part)
    assert flows[["from_id", "to_id", "sold_fen", "bought_fen"]].to_numpy().tolist() == [
        ["a1", "buyers", 500, 490],
        ["material", "a1", 300, 300],
        ["a1", "a2", 60, 60],
        ["sellers", "a1", 40, 40],
    ]
    chain = chain_units(flows, part)
    assert chain.set_index("unit_id")["value_added_fen"].to_dict() == {"a1": 220, "a2": -60}
    assert all(check.passed for check in chain_checks(chain, flows, part))
    assert all("compan" not in check.label.en for check in chain_checks(chain, flows, part))


@pytest.mark.parametrize("seed", range(6))
def test_the_links_of_an_sbu_are_to_its_leader_what_they_are_to_the_company(seed):
    """Those that stood there all month: what they take in, add and sell, though not their share of the whole chain."""
    recorded = records(company(seed))
    whole = amoeba.components(recorded, month=OCTOBER, method=list(METHODS)[seed % 3])
    of_company = chain_units(chain_flows(whole), whole).set_index("unit_id")
    share, n_compared = ["value_share_rate", "value_share_rate_reason"], 0
    for root in "AB":
        part = amoeba.components(recorded, month=OCTOBER, notice=notice(whole, root))
        chain = chain_units(chain_flows(part), part).set_index("unit_id")
        moved = set(part.organisation.part_time()["unit_id"])
        stayed = [unit for unit in chain.index if unit not in moved]
        n_compared += len(stayed)
        pd.testing.assert_frame_equal(
            chain.loc[stayed].drop(columns=share), of_company.loc[stayed].drop(columns=share), check_exact=True
        )
    assert n_compared > 1


def test_of_a_single_link_there_is_nothing_to_compare():
    recorded = records(company(2))
    part = amoeba.components(recorded, month=OCTOBER, notice=notice(amoeba.components(recorded, month=OCTOBER), "b1"))
    flows = chain_flows(part)
    chain = chain_units(flows, part)
    assert chain["unit_id"].tolist() == ["b1"]
    assert chain_findings(chain) == []
    assert all(check.passed for check in chain_checks(chain, flows, part))


def test_every_unit_has_one_link_in_every_span():
    for seed in range(6):
        part = amoeba.components(records(company(seed)), month=OCTOBER)
        places = links(part.organisation, depth=2)
        closure = part.organisation.closure
        assert len(places) == len(closure[["span", "unit_id"]].drop_duplicates())
        assert not places.duplicated(["span", "unit_id"]).any()


def test_a_flow_that_is_lost_is_told():
    part = amoeba.components(records(company(4)), month=OCTOBER)
    flows = chain_flows(part)
    chain = chain_units(flows, part)
    lost = flows.drop(flows.index[flows["from_id"] == "expense"][0])
    off = {check.key for check in chain_checks(chain, lost, part) if not check.passed}
    assert off == {"chain.expense", "chain.conserved"}


def test_the_finding_names_who_adds_most_and_who_keeps_least():
    rows = company(2)
    part = amoeba.components(records(rows), month=OCTOBER)
    chain = chain_units(chain_flows(part), part)
    sentences = statements(chain_findings(chain), Figures([shown_table(chain, CHAIN_UNITS, key="chain_units")]))
    most = chain.loc[chain[chain["value_added_rate"].notna()]["value_added_fen"].idxmax(), "unit_id"]
    assert sentences[0].text().en.startswith(f"along the chain {most} adds most value")
