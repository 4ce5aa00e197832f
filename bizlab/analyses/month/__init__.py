"""Pages that collect what all others found."""
