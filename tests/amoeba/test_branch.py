"""What a unit's leader sees: the unit's own figures, exactly, and nothing of anybody else."""

import sys
from dataclasses import fields
from datetime import date
from pathlib import Path

import narwhals as nw
import pandas as pd
import pytest

from bizlab import amoeba
from bizlab.amoeba.branch import CHART, SEEN, notice, of_branch, part_time_note, stays
from bizlab.amoeba.by_day import by_day, by_day_checks
from bizlab.amoeba.consolidation import ADDITIVE
from bizlab.amoeba.organisation import Organisation
from bizlab.amoeba.sharing import METHODS
from bizlab.errors import SettingError
from bizlab.labels import Label
from bizlab.periods import Month

sys.path.insert(0, str(Path(__file__).parent))
from companies import company, records

OCTOBER = Month(2026, 10)


def limited(held, root):
    """The records that the leader of a unit is given."""
    found = stays(held.units, held.unit_parents, root)
    tables = {field.name: getattr(held, field.name) for field in fields(held)}
    return amoeba.Records(
        **{
            name: table if name in CHART else nw.from_native(table).filter(of_branch(name, found)).to_native()
            for name, table in tables.items()
        }
    )


@pytest.fixture(scope="module", params=range(6))
def seen(request):
    """A company with moves, closures, one-sided trades and faulty records; the month as it computes it."""
    held, method = records(company(request.param)), list(METHODS)[request.param % 3]
    return held, amoeba.components(held, month=OCTOBER, method=method, daily=True)


def test_the_sheet_of_a_unit_is_the_same_from_its_own_records_and_from_the_companys(seen):
    held, whole = seen
    closure, of_company = whole.organisation.closure, whole.nodes.set_index("unit_id")
    spans = closure.groupby("unit_id")["span"].nunique()
    for root in of_company.index:
        part = amoeba.components(limited(held, root), month=OCTOBER, notice=notice(whole, root))
        nodes = part.nodes.set_index("unit_id")
        below = closure[closure["ancestor_id"] == root]
        stayed = below.groupby("unit_id")["span"].nunique()
        all_month = [unit for unit in stayed.index if stayed[unit] == spans[unit]]
        assert root in all_month
        assert set(nodes.index) == set(stayed.index)
        pd.testing.assert_frame_equal(
            nodes.loc[all_month, list(ADDITIVE)], of_company.loc[all_month, list(ADDITIVE)], check_like=True
        )
        told, top = (amoeba.unit_hour_sheet([one], period="month").set_index("unit_id") for one in (part, whole))
        assert told.loc[root].drop("depth").dropna().to_dict() == top.loc[root].drop("depth").dropna().to_dict()


def test_what_is_given_too_much_is_in_no_figure_of_the_branch(seen):
    held, whole = seen
    told = notice(whole, "A")
    parts = [amoeba.components(one, month=OCTOBER, notice=told) for one in (limited(held, "A"), held)]
    pd.testing.assert_frame_equal(parts[1].nodes, parts[0].nodes)
    pd.testing.assert_frame_equal(parts[1].own, parts[0].own)
    assert [check.key for check in amoeba.component_checks(parts[1]) if not check.passed] == []


def test_the_days_of_a_branch_add_up_and_its_sums_hold(seen):
    held, whole = seen
    for root in ("A", "B", "a1"):
        if root in set(whole.nodes["unit_id"]):
            part = amoeba.components(limited(held, root), month=OCTOBER, notice=notice(whole, root), daily=True)
            days, of_company = by_day(part), by_day(whole)
            checks = amoeba.component_checks(part) + by_day_checks(days, part)
            assert [check.key for check in checks if not check.passed] == []
            for day, one in days.items():
                told = one.nodes.set_index("unit_id")
                if root in told.index:
                    expected = of_company[day].nodes.set_index("unit_id").loc[root, list(ADDITIVE)]
                    assert told.loc[root, list(ADDITIVE)].to_dict() == expected.to_dict(), day


def test_no_record_of_another_unit_is_handed_out(seen):
    held, whole = seen
    below = stays(held.units, held.unit_parents, "A")
    ids = {stay.unit_id for stay in below}
    given = limited(held, "A")
    for name in SEEN.keys() & {field.name for field in fields(held)}:
        table, sides = getattr(given, name), list(SEEN[name].sides)
        assert table[sides].isin(ids).any(axis=1).all(), name
    told = notice(whole, "A")
    assert set(told.received["unit_id"]) <= ids
    assert told.allocation.trace[["from_unit_id", "to_unit_id"]].isin(ids).any(axis=1).all()
    assert set(told.allocation.results["from_unit_id"]) <= ids
    assert told.allocation.shares == {}


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
        found = stays(units, parents, root)
        dated, planned = (
            nw.from_native(frame).filter(of_branch(name, found)).to_native()
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
    found = stays(units, parents, "Y")
    assert nw.from_native(plans).filter(of_branch("unit_plans", found)).to_native()["month"].tolist() == ["2026-10"]


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
    held = records(company(0) | {"allocation_rules": [], "drivers": []})
    parents = held.unit_parents[held.unit_parents["unit_id"] != "b3"]
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
        root: Organisation(held.units, pd.concat([parents, moved]), root=root, **days) for root in ("A", "B", None)
    }
    names = {unit: Label(unit, unit) for unit in held.units["unit_id"]}
    told = {root: part_time_note(tree, names) for root, tree in trees.items()}
    assert "b3 (2026-10-16 to 2026-10-31)" in told["A"].en
    assert "b3 (2026-10-01 to 2026-10-15)" in told["B"].en
    assert told[None] is None


def test_a_reader_who_is_no_unit_is_refused():
    held = records(company(0))
    with pytest.raises(SettingError, match=r"There is no unit 'FINN'.*reader"):
        stays(held.units, held.unit_parents, "FINN")


def test_a_month_before_the_unit_was_opened_has_no_rows():
    held = records(company(0))
    opened = held.units.set_index("unit_id").loc["new", "opened_on"]
    assert opened > pd.Timestamp(date(2026, 10, 1))
    september = Month(2026, 9)
    whole = amoeba.components(held, month=september, daily=True)
    part = amoeba.components(limited(held, "new"), month=september, notice=notice(whole, "new"))
    assert part.nodes.empty
