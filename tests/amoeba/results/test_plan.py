"""The plan of a month as records: the sheet of the plan is made as the sheet of the month is."""

import sys
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from bizlab import amoeba
from bizlab.amoeba.results.plan import (
    AGAINST_PLAN,
    PLANS,
    against_plan,
    nodes_with_plan,
    plan_checks,
    plan_findings,
    planned,
)
from bizlab.periods import Month
from bizlab.tables import TABLES

sys.path.insert(0, str(Path(__file__).parents[1]))
from companies import company, records

OCTOBER = Month(2026, 10)
LINES = ["revenue_fen", "normal_minutes", "overtime_minutes", "n_persons", "orders_fen"]
CLEAN = {"drivers": [], "allocation_rules": []}


def plan_of(rows, closed=()):
    """What the company recorded in the month, as if it had been planned; a unit that is closed by then planned none."""
    sums = {}

    def add(unit, line, amount):
        sums.setdefault(unit, dict.fromkeys(LINES, 0))[line] += amount

    for row in rows["revenue_records"]:
        add(row["unit_id"], "revenue_fen", row["amount_fen"])
    for row in rows["expense_records"]:
        add(row["unit_id"], "orders_fen", 0)
    for row in rows["hour_records"]:
        add(row["unit_id"], f"{row['kind']}_minutes", row["minutes"])
    for row in rows["order_intake"]:
        add(row["unit_id"], "orders_fen", row["amount_fen"])
    units = pd.DataFrame([{"unit_id": unit, "month": "2026-10", **lines} for unit, lines in sums.items()])
    spent = pd.DataFrame(rows["expense_records"], columns=["unit_id", "kind", "amount_fen"]).assign(month="2026-10")
    expense = spent.groupby(["unit_id", "month", "kind"], as_index=False)["amount_fen"].sum()
    pairs = pd.DataFrame(rows["internal_trades_sold"], columns=["seller_id", "buyer_id", "amount_fen"])
    trades = pairs.groupby(["seller_id", "buyer_id"], as_index=False)["amount_fen"].sum().assign(month="2026-10")
    return [TABLES[name].conform(frame) for name, frame in zip(PLANS, (units, expense, trades), strict=True)]


def unmoved(seed):
    """A company whose tree stands still, with rules and drivers, and both books alike."""
    rows = company(seed, one_sided=False)
    start = date(2020, 1, 1)
    parents = {"A": "Y", "B": "Y", "D": "Y", "a1": "A", "a2": "A", "b1": "B", "b2": "B", "b3": "B"}
    rows["unit_parents"] = [dict(unit_id=u, parent_id=p, valid_from=start, valid_to=None) for u, p in parents.items()]
    rows["units"] = [row for row in rows["units"] if row["unit_id"] in {"Y", *parents}]
    rows["headcount"] = []
    return rows


@pytest.mark.parametrize("method", ["direct", "reciprocal"])
@pytest.mark.parametrize("seed", range(5))
def test_a_month_that_went_as_planned_has_the_sheet_of_its_plan(seed, method):
    """Whatever the rules: planned and recorded alike, every line of every node is the same."""
    rows = unmoved(seed)
    booked = records(rows)
    plan = planned(booked, *plan_of(rows), month=OCTOBER)
    sheets = [
        amoeba.unit_hour_sheet([amoeba.components(books, month=OCTOBER, method=method)], period="month")
        for books in (booked, plan)
    ]
    columns = [name for name in amoeba.SHEET.names if not name.endswith("_reason")]
    pd.testing.assert_frame_equal(sheets[1][columns], sheets[0][columns])


@pytest.mark.parametrize("seed", range(5))
def test_the_bridge_against_the_plan_has_no_residual(seed):
    rows = unmoved(seed)
    booked = records(rows)
    units, expense, trades = plan_of(rows)
    more = pd.DataFrame({"unit_id": units["unit_id"], "month": "2026-10", "kind": "travel", "amount_fen": 777})
    plan = planned(booked, units, pd.concat([expense, more]), trades, month=OCTOBER)
    now, then = (
        amoeba.unit_hour_sheet([amoeba.components(books, month=OCTOBER)], period="month") for books in (booked, plan)
    )
    bridged = amoeba.bridge(now, then, basis="plan")
    assert set(bridged["basis"]) == {"plan"}
    checks = amoeba.bridge_checks(bridged, now, then)
    assert [check.key for check in checks] == ["bridge.plan.parts", "bridge.plan.sheets"]
    assert all(check.passed for check in checks)
    defined = bridged[bridged["unit_id"].eq("Y") & bridged["line"].eq("direct_travel_fen")]["effect_per_hour"]
    assert defined.isna().all() or (defined > 0).all(), "less travel than planned raises F"


def test_what_was_not_planned_has_no_plan_and_is_told():
    rows = unmoved(3) | CLEAN
    booked = records(rows)
    units, expense, trades = plan_of(rows)
    without = [plan[~plan["unit_id"].isin(["a1"])] for plan in (units, expense)]
    parts = amoeba.components(booked, month=OCTOBER)
    plan = amoeba.components(planned(booked, *without, trades, month=OCTOBER), month=OCTOBER)
    now, then = (amoeba.unit_hour_sheet([month], period="month") for month in (parts, plan))
    above = nodes_with_plan(without, parts.organisation.closure, month=OCTOBER)
    against = against_plan(now, then, parts.organisation.tree(), above)
    AGAINST_PLAN.conform(against)
    assert [check for check in AGAINST_PLAN.verify(against) if not check.passed] == []
    shown = against.set_index("unit_id")
    assert shown.loc["a1", ["planned_fen", "variance_fen"]].isna().all()
    assert shown.loc["A", "planned_fen"] == then.set_index("unit_id").loc["A", "value_added_fen"]
    keys = [finding.key for finding in plan_findings(against, materiality_rate=0.05)]
    assert "no-plan-a1" in keys
    assert "no-plan-a2" not in keys


def test_a_plan_stands_under_the_last_parent_of_the_month():
    rows = unmoved(1) | CLEAN
    at = next(row for row in rows["unit_parents"] if row["unit_id"] == "b3")
    at["valid_to"] = date(2026, 10, 15)
    rows["unit_parents"].append(dict(unit_id="b3", parent_id="A", valid_from=date(2026, 10, 16), valid_to=None))
    line = dict.fromkeys(LINES, 0) | {"unit_id": "b3", "month": "2026-10", "revenue_fen": 900}
    units = TABLES["unit_plans"].conform(pd.DataFrame([line, line | {"month": "2026-09"}]))
    others = (TABLES[name].empty() for name in PLANS[1:])
    plan = planned(records(rows), units, *others, month=OCTOBER)
    sums = amoeba.components(plan, month=OCTOBER).nodes.set_index("unit_id")["external_sales_fen"]
    assert sums[["A", "B", "Y"]].tolist() == [900, 0, 900]


def test_half_a_plan_and_a_plan_of_nobody_are_seen():
    """a1 plans no expense, not even a row of 0; nowhere has a unit that the tree does not know."""
    rows = unmoved(3)
    units, expense, trades = plan_of(rows)
    tree = amoeba.components(records(rows), month=OCTOBER).organisation
    whole = pd.concat([expense, units[["unit_id", "month"]].assign(kind="other", amount_fen=0)])
    assert all(check.passed for check in plan_checks([units, whole, trades], tree, month=OCTOBER))
    half = [units, whole[whole["unit_id"] != "a1"], trades]
    (both,) = [check for check in plan_checks(half, tree, month=OCTOBER) if not check.passed]
    assert (both.key, both.difference, both.detail.en) == ("plan.both", -1, "see a1")
    stray = [plan.replace({"unit_id": {"a1": "nowhere"}}) for plan in (units, whole)]
    (in_tree,) = [check for check in plan_checks([*stray, trades], tree, month=OCTOBER) if not check.passed]
    assert (in_tree.key, in_tree.detail.en) == ("plan.in_tree", "see nowhere")
    assert next(iter(plan_checks([units, whole.head(0), trades], tree, month=OCTOBER))).left == 0
