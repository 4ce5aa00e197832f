"""What tags there are, by which rules and versions, in words."""
