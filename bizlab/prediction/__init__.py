"""Predictions about customers: buying, value, renewal, churn, and the backtests that say what they are worth."""
