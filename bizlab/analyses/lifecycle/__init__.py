"""The page of the customer lifecycle."""
