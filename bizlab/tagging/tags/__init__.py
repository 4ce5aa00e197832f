"""The tags of every customer on a date, and how each came about."""
