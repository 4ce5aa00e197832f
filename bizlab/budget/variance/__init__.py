"""How far spending is from the budget in force, and what totals hide."""
