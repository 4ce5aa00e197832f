"""What the made company's units, trades, budget and ledger hold."""
