"""Faults in applications, one at a time, and the account that closes; what is planted in the sample is found."""

from datetime import date

import pandas as pd
import pytest

from bizlab.customers.grading import applications as ap
from bizlab.errors import SettingError
from bizlab.sample.company import applications as planted
from bizlab.sample.truth import generate

AS_OF = date(2026, 1, 31)
LIMITS = ap.Limits(most_of_revenue=0.2, decided_within_days=14)
GOOD = "91350100M000100Y43"
CLEAN = {
    "application_id": "GA1", "customer_id": "001", "name": "甲", "industry": "power", "capital_fen": 10**9,
    "standing": "leading", "grade": "A", "expected_fen": 10**8, "customer_code": GOOD, "taxpayer": "general",
    "remark": None, "applicant_id": "P1", "reviewer_id": "P2", "approver_id": "P3",
    "applied_on": pd.Timestamp("2026-01-05"), "reviewed_on": pd.Timestamp("2026-01-07"),
    "approved_on": pd.Timestamp("2026-01-19"),
}  # fmt: skip
RECORDS = pd.DataFrame(
    {"customer_id": ["001"], "credit_code": [GOOD], "capital_fen": [10**9], "revenue_fen": [5 * 10**8]}
)


def faults(*rows):
    result = ap.application_faults(pd.DataFrame([CLEAN | row for row in rows]), RECORDS, LIMITS)
    ap.APPLICATION_FAULTS.verify(result)
    return result[["application_id", "fault"]].to_numpy().tolist()


def test_an_application_in_order_has_no_fault_at_the_very_limits():
    assert faults({}) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"taxpayer": None}, "missing"),
        ({"customer_code": "91350100M000100Y44"}, "wrong_code"),
        ({"customer_code": "9199530003687923X2"}, "other_code"),
        ({"capital_fen": 10**9 + 1}, "other_capital"),
        ({"expected_fen": 10**8 + 1}, "implausible_sales"),
        ({"approver_id": "P1"}, "four_eyes"),
        ({"reviewed_on": pd.Timestamp("2026-01-04")}, "dates"),
        ({"approved_on": pd.Timestamp("2026-01-20")}, "late"),
    ],
)
def test_each_fault_by_itself(change, fault):
    assert faults(change) == [["GA1", fault]]


def test_a_customer_that_is_not_in_the_records_is_not_compared_with_them():
    assert faults({"customer_id": "009", "capital_fen": 1, "expected_fen": 10**12}) == []


def test_only_the_later_of_two_applications_is_the_second():
    later = {"application_id": "GA0", "applied_on": pd.Timestamp("2026-01-06")}
    assert faults(later, {}) == [["GA0", "twice"]]


def test_who_applies_again_after_a_return_has_not_applied_twice():
    """The first lacked the taxpayer and was returned; the second is in order, and a third would be one too many."""
    first = {"taxpayer": None}
    second = {"application_id": "GA2", "applied_on": pd.Timestamp("2026-01-06")}
    third = {
        "application_id": "GA3",
        "applied_on": pd.Timestamp("2026-01-07"),
        "reviewed_on": pd.Timestamp("2026-01-08"),
    }
    assert faults(first, second) == [["GA1", "missing"]]
    assert faults(first, second, third) == [["GA1", "missing"], ["GA3", "twice"]]


def test_customers_without_an_id_are_not_each_other():
    assert faults({"customer_id": None}, {"customer_id": None, "application_id": "GA2"}) == []


def test_what_breaks_a_control_is_refused_whatever_else_could_be_corrected():
    changes = (
        {"approver_id": "P1", "taxpayer": None},
        {"application_id": "GA2", "customer_id": "2", "taxpayer": None},
        {"application_id": "GA3", "customer_id": "3"},
    )
    frame = pd.DataFrame([CLEAN | change for change in changes])
    outcomes = ap.application_outcomes(frame, ap.application_faults(frame, RECORDS, LIMITS))
    assert outcomes.to_dict() == {"GA1": "refused", "GA2": "returned", "GA3": "accepted"}
    account = ap.application_account(frame, outcomes)
    assert all(
        check.passed for check in [*ap.APPLICATION_ACCOUNT.verify(account), *ap.application_checks(account, frame)]
    )
    assert account.set_index("month").loc["total", ["n_accepted", "n_returned", "n_refused"]].tolist() == [1, 1, 1]


@pytest.mark.parametrize("approved", [None, "2026-02-01"])
def test_an_application_that_is_not_approved_by_the_day_is_open(approved):
    frame = ap.as_known(pd.DataFrame([CLEAN | {"approved_on": pd.Timestamp(approved)}]), as_of=AS_OF)
    assert frame["approver_id"].isna().tolist() == [approved is not None]
    assert ap.application_outcomes(frame, ap.application_faults(frame, RECORDS, LIMITS)).tolist() == ["open"]


def test_what_was_decided_late_is_no_fault_before_it_is_known():
    frame = pd.DataFrame([CLEAN | {"approved_on": pd.Timestamp("2026-02-20")}])
    result = [
        ap.application_faults(ap.as_known(frame, as_of=day), RECORDS, LIMITS)["fault"].tolist()
        for day in (AS_OF, date(2026, 2, 28))
    ]
    assert result == [[], ["late"]]


def test_an_application_of_tomorrow_is_not_known_today():
    assert ap.as_known(pd.DataFrame([CLEAN]), as_of=date(2026, 1, 4)).empty


def test_no_applications_leave_an_empty_account():
    frame = pd.DataFrame([CLEAN]).iloc[:0]
    account = ap.application_account(
        frame, ap.application_outcomes(frame, ap.application_faults(frame, RECORDS, LIMITS))
    )
    assert account["n_applications"].tolist() == [0]


@pytest.mark.parametrize("config", [{}, {"most_of_revenue": 0.2}, {"most_of_revenue": 0, "decided_within_days": 14}])
def test_limits_that_cannot_be_used_are_refused(config):
    with pytest.raises(SettingError):
        ap.parse_limits(config)


def test_what_is_planted_in_the_sample_is_found_and_nothing_else():
    company = generate()
    result = ap.application_faults(company["grade_applications"], company["customers"], LIMITS)
    assert dict(zip(result["application_id"], result["fault"], strict=True)) == {
        planted.WRONG_CODE: "wrong_code",
        planted.OWN_APPROVAL: "four_eyes",
        planted.INFLATED: "implausible_sales",
        planted.TWICE: "twice",
    }
