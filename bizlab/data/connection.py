"""How a connection of DuckDB is set: bounded, and the same everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def engine_settings(folder: Path) -> dict[str, Any]:
    """How DuckDB is set for a file in a folder."""
    return {
        "threads": 2,
        "memory_limit": "1500MB",
        "temp_directory": str(folder / "spill"),
        "preserve_insertion_order": False,
        "autoinstall_known_extensions": False,
    }
