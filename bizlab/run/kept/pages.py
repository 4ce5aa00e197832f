"""Pages as they came out last, handed out again where all that they are made of is still the same."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from bizlab.data.seals import sha256
from bizlab.data.warehouse import Warehouse
from bizlab.report.long_tables import FOLDER as LONG
from bizlab.run.kept.code import MODULES, Code
from bizlab.run.kept.manifest import libraries, write_json
from bizlab.run.kept.reads import Reads
from bizlab.run.kernels.preload import imports_of
from bizlab.run.pages import Page
from bizlab.run.settings import Settings
from bizlab.run.tables import Tables

FOLDER = Path(".bizlab") / "pages"
ABOUT = "about.json"
_MACHINE = ("bizlab.run.month",)
"""What reads, shows and renders for every page."""


@dataclass(frozen=True)
class KeptPages:
    """The pages of a month as they were executed last.

    A page is kept by what it is made of before it reads anything: its notebook, its parameters, the code that both
    reach, the libraries. What it read on the way stands in its results, and is looked up again. A project's own page
    may read what nobody knows of, and is therefore never kept.

    Parameters
    ----------
    store : the tables as they are now.
    """

    settings: Settings
    store: Warehouse
    _keys: dict[str, str] = field(default_factory=dict)

    def take(self, page: Page, staging: Path) -> bool:
        """Put a kept page where a run stages it, where it would come out the same; whether it was."""
        place = self._place(page)
        if not page.analysis_path:
            return False
        try:
            about = json.loads((place / ABOUT).read_text("utf-8"))
            if about["key"] != self.key(page) or any(sha256(place / n) != seal for n, seal in about["files"].items()):
                return False
            results = json.loads((place / f"results/{page.stem}.json").read_text("utf-8"))
        except (OSError, ValueError, KeyError):
            return False
        reads = Reads(self.settings.project, Tables(self.store, self.settings.common))
        if not reads.still(results["provenance"]):
            return False
        for name in about["files"]:
            (staging / name).parent.mkdir(exist_ok=True)
            shutil.copyfile(place / name, staging / name)
        return True

    def keep(self, pages: Iterable[Page], staging: Path) -> None:
        """Keep pages as they are staged, in place of older ones; none where the disk is full or read-only.

        A page whose notebook or code was edited since the run asked for it is not kept.
        """
        now = KeptPages(self.settings, self.store)
        for page in pages:
            if now.key(page) == self.key(page):
                with suppress(OSError):
                    self._write(page, staging)

    def _write(self, page: Page, staging: Path) -> None:
        place, files = self._place(page), dict[str, str]()
        unfinished = place.with_name(f".{page.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        try:
            for path in _files(page, staging):
                name = path.relative_to(staging).as_posix()
                (unfinished / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, unfinished / name)
                files[name] = sha256(unfinished / name)
            write_json(unfinished / ABOUT, {"key": self.key(page), "files": files})
            shutil.rmtree(place, ignore_errors=True)
            unfinished.rename(place)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)

    def _place(self, page: Page) -> Path:
        return self.settings.project / FOLDER / str(self.settings.month) / page.name

    def key(self, page: Page) -> str:
        """What a page is made of before it reads anything, as it was when first asked for."""
        if page.name not in self._keys:
            self._keys[page.name] = self._made_of(page)
        return self._keys[page.name]

    def _made_of(self, page: Page) -> str:
        parts: dict[str, Any] = {
            "notebook": sha256(page.notebook),
            "parameters": self.settings.of(page).model_dump(mode="json"),
            "code": self._code.seal([*_MACHINE, *imports_of(page.notebook)]),
            "libraries": libraries(),
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    @cached_property
    def _code(self) -> Code:
        return Code(self.settings.project / MODULES)


def _files(page: Page, staging: Path) -> list[Path]:
    """What a run has staged of a page."""
    made = [staging / "notebooks" / page.notebook.name, staging / "results" / f"{page.stem}.json"]
    return [*made, *sorted(staging.glob(f"{page.stem}.*")), *sorted((staging / LONG).glob(f"{page.stem}.*"))]
