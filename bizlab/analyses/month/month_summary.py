"""The month's summary: the findings of all pages, by weight."""

from bizlab.run.analysis import Analysis
from bizlab.run.parameters import Common

ANALYSIS = Analysis(Common)
