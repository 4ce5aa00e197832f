"""Data quality: what came in, what was kept, whether it agrees with the senders."""

from bizlab.run.analysis import Analysis
from bizlab.run.parameters import Common

ANALYSIS = Analysis(Common)
