"""What was made, kept under keys: JSON, Parquet and an account of each entry; it may be deleted at any time.

Entries appear whole, by one rename, and are checked whenever they are read. Any number of processes may read; two that
write the same entry write the same, and the second gives way.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from filelock import FileLock

from bizlab.data.seals import sha256
from bizlab.run.kept.frames import read_frame, refuse_changed, write_frame
from bizlab.run.kept.packing import packed, unpacked

FOLDER = Path(".bizlab") / "steps"
LARGEST_BYTES = 2_000_000_000
_ABOUT, _VALUE = "about.json", "value.json"
_UNFINISHED_SECONDS = 24 * 3600
"""After this time whoever was writing an entry, or waited for it, is taken to have been killed."""


class Missing(Exception):  # noqa: N818  not an error: there is none yet
    """There is no such entry, or none that can be read."""


class Entry(NamedTuple):
    """What is kept of a step under a key, its size, and when it was made and used last, in seconds since 1970."""

    name: str
    key: str
    n_bytes: int
    made: float
    used: float


@dataclass(frozen=True)
class Store:
    """Values by name and key below a folder.

    Parameters
    ----------
    folder : of the store; made when first something is kept. largest : bytes beyond which the least used entries go.
    """

    folder: Path
    largest: int = LARGEST_BYTES

    def read(self, name: str, key: str) -> Any:
        """The value of an entry.

        Raises
        ------
        Missing : there is none, or it is damaged; a damaged one is removed.
        """
        place = self._place(name, key)
        if not place.is_dir():
            raise Missing(name)
        try:
            about = json.loads((place / _ABOUT).read_text("utf-8"))
            if any(sha256(place / file) != seal for file, seal in about["files"].items()):
                raise ValueError("a file is not as it was written")
            content = json.loads((place / _VALUE).read_text("utf-8"))
            value = unpacked(content["value"], _frames(place, content["layouts"]))
        except PermissionError:
            raise
        except Exception as fault:
            shutil.rmtree(place, ignore_errors=True)
            raise Missing(name) from fault
        with suppress(OSError):  # where nothing can be written, nothing is removed for its age either
            os.utime(place)
        return value

    def about(self, name: str, key: str) -> dict[str, Any]:
        """What is on record of an entry: what it was made of and the seconds it took; `Missing` where there is none."""
        try:
            return dict(json.loads((self._place(name, key) / _ABOUT).read_text("utf-8")))
        except (OSError, ValueError, TypeError) as fault:
            raise Missing(name) from fault

    def write(self, name: str, key: str, value: Any, about: Mapping[str, Any]) -> None:
        """Keep a value, unless another process has done so.

        Raises
        ------
        OSError : the disk is full or read-only, or another process was faster; nothing is kept.
        ContractError : a value that would not come back as it is.
        """
        place = self._place(name, key)
        unfinished = place.with_name(f".{key}.{os.getpid()}")
        frames: dict[str, pd.DataFrame] = {}
        content = packed(value, frames)
        try:
            unfinished.mkdir(parents=True, exist_ok=True)
            layouts = {number: write_frame(frame, _parquet(unfinished, number)) for number, frame in frames.items()}
            text = json.dumps({"value": content, "layouts": layouts})
            (unfinished / _VALUE).write_text(text, encoding="utf-8")
            _refuse_unlike(frames, unfinished)
            files = {path.name: sha256(path) for path in sorted(unfinished.iterdir())}
            account = json.dumps({**about, "files": files}, ensure_ascii=False)
            (unfinished / _ABOUT).write_text(account, encoding="utf-8")
            if not place.exists():
                unfinished.rename(place)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)

    @contextmanager
    def making(self, name: str, key: str) -> Iterator[None]:
        """Hold an entry while it is made, so that a second process waits for it instead of making it too."""
        lock = self._place(name, key).with_name(f".{key}.lock")
        try:
            lock.parent.mkdir(parents=True, exist_ok=True)
            held = FileLock(lock)
            held.acquire()
        except OSError:
            yield
            return
        try:
            yield
        finally:
            with suppress(OSError):
                lock.unlink()
            held.release()

    def remove_old(self) -> None:
        """Remove what was not used for the longest time until the rest is small enough, and what was never finished."""
        for left_behind in self.folder.glob("*/.*"):
            with suppress(OSError):
                if left_behind.stat().st_mtime < time.time() - _UNFINISHED_SECONDS:
                    shutil.rmtree(left_behind) if left_behind.is_dir() else left_behind.unlink()
        left = self.largest
        for entry in self.entries():
            left -= entry.n_bytes
            if left < 0:
                shutil.rmtree(self._place(entry.name, entry.key), ignore_errors=True)

    def entries(self, name: str = "*") -> list[Entry]:
        """The entries of a step, or of all, the latest used first."""
        entries = []
        for place in self.folder.glob(f"{name}/[0-9a-f]*"):
            with suppress(FileNotFoundError):  # another process has just removed it
                n_bytes = sum(file.stat().st_size for file in place.iterdir())
                made, used = ((place / _ABOUT).stat().st_mtime, place.stat().st_mtime)
                entries.append(Entry(place.parent.name, place.name, n_bytes, made, used))
        return sorted(entries, key=lambda entry: -entry.used)

    def _place(self, name: str, key: str) -> Path:
        return self.folder / name / key


def _parquet(place: Path, number: str) -> Path:
    return place / f"{number}.parquet"


def _frames(place: Path, layouts: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    return {number: read_frame(_parquet(place, number), layout) for number, layout in layouts.items()}


def _refuse_unlike(frames: Mapping[str, pd.DataFrame], place: Path) -> None:
    """Refuse a value that cannot be made again of what was written."""
    content = json.loads((place / _VALUE).read_text("utf-8"))
    back = _frames(place, content["layouts"])
    for number, frame in frames.items():
        refuse_changed(frame, back[number])
    unpacked(content["value"], back)
