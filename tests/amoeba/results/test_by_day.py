"""A month cut into its days: every day by itself, and together the month."""

import sys
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from bizlab import amoeba
from bizlab.amoeba.accounting.consolidation import ADDITIVE
from bizlab.amoeba.accounting.sharing import METHODS
from bizlab.amoeba.results.by_day import between, by_day, by_day_checks, week_of
from bizlab.amoeba.results.unit_hour import SHEET
from bizlab.periods import Month

sys.path.insert(0, str(Path(__file__).parents[1]))
from companies import DAYS, company, records
from oracle import figures

OCTOBER = Month(2026, 10)
ALLOCATED = ("department_expense_fen", "sbu_expense_fen", "department_minutes", "sbu_minutes")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seed", range(2))
def test_the_days_of_a_month_add_up_to_it_at_every_node_and_line(seed, method):
    parts = amoeba.components(records(company(seed)), month=OCTOBER, method=method, daily=True)
    days = by_day(parts)
    assert list(days) == DAYS
    assert [check.key for check in by_day_checks(days, parts) if not check.passed] == []
    month = amoeba.unit_hour_sheet([parts], period="month").set_index("unit_id")
    added = amoeba.unit_hour_sheet(between(days, DAYS[0], DAYS[-1]), period="month").set_index("unit_id")
    pd.testing.assert_frame_equal(added.reindex(month.index), month)


@pytest.mark.parametrize("seed", range(2))
def test_without_rules_a_day_is_the_company_of_that_days_records(seed):
    rows = company(seed) | {"allocation_rules": [], "drivers": []}
    days = by_day(amoeba.components(records(rows), month=OCTOBER, daily=True))
    for day in (date(2026, 10, 1), date(2026, 10, 16), date(2026, 10, 20), date(2026, 10, 31)):
        of_day = {
            name: [row for row in table if day in (row.get("recorded_on"), row.get("worked_on"), row.get("traded_on"),
                                                   row.get("received_on"), row.get("counted_on"))]
            if name.endswith(("_records", "_sold", "_bought", "intake")) or name == "headcount" else table
            for name, table in rows.items()
        }  # fmt: skip
        expected = figures(of_day, DAYS, "2026-10")
        for node in days[day].nodes.to_dict("records"):
            lines = {line: node[line] for line in ADDITIVE}
            assert lines == {line: expected[node["unit_id"]][line] for line in ADDITIVE}, (day, node["unit_id"])


@pytest.mark.parametrize("seed", range(2))
def test_what_arrives_on_a_day_is_what_givers_booked_on_it(seed):
    """Nothing is conserved over the month alone: the company bears each day what its units booked that day."""
    rows = company(seed)
    parts = amoeba.components(records(rows), month=OCTOBER, method="reciprocal", daily=True)
    for day, of_day in by_day(parts).items():
        top = of_day.nodes.iloc[0]
        booked = sum(
            r["amount_fen"] for r in rows["expense_records"] if r["recorded_on"] == day and r["kind"] != "labour"
        )
        worked = sum(r["minutes"] for r in rows["hour_records"] if r["worked_on"] == day)
        sheet = amoeba.unit_hour_sheet([of_day], period="day").iloc[0]
        assert (top["unit_id"], sheet["expense_fen"], sheet["total_minutes"]) == ("Y", booked, worked), day
        assert [
            check for check in SHEET.verify(amoeba.unit_hour_sheet([of_day], period="day")) if not check.passed
        ] == []


def test_a_unit_that_moves_stands_under_the_parent_of_the_day():
    rows = company(0) | {"allocation_rules": [], "drivers": []}
    rows["unit_parents"] = [row for row in rows["unit_parents"] if row["unit_id"] != "b3"]
    start = date(2020, 1, 1)
    rows["unit_parents"] += [
        dict(unit_id="b3", parent_id="B", valid_from=start, valid_to=date(2026, 10, 15)),
        dict(unit_id="b3", parent_id="A", valid_from=date(2026, 10, 16), valid_to=None),
    ]
    rows["revenue_records"] = [
        dict(record_id=f"R{n}", unit_id="b3", kind="product", recorded_on=date(2026, 10, n), amount_fen=n)
        for n in (15, 16)
    ]
    days = by_day(amoeba.components(records(rows), month=OCTOBER, daily=True))
    at = {n: days[date(2026, 10, n)].nodes.set_index("unit_id")["external_sales_fen"] for n in (15, 16)}
    assert at[15][["A", "B"]].tolist() == [0, 15]
    assert at[16][["A", "B"]].tolist() == [16, 0]


def test_a_unit_has_no_row_on_a_day_before_it_was_opened():
    rows = company(0) | {"allocation_rules": [], "drivers": []}
    days = by_day(amoeba.components(records(rows), month=OCTOBER, daily=True))
    opened = next(row["opened_on"] for row in rows["units"] if row["unit_id"] == "new")
    shown = {day: "new" in set(of_day.nodes["unit_id"]) for day, of_day in days.items()}
    assert (shown[opened - timedelta(days=1)], shown[opened]) == (False, True)


def test_a_week_runs_from_monday_to_sunday_over_the_edge_of_a_month():
    months = [amoeba.components(records(company(4)), month=month, daily=True) for month in (Month(2026, 9), OCTOBER)]
    days = by_day(months[0]) | by_day(months[1])
    first, last = week_of(date(2026, 10, 1))
    assert [day.isoformat() for day in (first, last)] == ["2026-09-28", "2026-10-04"]
    assert len(between(days, first, last)) == 7
