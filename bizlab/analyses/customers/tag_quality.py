"""Tag quality: whether tags can be used, whose changed, and by which fact or rule."""

from bizlab.analyses.customers.parameters import Grading, Horizon
from bizlab.run.analysis import Analysis


class Parameters(Grading, Horizon):
    """What the page may be asked for."""


ANALYSIS = Analysis(Parameters)
