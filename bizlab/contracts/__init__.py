"""What a table is, what its columns hold, what must add up; findings and checks rest on it."""
