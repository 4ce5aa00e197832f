"""The company at any scale, as Parquet, made a block at a time so that memory stays bounded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import pandas as pd
import yaml

from bizlab.contracts.table import Table
from bizlab.sample.company.draws import SEED
from bizlab.sample.truth import generate
from bizlab.tables import TABLES

Frame: TypeAlias = pd.DataFrame
BLOCK = 10
"""Companies of the sample's size that are made at once."""
SHARED = ("channels", "units", "unit_parents", "allocation_rules", "transfer_prices", "budget_versions")
"""Tables that do not grow with the scale."""
ADDED = ("headcount", "drivers", "budget_lines", "unit_plans", "expense_plans", "trade_plans")
"""Tables whose rows stay and whose values add up, block by block."""


def write_parquet(folder: Path, *, scale: int = 1_000, seed: int = SEED, project_root: Path | None = None) -> Path:
    """Write the clean tables of a company ``scale`` times the sample's size.

    Parameters
    ----------
    folder : gets a folder for each table and ``sources.yaml``; existing parts are replaced.
    scale : 1 is the sample's size; 1,000 has three million companies and about 85 million hour records.
    seed : the same seed and scale give the same rows.
    project_root : what the paths in ``sources.yaml`` are relative to (default: the folder itself).

    Returns
    -------
    The path of ``sources.yaml``.
    """
    summed: dict[str, Frame] = {}
    for block, size in enumerate(_blocks(scale)):
        company = generate(seed, size, block=block)
        for name, frame in company.items():
            if name in ADDED:
                summed[name] = _added(summed.get(name), frame, TABLES[name])
            elif block == 0 or name not in SHARED:
                _write(frame, folder / name, part=block)
    for name, frame in summed.items():
        _write(frame, folder / name, part=0)
    return _write_sources(folder, project_root or folder)


def _blocks(scale: int) -> Iterator[int]:
    for done in range(0, scale, BLOCK):
        yield min(BLOCK, scale - done)


def _added(before: Frame | None, frame: Frame, contract: Table) -> Frame:
    """Values added by key; areas and fixed shares, which do not grow, keep their proportions."""
    if before is None:
        return frame
    both = pd.concat([before, frame], ignore_index=True)
    return contract.conform(both.groupby(list(contract.key), as_index=False, sort=False).sum())


def _write(frame: Frame, folder: Path, *, part: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    frame.to_parquet(folder / f"part-{part:04d}.parquet", index=False, compression="zstd")


def _write_sources(folder: Path, project_root: Path) -> Path:
    exports = folder.resolve().relative_to(project_root.resolve()).as_posix()
    tables = {name: _entry(contract) for name, contract in TABLES.items()}
    path = folder / "sources.yaml"
    path.write_text(
        yaml.safe_dump({"exports": exports, "tables": tables}, allow_unicode=True, sort_keys=False), encoding="utf-8"
    )
    return path


def _entry(contract: Table) -> dict[str, object]:
    """How to read a table's Parquet: money there is fen, time is minutes."""
    entry: dict[str, object] = {"files": f"{contract.name}/*.parquet", "format": "parquet"}
    units = {column.name: own.name for column in contract.columns for own in column.unit.row.sources if own.per == 1}
    return entry | ({"units": units} if units else {})
