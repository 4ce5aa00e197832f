"""Where the project lies, and paths that stay inside it."""

from __future__ import annotations

from pathlib import Path

from bizlab.errors import SettingError

MARK = Path("params") / "base.yaml"


def find_project(start: Path | None = None) -> Path:
    """The nearest folder at or above ``start`` that holds ``params/base.yaml``; `SettingError` where there is none."""
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / MARK).is_file():
            return folder
    raise SettingError(
        f"No project found: no folder at or above holds {MARK.as_posix()}",
        place=f"folder {here.name}",
        fix="change to the project's folder and try again",
    )
