"""What a leader of a unit may load: the unit's rows and those below it, and of other tables nothing."""

from pathlib import Path

import pytest

from bizlab.analyses.amoeba.months import Months
from bizlab.errors import SettingError
from bizlab.run.session import open_run

ROOT = Path(__file__).parents[3]
NORTH = {"SA-N", "SA-N1", "SA-N2", "SA-E3"}


@pytest.fixture
def run(monkeypatch):
    monkeypatch.chdir(ROOT / "notebooks")
    return open_run("unit_hour", month="2026-10", reader="SA-N")


@pytest.mark.parametrize("table", ["expense_records", "hour_records", "headcount", "persons"])
def test_records_are_those_of_the_unit_and_below(run, table):
    loaded, scanned = run.load(table), run.scan(table).collect("pandas").to_native()
    assert set(loaded["unit_id"]) == set(scanned["unit_id"]) == NORTH
    assert len(loaded) == len(scanned)


def test_a_unit_that_came_in_is_seen_from_that_day_on(run):
    hours = run.load("hour_records")
    assert hours.loc[hours["unit_id"] == "SA-E3", "worked_on"].min().strftime("%Y-%m-%d") == "2026-10-16"


@pytest.mark.parametrize("table", ["internal_trades_sold", "internal_trades_bought", "transfer_prices", "trade_plans"])
def test_a_trade_is_seen_by_both_its_sides_and_nobody_else(run, table):
    sides = run.load(table)[["seller_id", "buyer_id"]]
    assert len(sides) > 0
    assert sides.isin(NORTH).any(axis=1).all()


@pytest.mark.parametrize("table", ["customers", "orders", "gl_entries", "budget_lines", "actual_lines"])
def test_other_tables_are_not_for_a_leader(run, table):
    for read in (run.load, run.scan):
        with pytest.raises(SettingError, match=f"The table '{table}' is not for the leader"):
            read(table)


def test_neither_the_warehouse_nor_names_of_customers_are(run):
    with pytest.raises(SettingError, match="warehouse of the company"):
        run.warehouse.load("customers")
    with pytest.raises(SettingError, match="names of customers"):
        run.names("customers")


def test_the_title_names_the_unit(run):
    assert run.frozen().title.zh == f"单位时间核算表:{run.names('units')['SA-N'].zh}"
    assert run.frozen().parameters["reader"] == "SA-N"


def test_the_chart_of_the_organisation_is_everybodys(run):
    everyone = open_run("unit_hour", month="2026-10")
    assert run.load("units").equals(everyone.load("units"))


def test_a_notice_is_made_as_the_figures_are_that_it_is_for(run):
    """With labour in the expense more is given away; with days each amount stands on its own."""
    plain, daily = (Months(run).figures(run.month, daily=daily) for daily in (False, True))
    labour = Months(run, labour_in_expense=True).figures(run.month)
    given = [part.allocation.trace["expense_fen"].sum() for part in (plain, labour, daily)]
    assert given[1] > given[0] == given[2]
    assert [("day" in part.received, part.is_daily) for part in (plain, daily)] == [(False, False), (True, True)]


def test_the_history_is_for_a_leader_too(monkeypatch):
    monkeypatch.chdir(ROOT / "notebooks")
    run = open_run("history_value_chain", month="2026-10", reader="SA-N")
    assert run.frozen().title.en == "History and value chain: North region"


@pytest.mark.parametrize(
    ("name", "reader", "said"),
    [
        ("customer_tags", "SA", "The page 'customer_tags' is not for the leader of a unit"),
        ("month_summary", "SA", "The page 'month_summary' is not for"),
        ("unit_hour", "SALES", "There is no unit 'SALES'"),
        ("unit_hour", "SA-S1", "The unit 'SA-S1' was not open in 2026-10"),
    ],
)
def test_who_may_not_read_what_is_told_in_words(monkeypatch, name, reader, said):
    monkeypatch.chdir(ROOT / "notebooks")
    with pytest.raises(SettingError, match=said):
        open_run(name, month="2026-10", reader=reader).load("units")
