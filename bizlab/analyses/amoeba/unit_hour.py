"""The unit-hour sheet: what each amoeba adds per hour, by day, week, month and plan, and what moved it."""

from pydantic import Field, StrictStr

from bizlab.analyses.amoeba.finance_workbook import finance_workbook_bytes
from bizlab.analyses.amoeba.leaders import Branch
from bizlab.analyses.amoeba.parameters import Accounting
from bizlab.report.words import WORDS
from bizlab.run.analysis import Analysis, Workbook
from bizlab.run.parameters import MaterialRate


class Parameters(Accounting, MaterialRate):
    """What the page may be asked for."""

    day: StrictStr | None = Field(
        None, description="日核算表的日期;空为最后工作日 | daily sheet's day; none: last working day"
    )


ANALYSIS = Analysis(
    Parameters,
    leader=Branch,
    workbook=Workbook("unit_hour.xlsx", WORDS["download_unit_hour"], finance_workbook_bytes),
)
