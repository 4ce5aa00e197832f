"""What a column holds, and the one conversion from the text of an export."""
