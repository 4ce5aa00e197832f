"""Reference of parameters and rooms."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bizlab.run.pages import Page
from bizlab.run.parameters import Common, Described, Limits


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
    every: dict[str, type[Described]] = dict.fromkeys(Limits.model_fields, Limits)
    for page in listed:
        every |= dict.fromkeys(models[page.name].model_fields, models[page.name])
    for name in sorted(every, key=lambda name: (name not in Common.model_fields, name)):
        field, words = every[name].model_fields[name], every[name].words(name)
        default = "required" if field.is_required() else f"`{field.default}`"
        having = ", ".join(page for page, model in models.items() if name in model.model_fields)
        pages_with = "all" if name in Common.model_fields else having or "none: what a run allows each notebook"
        lines.append(f"| `{name}` | {default} | {words.zh} | {words.en} | {pages_with} |")
    return "\n".join(lines) + "\n"


def house_page(contracts: Sequence[Mapping[str, Any]], root: Path) -> str:
    """``docs/house.md``: every room, its one sentence and what it may import.

    Parameters
    ----------
    contracts : import-linter's, as ``pyproject.toml`` has them. root : folder of the library.
    """
    by_id = {contract["id"]: contract for contract in contracts}
    layers = [re.findall(r"\w+", layer) for layer in by_id["house"]["layers"]]
    strangers, forbidden = by_id["strangers"]["source_modules"], ", ".join(by_id["domains"]["forbidden_modules"])
    domains = [name.removeprefix("bizlab.") for name in by_id["domains"]["source_modules"]]
    lines = [
        "# The house",
        "",
        "Rooms of `bizlab` from the top down: a room imports rooms of the levels below, none beside it.",
        "Levels and imports are the rules in `pyproject.toml`, a sentence is the first line of the room itself;",
        "`python -m bizlab.cli.reference` writes this page anew.",
        "",
        f"The domains are {', '.join(domains)}: they do not know one another,",
        "and what joins two of them stands in `analyses`, in the group of the question that the page answers.",
        f"No domain imports {forbidden}.",
        "",
        "| level | room | what it is | imports |",
        "|---:|---|---|---|",
    ]
    for level, beside in enumerate(layers, start=1):
        for room in beside:
            below = "nothing" if level == len(layers) else "all below"
            hidden = " but the domains" if f"bizlab.{room}" in strangers else ""
            lines.append(f"| {level} | `{room}` | {_sentence(root / room)} | {below}{hidden} |")
    lines += ["", "## Rooms within rooms", "", "| room | what it is | imports of the same house |", "|---|---|---|"]
    for name in (room for beside in layers for room in beside):
        subs = sorted(path.parent.name for path in (root / name).glob("*/__init__.py"))
        inner = [re.findall(r"\w+", layer) for layer in by_id[name]["layers"]] if name in by_id else [subs]
        for level, beside in enumerate(inner, start=1):
            below = " ".join(room for lower in inner[level:] for room in lower) or "nothing"
            lines += [
                f"| `{name}.{room}` | {_sentence(root / name / room)} | {below if name in by_id else 'any'} |"
                for room in beside
            ]
    return "\n".join(lines) + "\n"


def _sentence(room: Path) -> str:
    """The first line of a package's or module's own description."""
    path = room / "__init__.py" if room.is_dir() else room.with_suffix(".py")
    description = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    return description.splitlines()[0] if description else ""
