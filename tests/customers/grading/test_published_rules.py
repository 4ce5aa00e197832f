"""Grades by the published rules: the rules as published, what is missing, and days on which they changed."""

from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bizlab.customers.grading.published_rules import (
    RULE_GRADES,
    grade_applications,
    grade_of,
    parse_rule_sets,
    rules_on,
)
from bizlab.errors import SettingError
from bizlab.yaml_file import load_yaml

GRADES = [
    {"grade": "A", "standing": ["leading", "major"], "capital": "500万元", "expected": "60万元"},
    {"grade": "B", "standing": ["leading", "major", "ordinary"], "expected": "20万元"},
    {"grade": "C"},
]
FIRST = {"from": "2025-01-01", "note": {"zh": "首次", "en": "first"}, "grades": GRADES, "special": ["newcomer"]}


@pytest.fixture
def rules():
    return parse_rule_sets([FIRST])[0]


@pytest.mark.parametrize(
    ("standing", "capital", "expected", "grade", "reason"),
    [
        ("leading", 5_000_000_00, 600_000_00, "A", None),
        ("leading", 5_000_000_00 - 1, 600_000_00, "B", None),
        ("major", 5_000_000_00, 600_000_00 - 1, "B", None),
        ("ordinary", 9_000_000_00, 900_000_00, "B", None),
        ("ordinary", 9_000_000_00, 100_000_00, "C", None),
        ("newcomer", 9_000_000_00, 900_000_00, None, "special_standing"),
        (None, 9_000_000_00, 900_000_00, None, "no_standing"),
        ("leading", None, 900_000_00, None, "no_capital"),
        ("leading", 5_000_000_00, None, None, "no_expected"),
        (None, None, 100_000_00, "C", None),
        ("ordinary", None, 900_000_00, "B", None),
    ],
)
def test_the_first_grade_whose_requirements_are_all_met(rules, standing, capital, expected, grade, reason):
    """What is missing keeps back only where it could still have decided."""
    assert grade_of(rules, standing=standing, capital_fen=capital, expected_fen=expected) == (grade, reason)


@given(
    st.sampled_from(["leading", "major", "ordinary"]),
    st.integers(0, 10**9),
    st.integers(0, 10**8),
    st.integers(0, 10**8),
)
def test_more_sales_never_make_a_grade_worse(standing, capital, expected, more):
    rules = parse_rule_sets([FIRST])[0]
    before, _ = grade_of(rules, standing=standing, capital_fen=capital, expected_fen=expected)
    after, _ = grade_of(rules, standing=standing, capital_fen=capital, expected_fen=expected + more)
    assert after <= before


def application(**given):
    row = {
        "application_id": "GA1", "customer_id": "001", "name": "甲", "grade": "A", "standing": "leading",
        "capital_fen": 10**9, "expected_fen": 10**8, "applied_on": pd.Timestamp("2025-06-01"), **given,
    }  # fmt: skip
    return pd.DataFrame([row])


def test_the_rules_of_the_day_of_application_decide():
    stricter = FIRST | {"from": "2026-01-01", "grades": [GRADES[0] | {"expected": "500万元"}, *GRADES[1:]]}
    sets = parse_rule_sets([FIRST, stricter])
    result = [
        grade_applications(application(applied_on=pd.Timestamp(day)), sets).iloc[0]
        for day in ("2025-12-31", "2026-01-01")
    ]
    assert [row["rule_grade"] for row in result] == ["A", "B"]
    assert [bool(row["differs"]) for row in result] == [False, True]
    assert rules_on(sets, date(2024, 12, 31)) is None


def test_before_any_rules_nobody_is_graded():
    grades = grade_applications(application(applied_on=pd.Timestamp("2024-12-31")), parse_rule_sets([FIRST]))
    RULE_GRADES.verify(grades)
    assert grades.loc[0, ["rule_grade_reason", "way"]].tolist() == ["no_rules", "special"]


def test_the_special_way_is_no_difference_from_the_application(rules):
    grades = grade_applications(application(standing="newcomer"), [rules]).iloc[0]
    assert (grades["way"], bool(grades["differs"])) == ("special", False)


def test_the_rules_of_the_project_can_be_read(pytestconfig):
    content = load_yaml(pytestconfig.rootpath / "params" / "grade_rules.yaml", shown="params/grade_rules.yaml").content
    assert parse_rule_sets(content["rules"])[-1].names == ("A", "B", "C", "D")


@pytest.mark.parametrize(
    ("sets", "match"),
    [
        ([], "There are no rules"),
        ([FIRST, FIRST], "do not rise"),
        ([{**FIRST, "from": "soon"}], "'soon' is not a date"),
        ([{**FIRST, "grades": GRADES[:2]}], "The last grade 'B' asks for something"),
        ([{**FIRST, "grades": [{"grade": "A", "capital": 500}, {"grade": "B"}]}], "has no unit"),
        ([{**FIRST, "grades": [{"grade": "A", "capitol": "5元"}, {"grade": "B"}]}], "'capitol' is not known"),
        ([{name: FIRST[name] for name in ("from", "note", "grades")}], "'special' is missing"),
    ],
)
def test_rules_that_cannot_be_used_are_refused(sets, match):
    with pytest.raises(SettingError, match=match):
        parse_rule_sets(sets)
