"""Reference pages made from what the code itself declares: input tables, parameters, rooms."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bizlab.contracts.column import Column
from bizlab.contracts.table import Table
from bizlab.labels import Label
from bizlab.run.pages import Page, pages
from bizlab.run.parameters import Common


def tables_page(tables: Mapping[str, Table]) -> str:
    """``docs/tables.md``: grain, key and columns of every input table, in both languages."""
    head = [
        "# Input tables",
        "",
        "Made from the contracts in `bizlab/data/tables/`; `python -m bizlab.cli.reference` writes it anew.",
        "Money is whole fen, time whole minutes once read; a source declares its own unit in `params/sources.yaml`.",
        "",
    ]
    parts = [line for table in tables.values() for line in _table(table)]
    return "\n".join([*head, *parts]).rstrip() + "\n"


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


def _table(table: Table) -> Iterator[str]:
    yield f"## `{table.name}` {_both(table.label)}"
    yield ""
    yield f"{table.system}; {_both(table.grain)}. Key: {', '.join(f'`{name}`' for name in table.key)}."
    if table.occurred:
        known = f", known at `{table.known_at}`" if table.known_at else ""
        yield f"Happened at `{table.occurred}`{known}."
    yield ""
    yield "| column | 名称 | name | holds | may be missing |"
    yield "|---|---|---|---|---|"
    for column in table.columns:
        missing = "yes" if column.nullable else ""
        yield f"| `{column.name}` | {column.label.zh} | {column.label.en} | {_holds(column)} | {missing} |"
    yield ""


def _holds(column: Column) -> str:
    words = column.choice_labels or {}
    return ", ".join(f"`{code}` {words[code].zh}" for code in column.choices) or column.unit.value


def _both(label: Label) -> str:
    return f"{label.zh} · {label.en}"


if __name__ == "__main__":
    from bizlab.data.tables import TABLES
    from bizlab.run.project import find_project

    docs = find_project() / "docs"
    (docs / "tables.md").write_text(tables_page(TABLES), encoding="utf-8")
    rules = tomllib.loads((docs.parent / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    (docs / "house.md").write_text(house_page(rules, docs.parent / "bizlab"), encoding="utf-8")
    (docs / "parameters.md").write_text(parameters_page(pages(find_project())), encoding="utf-8")
