"""Kinds of customers, fitted on a reference period and kept."""
