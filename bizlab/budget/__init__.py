"""Budgets: versions, variance of spending, and what hides in totals."""

from bizlab.budget.findings import bridge_findings, offset_findings, variance_findings
from bizlab.budget.variance import (
    MONTHLY,
    OFFSETS,
    OUTLOOK,
    TREND,
    VARIANCE,
    monthly,
    offsets,
    outlook,
    trend,
    variance,
    variance_checks,
)
from bizlab.budget.versions import (
    BUDGET_TABLE,
    STATUS_EXCEPTIONS,
    TOTAL,
    VERSION_BRIDGE,
    bridge_checks,
    budget_table,
    status_exceptions,
    version_bridge,
    version_in_force,
)

__all__ = [
    "BUDGET_TABLE",
    "MONTHLY",
    "OFFSETS",
    "OUTLOOK",
    "STATUS_EXCEPTIONS",
    "TOTAL",
    "TREND",
    "VARIANCE",
    "VERSION_BRIDGE",
    "bridge_checks",
    "bridge_findings",
    "budget_table",
    "monthly",
    "offset_findings",
    "offsets",
    "outlook",
    "status_exceptions",
    "trend",
    "variance",
    "variance_checks",
    "variance_findings",
    "version_bridge",
    "version_in_force",
]
