"""Overspending that a saving hides in a total."""

from __future__ import annotations

import pytest
from budget_accounts import ACCOUNTS
from tables import table

from bizlab.budget.variance.offsets import OFFSETS, offset_findings, offsets
from bizlab.budget.variance.variance import variance
from bizlab.periods import Month

SHOWN = [
    "hidden_in",
    "owner_id",
    "account",
    "variance_fen",
    "saving_owner_id",
    "saving_account",
    "saving_fen",
    "total",
]


@pytest.fixture
def judged(by_month):
    def of(text: str):
        return variance(
            by_month(text), month=Month(2026, 3), materiality_rate=0.05, materiality_fen=1000, accounts=ACCOUNTS
        )

    return of


def of_month(hidden):
    return hidden[hidden["period"] == "month"].rename(columns={"total_variance_fen": "total"})[SHOWN].to_dict("records")


def test_an_owner_looks_fine_while_one_account_pays_for_another(judged, unchanged):
    """The planted case in small: 38,640.00 over on marketing, 37,980.00 saved on travel, 660.00 in total."""
    variances = judged("""
        | owner_id | account   | budget_fen | actual_fen |
        | SA-E     | marketing | 17930000   | 21794000   |
        | SA-E     | travel    | 10320000   | 6522000    |
        | SA-E     | salaries  | 40000000   | 40000000   |
    """)
    expected = table("""
        | hidden_in | owner_id | account   | variance_fen | saving_owner_id | saving_account | saving_fen | total |
        | owner_id  | SA-E     | marketing | 3864000      | SA-E            | travel         | 3798000    | 66000 |
    """)
    with unchanged(variances):
        hidden = offsets(variances)
    OFFSETS.verify(hidden)
    assert of_month(hidden) == expected.to_dict("records")


def test_an_account_looks_fine_while_one_owner_pays_for_another(judged):
    hidden = offsets(
        judged("""
            | owner_id | account | budget_fen | actual_fen |
            | SA-E     | travel  | 20000      | 26000      |
            | SA-N     | travel  | 20000      | 18400      |
            | SA-W     | travel  | 20000      | 15000      |
        """)
    )
    expected = table("""
        | hidden_in | owner_id | account | variance_fen | saving_owner_id | saving_account | saving_fen | total |
        | account   | SA-E     | travel  | 6000         | SA-W            | travel         | 5000       | -600  |
    """)
    OFFSETS.verify(hidden)
    assert of_month(hidden) == expected.to_dict("records")


@pytest.mark.parametrize(
    ("case", "text"),
    [
        (
            "the total shows it",
            """
            | owner_id | account   | budget_fen | actual_fen |
            | SA-E     | marketing | 20000      | 30000      |
            | SA-E     | travel    | 20000      | 18000      |
            """,
        ),
        (
            "diluted, not hidden: nothing is materially under",
            """
            | owner_id | account   | budget_fen | actual_fen |
            | SA-E     | marketing | 20000      | 22000      |
            | SA-E     | salaries  | 900000     | 899500     |
            """,
        ),
        (
            "only savings",
            """
            | owner_id | account   | budget_fen | actual_fen |
            | SA-E     | marketing | 20000      | 15000      |
            | SA-E     | salaries  | 900000     | 900000     |
            """,
        ),
    ],
)
def test_nothing_is_listed_that_is_not_hidden(judged, case, text):
    assert of_month(offsets(judged(text))) == []


def test_what_a_saving_hides_is_bad_news_and_only_of_the_month(judged):
    hidden = offsets(
        judged("""
            | owner_id | account   | budget_fen | actual_fen |
            | SA-E     | marketing | 20000      | 26000      |
            | SA-E     | travel    | 20000      | 14500      |
        """)
    )
    assert set(hidden["period"]) == {"month", "ytd"}
    (finding,) = offset_findings(hidden)
    assert (finding.key, finding.direction, finding.material, finding.weight) == (
        "hidden-owner_id-SA-E-marketing",
        "bad",
        True,
        6000.0,
    )


def test_what_one_owner_saves_for_another_names_both(judged):
    hidden = offsets(
        judged("""
            | owner_id | account | budget_fen | actual_fen |
            | SA-E     | travel  | 20000      | 26000      |
            | SA-W     | travel  | 20000      | 14500      |
        """)
    )
    (finding,) = offset_findings(hidden)
    assert finding.key == "hidden-account-SA-E-travel"
    assert finding.refs["saving_owner_id"].path == "offsets[month,account,SA-E,travel].saving_owner_id"
    assert "saving_account" not in finding.refs
