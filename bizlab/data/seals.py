"""Seals: the SHA-256 of every input, and one over all that decides what the warehouse holds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bizlab import data

READING = ("contracts", "data", "tables", "units")
"""Packages whose code decides what is read."""


@dataclass(frozen=True)
class Seal:
    """An input file as it was read: path within the project, size in bytes, SHA-256."""

    path: str
    n_bytes: int
    sha256: str


def seal(project: Path, paths: Iterable[Path]) -> list[Seal]:
    """Seals of files, in the order of their paths, each file once."""
    by_name = {path.relative_to(project.resolve()).as_posix(): path for path in paths}
    return [Seal(name, path.stat().st_size, sha256(path)) for name, path in sorted(by_name.items())]


def combined(seals: Sequence[Seal], settings: Iterable[Path]) -> str:
    """One hash over inputs, the settings by which they are read, where there are any, and the code that reads them."""
    package = Path(data.__file__).parent.parent
    rooms = [path for room in READING for path in (package / room).rglob("*") if path.suffix in {".py", ".yaml"}]
    whole = [f"{sealed.path}\0{sealed.sha256}\n" for sealed in seals]
    whole += [f"{path.name}\0{sha256(path) if path.is_file() else ''}\n" for path in settings]
    whole.append(tree_hash([*package.glob("*.py"), *rooms], root=package))
    return hashlib.sha256("".join(whole).encode()).hexdigest()


def second_deliveries(seals: Sequence[Seal]) -> dict[str, str]:
    """Files that are byte for byte another file: the longer name to the shorter."""
    by_content: dict[str, list[str]] = {}
    for sealed in seals:
        by_content.setdefault(sealed.sha256, []).append(sealed.path)
    ordered = [sorted(paths, key=lambda path: (len(path), path)) for paths in by_content.values()]
    return {other: first for first, *others in ordered for other in others}


def tree_hash(paths: Iterable[Path], *, root: Path) -> str:
    """One hash over files: their paths below ``root`` and their content, in the order of the paths."""
    whole = [f"{path.relative_to(root).as_posix()}\0{sha256(path)}\n" for path in sorted(paths)]
    return hashlib.sha256("".join(whole).encode()).hexdigest()


def sha256(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
