"""Scores in points: bins, weights, reasons."""
