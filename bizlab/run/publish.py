"""Publication of a month: staged beside its place, then put there by renaming."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from bizlab.errors import RunError

RECORD = "run.json"


@contextmanager
def locked(reports: Path, month: str) -> Iterator[None]:
    """Hold the month; a second run of it is refused (`RunError`), and nothing half-written is left."""
    reports.mkdir(parents=True, exist_ok=True)
    holder = reports / f".{month}.holder"
    lock = FileLock(reports / f".{month}.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as fault:
        who = holder.read_text("utf-8") if holder.is_file() else "a process that is just starting"
        raise RunError(
            f"Another run of {month} is going on: {who}",
            place=f"reports/.{month}.lock",
            fix="wait until it has finished",
        ) from fault
    try:
        holder.write_text(
            f"process {os.getpid()}, since {datetime.now().astimezone():%Y-%m-%d %H:%M}", encoding="utf-8"
        )
        recover(reports, month)
        yield
    finally:
        recover(reports, month)
        holder.unlink(missing_ok=True)
        lock.release()


def recover(reports: Path, month: str) -> None:
    """Put back what a run that failed or was killed left aside, and remove what it left unfinished."""
    place, aside, staging = _places(reports, month)
    if aside.exists() and not place.exists():
        aside.rename(place)
    for unfinished in (aside, staging):
        shutil.rmtree(unfinished, ignore_errors=True)


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

    Raises
    ------
    RunError : the staged month is not complete, or a file of the older one is held open by another program.
    """
    place, aside, staging = _places(reports, month)
    if not (staging / RECORD).is_file():
        raise RunError("The staged month is not complete", place=f"reports/{staging.name}", fix="run the month again")
    for path in sorted(staging.rglob("*")):
        _sync(path)
    _sync(staging)
    try:
        if place.exists():
            place.rename(aside)
        staging.rename(place)
    except OSError as fault:
        raise RunError(
            f"The month cannot take its place: {fault.strerror}",
            place=f"reports/{month}",
            fix="close what is open of this month, such as its workbook, and run it again",
        ) from fault
    _sync(reports)
    shutil.rmtree(aside, ignore_errors=True)
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
