"""Records that break a rule are listed with their rule and amount, and what is listed and what is counted is all."""

import sys
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from bizlab import amoeba
from bizlab.amoeba.records.exceptions import EXCEPTIONS, after_closing, exception_checks, exception_findings, exceptions
from bizlab.periods import Month
from bizlab.tables import TABLES

sys.path.insert(0, str(Path(__file__).parents[1]))
from companies import DAYS, company, records
from oracle import figures

OCTOBER = Month(2026, 10)
EARLY, LATE = date(2026, 10, 2), date(2026, 10, 28)


def persons(rows):
    """Everybody who recorded hours was in that unit all the time."""
    stays = {(row["person_id"], row["unit_id"]) for row in rows["hour_records"]}
    frame = pd.DataFrame(sorted(stays), columns=["person_id", "unit_id"])
    return TABLES["persons"].conform(frame.assign(valid_from=pd.Timestamp("2020-01-01"), valid_to=pd.NaT))


def computed(rows, people=None):
    recorded = records(rows)
    parts = amoeba.components(recorded, month=OCTOBER)
    people = persons(rows) if people is None else people
    broken = exceptions(recorded, parts, persons=people, as_of=OCTOBER.last, books_close_days=5)
    return recorded, parts, EXCEPTIONS.conform(broken)


def trade(number, seller, buyer, amount, day=date(2026, 10, 15)):
    return dict(trade_id=number, seller_id=seller, buyer_id=buyer, product_id="P", quantity=1, amount_fen=amount,
                traded_on=day)  # fmt: skip


def with_bad_records(seed):
    rows = company(seed)
    clean = {name: list(table) for name, table in rows.items()}
    expense = [("E-x", "x", EARLY), ("E-gone", "gone", EARLY), ("E-new", "new", EARLY), ("E-old", "old", LATE)]
    rows["expense_records"] = clean["expense_records"] + [
        dict(record_id=number, unit_id=unit, kind="travel", recorded_on=day, amount_fen=1000 + n)
        for n, (number, unit, day) in enumerate(expense)
    ]
    rows["internal_trades_sold"] = clean["internal_trades_sold"] + [
        trade("T-self", "a1", "a1", 500), trade("T-x", "a1", "x", 700), trade("T-y", "x", "a1", 800),
    ]  # fmt: skip
    rows["hour_records"] = clean["hour_records"] + [
        dict(person_id="q1", unit_id="x", worked_on=EARLY, kind="normal", minutes=61)
    ]
    return rows, clean


@pytest.mark.parametrize("seed", range(4))
def test_each_bad_record_is_told_with_its_rule_and_stays_out_of_every_figure(seed):
    rows, clean = with_bad_records(seed)
    _, parts, broken = computed(rows)
    aside = broken[~broken["is_counted"]]
    by_record = {row["record"]: (row["rule"], row["amount_fen"]) for row in aside.to_dict("records")}
    assert by_record.pop("q1 2026-10-02 normal")[0] == "unknown_unit"
    assert by_record == {
        "E-x": ("unknown_unit", 1000), "E-gone": ("closed", 1001), "E-new": ("not_yet_open", 1002),
        "E-old": ("closed", 1003), "T-self": ("with_itself", 500), "T-x": ("other_side", 700),
        "T-y": ("unknown_unit", 800),
    }  # fmt: skip
    expected = figures(clean, DAYS, "2026-10")
    for node in parts.nodes.to_dict("records"):
        assert node["external_sales_fen"] == expected[node["unit_id"]]["external_sales_fen"]
        assert node["direct_expense_fen"] == expected[node["unit_id"]]["direct_expense_fen"]
        assert node["internal_sales_fen"] == expected[node["unit_id"]]["internal_sales_fen"]


@pytest.mark.parametrize("seed", range(4))
def test_the_sheet_and_the_list_together_are_all_records(seed):
    rows, _ = with_bad_records(seed)
    recorded, parts, broken = computed(rows)
    checks = exception_checks(recorded, parts, broken)
    assert [check.key for check in checks if not check.passed] == []
    assert checks[1].left == sum(row["amount_fen"] for row in rows["expense_records"])
    short = broken[broken["record"] != "E-old"]
    assert [check.difference for check in exception_checks(recorded, parts, short) if not check.passed] == [1003]
    assert [check.key for check in amoeba.component_checks(parts) if not check.passed] == []


@pytest.mark.parametrize("seed", range(4))
def test_reversed_entries_are_listed_and_counted(seed):
    rows = company(seed)
    _, _, broken = computed(rows)
    below = Counter(
        source
        for source in ("revenue_records", "expense_records", "order_intake", "internal_trades_sold")
        for row in rows[source]
        if row["amount_fen"] < 0
    )
    reversed_ = broken[broken["rule"] == "reversal"]
    assert {k: v for k, v in Counter(reversed_["source"]).items() if k != "internal_trades_bought"} == below
    assert reversed_["is_counted"].all()


def test_hours_of_nobody_who_was_in_the_unit_that_day_are_listed_and_counted():
    rows = company(1)
    rows["hour_records"] = [
        dict(person_id=who, unit_id="a1", worked_on=date(2026, 10, day), kind="normal", minutes=minutes)
        for who, day, minutes in [("p", 8, 480), ("p", 9, 470), ("q", 9, 460), ("r", 9, 450)]
    ]
    stays = [("p", "a1", "2026-10-09", None), ("q", "a2", "2020-01-01", None), ("r", "a1", "2020-01-01", "2026-10-09")]
    frame = pd.DataFrame(stays, columns=["person_id", "unit_id", "valid_from", "valid_to"])
    people = frame.assign(valid_from=pd.to_datetime(frame["valid_from"]), valid_to=pd.to_datetime(frame["valid_to"]))
    _, parts, broken = computed(rows, people)
    nobody = broken[broken["rule"] == "no_person"]
    assert nobody[["record", "minutes"]].to_numpy().tolist() == [
        ["p 2026-10-08 normal", 480], ["q 2026-10-09 normal", 460],
    ]  # fmt: skip
    assert parts.booked["normal_minutes"] == 1860


def test_the_largest_records_that_are_not_counted_are_told_as_material():
    _, _, broken = computed(with_bad_records(2)[0])
    findings = exception_findings(broken, most=3)
    assert [finding.key.split("-", 2)[2] for finding in findings] == [
        "E-old-closed",
        "E-new-not_yet_open",
        "E-gone-closed",
    ]
    assert all(finding.material for finding in findings)


def confirmed(seed):
    """Records of September and October, each confirmed some days after its own."""
    rows = company(seed)
    for n, (name, day) in enumerate(
        [("revenue_records", "recorded_on"), ("expense_records", "recorded_on"), ("internal_trades_sold", "traded_on")]
    ):
        rows[name] = [
            row | {day: row[day] - timedelta(days=31 * (k % 2)), "confirmed_at": stamp(row[day], (7 * k + n) % 50)}
            for k, row in enumerate(rows[name])
        ]
    return rows


def stamp(day, n_days):
    return datetime(day.year, day.month, day.day, 23, 59) + timedelta(days=n_days - 20)


@pytest.mark.parametrize("seed", range(6))
def test_records_confirmed_after_their_month_was_closed_are_told_in_the_month_of_the_stamp(seed):
    """By hand: the month of the day ends, its books stay open for five days more, and October confirmed it later."""
    rows = confirmed(seed)
    expected = set()
    for source, (day, key) in {
        "revenue_records": ("recorded_on", "record_id"),
        "expense_records": ("recorded_on", "record_id"),
        "internal_trades_sold": ("traded_on", "trade_id"),
    }.items():
        for row in rows[source]:
            following = (row[day].replace(day=1) + timedelta(days=31)).replace(day=1)
            last_open = following + timedelta(days=4)
            if row["confirmed_at"].date() > last_open and OCTOBER.first <= row["confirmed_at"].date() <= OCTOBER.last:
                expected.add((source, row[key], row["amount_fen"], row["confirmed_at"]))
    recorded, parts, broken = computed(rows)
    late = broken[broken["rule"] == "after_closing"]
    assert late["is_counted"].all()
    assert set(late[["source", "record", "amount_fen", "confirmed_at"]].itertuples(index=False, name=None)) == expected
    assert all(check.passed for check in exception_checks(recorded, parts, broken))


def test_the_last_day_on_which_the_books_are_open_is_in_time_and_the_next_midnight_is_not():
    rows = company(0) | {"revenue_records": []}
    rows["expense_records"] = [
        dict(record_id=f"E{n}", unit_id=unit, kind="travel", recorded_on=date(2026, 9, day), amount_fen=n,
             confirmed_at=at)
        for n, (unit, day, at) in enumerate([
            ("a1", 30, datetime(2026, 10, 5, 23, 59, 59)),
            ("a1", 30, datetime(2026, 10, 6)),
            ("a1", 1, datetime(2026, 10, 5, 23, 59, 59)),
            ("x", 1, datetime(2026, 10, 9)),
            ("a1", 1, datetime(2026, 11, 1)),
            ("a1", 1, None),
        ])
    ]  # fmt: skip
    recorded = records(rows)
    how = {"first": OCTOBER.first, "as_of": OCTOBER.last}
    scanned = amoeba.Records(**vars(recorded) | {"expense_records": duckdb.from_df(recorded.expense_records)})
    for books in (recorded, scanned):
        assert after_closing(books, books_close_days=5, **how)["record"].tolist() == ["E1"]
    assert after_closing(recorded, books_close_days=4, **how)["record"].tolist() == ["E0", "E1", "E2"]
    assert after_closing(recorded, books_close_days=5, first=OCTOBER.first, as_of=date(2026, 10, 5)).empty
