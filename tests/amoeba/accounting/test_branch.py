"""What a unit's leader sees: the unit's own figures, exactly, and nothing of anybody else."""

import sys
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import narwhals as nw
import pandas as pd
import pytest

from bizlab import amoeba
from bizlab.amoeba.accounting.branch import CHART, SEEN, notice, of_branch, over, part_time_note, stays
from bizlab.amoeba.accounting.consolidation import ADDITIVE
from bizlab.amoeba.accounting.organisation import Organisation
from bizlab.amoeba.accounting.sharing import METHODS
from bizlab.amoeba.results import control_chart, history_table, own_average, peers, trend, value_chain
from bizlab.amoeba.results.by_day import by_day, by_day_checks
from bizlab.errors import ContractError, SettingError
from bizlab.labels import Label
from bizlab.periods import Month

sys.path.insert(0, str(Path(__file__).parents[1]))
from companies import company, over_months, records

OCTOBER = Month(2026, 10)
MONTHS = [OCTOBER.shift(-n) for n in reversed(range(10))]


@dataclass(frozen=True, eq=False)
class Past:
    """Some months of a company: its records, and what it computes of them."""

    booked: amoeba.Records
    whole: list


def limited(booked, root):
    """The records that the leader of a unit is given."""
    branch = stays(booked.units, booked.unit_parents, root)

    def read(name):
        table = getattr(booked, name)
        return table if name in CHART else nw.from_native(table).filter(of_branch(name, branch)).to_native()

    return amoeba.Records.read(read, read, booked.natures)


@pytest.fixture(scope="module", params=range(6))
def seen(request):
    """A company with moves, closures, one-sided trades and faulty records; the month as it computes it."""
    booked, method = records(company(request.param)), list(METHODS)[request.param % 3]
    return booked, amoeba.components(booked, month=OCTOBER, method=method, daily=True)


def test_the_sheet_of_a_unit_is_the_same_from_its_own_records_and_from_the_companys(seen):
    booked, whole = seen
    closure, of_company = whole.organisation.closure, whole.nodes.set_index("unit_id")
    spans = closure.groupby("unit_id")["span"].nunique()
    for root in of_company.index:
        part = amoeba.components(limited(booked, root), month=OCTOBER, notice=notice(whole, root))
        nodes = part.nodes.set_index("unit_id")
        below = closure[closure["ancestor_id"] == root]
        stayed = below.groupby("unit_id")["span"].nunique()
        all_month = [unit for unit in stayed.index if stayed[unit] == spans[unit]]
        assert root in all_month
        assert set(nodes.index) == set(stayed.index)
        pd.testing.assert_frame_equal(
            nodes.loc[all_month, list(ADDITIVE)], of_company.loc[all_month, list(ADDITIVE)], check_like=True
        )
        sheet, top = (
            amoeba.unit_hour_sheet([figures], period="month").set_index("unit_id") for figures in (part, whole)
        )
        assert sheet.loc[root].drop("depth").dropna().to_dict() == top.loc[root].drop("depth").dropna().to_dict()


def test_what_is_given_too_much_is_in_no_figure_of_the_branch(seen):
    booked, whole = seen
    to_leader = notice(whole, "A")
    parts = [amoeba.components(books, month=OCTOBER, notice=to_leader) for books in (limited(booked, "A"), booked)]
    pd.testing.assert_frame_equal(parts[1].nodes, parts[0].nodes)
    pd.testing.assert_frame_equal(parts[1].own, parts[0].own)
    assert [check.key for check in amoeba.component_checks(parts[1]) if not check.passed] == []


def test_the_days_of_a_branch_add_up_and_its_sums_hold(seen):
    booked, whole = seen
    for root in ("A", "B", "a1"):
        if root in set(whole.nodes["unit_id"]):
            part = amoeba.components(limited(booked, root), month=OCTOBER, notice=notice(whole, root), daily=True)
            days, of_company = by_day(part), by_day(whole)
            checks = amoeba.component_checks(part) + by_day_checks(days, part)
            assert [check.key for check in checks if not check.passed] == []
            for day, figures in days.items():
                nodes = figures.nodes.set_index("unit_id")
                if root in nodes.index:
                    expected = of_company[day].nodes.set_index("unit_id").loc[root, list(ADDITIVE)]
                    assert nodes.loc[root, list(ADDITIVE)].to_dict() == expected.to_dict(), day


def test_no_record_of_another_unit_is_handed_out(seen):
    booked, whole = seen
    below = stays(booked.units, booked.unit_parents, "A")
    ids = {stay.unit_id for stay in below}
    given = limited(booked, "A")
    for name in SEEN.keys() & set(amoeba.INPUTS):
        table, sides = getattr(given, name), list(SEEN[name].sides)
        assert table[sides].isin(ids).any(axis=1).all(), name
    to_leader = notice(whole, "A")
    assert set(to_leader.received["unit_id"]) <= ids
    assert to_leader.allocation.trace[["from_unit_id", "to_unit_id"]].isin(ids).any(axis=1).all()
    assert set(to_leader.allocation.results["from_unit_id"]) <= ids
    assert to_leader.allocation.shares == {}


def test_a_unit_that_moves_is_its_leaders_from_that_day_on():
    units = pd.DataFrame({"unit_id": list("YABt"), "closed_on": pd.NaT})
    parents = pd.DataFrame(
        {
            "unit_id": ["A", "B", "t", "t"],
            "parent_id": ["Y", "Y", "A", "B"],
            "valid_from": pd.to_datetime(["2020-01-01"] * 3 + ["2026-10-16"]),
            "valid_to": pd.to_datetime([None, None, "2026-10-15", None]),
        }
    )
    days = pd.DataFrame({"unit_id": "t", "recorded_on": pd.date_range("2026-10-14", "2026-10-17")})
    plans = pd.DataFrame({"unit_id": "t", "month": ["2026-09", "2026-10", "2026-11"]})
    seen = {}
    for root in "ABY":
        branch = stays(units, parents, root)
        dated, planned = (
            nw.from_native(frame).filter(of_branch(name, branch)).to_native()
            for name, frame in (("expense_records", days), ("unit_plans", plans))
        )
        seen[root] = dated["recorded_on"].dt.day.tolist(), planned["month"].tolist()
    assert seen["A"] == ([14, 15], ["2026-09"])
    assert seen["B"] == ([16, 17], ["2026-10", "2026-11"])
    assert seen["Y"] == ([14, 15, 16, 17], ["2026-09", "2026-10", "2026-11"])


def test_the_plan_of_a_month_is_the_leaders_who_has_the_unit_on_its_last_day():
    last = pd.Timestamp("2026-10-31")
    units = pd.DataFrame({"unit_id": list("Yt"), "closed_on": pd.NaT})
    parents = pd.DataFrame({"unit_id": ["t"], "parent_id": "Y", "valid_from": last, "valid_to": last})
    plans = pd.DataFrame({"unit_id": "t", "month": ["2026-09", "2026-10", "2026-11"]})
    branch = stays(units, parents, "Y")
    assert nw.from_native(plans).filter(of_branch("unit_plans", branch)).to_native()["month"].tolist() == ["2026-10"]


def test_a_closed_unit_stays_where_it_was_so_that_late_records_are_told_to_its_leader():
    closed = pd.Timestamp("2026-10-10")
    units = pd.DataFrame({"unit_id": ["Y", "A", "t"], "closed_on": [pd.NaT, pd.NaT, closed]})
    parents = pd.DataFrame(
        {
            "unit_id": ["A", "t"],
            "parent_id": ["Y", "A"],
            "valid_from": pd.Timestamp("2020-01-01"),
            "valid_to": [pd.NaT, closed],
        }
    )
    late = pd.DataFrame({"unit_id": ["t"], "recorded_on": [pd.Timestamp("2026-10-12")]})
    assert len(nw.from_native(late).filter(of_branch("revenue_records", stays(units, parents, "A"))).to_native()) == 1


def test_a_unit_that_came_in_mid_month_is_named_with_its_days():
    booked = records(company(0) | {"allocation_rules": [], "drivers": []})
    parents = booked.unit_parents[booked.unit_parents["unit_id"] != "b3"]
    moved = pd.DataFrame(
        {
            "unit_id": "b3",
            "parent_id": ["B", "A"],
            "valid_from": pd.to_datetime(["2020-01-01", "2026-10-16"]),
            "valid_to": pd.to_datetime(["2026-10-15", None]),
        }
    )
    days = {"first": OCTOBER.first, "last": OCTOBER.last}
    trees = {
        root: Organisation(booked.units, pd.concat([parents, moved]), root=root, **days) for root in ("A", "B", None)
    }
    names = {unit: Label(unit, unit) for unit in booked.units["unit_id"]}
    notes = {root: part_time_note(tree, names) for root, tree in trees.items()}
    assert "b3 (2026-10-16 to 2026-10-31)" in notes["A"].en
    assert "b3 (2026-10-01 to 2026-10-15)" in notes["B"].en
    assert notes[None] is None


def test_a_reader_who_is_no_unit_is_refused():
    booked = records(company(0))
    with pytest.raises(SettingError, match=r"There is no unit 'FINN'.*reader"):
        stays(booked.units, booked.unit_parents, "FINN")


def test_a_month_before_the_unit_was_opened_has_no_rows():
    booked = records(company(0))
    opened = booked.units.set_index("unit_id").loc["new", "opened_on"]
    assert opened > pd.Timestamp(date(2026, 10, 1))
    september = Month(2026, 9)
    whole = amoeba.components(booked, month=september, daily=True)
    part = amoeba.components(limited(booked, "new"), month=september, notice=notice(whole, "new"))
    assert part.nodes.empty


@pytest.fixture(scope="module", params=[(0, 5), (1, 0), (5, 3)])
def past(request):
    """Ten months of a company whose units move, open and close in May, in October or in July."""
    seed, changed = request.param[0], OCTOBER.shift(-request.param[1])
    booked = records(over_months(seed, MONTHS, changed=changed))
    method = list(METHODS)[seed % 3]
    return Past(booked, [amoeba.components(booked, month=month, method=method) for month in MONTHS])


@lru_cache
def of_leader(past, root):
    """The months of a unit as its leader's notebook computes them."""
    given = limited(past.booked, root)
    months = [amoeba.components(given, month=whole.month, notice=notice(whole, root)) for whole in past.whole]
    return history_table.recorded(months)


def stayed(whole, root):
    """The units that were open in October, and stood at or below a unit on all days on which they were open."""
    closure = over(whole).closure
    spans, below = closure.groupby("unit_id")["span"].nunique(), closure[closure["ancestor_id"] == root]
    here = below.groupby("unit_id")["span"].nunique()
    now = set(whole[-1].organisation.closure["unit_id"])
    return [unit for unit in here.index if here[unit] == spans[unit] and unit in now]


def tables_of(parts, units):
    """History, limits, trend and the bridge from its own average of some units, as frames to compare."""
    profit = history_table.profit_months(parts)
    tables = {"profit": profit[profit["unit_id"].isin(units)]}
    for unit in units:
        tables[f"history of {unit}"] = history_table.history_table(profit, unit)
    for measure, rows in control_chart.measured(parts, profit, units).items():
        tables[f"limits of {measure}"] = control_chart.control_chart(rows, measure)
        tables[f"trend of {measure}"] = trend.trend(rows, measure)
    sheet = amoeba.unit_hour_sheet(parts[-1:], period="month")
    past = own_average.past_months(parts)
    tables["average"] = amoeba.bridge(sheet[sheet["unit_id"].isin(units)], past, basis="average")
    return tables


@pytest.mark.parametrize("root", ["A", "B", "b1"])
def test_the_history_of_a_unit_is_the_same_from_its_own_records_and_from_the_companys(past, root):
    whole, units = past.whole, stayed(past.whole, root)
    assert root in units
    tables, of_company = (tables_of(parts, units) for parts in (of_leader(past, root), history_table.recorded(whole)))
    for name, frame in tables.items():
        keys = [key for key in ("month", "period", "unit_id", "line") if key in frame]
        ordered = [rows.sort_values(keys).reset_index(drop=True) for rows in (frame, of_company[name])]
        pd.testing.assert_frame_equal(*ordered, check_exact=True, obj=name)


def test_months_before_a_unit_came_are_not_its_leaders_and_the_page_says_so(past):
    """b3 moves below A within the months."""
    booked, whole = past.booked, past.whole
    names = {unit: Label(unit, unit) for unit in booked.units["unit_id"]}
    came = booked.unit_parents.query("unit_id == 'b3' and parent_id == 'A'")["valid_from"].iloc[0]
    parts = of_leader(past, "A")
    note, profit = part_time_note(over(parts), names), history_table.profit_months(parts)
    assert part_time_note(over(whole), names) is None
    assert f"b3 ({came.date()} to 2026-10-31)" in note.en
    assert profit.loc[profit["unit_id"] == "b3", "month"].min() == f"{came:%Y-%m}"
    given = limited(booked, "A")
    for name in ("revenue_records", "expense_records", "hour_records", "order_intake", "headcount"):
        table = getattr(given, name)
        assert (table.loc[table["unit_id"] == "b3", SEEN[name].on] >= came).all(), name


@pytest.mark.parametrize("root", ["A", "B", "b1", "new"])
def test_the_sums_of_a_branchs_history_hold(past, root):
    parts = of_leader(past, root)
    profit, sheet = history_table.profit_months(parts), amoeba.unit_hour_sheet(parts[-1:], period="month")
    group_of, before = peers.groups(parts[-1].organisation), own_average.past_months(parts)
    ranked, reasons = peers.peers(sheet, group_of), peers.why(sheet, group_of)
    moved = amoeba.bridge(sheet, before, basis="average")
    flows = value_chain.chain_flows(parts[-1])
    links = value_chain.chain_units(flows, parts[-1])
    checks = history_table.profit_checks(profit, parts)
    checks += history_table.history_checks(history_table.history_table(profit, root), profit)
    checks += peers.peer_checks(ranked, reasons) + amoeba.bridge_checks(moved, sheet, before)
    checks += value_chain.chain_checks(links, flows, parts[-1]) + value_chain.CHAIN_UNITS.verify(links)
    assert [check.key for check in checks if not check.passed] == []
    below = set(parts[-1].organisation.closure["unit_id"])
    shown = {*ranked["unit_id"], *ranked["group_id"], *links["unit_id"], *flows["from_id"], *flows["to_id"]}
    assert shown <= below | set(value_chain.ENDS)


def test_figures_by_day_are_not_made_of_a_notice_without_days(seen):
    booked, whole = seen
    without = notice(whole, "A")._replace(is_daily=False)
    part = amoeba.components(limited(booked, "A"), month=OCTOBER, notice=without, daily=True)
    with pytest.raises(ContractError, match="a notice it rests on, with daily=True"):
        part.by_day()
