"""Pages of customers: tags, grades, predictions, segments, models."""
