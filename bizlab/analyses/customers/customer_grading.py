"""Customer grading: applications, whether grades hold, who should be regraded."""

from bizlab.run.analysis import Analysis
from bizlab.run.parameters import Confidence, MaterialAmount


class Parameters(Confidence, MaterialAmount):
    """What the page may be asked for."""


ANALYSIS = Analysis(Parameters)
