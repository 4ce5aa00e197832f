"""Best and worst among peers: by hand, against the bridge of F, and nothing left over."""

import sys
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizlab import amoeba
from bizlab.amoeba.accounting.branch import notice
from bizlab.amoeba.accounting.consolidation import MINUTES
from bizlab.amoeba.results.bridge import SALES, bridge, line_words
from bizlab.amoeba.results.peers import PEERS, WHY, among, groups, peer_checks, peer_findings, peers, why
from bizlab.labels import Label
from bizlab.periods import Month
from bizlab.report.sentences import Figures, statements
from bizlab.report.view import shown_table

sys.path.insert(0, str(Path(__file__).parents[1]))
from companies import company, records

VALUE = [*SALES, "internal_purchases_fen", "direct_travel_fen", "direct_freight_fen", "department_expense_fen",
         "sbu_expense_fen"]  # fmt: skip
LINES = [*VALUE, *MINUTES]


def sheet(rows):
    """A sheet of units from some of their lines."""
    blank = dict.fromkeys(LINES, 0)
    frame = pd.DataFrame([{**blank, "unit_id": unit, **lines} for unit, lines in rows.items()])
    value = sum(frame[name] * (1 if name in SALES else -1) for name in VALUE)
    minutes = frame[list(MINUTES)].sum(axis=1)
    per_hour = value / (minutes.where(minutes != 0) / 60)
    reason = minutes.map(lambda n: "zero_hours" if n == 0 else None)
    return frame.assign(
        value_added_fen=value, total_minutes=minutes, value_per_hour=per_hour, value_per_hour_reason=reason
    )


TEAMS = sheet({
    "good": dict(external_sales_fen=90_000, direct_travel_fen=10_000, normal_minutes=600),
    "poor": dict(external_sales_fen=60_000, direct_travel_fen=30_000, normal_minutes=1200),
    "idle": dict(external_sales_fen=5_000),
})  # fmt: skip
ONE_GROUP = dict.fromkeys(TEAMS["unit_id"], "S")


def test_two_teams_and_an_idle_one_worked_out_by_hand():
    """Together 155,000 of sales and 40,000 of travel in 30 hours: 38.33 yuan an hour. The good team makes 80 yuan: it
    sells 90 an hour against 51.67, and travels for 10 against 13.33."""
    compared, reasons = peers(TEAMS, ONE_GROUP), why(TEAMS, ONE_GROUP)
    PEERS.verify(compared)
    WHY.verify(reasons)
    assert compared["unit_id"].tolist() == ["good", "poor", "idle"]
    assert compared["rank"].tolist() == [1, 2, pd.NA]
    assert compared["peers_per_hour"].tolist() == pytest.approx([115_000 / 30] * 3)
    of_good = reasons[reasons["unit_id"] == "good"].set_index("line")["effect_per_hour"]
    assert of_good[of_good != 0].to_dict() == pytest.approx(
        {"external_sales_fen": 3833.33, "direct_travel_fen": 333.33, "total": 4166.67}, abs=0.011
    )
    assert set(reasons["unit_id"]) == {"good", "poor"}
    assert all(check.passed for check in peer_checks(compared, reasons))


def test_it_is_the_bridge_from_the_group_scaled_to_the_units_own_hours():
    """Half the group's lines in half its hours is the same F; from there the bridge leads to the unit."""
    rows = sheet({"t": dict(external_sales_fen=90_000, direct_freight_fen=7_000, normal_minutes=600),
                  "u": dict(internal_sales_fen=30_000, internal_purchases_fen=4_000, normal_minutes=600)})  # fmt: skip
    before = rows.drop(columns="unit_id")[LINES].sum().floordiv(2).to_frame().T.assign(unit_id="t")
    bridged = bridge(rows[rows["unit_id"] == "t"], before).set_index("line")["effect_per_hour"]
    effect = why(rows, {"t": "S", "u": "S"})
    effect = effect[effect["unit_id"] == "t"].set_index("line")["effect_per_hour"]
    pd.testing.assert_series_equal(effect, bridged[effect.index])


lines = st.fixed_dictionaries(
    {name: st.integers(-(10**9), 10**9) for name in VALUE} | {name: st.integers(0, 10**4) for name in MINUTES}
)


@settings(deadline=None, max_examples=40)
@given(
    st.dictionaries(st.sampled_from("abcdef"), lines, min_size=1),
    st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("ST")),
)
def test_nothing_is_left_over_whatever_the_groups(units, chosen):
    rows, group_of = sheet(units), {unit: chosen.get(unit, "S") for unit in units}
    compared, reasons = peers(rows, group_of), why(rows, group_of)
    assert all(check.passed for check in peer_checks(compared, reasons))
    for row in compared[compared["rank"].notna()].to_dict("records"):
        group = [units[unit] for unit in units if group_of[unit] == row["group_id"]]
        value = sum(peer[name] * (1 if name in SALES else -1) for peer in group for name in VALUE)
        assert row["peers_per_hour"] == pytest.approx(
            float(Fraction(value * 60, sum(peer[h] for peer in group for h in MINUTES)))
        )
    ranked = compared[compared["rank"].notna()].sort_values(["group_id", "rank"])
    assert (ranked.groupby("group_id")["value_per_hour"].diff().dropna() <= 0).all()


def test_a_line_that_does_not_add_up_is_told():
    compared, reasons = peers(TEAMS, ONE_GROUP), why(TEAMS, ONE_GROUP)
    reasons.loc[0, "effect_per_hour"] += 0.01
    assert [check.key for check in peer_checks(compared, reasons) if not check.passed] == ["peers.lines"]
    compared["difference_per_hour"] += 1
    assert "peers.cancel" in [check.key for check in peer_checks(compared, reasons) if not check.passed]


def test_best_and_worst_are_told_with_their_two_largest_lines():
    compared, reasons = peers(TEAMS, ONE_GROUP), why(TEAMS, ONE_GROUP)
    names = {"line": line_words({"travel": Label("差旅费", "Travel")})}
    shown = [shown_table(compared, PEERS, key="peers"), shown_table(reasons, WHY, key="why", names=names)]
    by_key = {statement.key: statement for statement in statements(peer_findings(compared, reasons), Figures(shown))}
    assert set(by_key) == {"best-S", "worst-S"}
    assert "best in S: good with 80.00 RMB/h" in by_key["best-S"].text().en
    assert "A1 External sales (38.33 RMB/h), B1 Travel (3.33 RMB/h)" in by_key["best-S"].text().en
    assert "A1 External sales (−21.67 RMB/h), B1 Travel (−1.67 RMB/h)" in by_key["worst-S"].text().en
    assert (by_key["best-S"].direction, by_key["worst-S"].direction) == ("good", "bad")


def test_a_unit_alone_is_neither_best_nor_worst():
    alone = TEAMS[TEAMS["unit_id"] != "poor"]
    assert peer_findings(peers(alone, ONE_GROUP), why(alone, ONE_GROUP)) == []


def test_peers_are_the_amoebas_with_nothing_below_them_under_one_sbu():
    rows = company(3)
    parts = amoeba.components(records(rows), month=Month(2026, 10))
    group_of = groups(parts.organisation)
    tree = parts.organisation.tree().set_index("unit_id")
    assert set(group_of.values()) <= set(tree.index[tree["depth"] == 1])
    assert {"a1", "a2", "b1", "b2", "new"} <= set(group_of)
    assert not {"Y", "A", "B", "D", "gone"} & set(group_of)


def test_a_leaders_peers_are_those_below_the_leaders_unit():
    """Below A, an SBU, they are compared as the company compares them; below a team there is nobody to compare."""
    recorded = records(company(2))
    whole = amoeba.components(recorded, month=Month(2026, 10))
    parts = {
        root: amoeba.components(recorded, month=Month(2026, 10), notice=notice(whole, root))
        for root in ("A", "B", "b1")
    }
    of_company = groups(whole.organisation)
    for root in "AB":
        assert groups(parts[root].organisation) == {unit: of for unit, of in of_company.items() if of == root}
        sheets = [amoeba.unit_hour_sheet([month], period="month") for month in (parts[root], whole)]
        mine, all_of_them = peers(sheets[0], groups(parts[root].organisation)), peers(sheets[1], of_company)
        expected = all_of_them[all_of_them["group_id"] == root].reset_index(drop=True)
        pd.testing.assert_frame_equal(mine.reset_index(drop=True), expected, check_exact=True)
        assert "no others" in among(parts[root].organisation).note.en
    alone = amoeba.unit_hour_sheet([parts["b1"]], period="month")
    assert groups(parts["b1"].organisation) == {}
    assert "no peers" in among(parts["b1"].organisation).note.en
    compared, reasons = peers(alone, {}), why(alone, {})
    assert len(compared) == len(reasons) == 0
    assert all(check.passed for check in peer_checks(compared, reasons))
    assert peer_findings(compared, reasons) == []


def test_a_single_amoeba_below_a_leader_has_no_peers():
    rows = company(2)
    rows["unit_parents"] = [row | {"parent_id": "B"} if row["unit_id"] == "a2" else row for row in rows["unit_parents"]]
    rows |= dict.fromkeys(("allocation_rules", "drivers"), ())
    rows["units"] = [row | {"is_amoeba": row["unit_id"] not in {"D", "old", "gone"}} for row in rows["units"]]
    recorded = records(rows)
    whole = amoeba.components(recorded, month=Month(2026, 10))
    part = amoeba.components(recorded, month=Month(2026, 10), notice=notice(whole, "A"))
    assert groups(whole.organisation)["a1"] == "A"
    assert groups(part.organisation) == {}
