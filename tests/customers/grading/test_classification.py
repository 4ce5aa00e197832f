"""Grades against sales and satisfaction, and proposals to regrade: a company that one can count by hand."""

from datetime import date

import pandas as pd
import pytest
from tables import table

from bizlab.customers.grading import classification as cl
from bizlab.customers.grading.published_rules import parse_rule_sets
from bizlab.errors import SettingError
from bizlab.sample.company import applications as planted

FIRST = {
    "from": "2025-01-01",
    "note": {"zh": "首次", "en": "first"},
    "grades": [
        {"grade": "A", "standing": ["leading", "major"], "capital": "500万元", "expected": "60万元"},
        {"grade": "B", "standing": ["leading", "major", "ordinary"], "expected": "20万元"},
        {"grade": "C"},
    ],
    "special": ["newcomer"],
}
AS_OF = date(2026, 10, 31)
CONTACT = {"zh": "经理", "en": "Manager"}
STANDARDS = {
    grade: {"response_hours": 4, "visits_a_quarter": visits, "credit_days": 30, "contact": CONTACT}
    for grade, visits in (("A", 3), ("B", 1), ("C", 0))
}
IN_FORCE = """
| customer_id | grade | standing | capital_fen | expected_fen | approved_on | actual_fen | rating |
| 001         | A     | leading  | 1000000000  | 80000000     | 2025-01-01  | 60000000   | 5      |
| 002         | A     | major    | 1000000000  | 70000000     | 2025-01-01  | 0          | 3      |
| 003         | B     | ordinary | 1000000000  | 30000000     | 2025-01-01  | 20000000   |        |
| 004         | C     | leading  | 1000000000  | 5000000      | 2025-01-01  | 90000000   | 4      |
| 005         | C     | leading  | 1000000000  | 5000000      | 2026-06-01  | 90000000   |        |
"""


@pytest.fixture
def rules():
    return parse_rule_sets([FIRST])[0]


@pytest.fixture
def in_force():
    frame = table(IN_FORCE)
    return frame.assign(
        rating=pd.array(frame["rating"], dtype="Int64"), approved_on=pd.to_datetime(frame["approved_on"])
    )


def test_grades_add_up_and_attainment_is_a_ratio_of_sums(rules, in_force):
    service = cl.service_standards(STANDARDS, rules)
    graded = cl.classification(in_force, service, as_of=AS_OF)
    cl.CLASSIFICATION.verify(graded)
    assert all(check.passed for check in cl.classification_checks(graded, in_force))
    a = graded.set_index("grade").loc["A"]
    assert (a["attainment_rate"], a["n_idle"], a["mean_rating"]) == (60 / 150, 1, 4)
    assert (a["amount_rate"], a["visit_rate"]) == (60 / 260, 6 / 7)
    assert a["upper_rating"] - 4 == pytest.approx(12.706, abs=1e-3), "t with 1 degree of freedom, standard error 1"


def test_a_year_is_expected_of_those_who_had_one(rules, in_force):
    """005 was graded in June: its five months stand in the amounts and in no attainment."""
    graded = cl.classification(in_force, cl.service_standards(STANDARDS, rules), as_of=AS_OF).set_index("grade")
    c = graded.loc["C"]
    assert (c["n_customers"], c["actual_fen"]) == (2, 180_000_000)
    assert (c["n_with_year"], c["expected_fen"], c["year_fen"]) == (1, 5_000_000, 90_000_000)
    assert c["attainment_rate"] == 18
    nobody = cl.classification(in_force.tail(1), cl.service_standards(STANDARDS, rules), as_of=AS_OF).set_index("grade")
    assert nobody.loc["C", "attainment_rate_reason"] == "no_year"


def test_one_rating_has_a_mean_and_no_interval_and_none_has_neither(rules, in_force):
    graded = cl.classification(in_force, cl.service_standards(STANDARDS, rules), as_of=AS_OF).set_index("grade")
    assert graded.loc["C", ["mean_rating", "lower_rating_reason"]].tolist() == [4, "one_rating"]
    assert graded.loc["B", "mean_rating_reason"] == "nobody_rated"


def test_proposals_leave_alone_who_is_near_a_bound_or_new(rules, in_force):
    proposals = cl.proposals(in_force, rules, cl.Regrading(after_days=365, margin=0.2), as_of=AS_OF)
    cl.PROPOSALS.verify(proposals)
    assert proposals[["customer_id", "grade", "proposed", "move", "bound_fen"]].to_numpy().tolist() == [
        ["002", "A", "C", "down", 60_000_000],
        ["004", "C", "A", "up", 60_000_000],
    ]


@pytest.mark.parametrize(
    ("actual", "proposed"),
    [(48_000_000, []), (47_999_999, ["B"]), (16_000_000, ["B"]), (15_999_998, ["C"])],
)
def test_a_grade_falls_only_by_more_than_the_margin(rules, in_force, actual, proposed):
    customer = in_force.iloc[[0]].assign(actual_fen=actual)
    proposals = cl.proposals(customer, rules, cl.Regrading(365, 0.2), as_of=AS_OF)
    assert proposals["proposed"].tolist() == proposed


def test_a_proposal_that_was_followed_is_not_made_again(rules, in_force):
    settings = cl.Regrading(365, 0.2)
    first = cl.proposals(in_force, rules, settings, as_of=AS_OF).set_index("customer_id")["proposed"]
    followed = in_force.assign(grade=in_force["customer_id"].map(first).fillna(in_force["grade"]))
    assert cl.proposals(followed, rules, settings, as_of=AS_OF).empty


def test_better_grades_that_buy_more_agree_with_sales():
    grades = pd.Series(["A"] * 8 + ["B"] * 8)
    frame = pd.DataFrame(
        {
            "grade": grades,
            "actual_fen": [*range(108, 100, -1), *range(8, 0, -1)],
            "rating": pd.array([3] * 16, dtype="Int64"),
        }
    )
    agreement = cl.agreement(frame, ("A", "B")).set_index("with_what")
    assert agreement.loc["sales", "lower"] > 0.5
    assert agreement.loc["rating", "correlation_reason"] == "too_few"


def test_only_accepted_applications_give_a_grade_and_the_latest_approval_counts():
    asked = pd.DataFrame(
        {
            "application_id": ["1", "2", "3", "4", "5"],
            "customer_id": ["a", "a", "b", "c", "d"],
            "grade": ["C", "B", "A", "A", "A"],
            "standing": "major", "capital_fen": 1, "expected_fen": 1,
            "approved_on": pd.to_datetime(["2025-01-01", "2026-01-01", "2025-01-01", "2025-01-01", "2026-11-01"]),
        }
    )  # fmt: skip
    outcomes = pd.Series(
        ["accepted", "accepted", "returned", "accepted", "accepted"], index=pd.Index(asked["application_id"])
    )
    grades = pd.DataFrame({"application_id": ["1", "2", "3", "4", "5"], "rule_grade": ["C", "B", "A", None, "A"]})
    orders = pd.DataFrame(
        {
            "customer_id": ["a"] * 3,
            "amount_fen": [5, 7, 9],
            "ordered_on": pd.to_datetime(["2025-10-31", "2025-11-01", "2026-10-31"]),
        }
    )
    customers = pd.DataFrame({"customer_id": ["a"], "rating": [4]})
    result = cl.grades_in_force(asked, outcomes, grades, orders, customers, as_of=AS_OF)
    assert result[["customer_id", "grade", "actual_fen"]].to_numpy().tolist() == [["a", "B", 16]]
    by_rules = grades.assign(rule_grade=["C", "A", "B", None, "A"])
    result = cl.grades_in_force(asked, outcomes, by_rules, orders, customers, as_of=AS_OF)
    assert result["grade"].tolist() == ["A"], "what the rules say, not what was applied for"


def test_a_grade_without_a_standard_is_refused(rules):
    with pytest.raises(SettingError, match="one standard for each grade"):
        cl.service_standards({"A": STANDARDS["A"]}, rules)


@pytest.mark.parametrize("config", [{}, {"after_days": 365, "margin": 1.5}])
def test_settings_that_cannot_be_used_are_refused(config):
    with pytest.raises(SettingError):
        cl.parse_regrading(config)


def test_the_idle_customer_and_the_one_graded_too_low_are_proposed(pytestconfig):
    """What is planted: grade A and nothing bought in a year; grade C and bought like a better one."""
    from bizlab.customers.grading import applications as ap
    from bizlab.customers.grading.published_rules import grade_applications
    from bizlab.sample.truth import generate
    from bizlab.yaml_file import load_yaml

    config = load_yaml(pytestconfig.rootpath / "params" / "grade_rules.yaml", shown="params/grade_rules.yaml").content
    company, sets = generate(), parse_rule_sets(config["rules"])
    asked = company["grade_applications"]
    outcomes = ap.application_outcomes(asked, ap.application_faults(asked, company["customers"], ap.Limits(0.2, 14)))
    grades = grade_applications(asked, sets)
    assert grades.set_index("application_id").loc[planted.UNGRADABLE, "way"] == "special"
    result = cl.grades_in_force(asked, outcomes, grades, company["orders"], company["customers"], as_of=AS_OF)
    proposals = cl.proposals(result, sets[-1], cl.parse_regrading(config["regrading"]), as_of=AS_OF).set_index(
        "customer_id"
    )
    idle, low = (
        asked.set_index("application_id").loc[name, "customer_id"] for name in (planted.IDLE, planted.UNDERRATED)
    )
    assert (proposals.loc[idle, "move"], proposals.loc[idle, "actual_fen"]) == ("down", 0)
    assert (proposals.loc[low, "move"], proposals.loc[low, "actual_fen"]) == ("up", 93_624_400)
