"""The card of one customer: every tag with how it came about, history, orders, contacts."""

from pydantic import Field, StrictStr

from bizlab.analyses.customers.parameters import Grading, Predicting
from bizlab.run.analysis import Analysis


class Parameters(Grading, Predicting):
    """What the page may be asked for."""

    customer: StrictStr | None = Field(
        None, description="企业编号;空为年采购最多者 | company id; none: largest buyer of a year"
    )


ANALYSIS = Analysis(Parameters)
