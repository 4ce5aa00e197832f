"""Units of measure of columns (money, hours, energy), and the one conversion from the text of an export."""
