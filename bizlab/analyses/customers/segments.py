"""Segments: who needs the same thing, how segments overlap, what tells them apart."""

from pydantic import Field, StrictStr

from bizlab.analyses.customers.parameters import Grading
from bizlab.run.analysis import Analysis
from bizlab.run.parameters import Confidence, MaterialAmount


class Parameters(Grading, Confidence, MaterialAmount):
    """What the page may be asked for."""

    segment: StrictStr | None = Field(
        None, description="细看的客群;空为第一个 | segment that is profiled; none: the first"
    )


ANALYSIS = Analysis(Parameters)
