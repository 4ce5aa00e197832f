"""Readers: what systems export, as text with its place."""

from bizlab.data.sources.config import Sources, SourceSettings, load_sources
from bizlab.data.sources.read import RawTable, read_table

__all__ = ["RawTable", "SourceSettings", "Sources", "load_sources", "read_table"]
