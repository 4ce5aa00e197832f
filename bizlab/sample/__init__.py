"""A made company as its systems export it: true tables, messy exports, and what is planted where."""

from bizlab.sample.exporting import write_exports, write_sample
from bizlab.sample.planted.plant import Planted
from bizlab.sample.planted.planted import planted
from bizlab.sample.scale import write_parquet
from bizlab.sample.truth import generate

__all__ = ["Planted", "generate", "planted", "write_exports", "write_parquet", "write_sample"]
