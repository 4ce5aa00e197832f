"""Customer tags: who the customers are, what they are worth, who is changing. The month's tags are kept for good."""

from bizlab.analyses.customers.parameters import Grading
from bizlab.analyses.customers.tags import keep_tags
from bizlab.run.analysis import Analysis
from bizlab.run.parameters import Confidence, MaterialAmount


class Parameters(Grading, Confidence, MaterialAmount):
    """What the page may be asked for."""


ANALYSIS = Analysis(Parameters, keep=keep_tags)
