"""Scores are in order over due, from sums, whichever way they are added up."""

import sys
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import table

from bizlab.amoeba.accounting.organisation import Organisation
from bizlab.amoeba.records.collection import Collection, collection
from bizlab.amoeba.records.collection_scores import (
    CALENDAR,
    COMPANY_SCORES,
    DAY_SCORES,
    ITEM_SCORES,
    PERSON_SCORES,
    UNIT_SCORES,
    calendar,
    company_scores,
    day_scores,
    item_findings,
    item_scores,
    person_scores,
    score_checks,
    score_findings,
    unit_scores,
)
from bizlab.amoeba.records.observation import PRINCIPLE_OF, PRINCIPLES, observed
from bizlab.amoeba.records.presence import Presence
from bizlab.report.sentences import Figures, statements
from bizlab.report.view import shown_table
from bizlab.tables import TABLES

sys.path.insert(0, str(Path(__file__).parents[1]))
import collected
from companies import FIRST, LAST

UNITS = """
| unit_id | name_zh | name_en | level      | is_amoeba | opened_on  |
| Y       | 公司    | Y       | company    | true      | 2020-01-01 |
| A       | 甲      | A       | senior     | true      | 2020-01-01 |
| B       | 乙      | B       | senior     | true      | 2020-01-01 |
| t       | 组      | t       | team       | true      | 2020-01-01 |
"""
PARENTS = """
| unit_id | parent_id | valid_from | valid_to   |
| A       | Y         | 2020-01-01 |            |
| B       | Y         | 2020-01-01 |            |
| t       | A         | 2020-01-01 | 2026-10-08 |
| t       | B         | 2026-10-09 |            |
"""
ANSWERS = """
| item            | source          | unit_id | person_id | day        | state     | n | amount_fen | most_days_late |
| unit_confirmed  | expense_records | t       |           | 2026-10-08 | ok        | 3 | 0          | 0              |
| unit_confirmed  | expense_records | t       |           | 2026-10-08 | late      | 1 | 0          | 2              |
| unit_confirmed  | expense_records | t       |           | 2026-10-09 | missing   | 2 | 0          | 0              |
| unit_confirmed  | expense_records | A       |           | 2026-10-09 | ok        | 1 | 0          | 0              |
| accepted        | expense_records | t       |           | 2026-10-08 | waiting   | 4 | 0          | 0              |
| hours           | hour_records    | t       | p1        | 2026-10-08 | ok        | 1 | 0          | 0              |
| hours           | hour_records    | t       | p1        | 2026-10-09 | missing   | 1 | 0          | 0              |
| hours           | hour_records    | t       | p2        | 2026-10-09 | ok        | 1 | 0          | 0              |
"""


@pytest.fixture
def answered():
    first, as_of = date(2026, 10, 8), date(2026, 10, 10)
    tree = Organisation(table(UNITS, TABLES["units"]), table(PARENTS, TABLES["unit_parents"]), first=first, last=as_of)
    heads = table("| unit_id | day | n_persons |\n| t | 2026-10-08 | 1 |\n| t | 2026-10-09 | 2 |\n")
    there = Presence(pd.DatetimeIndex(heads["day"]), pd.DataFrame(), heads)
    return Collection(first, as_of, observed(table(ANSWERS)), tree, there)


def test_each_day_goes_to_the_parent_of_the_day(answered):
    rows = unit_scores(answered)
    assert all(check.passed for check in UNIT_SCORES.verify(rows))
    shown = rows[["unit_id", "is_leaf", "timely_due", "timely_ok", "complete_due", "complete_ok"]].to_numpy().tolist()
    assert shown == [
        ["Y", False, 7, 4, 3, 2],
        ["A", False, 5, 4, 1, 1],
        ["B", False, 2, 0, 2, 1],
        ["t", True, 6, 3, 3, 2],
    ]


def test_a_rate_comes_from_sums_and_nothing_due_has_none(answered):
    rows = unit_scores(answered).set_index("unit_id")
    assert rows.loc["Y", "timely_rate"] == 4 / 7
    assert pd.isna(rows.loc["Y", "accurate_rate"])
    assert rows.loc["Y", "accurate_rate_reason"] == "nothing_due"
    assert (rows.loc["B", "timely_rate"], pd.isna(rows.loc["B", "timely_rate_reason"])) == (0.0, True)


def test_a_day_without_work_is_no_day_without_records(answered):
    rows = day_scores(answered)
    DAY_SCORES.verify(rows)
    assert rows[["is_working", "n_counting", "timely_due", "timely_ok"]].to_numpy().tolist() == [
        [True, 1, 4, 3], [True, 1, 3, 1], [False, 0, 0, 0],
    ]  # fmt: skip
    assert rows["timely_rate_reason"].tolist()[2] == "no_working_day"
    days = calendar(answered).set_index(["unit_id", "day_of_month"])
    CALENDAR.verify(days.reset_index())
    assert days.loc[("t", "9"), "timely_rate"] == 0
    assert days.loc[("A", "8"), "timely_rate_reason"] == "nothing_due"
    assert "10" not in days.index.unique("day_of_month")
    assert days.index.unique("unit_id").tolist() == ["A", "t"]


def test_what_waits_is_asked_but_not_due(answered):
    rows = item_scores(answered).set_index("item")
    assert rows.index.tolist() == ["unit_confirmed", "accepted", "hours"]
    assert rows.loc["accepted", ["n_asked", "n_waiting", "n_due", "rate_reason"]].tolist() == [4, 4, 0, "nothing_due"]
    assert rows.loc["unit_confirmed", ["n_due", "n_late", "n_missing", "most_days_late"]].tolist() == [7, 1, 2, 2]


def test_persons_stand_with_the_lowest_first(answered):
    rows = person_scores(answered)
    PERSON_SCORES.verify(rows)
    assert rows[["person_id", "n_due", "n_ok", "rate"]].to_numpy().tolist() == [["p1", 2, 1, 0.5], ["p2", 1, 1, 1.0]]


def test_the_principles_stand_apart_and_against_the_month_before(answered):
    before = answered._replace(observations=answered.observations.query("item == 'unit_confirmed' and state == 'ok'"))
    rows = company_scores(answered, before)
    COMPANY_SCORES.verify(rows)
    assert rows[["principle", "n_due", "n_ok"]].to_numpy().tolist() == [
        ["timely", 7, 4], ["complete", 3, 2], ["accurate", 0, 0],
    ]  # fmt: skip
    assert rows["change_rate"].tolist()[0] == pytest.approx(4 / 7 - 1)
    assert rows["previous_rate_reason"].tolist()[1:] == ["nothing_due", "nothing_due"]


def sums(rows, names):
    return {name: int(rows[name].sum()) for name in names}


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**6), days=st.integers(0, 3))
def test_units_days_and_records_add_up_to_the_same_in_whatever_order_the_rows_came(seed, days):
    records, persons = collected.books(seed)
    answered = collection(records, persons, first=FIRST, as_of=LAST, acceptance_days=days)
    units, by_day, cells, items = unit_scores(answered), day_scores(answered), calendar(answered), item_scores(answered)
    for contract, rows in [(UNIT_SCORES, units), (DAY_SCORES, by_day), (CALENDAR, cells), (ITEM_SCORES, items)]:
        assert all(check.passed for check in contract.verify(rows))
    names = [f"{principle}_{what}" for principle in PRINCIPLES for what in ("due", "ok", "missing")]
    assert sums(by_day, names) == sums(cells, names)
    placed = answered.placed
    for principle in PRINCIPLES:
        of_principle = placed[placed["item"].map(PRINCIPLE_OF) == principle]
        assert units[f"{principle}_ok"].iloc[0] == of_principle.loc[of_principle["state"] == "ok", "n"].sum()
        assert units[f"{principle}_due"].iloc[0] == of_principle.loc[of_principle["state"] != "waiting", "n"].sum()
    again = collection(*collected.shuffled(records, persons, seed), first=FIRST, as_of=LAST, acceptance_days=days)
    assert again.observations.equals(answered.observations)
    assert unit_scores(again).equals(units)


@pytest.fixture(scope="module")
def books():
    return collected.books(11)


@pytest.fixture(scope="module")
def october(books):
    return collection(*books, first=FIRST, as_of=LAST)


def sentences_of(asked, before):
    """The sentences about a period, with the figures that they point at."""
    company, units, items = company_scores(asked, before), unit_scores(asked), item_scores(asked)
    shown = [
        shown_table(company, COMPANY_SCORES, key="principles"),
        shown_table(units, UNIT_SCORES, key="units"),
        shown_table(items, ITEM_SCORES, key="items"),
    ]
    findings = score_findings(company, units) + item_findings(items)
    return {statement.key: statement for statement in statements(findings, Figures(shown))}


def test_every_sentence_has_its_figures_in_both_languages(books, october):
    september = collection(*books, first=date(2026, 9, 1), as_of=date(2026, 9, 30))
    sentences = sentences_of(october, september)
    assert {"score", "late"} <= {key.split("-")[0] for key in sentences}
    texts = [text for sentence in sentences.values() for text in sentence.text()]
    assert all(texts)
    assert not [text for text in texts if "{" in text]
    assert "nothing was due" in sentences["score-timely"].text().en


def test_the_lowest_unit_had_enough_to_do(october):
    company, units = company_scores(october, october), unit_scores(october)
    keys = [{finding.key for finding in score_findings(company, units.assign(timely_due=n_due))} for n_due in (19, 20)]
    assert ["lowest-timely" in of_rows for of_rows in keys] == [False, True]


def test_a_period_without_records_says_nothing(books):
    august = collection(*books, first=date(2026, 8, 1), as_of=date(2026, 8, 31))
    assert sentences_of(august, august) == {}


def test_a_score_that_is_moved_is_seen():
    whole = collection(*collected.books(7), first=FIRST, as_of=LAST)
    units, days = unit_scores(whole), day_scores(whole)
    units.loc[0, "complete_ok"] += 1
    days.loc[20, "timely_due"] -= 1
    checks = score_checks(whole, units=units, days=days, persons=person_scores(whole))
    failed = {check.key: check.difference for check in checks if not check.passed}
    assert failed == {"collection.units_complete_ok": 1, "collection.days_timely_due": -1}
