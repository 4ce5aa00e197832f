"""The truth keeps the contracts, and the figures of the systems are tied together."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal, assert_series_equal

from bizlab.sample import generate
from bizlab.sample.company.organisation import BY_ID, REGIONS, ancestor
from bizlab.tables import TABLES, project_lists

Company = dict[str, pd.DataFrame]
HARDWARE = ["sensor", "gateway"]
PROJECT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", list(TABLES))
def test_every_table_keeps_its_contract(truth: Company, name: str) -> None:
    assert all(check.passed for check in TABLES[name].verify(truth[name]))
    assert_frame_equal(TABLES[name].conform(truth[name]), truth[name])


def test_the_same_seed_makes_the_same_company(truth: Company) -> None:
    again = generate()
    for name, frame in truth.items():
        assert_frame_equal(again[name], frame)


def test_another_seed_makes_another_company(truth: Company) -> None:
    assert not generate(7)["orders"].equals(truth["orders"])


def test_sizes_of_the_story(truth: Company) -> None:
    assert len(truth["customers"]) == 3_000
    assert len(truth["contacts"]) == 1_400
    assert 550 <= truth["orders"]["customer_id"].nunique() <= 650
    assert set(truth["channels"]["kind"]) == set(project_lists(PROJECT)["channel_kinds"].words)
    monthly = truth["orders"].groupby(truth["orders"]["ordered_on"].dt.to_period("M"))["amount_fen"].sum()
    assert 250e8 < monthly.tail(12).sum() < 350e8
    assert len(monthly) == 24


def test_the_sales_team_grew_from_five_to_sixty(truth: Company) -> None:
    head = truth["headcount"]
    sales = head[head["unit_id"].str.startswith("SA")].groupby("counted_on")["n_persons"].sum()
    assert sales.iloc[0] == 5
    assert 58 <= sales.iloc[-1] <= 62


def test_everything_lies_within_the_24_months(truth: Company) -> None:
    for name, frame in truth.items():
        occurred = TABLES[name].occurred
        if occurred and name not in {"customers", "contacts", "stage_events"}:
            assert frame[occurred].between("2024-11-01", "2026-10-31").all(), name


def test_external_revenue_of_sales_teams_is_the_orders_of_the_erp(truth: Company) -> None:
    orders, records = truth["orders"], truth["revenue_records"]
    kind = orders["product_line"].isin(HARDWARE).map({True: "product", False: "service"}).rename("kind")
    ordered = orders.groupby(["unit_id", orders["ordered_on"].rename("recorded_on"), kind])["amount_fen"].sum()
    from_orders = records[records["kind"] != "other"]
    booked = from_orders.groupby(["unit_id", "recorded_on", "kind"])["amount_fen"].sum()
    assert_series_equal(booked, ordered)


def test_orders_received_are_the_orders(truth: Company) -> None:
    orders, intake = truth["orders"], truth["order_intake"]
    keys = ["unit_id", "received_on"]
    ordered = orders.rename(columns={"ordered_on": "received_on"}).groupby(keys)["amount_fen"].sum()
    assert_series_equal(intake.groupby(keys)["amount_fen"].sum(), ordered)
    assert len(intake) == orders["order_id"].nunique()


def test_both_sides_book_every_internal_trade_alike(truth: Company) -> None:
    confirmations = ["confirmed_at", "accepted_at"]
    sold = truth["internal_trades_sold"].drop(columns=confirmations)
    assert_frame_equal(truth["internal_trades_bought"].drop(columns=confirmations), sold)


def test_trades_stand_at_the_agreed_price(truth: Company) -> None:
    sold = truth["internal_trades_sold"]
    priced = sold.merge(truth["transfer_prices"], on=["product_id", "seller_id", "buyer_id"])
    valid = (priced["valid_from"] <= priced["traded_on"]) & (
        priced["valid_to"].isna() | (priced["traded_on"] <= priced["valid_to"])
    )
    priced = priced[valid]
    assert len(priced) == len(sold)
    assert (priced["amount_fen"] == priced["quantity"] * priced["price_fen"]).all()


def test_sales_teams_buy_inside_what_they_sell_outside(truth: Company) -> None:
    lines = truth["orders"].query("quantity > 0")
    keys = ["unit_id", "product_id", "day"]
    sold = lines.rename(columns={"ordered_on": "day"}).groupby(keys)["quantity"].sum()
    bought = truth["internal_trades_bought"].rename(columns={"buyer_id": "unit_id", "traded_on": "day"})
    inside = bought[bought["product_id"].isin(lines["product_id"].unique())].groupby(keys)["quantity"].sum()
    assert_series_equal(inside, sold)


def test_machining_delivers_a_housing_and_a_base_for_each_sensor(truth: Company) -> None:
    trades, orders = truth["internal_trades_sold"], truth["orders"]
    sensors = orders[orders["product_line"] == "sensor"].groupby("ordered_on")["quantity"].sum()
    sensors = sensors[sensors > 0]
    for part in ("P-HS", "P-BS"):
        delivered = trades[trades["product_id"].str.startswith(part)].groupby("traded_on")["quantity"].sum()
        assert delivered.tolist() == sensors.tolist()


def test_subscription_periods_are_orders_of_monitoring(truth: Company) -> None:
    periods, orders = truth["subscriptions"], truth["orders"]
    monitoring = orders[orders["product_line"] == "monitoring"]
    keys = ["customer_id", "day"]
    ordered = monitoring.rename(columns={"ordered_on": "day"}).groupby(keys)["amount_fen"].sum()
    assert_series_equal(periods.rename(columns={"signed_on": "day"}).groupby(keys)["amount_fen"].sum(), ordered)
    assert len(periods) == len(monitoring)


def test_periods_of_a_subscription_follow_one_another(truth: Company) -> None:
    periods = truth["subscriptions"].sort_values(["subscription_id", "period_no"])
    ended = periods.groupby("subscription_id")["ends_on"].shift()
    later = periods[periods["period_no"] > 1]
    assert (later["starts_on"] == ended[later.index] + pd.Timedelta(days=1)).all()
    assert (periods["signed_on"] < periods["starts_on"]).all()


def test_nobody_pays_more_than_was_ordered(truth: Company) -> None:
    ordered = truth["orders"].groupby("order_id")["amount_fen"].sum()
    paid = truth["settlements"].groupby("order_id")["amount_fen"].sum()
    rest = ordered[paid.index] - paid
    assert (rest >= 0).all()
    assert (rest == 0).mean() > 0.9
    assert (truth["settlements"]["amount_fen"] > 0).all()


def test_budget_postings_equal_the_expense_records_of_the_owners_units(truth: Company) -> None:
    """Written anew from the README: owner at the start of the month, by month and account."""
    expenses = truth["expense_records"]
    for account, kind in (("marketing", "marketing"), ("travel", "travel"), ("salaries", "labour")):
        spent = expenses[(expenses["kind"] == kind) & expenses["unit_id"].str.startswith("SA")]
        month = spent["recorded_on"].dt.strftime("%Y-%m")
        owner = spent["unit_id"].where(spent["unit_id"].isin(["SA", *REGIONS]), spent["unit_id"].str[:4])
        by_unit = spent["amount_fen"].groupby([owner, month.rename("month")]).sum()
        lines = truth["actual_lines"][truth["actual_lines"]["account"] == account]
        posted = lines.groupby(["owner_id", lines["posted_on"].dt.strftime("%Y-%m")])["amount_fen"].sum()
        assert posted.tolist() == by_unit.tolist()


def test_hours_are_worked_by_persons_within_their_units(truth: Company) -> None:
    worked = truth["hour_records"].merge(truth["persons"], on=["person_id", "unit_id"])
    within = (worked["valid_from"] <= worked["worked_on"]) & (
        worked["valid_to"].isna() | (worked["worked_on"] <= worked["valid_to"])
    )
    assert within.sum() == len(truth["hour_records"])
    assert (truth["hour_records"]["minutes"] % 30 == 0).all()


def test_headcount_counts_the_persons(truth: Company) -> None:
    persons, head = truth["persons"], truth["headcount"]
    for day in ("2024-11-01", "2026-03-31", "2026-04-01", "2026-10-16"):
        there = persons[(persons["valid_from"] <= day) & (persons["valid_to"].isna() | (persons["valid_to"] >= day))]
        counted = head[head["counted_on"] == day].set_index("unit_id")["n_persons"]
        assert there.groupby("unit_id").size().to_dict() == counted.to_dict()


def test_the_president_records_hours_too(truth: Company) -> None:
    assert truth["hour_records"]["person_id"].eq("P00001").sum() > 400
    assert truth["persons"].set_index("person_id").loc["P00001", "unit_id"] == "PO"


def test_conversion_is_the_first_order(truth: Company) -> None:
    events = truth["stage_events"].query("stage == 'converted'").set_index("customer_id")
    first = truth["orders"].groupby("customer_id")["ordered_on"].min()
    assert_series_equal(events["entered_on"].sort_index(), first, check_names=False)
    assert events["evidence"].notna().all()


def test_unit_ids_exist_wherever_they_are_used(truth: Company) -> None:
    for name, frame in truth.items():
        for column in {"unit_id", "seller_id", "buyer_id", "owner_id", "parent_id", "from_unit_id"} & set(frame):
            assert set(frame[column].dropna()) <= set(BY_ID), (name, column)


def test_closed_and_unopened_units_record_nothing(truth: Company) -> None:
    for name in ("revenue_records", "expense_records", "hour_records", "order_intake", "headcount"):
        frame, day = truth[name], str(TABLES[name].occurred)
        for unit in truth["units"].itertuples():
            of_unit = frame.loc[frame["unit_id"] == unit.unit_id, day]
            assert (of_unit >= unit.opened_on).all()
            assert pd.isna(unit.closed_on) or (of_unit <= unit.closed_on).all()


def test_the_tree_agrees_with_the_table_of_parents(truth: Company) -> None:
    day = pd.Timestamp("2026-10-16")
    parents = truth["unit_parents"]
    valid = parents[(parents["valid_from"] <= day) & (parents["valid_to"].isna() | (parents["valid_to"] >= day))]
    parent = valid.set_index("unit_id")["parent_id"].to_dict()
    teams = [unit for unit in parent if parent[unit] in REGIONS]
    found = ancestor(
        pd.Series(teams).to_numpy(str), pd.Series([day] * len(teams)).to_numpy("datetime64[D]"), among=REGIONS
    )
    assert found.tolist() == [parent[unit] for unit in teams]


def test_allocation_rules_have_receivers_with_drivers_in_every_month(truth: Company) -> None:
    rules, drivers = truth["allocation_rules"], truth["drivers"]
    sums = drivers.groupby(["rule_id", "month"])["value"].sum()
    assert (sums > 0).all()
    assert sums.reset_index()["rule_id"].value_counts().min() == 24
    assert set(drivers["rule_id"]) == set(rules["rule_id"])
