"""Whether daily records are timely, complete and accurate, and who owes what."""
