"""Publication of a month: staged beside its place, then put there by renaming."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from bizlab.errors import RunError

RECORD = "run.json"


@contextmanager
def locked(reports: Path, month: str) -> Iterator[None]:
    """Hold the month; a second run of the same month is refused.

    Raises
    ------
    RunError : another run holds it.
    """
    reports.mkdir(parents=True, exist_ok=True)
    lock = FileLock(reports / f".{month}.lock", timeout=0)
    try:
        with lock:
            recover(reports, month)
            yield
    except Timeout as fault:
        raise RunError(
            f"Another run of {month} is going on",
            place=f"reports/.{month}.lock",
            way_out="wait until it has finished",
        ) from fault


def recover(reports: Path, month: str) -> None:
    """Put back what a run that was killed left aside, and remove what it left unfinished."""
    place, aside, staging = _places(reports, month)
    if aside.exists():
        if place.exists():
            shutil.rmtree(aside)
        else:
            aside.rename(place)
    if staging.exists():
        shutil.rmtree(staging)


def stage(reports: Path, month: str) -> Path:
    """An empty folder on the same file system as the place it will take."""
    staging = _places(reports, month)[2]
    staging.mkdir(parents=True)
    return staging


def publish(reports: Path, month: str) -> Path:
    """Put the staged month in its place.

    The record is the last file written, so a folder that holds one is complete. Everything is
    synced first. The older month steps aside by one rename and the new one takes its place by
    another; a crash between the two is mended by `recover`, which the next run starts with.
    """
    place, aside, staging = _places(reports, month)
    if not (staging / RECORD).is_file():
        raise RunError(
            "The staged month is not complete", place=f"reports/{staging.name}", way_out="run the month again"
        )
    for path in sorted(staging.rglob("*")):
        _sync(path)
    _sync(staging)
    if place.exists():
        place.rename(aside)
    staging.rename(place)
    _sync(reports)
    if aside.exists():
        shutil.rmtree(aside)
    return place


def _places(reports: Path, month: str) -> tuple[Path, Path, Path]:
    return reports / month, reports / f".{month}.aside", reports / f".{month}.staging"


def _sync(path: Path) -> None:
    if path.is_dir() and os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
