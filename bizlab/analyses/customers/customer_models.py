"""The models of a month that sort customers: what kinds there are, and who is falling silent, in points."""

from bizlab.analyses.customers.parameters import Grading, Predicting
from bizlab.run.analysis import Analysis
from bizlab.run.parameters import MaterialAmount


class Parameters(Grading, Predicting, MaterialAmount):
    """What the page of customer models may be asked for."""


ANALYSIS = Analysis(Parameters)
