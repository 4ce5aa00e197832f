"""The HTML of an executed notebook, the index and the month's summary."""
