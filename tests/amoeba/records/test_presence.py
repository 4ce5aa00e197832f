"""Register, headcount and hours of the working days."""

from dataclasses import replace
from datetime import date

import duckdb
import pandas as pd
import pytest
from tables import table

from bizlab import amoeba
from bizlab.amoeba.records.presence import STAFFING, presence, presence_observations, staffing
from bizlab.tables import TABLES

FIRST, AS_OF = date(2026, 10, 1), date(2026, 10, 31)
HEADCOUNT = """
| unit_id | counted_on | n_persons |
| t       | 2026-10-08 | 2         |
| u       | 2026-10-08 | 1         |
| t       | 2026-10-09 | 2         |
| gone    | 2026-10-09 | 1         |
| t       | 2026-10-11 | 0         |
| t       | 2026-11-02 | 2         |
"""
PERSONS = """
| person_id | unit_id | valid_from | valid_to   |
| p1        | t       | 2020-01-01 |            |
| p2        | t       | 2020-01-01 | 2026-10-08 |
| p2        | u       | 2026-10-09 |            |
| p3        | u       | 2020-01-01 |            |
| p4        | u       | 2026-10-10 |            |
"""
HOURS = """
| person_id | unit_id | worked_on  | kind     | minutes |
| p1        | t       | 2026-10-08 | normal   | 480     |
| p1        | t       | 2026-10-08 | overtime | 60      |
| p2        | t       | 2026-10-08 | normal   | 0       |
| p2        | t       | 2026-10-09 | normal   | 480     |
| p3        | u       | 2026-10-11 | overtime | 240     |
"""


@pytest.fixture
def records():
    frames = {name: TABLES[name].empty() for name in amoeba.INPUTS}
    frames["headcount"] = table(HEADCOUNT, TABLES["headcount"])
    frames["hour_records"] = table(HOURS, TABLES["hour_records"])
    return amoeba.Records(**frames)


@pytest.fixture
def persons():
    return table(PERSONS, TABLES["persons"])


def states(rows, item):
    rows = rows[rows["item"] == item].sort_values(["day", "unit_id", "person_id"])
    return [
        (str(row["day"].date())[-2:], row["unit_id"], row["person_id"] if item == "hours" else None, row["state"])
        for row in rows.to_dict("records")
    ]


def test_every_person_owes_hours_on_days_on_which_anyone_was_counted(records, persons):
    """Zero minutes are a record; so are hours that name the unit of the day before. The 11th counted nobody."""
    there = presence(records, persons, first=FIRST, as_of=AS_OF)
    assert there.working_days.day.tolist() == [8, 9]
    assert states(presence_observations(there), "hours") == [
        ("08", "t", "p1", "ok"),
        ("08", "t", "p2", "ok"),
        ("08", "u", "p3", "missing"),
        ("09", "t", "p1", "missing"),
        ("09", "u", "p2", "ok"),
        ("09", "u", "p3", "missing"),
    ]


def test_a_unit_with_persons_owes_a_headcount_that_agrees(records, persons):
    answers = presence_observations(presence(records, persons, first=FIRST, as_of=AS_OF))
    assert states(answers, "counted") == [
        ("08", "t", None, "ok"), ("08", "u", None, "ok"), ("09", "t", None, "ok"), ("09", "u", None, "missing"),
    ]  # fmt: skip
    assert states(answers, "count_agrees") == [
        ("08", "t", None, "ok"), ("08", "u", None, "ok"), ("09", "gone", None, "different"),
        ("09", "t", None, "different"),
    ]  # fmt: skip


def test_headcount_register_and_hours_stand_side_by_side(records, persons):
    rows = staffing(presence(records, persons, first=FIRST, as_of=AS_OF))
    assert all(check.passed for check in STAFFING.verify(rows))
    assert rows.drop(columns="without_hours_days").to_numpy().tolist() == [
        ["gone", 1, 0, 0, 1],
        ["t", 4, 3, 2, 1],
        ["u", 1, 3, 1, -2],
    ]


def test_a_person_who_stands_twice_in_a_unit_counts_once(records, persons):
    twice = table(PERSONS + "| p1 | t | 2026-10-09 | |\n", TABLES["persons"])
    one, two = (presence(records, rows, first=FIRST, as_of=AS_OF).registered for rows in (persons, twice))
    assert sorted(map(tuple, one.to_numpy())) == sorted(map(tuple, two.to_numpy()))


def test_an_engine_that_scans_finds_the_same(records, persons, unchanged):
    scanned = {name: duckdb.from_df(getattr(records, name)) for name in ("headcount", "hour_records")}
    with unchanged(records.headcount, records.hour_records, persons):
        both = [
            presence_observations(presence(books, persons, first=FIRST, as_of=AS_OF))
            for books in (records, amoeba.Records(**vars(records) | scanned))
        ]
    assert both[0].equals(both[1])


def test_without_a_headcount_there_is_no_working_day(persons):
    nothing = amoeba.Records(**{name: TABLES[name].empty() for name in amoeba.INPUTS})
    there = presence(nothing, persons, first=FIRST, as_of=AS_OF)
    assert presence_observations(there).empty
    assert staffing(there).empty


def test_a_shift_on_duty_makes_no_working_day_for_everybody(records, persons):
    """On Saturday the 10th one of three is there: nobody owes hours for it."""
    on_duty = {"unit_id": "u", "counted_on": pd.Timestamp("2026-10-10"), "n_persons": 1}
    heads = pd.concat([records.headcount, pd.DataFrame([on_duty])], ignore_index=True)
    with_duty = presence(replace(records, headcount=heads), persons, first=FIRST, as_of=AS_OF)
    without = presence(records, persons, first=FIRST, as_of=AS_OF)
    assert with_duty.working_days.day.tolist() == [8, 9]
    pd.testing.assert_frame_equal(presence_observations(with_duty), presence_observations(without))
