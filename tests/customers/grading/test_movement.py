"""Distribution, migration and findings of a small market, counted by hand."""

import pandas as pd
import pytest

from bizlab import customers
from bizlab.customers import (
    GRADE_DISTRIBUTION,
    GRADE_MIGRATION,
    GRADE_MOVED,
    GRADE_MOVEMENT,
    grade_distribution,
    grade_findings,
    grade_migration,
    grade_moved,
    grade_movement,
)


@pytest.fixture
def before(reference, model, graded):
    return graded(reference, model)


@pytest.fixture
def now(model, graded, market):
    """001 fell, 008 rose, 007 stopped buying, 009 paid at last, 011 is new; the others are as they were."""
    frame = market(
        """
        | customer_id | has_ordered_12m | order_quantity_12m | order_amount_12m_fen | settlement_days | overdue_fen |
        | 001         | 1               | 10                 | 80000                | 60              | 900         |
        | 002         | 1               | 90                 | 900000               | 25              | 0           |
        | 003         | 1               | 80                 | 700000               | 30              | 0           |
        | 004         | 1               | 60                 | 500000               | 35              | 0           |
        | 005         | 1               | 40                 | 300000               | 40              | 0           |
        | 006         | 1               | 20                 | 200000               | 50              | 0           |
        | 007         | 0               | 0                  | 0                    |                 | 0           |
        | 008         | 1               | 95                 | 950000               | 22              | 0           |
        | 009         | 1               | 50                 | 400000               | 35              | 0           |
        | 010         | 0               | 0                  | 0                    |                 | 0           |
        | 011         | 1               | 7                  | 60000                |                 | 30          |
        """
    )
    return graded(frame, model)


def test_the_distribution_holds_every_company_and_every_fen(now, model):
    distribution = grade_distribution(now, model)
    GRADE_DISTRIBUTION.verify(distribution)
    rows = distribution.set_index("grade")
    assert rows.loc["total", ["n_customers", "amount_fen", "n_overdue", "overdue_fen"]].tolist() == [
        11,
        int(now["order_amount_12m_fen"].sum()),
        2,
        930,
    ]
    assert rows.loc["not_buying", "n_customers"] == 2
    assert rows.loc["unpaid", ["n_customers", "amount_fen"]].tolist() == [1, 60000]
    checks = customers.distribution_checks(distribution, now, model)
    assert all(check.passed for check in checks)
    lost = distribution.assign(amount_fen=distribution["amount_fen"].where(distribution["grade"] != "unpaid", 0))
    assert [check.difference for check in customers.distribution_checks(lost, now, model)] == [0, -60000]


def test_shares_are_of_the_buyers_and_who_does_not_buy_has_none(now, model):
    rows = grade_distribution(now, model).set_index("grade")
    assert rows.loc["unpaid", "customer_rate"] == pytest.approx(1 / 9)
    assert pd.isna(rows.loc["not_buying", "customer_rate"])
    assert rows.loc["not_buying", "customer_rate_reason"] == "not_buying"
    assert rows["amount_rate"].drop("total").sum() == pytest.approx(1)


def test_a_market_in_which_nobody_buys_has_no_shares(reference, model, graded):
    idle = graded(reference[reference["customer_id"] == "010"].reset_index(drop=True), model)
    rows = grade_distribution(idle, model).set_index("grade")
    assert rows["amount_rate"].isna().all()
    assert set(rows["amount_rate_reason"]) == {"no_amount"}
    assert rows.loc["A", "customer_rate_reason"] == "no_buyer"


def test_the_matrix_adds_up_to_both_months(before, now, model):
    migration = grade_migration(before, now, model)
    GRADE_MIGRATION.verify(migration)
    assert all(check.passed for check in customers.migration_checks(migration, before, now))
    cells = migration.set_index(["from_grade", "to_grade"])["n_customers"]
    assert cells["A", "D"] == 1
    assert cells["D", "A"] == 1
    assert cells["unpaid", now.set_index("customer_id").loc["009", "value_grade"]] == 1
    assert cells["new", "unpaid"] == 1
    broken = migration.assign(n_customers=migration["n_customers"].where(migration["from_grade"] != "new", 0))
    assert [check.passed for check in customers.migration_checks(broken, before, now)] == [True, False]


def test_movements_in_short(before, now, model):
    movement = grade_movement(grade_migration(before, now, model))
    GRADE_MOVEMENT.verify(movement)
    assert dict(zip(movement["movement"], movement["n_customers"], strict=True)) == {
        "up": 1,
        "down": 1,
        "same": 5,
        "entered": 1,
        "left": 1,
        "outside": 2,
    }


def test_who_moved_with_both_months_side_by_side(before, now, model):
    moved = grade_moved(before, now, model)
    GRADE_MOVED.verify(moved)
    assert moved["customer_id"].tolist() == ["001", "007", "008", "009"]
    first = moved.iloc[0]
    assert first[["from_grade", "to_grade", "amount_before_fen", "amount_fen"]].tolist() == ["A", "D", 1000000, 80000]
    assert first[["settlement_before", "settlement"]].tolist() == [20, 60]


def test_nothing_given_is_changed(before, now, model, unchanged):
    with unchanged(before, now):
        grade_distribution(now, model)
        grade_migration(before, now, model)
        grade_moved(before, now, model)


def test_findings_point_at_figures_that_stand_in_the_tables(before, now, model):
    shown = {
        "grades": (grade_distribution(now, model), GRADE_DISTRIBUTION),
        "movement": (grade_movement(grade_migration(before, now, model)), GRADE_MOVEMENT),
        "moved": (grade_moved(before, now, model), GRADE_MOVED),
    }
    findings = grade_findings(*(frame for frame, _ in shown.values()), material_fen=500_000)
    by_key = {finding.key: finding for finding in findings}
    assert set(by_key) == {"grades.top", "grades.moves", "grades.fell.001", "grades.overdue"}
    assert (by_key["grades.fell.001"].direction, by_key["grades.fell.001"].material) == ("bad", True)
    assert not by_key["grades.overdue"].material
    for finding in findings:
        for name, ref in finding.refs.items():
            frame, contract = shown[ref.table]
            keys = frame[list(contract.key)].astype(str).apply(tuple, axis=1)
            assert ref.row in set(keys), ref.path
            assert ref.column in contract.names
            assert f"{{{name}}}" in finding.text.zh
            assert f"{{{name}}}" in finding.text.en


def test_a_month_without_movement_or_debt_says_only_what_the_top_grade_holds(before, model):
    calm = before.assign(overdue_fen=0)
    moves = grade_movement(grade_migration(calm, calm, model))
    findings = grade_findings(grade_distribution(calm, model), moves, grade_moved(calm, calm, model), material_fen=1)
    assert [finding.key for finding in findings] == ["grades.top"]
