"""Who went on from stage to stage, and how that compares."""
