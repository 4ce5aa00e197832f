"""The accounts of the budget tests, in the order of their budget table: all are expenses."""

ACCOUNTS = dict.fromkeys(
    ("marketing", "management", "salaries", "travel", "training", "depreciation", "other"), "expense"
)
