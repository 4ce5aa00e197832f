"""Applications, published rules, the value grade and its movement."""
