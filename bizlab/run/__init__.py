"""Executes notebooks and publishes their pages: parameters, sessions, months; knows no domain."""
