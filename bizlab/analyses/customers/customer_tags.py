"""Customer tags: who the customers are, what they are worth, who is changing. The month's tags are kept for good."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bizlab.analyses.customers.parameters import Grading
from bizlab.run.analysis import Analysis
from bizlab.run.parameters import Confidence, MaterialAmount

if TYPE_CHECKING:
    from bizlab.run.session import Run


class Parameters(Grading, Confidence, MaterialAmount):
    """What the page may be asked for."""


def _keep(run: Run, report: Callable[[str], None]) -> None:
    from bizlab.analyses.customers.tags import keep_tags  # reading a page's parameters needs no tags

    keep_tags(run, report)


ANALYSIS = Analysis(Parameters, keep=_keep)
