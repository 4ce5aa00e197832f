"""The exports of its systems, with their mess."""
