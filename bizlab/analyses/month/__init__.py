"""Pages that read the results that all others left behind."""
