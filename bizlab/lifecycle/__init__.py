"""Customer lifecycle: where companies stand, how they move, and where they are lost."""

from bizlab.lifecycle.funnel.cohort import cohort
from bizlab.lifecycle.funnel.comparison import COHORTS, FUNNEL_COMPARISON, cohorts, compare_months, month_findings
from bizlab.lifecycle.funnel.conversion import CONVERSION, conversion, conversion_findings
from bizlab.lifecycle.funnel.funnel import FUNNEL, OF_ALL, OF_SEGMENTS, funnel, funnel_checks, leak_findings
from bizlab.lifecycle.stages.exceptions import (
    EXCEPTION_COUNTS,
    EXCEPTIONS,
    exception_checks,
    exception_counts,
    exception_findings,
    exceptions,
)
from bizlab.lifecycle.stages.flow import STAGE_FLOW, STAGE_STOCK, companies_known, flows, stock, stock_checks
from bizlab.lifecycle.stages.milestones import SEGMENT, milestones, with_segment
from bizlab.lifecycle.stages.stages import Stages, read_stages
from bizlab.lifecycle.stages.staging import ENTRIES, Records, entries
from bizlab.lifecycle.stages.standing import (
    STANDING,
    STUCK,
    standing,
    standing_checks,
    stuck,
    stuck_findings,
    typical_order_fen,
)

__all__ = [
    "COHORTS",
    "CONVERSION",
    "ENTRIES",
    "EXCEPTIONS",
    "EXCEPTION_COUNTS",
    "FUNNEL",
    "FUNNEL_COMPARISON",
    "OF_ALL",
    "OF_SEGMENTS",
    "SEGMENT",
    "STAGE_FLOW",
    "STAGE_STOCK",
    "STANDING",
    "STUCK",
    "Records",
    "Stages",
    "cohort",
    "cohorts",
    "companies_known",
    "compare_months",
    "conversion",
    "conversion_findings",
    "entries",
    "exception_checks",
    "exception_counts",
    "exception_findings",
    "exceptions",
    "flows",
    "funnel",
    "funnel_checks",
    "leak_findings",
    "milestones",
    "month_findings",
    "read_stages",
    "standing",
    "standing_checks",
    "stock",
    "stock_checks",
    "stuck",
    "stuck_findings",
    "typical_order_fen",
    "with_segment",
]
