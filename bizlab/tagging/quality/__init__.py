"""Whether tags can be used, hold still, and tell something."""
