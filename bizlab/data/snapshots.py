"""Monthly snapshots that are kept and never rewritten."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pandas as pd

from bizlab.contracts.columns import code, column, table, text
from bizlab.errors import ContractError, SourceError

SNAPSHOT_DIFFERENCES = table(
    "snapshot_differences",
    "与留存快照的差异 | Differences from the kept snapshot",
    "每个有差异的列一行 | one row per column that differs",
    code("column", "列 | Column"),
    column("n_rows", "不同的行数 | Rows that differ"),
    text("example", "例 | Example"),
    text("kept", "留存值 | As kept", nullable=True),
    text("now", "现值 | Now", nullable=True),
    key="column",
)


@dataclass(frozen=True)
class Kept:
    """A kept snapshot: where it lies, whether it was kept just now, and how today's computation differs from it."""

    path: Path
    is_new: bool
    differences: pd.DataFrame


def keep_snapshot(folder: Path, name: str, frame: pd.DataFrame, *, key: str, about: Mapping[str, str]) -> Kept:
    """Keep a frame under a name, once and for all.

    A name that is kept already stays as it is, whatever is computed today: late records, corrections and changed
    rules show as differences. The file appears whole or not at all.

    Parameters
    ----------
    folder : where snapshots of this kind lie. name : such as ``2026-10``.
    frame : one row per ``key``.
    about : what the snapshot was made of, kept beside it with the file's SHA-256.

    Raises
    ------
    SourceError : the kept file is not the one that was sealed.
    """
    place = folder / f"{name}.parquet"
    if place.is_file():
        return Kept(place, False, _differences(load_snapshot(folder, name), frame, key))
    folder.mkdir(parents=True, exist_ok=True)
    buffer = BytesIO()
    frame.to_parquet(buffer, index=False, compression="zstd")
    content = buffer.getvalue()
    seal = {**about, "n_rows": str(len(frame)), "sha256": hashlib.sha256(content).hexdigest()}
    _create(_seal(place), (json.dumps(seal, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode())
    _create(place, content)
    return Kept(place, True, SNAPSHOT_DIFFERENCES.empty())


def load_snapshot(folder: Path, name: str) -> pd.DataFrame:
    """A kept snapshot, as it was kept; `SourceError` where there is none, or its content is not what was sealed."""
    place = folder / f"{name}.parquet"
    if not place.is_file():
        raise SourceError(
            f"No snapshot '{name}' was kept",
            place=folder.name,
            fix="run that month; a month that was never run cannot be looked up, only replayed",
        )
    content = place.read_bytes()
    sealed = json.loads(_seal(place).read_text("utf-8"))["sha256"] if _seal(place).is_file() else ""
    if hashlib.sha256(content).hexdigest() != sealed:
        raise SourceError(
            f"The snapshot '{name}' is not the one that was sealed",
            place=f"{folder.name}/{place.name}",
            fix="restore both files of it from a backup; snapshots are never rewritten",
        )
    return pd.read_parquet(BytesIO(content))


def _seal(place: Path) -> Path:
    return place.with_suffix(".json")


def _create(place: Path, content: bytes) -> None:
    """A file that appears whole; one that a killed run left without its partner is replaced by the same step."""
    unfinished = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(place)
    finally:
        unfinished.unlink(missing_ok=True)


def _differences(kept: pd.DataFrame, now: pd.DataFrame, key: str) -> pd.DataFrame:
    if kept[key].duplicated().any() or now[key].duplicated().any():
        raise ContractError(f"The key '{key}' repeats", place="snapshot", fix="hand over one row per key")
    both = sorted({*kept[key], *now[key]})
    old, new = (frame.set_index(key).reindex(both) for frame in (kept, now))
    rows = []
    for name in dict.fromkeys([*old.columns, *new.columns]):
        left, right = (
            frame[name].astype("object") if name in frame else pd.Series(None, index=both, dtype="object")
            for frame in (old, new)
        )
        off = (left != right) & ~(left.isna() & right.isna())
        if off.any():
            first = off.idxmax()
            rows.append(
                {
                    "column": name,
                    "n_rows": int(off.sum()),
                    "example": first,
                    "kept": None if pd.isna(left[first]) else str(left[first]),
                    "now": None if pd.isna(right[first]) else str(right[first]),
                }
            )
    return SNAPSHOT_DIFFERENCES.frame(rows)
