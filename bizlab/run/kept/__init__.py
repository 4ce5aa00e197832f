"""What was made before and need not be made again: steps, pages, and by what they are known to be the same."""
