"""What the page says of the collection, with the figures that it points at."""

import sys
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from bizlab.amoeba.records.collection import collection
from bizlab.amoeba.records.collection_findings import collection_findings
from bizlab.amoeba.records.collection_scores import (
    COMPANY_SCORES,
    ITEM_SCORES,
    UNIT_SCORES,
    company_scores,
    item_scores,
    unit_scores,
)
from bizlab.amoeba.records.owed import OWED, owed
from bizlab.report.sentences import Figures, statements
from bizlab.report.view import shown_table

sys.path.insert(0, str(Path(__file__).parents[1]))
import collected
from companies import FIRST, LAST


def told(held, before, *, as_of=LAST):
    frames = {
        "principles": (company_scores(held, before), COMPANY_SCORES),
        "units": (unit_scores(held), UNIT_SCORES),
        "items": (item_scores(held), ITEM_SCORES),
        "owed": (owed(held.observations, as_of=as_of), OWED),
    }
    found = collection_findings(*(frame for frame, _ in frames.values()))
    shown = [shown_table(frame, contract, key=key) for key, (frame, contract) in frames.items()]
    return {one.key: one for one in statements(found, Figures(shown))}


@pytest.fixture(scope="module")
def books():
    return collected.books(11)


def test_every_sentence_has_its_figures_in_both_languages(books):
    records, persons = books
    held = collection(records, persons, first=FIRST, as_of=LAST)
    september = collection(records, persons, first=date(2026, 9, 1), as_of=date(2026, 9, 30))
    found = told(held, september)
    kinds = {key.split("-")[0] for key in found}
    assert {"score", "late", "unit_confirmation"} <= kinds
    assert all(one.text().zh and "{" not in one.text().zh + one.text().en for one in found.values())
    assert "nothing was due" in found["score-timely"].text().en


def test_the_lowest_unit_had_enough_to_do(books):
    records, persons = books
    held = collection(records, persons, first=FIRST, as_of=LAST)
    rows = unit_scores(held)
    few = rows.assign(timely_due=rows["timely_due"].clip(upper=19))
    arguments = company_scores(held, held), few, item_scores(held), owed(held.observations, as_of=LAST)
    assert "lowest-timely" not in {finding.key for finding in collection_findings(*arguments)}


def test_books_without_records_say_nothing(books):
    records, persons = books
    early = collection(records, persons, first=date(2026, 8, 1), as_of=date(2026, 8, 31))
    assert told(early, early, as_of=date(2026, 8, 31)) == {}


def test_a_pair_away_for_a_day_is_no_material_finding(books):
    """Two persons without hours may both have been absent; five person-days are no chance."""
    day = pd.to_datetime("2026-10-19")
    hours = {"item": "hours", "source": "hour_records", "day": day, "state": "missing", "amount_fen": 0}
    rows = pd.DataFrame({"unit_id": ["pair"] * 2 + ["team"] * 5, "person_id": list("abcdefg"), **hours})
    records, persons = books
    held = collection(records, persons, first=FIRST, as_of=LAST)
    owing = owed(rows.assign(n=1, most_days_late=0), as_of=LAST)
    material = {
        finding.key: finding.material
        for finding in collection_findings(company_scores(held, held), unit_scores(held), item_scores(held), owing)
        if finding.key.startswith("unit_hours")
    }
    assert material == {"unit_hours-hour_records-pair": False, "unit_hours-hour_records-team": True}
