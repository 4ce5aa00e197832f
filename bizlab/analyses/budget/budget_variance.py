"""Budget variance: how far spending is from the budget, and what totals hide."""

from bizlab.run.analysis import Analysis
from bizlab.run.parameters import MaterialAmount, MaterialRate


class Parameters(MaterialRate, MaterialAmount):
    """What the page may be asked for."""


ANALYSIS = Analysis(Parameters)
