"""Budgets: versions, variance of spending, and what hides in totals."""

from bizlab.budget.budget_table import (
    BUDGET_TABLE,
    VERSION_BRIDGE,
    bridge_checks,
    bridge_findings,
    budget_table,
    version_bridge,
)
from bizlab.budget.monthly import TREND, TREND_LINES, monthly, trend, trend_lines
from bizlab.budget.variance.movement import MOVEMENT, movement
from bizlab.budget.variance.offsets import OFFSETS, offset_findings, offsets
from bizlab.budget.variance.outlook import OUTLOOK, outlook, outlook_findings
from bizlab.budget.variance.statement import BY_ACCOUNT, BY_OWNER, by_account, by_owner
from bizlab.budget.variance.variance import VARIANCE, variance, variance_checks, variance_findings
from bizlab.budget.versions import (
    STATUS_EXCEPTIONS,
    original_version,
    status_exceptions,
    status_findings,
    version_in_force,
)

__all__ = [
    "BUDGET_TABLE",
    "BY_ACCOUNT",
    "BY_OWNER",
    "MOVEMENT",
    "OFFSETS",
    "OUTLOOK",
    "STATUS_EXCEPTIONS",
    "TREND",
    "TREND_LINES",
    "VARIANCE",
    "VERSION_BRIDGE",
    "bridge_checks",
    "bridge_findings",
    "budget_table",
    "by_account",
    "by_owner",
    "monthly",
    "movement",
    "offset_findings",
    "offsets",
    "original_version",
    "outlook",
    "outlook_findings",
    "status_exceptions",
    "status_findings",
    "trend",
    "trend_lines",
    "variance",
    "variance_checks",
    "variance_findings",
    "version_bridge",
    "version_in_force",
]
