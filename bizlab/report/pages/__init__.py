"""The HTML of an executed notebook, its tables included, the index and the month's summary."""
