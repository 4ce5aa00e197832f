"""What must add up in the collection does, and a figure that is moved is seen."""

import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizlab.amoeba.records.collection import collection
from bizlab.amoeba.records.collection_checks import owed_checks, record_checks, score_checks
from bizlab.amoeba.records.collection_scores import day_scores, item_scores, person_scores, unit_scores
from bizlab.amoeba.records.owed import owed

sys.path.insert(0, str(Path(__file__).parents[1]))
import collected
from companies import FIRST, LAST


def of(held):
    return {"units": unit_scores(held), "days": day_scores(held), "persons": person_scores(held)}


def checks(held, records):
    owing, items = owed(held.observations, as_of=held.as_of), item_scores(held)
    return record_checks(held, records) + score_checks(held, **of(held)) + owed_checks(owing, items)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_every_company_adds_up(seed):
    records, persons = collected.books(seed)
    found = checks(collection(records, persons, first=FIRST, as_of=LAST), records)
    assert [check.key for check in found if not check.passed] == []
    assert len({check.key for check in found}) == len(found) == 18


@pytest.fixture
def held():
    records, persons = collected.books(7)
    return collection(records, persons, first=FIRST, as_of=LAST), records


def test_an_answer_that_is_lost_is_seen(held):
    whole, records = held
    lost = whole.observations.query("item == 'unit_confirmed' and source == 'expense_records'").index[:1]
    less = whole._replace(observations=whole.observations.drop(index=lost))
    assert {check.key for check in checks(less, records) if not check.passed} == {"collection.records_expense_records"}


def test_a_score_that_is_moved_is_seen(held):
    whole, _ = held
    tables = of(whole)
    tables["units"].loc[0, "complete_ok"] += 1
    tables["days"].loc[20, "timely_due"] -= 1
    failed = {check.key: check.difference for check in score_checks(whole, **tables) if not check.passed}
    assert failed == {"collection.units_complete_ok": 1, "collection.days_timely_due": -1}


def test_a_debt_that_is_not_listed_is_seen(held):
    whole, _ = held
    owing = owed(whole.observations, as_of=LAST)
    (check,) = owed_checks(owing.iloc[1:], item_scores(whole))
    assert check.difference == -owing["n"].iloc[0]
