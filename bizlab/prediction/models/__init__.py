"""Fitted models and the records that they are fitted on."""
