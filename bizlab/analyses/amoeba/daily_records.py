"""Daily records: whether records are timely, complete and accurate, who owes what."""

from pydantic import Field, StrictInt

from bizlab.run.analysis import Analysis
from bizlab.run.parameters import Common


class Parameters(Common):
    """What the page may be asked for."""

    acceptance_days: StrictInt = Field(
        1, ge=0, description="经营会计确认期限(天) | days for accounting to confirm a record"
    )


ANALYSIS = Analysis(Parameters)
