"""Predictions: who converts, falls silent, renews, buys, and whether that beats a plain baseline."""

from bizlab.analyses.customers.parameters import Grading, Predicting
from bizlab.run.analysis import Analysis


class Parameters(Grading, Predicting):
    """What the page of predictions may be asked for."""


ANALYSIS = Analysis(Parameters)
