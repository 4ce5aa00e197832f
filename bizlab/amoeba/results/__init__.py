"""What stands on a month's figures: the sheet, bridges, history, value chain, reconciliation."""
