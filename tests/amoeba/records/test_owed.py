"""Who owes what, the most pressing first."""

from datetime import date

import pytest
from tables import table

from bizlab.amoeba.records.observation import observed
from bizlab.amoeba.records.owed import OWED, owed

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
        found = owed(answers, as_of=AS_OF)
    OWED.verify(found)
    shown = found[["debt", "unit_id", "debtor", "n", "days_open", "most_days_late"]].astype("object")
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
    found = owed(answers, as_of=AS_OF).set_index("unit_id")
    assert found.loc["boss", ["debt", "person_id"]].tolist() == ["person_hours", "p3"]


def test_amounts_are_where_there_is_money_and_a_debt_is_told_once(answers):
    found = owed(answers, as_of=AS_OF)
    money = found[found["amount_fen"].notna()]
    assert set(money["debt"]) == {"unit_confirmation", "order_of_stamps", "unit_late"}
    assert money.loc[money["debt"] == "unit_confirmation", "amount_fen"].tolist() == [5000, 900]


def test_books_in_order_owe_nothing(answers):
    assert owed(answers[answers["state"] == "ok"], as_of=AS_OF).empty
    assert owed(answers[:0], as_of=AS_OF).empty
