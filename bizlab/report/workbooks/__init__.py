"""Workbooks and lists as finance keeps them."""
