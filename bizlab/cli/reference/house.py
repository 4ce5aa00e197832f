"""Reference of parameters and rooms."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bizlab.run.pages import Page
from bizlab.run.parameters import Common


def parameters_page(listed: Sequence[Page]) -> str:
    """``docs/parameters.md``: every parameter with its default and the pages that have it."""
    lines = [
        "# Parameters",
        "",
        "Set in `params/base.yaml` for every month, in `params/<month>.yaml` for one, or with `--set name=value`.",
        "Made from the pages' models in `bizlab/analyses/`; `python -m bizlab.cli.reference` writes it anew.",
        "",
        "| name | default | 含义 | meaning | pages |",
        "|---|---|---|---|---|",
    ]
    models: dict[str, type[Common]] = {page.name: page.analysis.parameters for page in listed}
    every: dict[str, type[Common]] = {}
    for page in listed:
        every |= dict.fromkeys(models[page.name].model_fields, models[page.name])
    for name in sorted(every, key=lambda name: (name not in Common.model_fields, name)):
        field, words = every[name].model_fields[name], every[name].words(name)
        default = "required" if field.is_required() else f"`{field.default}`"
        pages_with = "all" if name in Common.model_fields else ", ".join(_with(name, models))
        lines.append(f"| `{name}` | {default} | {words.zh} | {words.en} | {pages_with} |")
    return "\n".join(lines) + "\n"


def _with(name: str, models: Mapping[str, type[Common]]) -> list[str]:
    return [page for page, model in models.items() if name in model.model_fields]


def house_page(contracts: Sequence[Mapping[str, Any]], root: Path) -> str:
    """``docs/house.md``: every room, its one sentence and what it may import.

    Parameters
    ----------
    contracts : import-linter's, as ``pyproject.toml`` has them. root : folder of the library.
    """
    lines = [
        "# The house",
        "",
        "Rooms from the top down: each may import those below it, and none beside it. Made from the import rules in",
        "`pyproject.toml` and the first line of every room; `python -m bizlab.cli.reference` writes it anew.",
        "",
        "| room | what it is | imports |",
        "|---|---|---|",
    ]
    by_id = {one["id"]: one for one in contracts}
    house, strangers = by_id["house"], by_id["strangers"]
    domains = {name.removeprefix("bizlab.") for name in strangers["forbidden_modules"]}
    rooms = [re.findall(r"\w+", layer) for layer in house["layers"]]
    for number, beside in enumerate(rooms):
        below = [room for lower in rooms[number + 1 :] for room in lower]
        for room in beside:
            hidden = domains if f"bizlab.{room}" in strangers["source_modules"] else set()
            imports = " ".join(one for one in below if one not in hidden) or "nothing"
            lines.append(f"| `{room}` | {_sentence(root / room)} | {imports} |")
    forbidden = ", ".join(by_id["domains"]["forbidden_modules"])
    lines += ["", f"No domain imports {forbidden}: files, connections and drawings stand elsewhere.", ""]
    lines += ["## Rooms within rooms", "", "| room | what it is | and of its neighbours |", "|---|---|---|"]
    for name in (room for beside in rooms for room in beside):
        subs = sorted(path.parent.name for path in (root / name).glob("*/__init__.py"))
        layers = [re.findall(r"\w+", layer) for layer in by_id.get(name, {"layers": [" ".join(subs)]})["layers"]]
        for number, beside in enumerate(layers):
            neighbours = " ".join(room for lower in layers[number + 1 :] for room in lower)
            lines += [f"| `{name}.{room}` | {_sentence(root / name / room)} | {neighbours} |" for room in beside]
    return "\n".join(lines) + "\n"


def _sentence(room: Path) -> str:
    """The first line of a package's or module's own description."""
    path = room / "__init__.py" if room.is_dir() else room.with_suffix(".py")
    description = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    return description.splitlines()[0] if description else ""
