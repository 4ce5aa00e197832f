"""What is planted in them, with its true value."""
