"""One language of conditions: a tree, its text, its truth, its words and its SQL."""
