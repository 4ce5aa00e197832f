"""Reconciliation: from value added to the ledger's profit, and where the two books differ."""

from bizlab.analyses.amoeba.parameters import Accounting
from bizlab.run.analysis import Analysis


class Parameters(Accounting):
    """What the page may be asked for."""


ANALYSIS = Analysis(Parameters)
