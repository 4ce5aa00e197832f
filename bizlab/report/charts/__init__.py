"""Charts as drawings in both languages; the only place that knows Altair."""
