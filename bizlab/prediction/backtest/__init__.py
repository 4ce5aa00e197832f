"""What predictions were worth on dates whose outcome is known."""
