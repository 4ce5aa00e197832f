"""The code that a step can reach: its module and all modules of the library imported from there, and their data."""

from __future__ import annotations

import ast
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from bizlab.data.seals import sha256

PACKAGE = Path(__file__).parents[2]


class Code:
    """The library's sources as they are on disk now.

    Parameters
    ----------
    place : file that remembers which modules a source imports, by the hash of the source; none remembers nothing.
    package : folder of the library.
    """

    def __init__(self, place: Path | None = None, *, package: Path = PACKAGE) -> None:
        self.package, self.place = package, place
        self._hashes: dict[Path, str] = {}
        self._imports: dict[str, list[str]] = _remembered(place)
        self._is_new = False

    def seal(self, modules: Iterable[str]) -> str:
        """One hash over the sources that modules reach, and the YAML files that lie beside them."""
        reached = self.reached(modules)
        folders = {path.parent for path in reached}
        files = sorted({*reached, *(path for folder in folders for path in folder.glob("*.yaml"))})
        whole = "".join(f"{path.relative_to(self.package).as_posix()}\0{self._hash(path)}\n" for path in files)
        return hashlib.sha256(whole.encode()).hexdigest()

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
                if source.is_file():
                    return source
        return None

    def _imported(self, path: Path) -> list[str]:
        source = self._hash(path)
        if source not in self._imports:
            self._imports[source] = sorted(_imports(path.read_text("utf-8"), self.package.name))
            self._is_new = True
        return self._imports[source]

    def _hash(self, path: Path) -> str:
        if path not in self._hashes:
            self._hashes[path] = sha256(path)
        return self._hashes[path]

    def _remember(self) -> None:
        if self.place is None or not self._is_new:
            return
        unfinished = self.place.with_suffix(f".{os.getpid()}")
        with suppress(OSError):  # the sources are then read anew next time
            self.place.parent.mkdir(parents=True, exist_ok=True)
            unfinished.write_text(
                json.dumps({hash_: self._imports[hash_] for hash_ in self._hashes.values() if hash_ in self._imports}),
                encoding="utf-8",
            )
            unfinished.replace(self.place)
        self._is_new = False


def _remembered(place: Path | None) -> dict[str, list[str]]:
    try:
        return dict(json.loads(place.read_text("utf-8"))) if place else {}
    except (OSError, ValueError):
        return {}


def _imports(text: str, package: str) -> set[str]:
    """The modules of the package that a source imports, wherever in it."""
    return {name for name in imported_names(text) if name.split(".")[0] == package}


def imported_names(text: str) -> Iterator[str]:
    """What a source imports, wherever in it: modules, and names with the module they come from."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
