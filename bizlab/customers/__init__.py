"""Customers: applications, value grade, kinds of customers, and how they move between months."""

from bizlab.customers.grading.grades import (
    GRADE_FEATURES,
    ValueGradeModel,
    fit_value_grade,
    grade_features,
    parse_grading,
    reference_end,
)
from bizlab.customers.grading.movement import (
    GRADE_DISTRIBUTION,
    GRADE_MIGRATION,
    GRADE_MOVED,
    GRADE_MOVEMENT,
    distribution_checks,
    grade_distribution,
    grade_findings,
    grade_migration,
    grade_moved,
    grade_movement,
    migration_checks,
)

__all__ = [
    "GRADE_DISTRIBUTION",
    "GRADE_FEATURES",
    "GRADE_MIGRATION",
    "GRADE_MOVED",
    "GRADE_MOVEMENT",
    "ValueGradeModel",
    "distribution_checks",
    "fit_value_grade",
    "grade_distribution",
    "grade_features",
    "grade_findings",
    "grade_migration",
    "grade_moved",
    "grade_movement",
    "migration_checks",
    "parse_grading",
    "reference_end",
]
