"""Who was there and recorded no hours."""

from dataclasses import replace
from datetime import date

import duckdb
import pytest
from tables import table

from bizlab import amoeba
from bizlab.tables import TABLES

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)
HEADCOUNT = """
| unit_id | counted_on | n_persons |
| t       | 2026-10-01 | 3         |
| t       | 2026-10-30 | 3         |
| t       | 2026-10-31 | 4         |
| away    | 2026-10-31 | 0         |
| t       | 2026-11-02 | 3         |
"""
HOURS = """
| person_id | unit_id | worked_on  | kind   | minutes |
| p1        | t       | 2026-10-01 | normal | 480     |
| p1        | u       | 2026-10-30 | normal | 480     |
| p1        | t       | 2026-11-02 | normal | 480     |
"""


@pytest.fixture
def records():
    frames = {name: TABLES[name].empty() for name in amoeba.INPUTS}
    frames["headcount"] = table(HEADCOUNT, TABLES["headcount"])
    frames["hour_records"] = table(HOURS, TABLES["hour_records"])
    return amoeba.Records(**frames)


def test_staffed_days_without_hours_up_to_the_last_day_of_the_period(records):
    """Hours of another unit do not count; nor does a day on which nobody was there, or one outside the period."""
    (row,) = amoeba.missing_hours(records, first=FIRST, last=LAST).to_dict("records")
    assert (row["unit_id"], row["n_days"], row["person_days"]) == ("t", 2, 7)
    assert (row["first_on"].date(), row["last_on"].date()) == (date(2026, 10, 30), LAST)


def test_an_engine_that_scans_finds_the_same(records, unchanged):
    scanned = replace(
        records, headcount=duckdb.from_df(records.headcount), hour_records=duckdb.from_df(records.hour_records)
    )
    with unchanged(records.headcount, records.hour_records):
        both = [amoeba.missing_hours(books, first=FIRST, last=LAST) for books in (records, scanned)]
    assert both[0].equals(both[1])


def test_complete_books_have_no_such_unit(records):
    nobody = replace(records, headcount=TABLES["headcount"].empty())
    assert amoeba.missing_hours(nobody, first=FIRST, last=LAST).empty


@pytest.mark.parametrize(("person_days", "n"), [(4, 0), (5, 1)])
def test_a_few_missing_person_days_are_listed_and_no_finding(person_days, n):
    missing = table(
        f"""
        | unit_id | n_days | first_on   | last_on    | person_days   |
        | t       | 1      | 2026-10-08 | 2026-10-08 | {person_days} |
        """,
        amoeba.MISSING_HOURS,
    )
    assert len(amoeba.record_findings(missing)) == n
