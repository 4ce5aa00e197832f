"""Allocation and exceptions: who bears what by which method, which records break a rule."""

from pydantic import Field, StrictInt

from bizlab.analyses.amoeba.parameters import Accounting
from bizlab.run.analysis import Analysis


class Parameters(Accounting):
    """What the page may be asked for."""

    books_close_days: StrictInt = Field(
        5, ge=0, description="月末后账簿开放天数 | days that the books of a month stay open"
    )


ANALYSIS = Analysis(Parameters)
