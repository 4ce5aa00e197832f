"""What a month was made of: hashes of inputs, parameters, configuration, code and outputs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from bizlab.data.seals import sha256, tree_hash
from bizlab.run.settings import Settings
from bizlab.version import __version__

MANIFEST = "manifest.json"


def code_hash() -> str:
    """One hash over the library's source, templates included."""
    package = Path(__file__).parents[2]
    files = [path for path in package.rglob("*") if path.is_file() and path.suffix not in {".pyc", ".pyo"}]
    return tree_hash(files, root=package)


def libraries() -> dict[str, str]:
    """The versions of the libraries that bizlab computes with."""
    needed = [rule for rule in metadata.requires("bizlab") or [] if "extra ==" not in rule]
    names = [match[0] for rule in needed if (match := re.match(r"[\w.-]+", rule))]
    return {name: metadata.version(name) for name in sorted(names)}


def made_of(settings: Settings, seals: Mapping[str, str], *, configuration: Mapping[str, Path]) -> dict[str, Any]:
    """All that decides a month's outputs.

    Parameters
    ----------
    seals : SHA-256 of each input file, by path.
    configuration : the files of ``params/`` that analyses are configured by, by name.
    """
    return {
        "bizlab": __version__,
        "code": code_hash(),
        "libraries": libraries(),
        "parameters": {page.name: settings.of(page).model_dump(mode="json") for page in settings.pages},
        "configuration": {name: sha256(path) for name, path in sorted(configuration.items())},
        "inputs": dict(sorted(seals.items())),
        "notebooks": {page.name: sha256(page.notebook) for page in settings.pages},
    }


def outputs(folder: Path) -> dict[str, str]:
    """SHA-256 of every file of a staged month."""
    return {path.relative_to(folder).as_posix(): sha256(path) for path in sorted(folder.rglob("*")) if path.is_file()}


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """JSON with a fixed layout."""
    path.write_text(
        json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n", encoding="utf-8", newline="\n"
    )
