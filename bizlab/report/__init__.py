"""Renders what it is given: frozen results as pages, workbooks, charts and JSON; knows no domain."""
