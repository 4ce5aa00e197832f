"""Who owes what, the most pressing first."""

import sys
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from tables import table

from bizlab.amoeba.records.collection import collection
from bizlab.amoeba.records.collection_scores import item_scores
from bizlab.amoeba.records.observation import observed
from bizlab.amoeba.records.owed import OWED, owed, owed_checks, owed_findings
from bizlab.report.sentences import Figures, statements
from bizlab.report.view import shown_table

sys.path.insert(0, str(Path(__file__).parents[1]))
import collected

AS_OF = date(2026, 10, 31)
ANSWERS = """
| item            | source          | unit_id | person_id | day        | state     | n | amount_fen | most_days_late |
| hours           | hour_records    | t       | p1        | 2026-10-19 | missing   | 1 | 0          | 0              |
| hours           | hour_records    | t       | p2        | 2026-10-19 | missing   | 1 | 0          | 0              |
| hours           | hour_records    | t       | p1        | 2026-10-20 | missing   | 1 | 0          | 0              |
| hours           | hour_records    | t       | p2        | 2026-10-20 | ok        | 1 | 0          | 0              |
| hours           | hour_records    | boss    | p3        | 2026-10-20 | missing   | 1 | 0          | 0              |
| unit_confirmed  | expense_records | t       |           | 2026-10-30 | missing   | 1 | 900        | 0              |
| unit_confirmed  | expense_records | u       |           | 2026-10-30 | missing   | 2 | 5000       | 0              |
| unit_confirmed  | expense_records | u       |           | 2026-10-12 | late      | 3 | 100        | 4              |
| unit_confirmed  | expense_records | u       |           | 2026-10-13 | late      | 1 | 100        | 1              |
| confirmed_twice | expense_records | u       |           | 2026-10-30 | missing   | 2 | 5000       | 0              |
| confirmed_twice | expense_records | t       |           | 2026-10-29 | different | 1 | 700        | 0              |
| accepted        | expense_records | u       |           | 2026-10-30 | waiting   | 2 | 5000       | 0              |
| counted         | headcount       | u       |           | 2026-10-21 | missing   | 1 | 0          | 0              |
"""


@pytest.fixture
def answers():
    return observed(table(ANSWERS))


def test_the_list_goes_from_a_team_without_hours_to_what_was_late(answers, unchanged):
    with unchanged(answers):
        owing = owed(answers, as_of=AS_OF)
    OWED.verify(owing)
    shown = owing[["debt", "unit_id", "debtor", "n", "days_open", "most_days_late"]].astype("object")
    assert shown.where(shown.notna(), None).to_numpy().tolist() == [
        ["unit_hours", "t", "unit", 2, 12, 0],
        ["unit_confirmation", "u", "unit", 2, 1, 0],
        ["unit_confirmation", "t", "unit", 1, 1, 0],
        ["order_of_stamps", "t", "accounting", 1, 2, 0],
        ["headcount", "u", "unit", 1, 10, 0],
        ["person_hours", "boss", "person", 1, 11, 0],
        ["person_hours", "t", "person", 1, 11, 0],
        ["unit_late", "u", "unit", 4, None, 4],
    ]


def test_one_person_alone_is_no_team_without_hours(answers):
    owing = owed(answers, as_of=AS_OF).set_index("unit_id")
    assert owing.loc["boss", ["debt", "person_id"]].tolist() == ["person_hours", "p3"]


def test_amounts_are_where_there_is_money_and_a_debt_is_told_once(answers):
    owing = owed(answers, as_of=AS_OF)
    money = owing[owing["amount_fen"].notna()]
    assert set(money["debt"]) == {"unit_confirmation", "order_of_stamps", "unit_late"}
    assert money.loc[money["debt"] == "unit_confirmation", "amount_fen"].tolist() == [5000, 900]


def test_books_in_order_owe_nothing(answers):
    assert owed(answers[answers["state"] == "ok"], as_of=AS_OF).empty
    assert owed(answers[:0], as_of=AS_OF).empty


def test_units_without_hours_and_what_they_did_not_confirm_are_told(answers):
    owing = owed(answers, as_of=AS_OF)
    by_key = {
        statement.key: statement.text().en
        for statement in statements(owed_findings(owing), Figures([shown_table(owing, OWED, key="owed")]))
    }
    assert by_key == {
        "unit_hours-hour_records-t": "nobody of t has hours between 2026-10-19 and 2026-10-19: 2 person-days",
        "unit_confirmation-expense_records-u": "u has not confirmed since 2026-10-30 (Expense records): 2, RMB 50.00",
        "unit_confirmation-expense_records-t": "t has not confirmed since 2026-10-30 (Expense records): 1, RMB 9.00",
    }


def test_a_pair_away_for_a_day_is_not_material():
    """Two persons without hours may both have been absent; five person-days are no chance."""
    day = pd.to_datetime("2026-10-19")
    hours = {"item": "hours", "source": "hour_records", "day": day, "state": "missing", "amount_fen": 0}
    rows = pd.DataFrame({"unit_id": ["pair"] * 2 + ["team"] * 5, "person_id": list("abcdefg"), **hours})
    findings = owed_findings(owed(rows.assign(n=1, most_days_late=0), as_of=AS_OF))
    material = {finding.key: finding.material for finding in findings}
    assert material == {"unit_hours-hour_records-pair": False, "unit_hours-hour_records-team": True}


def test_a_debt_that_is_not_listed_is_seen():
    whole = collection(*collected.books(7), first=date(2026, 10, 1), as_of=AS_OF)
    owing = owed(whole.observations, as_of=AS_OF)
    (check,) = owed_checks(owing.iloc[1:], item_scores(whole))
    assert check.difference == -owing["n"].iloc[0]
