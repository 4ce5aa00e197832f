"""Kinds of customers found in a reference period and kept."""
