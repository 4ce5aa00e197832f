"""History and value chain: how each unit fared, whether this month stands out, where value is added."""

from pydantic import Field, StrictStr

from bizlab.analyses.amoeba.leaders import Branch
from bizlab.analyses.amoeba.parameters import Allocation
from bizlab.run.analysis import Analysis
from bizlab.run.parameters import Confidence


class Parameters(Allocation, Confidence):
    """What the page may be asked for."""

    history_unit: StrictStr | None = Field(
        None, description="历史的单元;空为公司 | unit shown over time; none: the company"
    )
    history_from: StrictStr = Field(
        "2024-11", description="历史与预警基期的首月 | first month of history and warning limits"
    )
    limits_from: tuple[StrictStr, ...] = Field(
        (), description="预警基期重新开始的月份 | months when warning limits begin anew"
    )


ANALYSIS = Analysis(Parameters, leader=Branch)
