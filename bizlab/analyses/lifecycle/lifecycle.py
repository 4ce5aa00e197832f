"""Customer lifecycle: where companies stand, where the funnel leaks, who is stuck."""

from typing import Literal

from pydantic import Field, StrictInt

from bizlab.run.analysis import Analysis
from bizlab.run.parameters import Confidence, MaterialRate


class Parameters(Confidence, MaterialRate):
    """What the page may be asked for."""

    funnel_by: Literal["channel", "industry", "region"] = Field(
        "channel", description="漏斗的分组 | what the funnel is split by"
    )
    stuck_days: StrictInt = Field(
        90, gt=0, description="停留超过多少天算滞留 | stuck after more days in a stage than this"
    )


ANALYSIS = Analysis(Parameters)
