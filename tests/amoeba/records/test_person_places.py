"""Where each person stood, up to the SBU, against a walk through every day of every person."""

import sys
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from random import Random

import duckdb
import pandas as pd
import pytest
from tables import table

from bizlab import amoeba
from bizlab.amoeba.accounting.organisation import Organisation
from bizlab.amoeba.records.person_places import PERSON_PLACES, SBU_STAFF, person_places, place_checks
from bizlab.tables import TABLES

sys.path.insert(0, str(Path(__file__).parents[1]))
from companies import DAYS, FIRST, LAST, company, records

LEVELS = {"Y": "company", "A": "sbu", "B": "sbu", "D": "department"}
UNITS = """
| unit_id | name_zh | name_en | level      | is_amoeba | opened_on  | closed_on  |
| Y       | Y       | Y       | company    | true      | 2020-01-01 |            |
| S1      | S1      | S1      | sbu        | true      | 2020-01-01 |            |
| S2      | S2      | S2      | sbu        | true      | 2020-01-01 |            |
| m       | m       | m       | middle     | true      | 2020-01-01 |            |
| t       | t       | t       | team       | true      | 2020-01-01 |            |
| PO      | PO      | PO      | department | false     | 2020-01-01 |            |
| car     | car     | car     | team       | false     | 2020-01-01 |            |
| old     | old     | old     | team       | true      | 2020-01-01 | 2026-10-09 |
"""
PARENTS = """
| unit_id | parent_id | valid_from | valid_to   |
| S1      | Y         | 2020-01-01 |            |
| S2      | Y         | 2020-01-01 |            |
| PO      | Y         | 2020-01-01 |            |
| car     | PO        | 2020-01-01 |            |
| m       | S1        | 2020-01-01 | 2026-10-15 |
| m       | S2        | 2026-10-16 |            |
| t       | m         | 2020-01-01 |            |
| old     | S2        | 2020-01-01 | 2026-10-09 |
"""
PERSONS = """
| person_id | unit_id | valid_from | valid_to   |
| moves     | PO      | 2020-01-01 | 2026-10-08 |
| moves     | t       | 2026-10-09 |            |
| head      | PO      | 2020-01-01 |            |
| driver    | car     | 2020-01-01 | 2026-10-02 |
| driver    | car     | 2026-10-20 |            |
| boss      | Y       | 2020-01-01 |            |
| stays     | old     | 2020-01-01 |            |
| left      | t       | 2020-01-01 | 2026-09-30 |
"""
HOURS = """
| person_id | unit_id | worked_on  | kind     | minutes |
| moves     | PO      | 2026-10-08 | normal   | 480     |
| moves     | t       | 2026-10-15 | normal   | 470     |
| moves     | t       | 2026-10-16 | overtime | 60      |
| stays     | old     | 2026-10-12 | normal   | 30      |
| left      | t       | 2026-10-12 | normal   | 7       |
| boss      | Y       | 2026-11-01 | normal   | 999     |
"""


@pytest.fixture
def recorded():
    frames = {name: TABLES[name].empty() for name in amoeba.INPUTS}
    frames |= {
        name: table(text, TABLES[name])
        for name, text in {"units": UNITS, "unit_parents": PARENTS, "hour_records": HOURS}.items()
    }
    return amoeba.Records(**frames)


@pytest.fixture
def persons():
    return table(PERSONS, TABLES["persons"])


def tree(books):
    return Organisation(books.units, books.unit_parents, first=FIRST, last=LAST)


def test_a_stay_is_cut_where_the_person_or_a_unit_above_moves(recorded, persons):
    """The middle amoeba m goes from S1 to S2 on the 16th; the team t below it and its people go with it.

    The president's driver, in a unit below the office, was away for some weeks and came back.
    """
    placed = person_places(recorded, persons, tree(recorded)).places
    shown = placed.assign(first=placed["first_on"].dt.day, last=placed["last_on"].dt.day).fillna(
        {"sbu_id": "", "middle_id": ""}
    )
    columns = ["person_id", "unit_id", "first", "last", "middle_id", "sbu_id", "total_minutes"]
    assert shown[columns].to_numpy().tolist() == [
        ["boss", "Y", 1, 31, "", "", 0],
        ["driver", "car", 1, 2, "", "", 0],
        ["driver", "car", 20, 31, "", "", 0],
        ["head", "PO", 1, 31, "", "", 0],
        ["moves", "PO", 1, 8, "", "", 480],
        ["moves", "t", 9, 15, "m", "S1", 470],
        ["moves", "t", 16, 31, "m", "S2", 60],
        ["stays", "old", 1, 9, "", "S2", 0],
        ["stays", "old", 10, 31, "", "", 30],
    ]  # fmt: skip
    assert placed["sbu_id_reason"].fillna("").tolist() == ["outside_sbu"] * 5 + ["", "", "", "no_place"]


def test_everybody_and_every_hour_stand_once_in_an_sbu_a_department_or_under_the_name_of_what_is_wrong(
    recorded, persons
):
    placed = person_places(recorded, persons, tree(recorded))
    assert placed.staff[["group_id", "is_sbu", "n_persons", "total_minutes"]].to_numpy().tolist() == [
        ["S1", True, 0, 470],
        ["S2", True, 1, 60],
        ["Y", False, 1, 0],
        ["PO", False, 2, 480],
        ["no_place", False, 1, 30],
        ["without_person", False, 0, 7],
    ]
    assert [check.left for check in place_checks(placed, recorded, persons, tree(recorded))] == [5, 1047]
    assert all(check.passed for check in place_checks(placed, recorded, persons, tree(recorded)))


def staffed(seed):
    """A random company with levels, and persons who move, leave and overlap in it."""
    random, rows = Random(seed), company(seed)  # noqa: S311
    rows["units"] = [row | {"level": LEVELS.get(row["unit_id"], "team")} for row in rows["units"]]
    units = [row["unit_id"] for row in rows["units"]]
    people = [
        dict(person_id=row["person_id"], unit_id=random.choice([row["unit_id"], *units]), valid_from=start,
             valid_to=random.choice([None, start + timedelta(days=random.randint(0, 40))]))
        for row in rows["hour_records"]
        for start in random.sample([date(2026, 9, 1), *DAYS[::3]], random.randint(0, 2))
    ]  # fmt: skip
    return rows, people


def day_by_day(rows, people):
    """Days and minutes by person, unit, SBU, and unit right below the company, one day after the other."""
    units = {row["unit_id"]: row for row in rows["units"]}
    days, minutes = defaultdict(set), defaultdict(int)
    for day in DAYS:
        is_open = {u for u, row in units.items() if row["opened_on"] <= day <= (row["closed_on"] or day)}
        above = {
            row["unit_id"]: row["parent_id"]
            for row in rows["unit_parents"]
            if row["valid_from"] <= day <= (row["valid_to"] or day)
        }
        for row in people:
            unit = row["unit_id"]
            if row["valid_from"] <= day <= (row["valid_to"] or day):
                steps = [unit] if unit in is_open else []
                while steps and steps[-1] in above:
                    steps.append(above[steps[-1]])
                sbu = next((step for step in steps if units[step]["level"] == "sbu"), None)
                group = sbu or (steps[-2:][0] if steps else "no_place")
                days[row["person_id"], unit, day] = (sbu, group)
    for row in rows["hour_records"]:
        stood = days.get((row["person_id"], row["unit_id"], row["worked_on"]), (None, "without_person"))
        minutes[stood[1]] += row["minutes"]
    return days, {group: n for group, n in minutes.items() if n}


@pytest.mark.parametrize("seed", range(25))
def test_a_walk_through_every_day_finds_the_same(seed):
    rows, people = staffed(seed)
    recorded, frame = records(rows), pd.DataFrame(people, columns=["person_id", "unit_id", "valid_from", "valid_to"])
    persons = TABLES["persons"].conform(frame)
    placed = person_places(recorded, persons, tree(recorded))
    days, minutes = day_by_day(rows, people)
    by_day = {
        (row["person_id"], row["unit_id"], day.date()): (
            None if pd.isna(row["sbu_id"]) else row["sbu_id"],
            row["group_id"],
        )
        for row in placed.places.to_dict("records")
        for day in pd.date_range(row["first_on"], row["last_on"])
    }
    assert by_day == dict(days)
    staff = placed.staff.set_index("group_id")["total_minutes"]
    assert {group: n for group, n in staff.to_dict().items() if n} == minutes
    checks = PERSON_PLACES.verify(placed.places) + SBU_STAFF.verify(placed.staff)
    checks += place_checks(placed, recorded, persons, tree(recorded))
    assert [check.key for check in checks if not check.passed] == []


def test_an_engine_that_scans_finds_the_same_and_nothing_is_changed(recorded, persons, unchanged):
    scanned = amoeba.Records(**vars(recorded) | {"hour_records": duckdb.from_df(recorded.hour_records)})
    with unchanged(recorded.hour_records, persons):
        one, other = (person_places(books, persons, tree(recorded)) for books in (recorded, scanned))
    assert one.places.equals(other.places)
    assert one.staff.equals(other.staff)


def test_without_persons_or_hours_the_tables_are_empty(recorded):
    nobody = TABLES["persons"].empty()
    nothing = amoeba.Records(**vars(recorded) | {"hour_records": TABLES["hour_records"].empty()})
    assert person_places(recorded, nobody, tree(recorded)).staff["group_id"].tolist() == ["without_person"]
    placed = person_places(nothing, nobody, tree(recorded))
    assert placed.places.empty
    assert placed.staff.empty
    assert all(check.passed for check in place_checks(placed, nothing, nobody, tree(recorded)))
