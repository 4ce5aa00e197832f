"""Intervals, tests, control charts and binning that domains share; no domain words."""
