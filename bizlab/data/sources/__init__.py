"""Readers: what systems export, as text with its place."""
