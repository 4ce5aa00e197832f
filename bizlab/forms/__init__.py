"""Blank daily forms of a month, as the project's own sources will read them."""
