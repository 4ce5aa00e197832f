"""The code that a step can reach: its module and all modules of the library imported from there, and their data."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from bizlab.data.seals import sha256
from bizlab.run.kernels.preload import imported_names

PACKAGE = Path(__file__).parents[2]
MODULES = Path(".bizlab") / "code.json"
"""Where a project remembers which modules a source imports, by the hash of the source."""
_MODULE = ".py"
_DATA = {".yaml", ".j2", ".css", ".js"}


class Code:
    """The library's sources as they were when this was made.

    Parameters
    ----------
    place : file that remembers what sources import; without one they are parsed. package : folder of the library.
    """

    def __init__(self, place: Path | None = None, *, package: Path = PACKAGE) -> None:
        self.package, self.place = package, place
        self._edited = _edited(package)
        self._hashes = {path: sha256(path) for path in self._edited}
        self._imports = _remembered(place)
        self._is_new = False

    @property
    def is_current(self) -> bool:
        """Whether no source has been edited, added or removed since, by sizes and times of change."""
        return _edited(self.package) == self._edited

    def seal(self, modules: Iterable[str]) -> str:
        """One hash over the sources that modules reach, and the data that lie beside them, or in a folder for data."""
        reached = self.reached(modules)
        folders = {path.parent for path in reached}
        beside = {path for path in self._hashes if path.suffix in _DATA and self._read_in(path) in folders}
        names = {path.relative_to(self.package).as_posix(): self._hashes[path] for path in reached | beside}
        return hashlib.sha256(json.dumps(names, sort_keys=True).encode()).hexdigest()

    def reached(self, modules: Iterable[str]) -> set[Path]:
        """The files of modules and of all that these import, one from another.

        The front of a package counts where it is imported itself, not where a module of the package is.
        """
        waiting, reached = list(modules), set[Path]()
        while waiting:
            path = self._file(waiting.pop())
            if path and path not in reached:
                reached.add(path)
                waiting += self._imported(path)
        self._remember()
        return reached

    def _file(self, module: str) -> Path | None:
        """The source of a module; a name within a module or a package's front counts as what it stands in."""
        package, *parts = module.split(".")
        if package != self.package.name:
            return None
        for n in range(len(parts), -1, -1):
            folder = self.package.joinpath(*parts[:n])
            for source in (folder.with_suffix(".py"), folder / "__init__.py"):
                if source in self._hashes:
                    return source
        return None

    def _read_in(self, data: Path) -> Path:
        """The folder of the modules that read a file of data."""
        folders = {path.parent for path in self._hashes if path.suffix == _MODULE}
        return next(folder for folder in data.parents if folder in folders or folder == self.package)

    def _imported(self, path: Path) -> list[str]:
        source = self._hashes[path]
        if source not in self._imports:
            self._imports[source] = sorted(set(imported_names(path.read_text("utf-8"))))
            self._is_new = True
        return self._imports[source]

    def _remember(self) -> None:
        if self.place is None or not self._is_new:
            return
        unfinished = self.place.with_suffix(f".{os.getpid()}")
        known = {source: self._imports[source] for source in self._hashes.values() if source in self._imports}
        with suppress(OSError):  # sources are then parsed again next time
            self.place.parent.mkdir(parents=True, exist_ok=True)
            unfinished.write_text(json.dumps(known), encoding="utf-8")
            unfinished.replace(self.place)
        self._is_new = False


def _edited(package: Path) -> dict[Path, tuple[int, int]]:
    """The sources of the library, each with its time of change and size."""
    paths = (path for path in package.rglob("*") if path.suffix in {_MODULE, *_DATA})
    return {path: (stat.st_mtime_ns, stat.st_size) for path in paths for stat in (path.stat(),)}


def _remembered(place: Path | None) -> dict[str, list[str]]:
    """What sources import, as it was remembered; nothing where the file is damaged or of another version."""
    try:
        known = dict(json.loads(place.read_text("utf-8"))) if place else {}
    except (OSError, ValueError, TypeError):
        return {}
    plain = all(isinstance(names, list) and all(isinstance(name, str) for name in names) for names in known.values())
    return known if plain else {}
