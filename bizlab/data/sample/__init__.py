"""A made company as its systems export it: true tables, messy exports, and what is planted where."""

from bizlab.data.sample.exporting import write_exports, write_sample
from bizlab.data.sample.plant import Planted
from bizlab.data.sample.planted import planted
from bizlab.data.sample.scale import write_parquet
from bizlab.data.sample.truth import generate

__all__ = ["Planted", "generate", "planted", "write_exports", "write_parquet", "write_sample"]
