"""Who is in a segment, how segments overlap and what tells them apart."""
