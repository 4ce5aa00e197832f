"""All answers of a period: trades from both sides, and the sample's October counted a second time in plain Python."""

import sys
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import table

from bizlab import amoeba
from bizlab.amoeba.records.collection import agreement, collection, record_checks
from bizlab.amoeba.records.collection_scores import day_scores, item_scores, person_scores, score_checks, unit_scores
from bizlab.amoeba.records.observation import OBSERVATIONS
from bizlab.amoeba.records.owed import owed, owed_checks
from bizlab.data import warehouse
from bizlab.tables import TABLES

sys.path.insert(0, str(Path(__file__).parents[1]))
import collected

ROOT = Path(__file__).parents[3]
FIRST, AS_OF = date(2026, 10, 1), date(2026, 10, 31)
SOLD = """
| trade_id | seller_id | buyer_id | product_id | quantity | amount_fen | traded_on  |
| alike    | M         | A        | P          | 2        | 2000       | 2026-10-05 |
| dearer   | M         | A        | P          | 1        | 1000       | 2026-10-06 |
| alone    | M         | A        | P          | 1        | -300       | 2026-10-07 |
| earlier  | M         | A        | P          | 1        | 70         | 2026-09-30 |
| november | M         | A        | P          | 1        | 5          | 2026-10-30 |
"""
BOUGHT = """
| trade_id | seller_id | buyer_id | product_id | quantity | amount_fen | traded_on  |
| alike    | M         | A        | P          | 2        | 2000       | 2026-10-05 |
| dearer   | M         | A        | P          | 1        | 1001       | 2026-10-06 |
| earlier  | M         | A        | P          | 1        | 70         | 2026-10-02 |
| november | M         | A        | P          | 1        | 5          | 2026-11-02 |
"""


def test_a_side_that_booked_alone_waits_for_the_other(unchanged):
    """Booked by the buyer in November, the last trade is one-sided as of October."""
    sides = table(SOLD, TABLES["internal_trades_sold"]), table(BOUGHT, TABLES["internal_trades_bought"])
    with unchanged(*sides):
        answers = agreement(*sides, first=FIRST, as_of=AS_OF)
    OBSERVATIONS.verify(answers)
    shown = answers[["unit_id", "day", "state", "amount_fen"]].assign(day=answers["day"].dt.strftime("%m-%d"))
    assert sorted(shown.to_numpy().tolist()) == [
        ["A", "10-02", "different", 70],
        ["A", "10-05", "ok", 2000],
        ["A", "10-06", "different", 1001],
        ["A", "10-07", "missing", 300],
        ["A", "10-30", "missing", 5],
        ["M", "10-02", "different", 70],
        ["M", "10-05", "ok", 2000],
        ["M", "10-06", "different", 1001],
        ["M", "10-07", "waiting", 300],
        ["M", "10-30", "waiting", 5],
    ]


@pytest.fixture(scope="module")
def store():
    return warehouse.open_project(ROOT)


@pytest.fixture(scope="module")
def october(store):
    records = amoeba.Records(
        *((store.scan if name in amoeba.LONG else store.load)(name, as_of=AS_OF) for name in amoeba.INPUTS)
    )
    return collection(records, store.load("persons"), first=FIRST, as_of=AS_OF)


def recounted(store):
    """Answers by item, unit, day and state from rows as dictionaries: no frame operations, no shared code."""
    answers = Counter()

    def rows(name, day):
        return [row for row in store.load(name).to_dict("records") if FIRST <= row[day].date() <= AS_OF]

    for name, unit, day in [
        ("revenue_records", "unit_id", "recorded_on"),
        ("expense_records", "unit_id", "recorded_on"),
        ("internal_trades_sold", "seller_id", "traded_on"),
        ("internal_trades_bought", "buyer_id", "traded_on"),
    ]:
        for row in rows(name, day):
            own, books = (
                None if str(row[stamp]) == "NaT" or row[stamp].date() > AS_OF else row[stamp].to_pydatetime()
                for stamp in ("confirmed_at", "accepted_at")
            )
            on = row[day].date()
            unit_says = "missing" if own is None else "ok" if own.date() == on else "late"
            if own is None or (books is None and own.date() + timedelta(days=1) > AS_OF):
                books_say = "waiting"
            else:
                books_say = "missing" if books is None else "ok" if (books.date() - own.date()).days <= 1 else "late"
            twice = "missing" if own is None else books_say if books is None else "ok" if own <= books else "different"
            for item, state in [("unit_confirmed", unit_says), ("accepted", books_say), ("confirmed_twice", twice)]:
                answers[item, row[unit], on, state] += 1
    heads = {(row["unit_id"], row["counted_on"].date()): row["n_persons"] for row in rows("headcount", "counted_on")}
    worked = {(row["person_id"], row["worked_on"].date()) for row in rows("hour_records", "worked_on")}
    there = Counter()
    for row in store.load("persons").to_dict("records"):
        for day in {day for _, day in heads}:
            if row["valid_from"].date() <= day and (str(row["valid_to"]) == "NaT" or day <= row["valid_to"].date()):
                there[row["unit_id"], day] += 1
                answers["hours", row["unit_id"], day, "ok" if (row["person_id"], day) in worked else "missing"] += 1
    for (unit, day), n in there.items():
        answers["counted", unit, day, "ok" if (unit, day) in heads else "missing"] += 1
        answers["count_agrees", unit, day, "ok" if heads.get((unit, day)) == n else "different"] += 1
    return answers


def test_the_sample_s_october_counted_again_record_by_record(october, store):
    rows = october.observations[october.observations["item"] != "both_sides"]
    by_day = rows.groupby(["item", "unit_id", "day", "state"])["n"].sum()
    counted = {(item, unit, day.date(), state): n for (item, unit, day, state), n in by_day.items()}
    again = recounted(store)
    assert counted == dict(again)
    assert sum(again.values()) > 9_000


def test_what_is_planted_is_found(october):
    """A team without hours for three days, two one-sided trades, and one that differs by a fen."""
    owing = owed(october.observations, as_of=AS_OF)
    team = owing[owing["debt"] == "unit_hours"]
    assert team[["unit_id", "n", "days_open"]].to_numpy().tolist() == [["EQ-AS-2A", 30, 12]]
    assert [str(team[column].iloc[0].date()) for column in ("first_on", "last_on")] == ["2026-10-19", "2026-10-21"]
    booking = owing[owing["debt"] == "booking"].set_index("unit_id")["amount_fen"].to_dict()
    assert booking == {"SA-E1": 27_847_680, "WH": 1_043_700}
    assert set(owing.loc[owing["debt"] == "trade_differs", "unit_id"]) == {"EQ-MC-2", "EQ-AS-2A"}


def test_what_was_recorded_outside_the_tree_is_kept_apart(store):
    """Before 2025-09-01 the key account team had not been opened."""
    loaded = {name: store.load(name, as_of=AS_OF) for name in amoeba.INPUTS}
    units = loaded["units"].assign(
        opened_on=loaded["units"]["opened_on"].mask(loaded["units"]["unit_id"] == "SA-E3", "2026-10-20")
    )
    parents = loaded["unit_parents"].query("unit_id != 'SA-E3' or parent_id == 'SA-N'")
    answered = collection(
        amoeba.Records(**loaded | {"units": units, "unit_parents": parents}),
        store.load("persons"),
        first=FIRST,
        as_of=AS_OF,
    )
    astray = answered.observations.drop(index=answered.placed.index)
    assert set(astray["unit_id"]) == {"SA-E3"}
    assert astray["day"].max().date() < date(2026, 10, 20)


def checks(asked, records):
    tables = {"units": unit_scores(asked), "days": day_scores(asked), "persons": person_scores(asked)}
    debts = owed_checks(owed(asked.observations, as_of=asked.as_of), item_scores(asked))
    return record_checks(asked, records) + score_checks(asked, **tables) + debts


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_every_company_adds_up(seed):
    records, persons = collected.books(seed)
    made = checks(collection(records, persons, first=FIRST, as_of=AS_OF), records)
    assert [check.key for check in made if not check.passed] == []
    assert len({check.key for check in made}) == len(made) == 18


def test_an_answer_that_is_lost_is_seen():
    records, persons = collected.books(7)
    whole = collection(records, persons, first=FIRST, as_of=AS_OF)
    lost = whole.observations.query("item == 'unit_confirmed' and source == 'expense_records'").index[:1]
    less = whole._replace(observations=whole.observations.drop(index=lost))
    assert {check.key for check in checks(less, records) if not check.passed} == {"collection.records_expense_records"}
