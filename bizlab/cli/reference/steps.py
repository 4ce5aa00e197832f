"""The page of steps: what each is, what it reads, and which is made of which."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any

from bizlab import analyses
from bizlab.run.kept.step import STEPS, Step

_READS = {"tables": "tables", "config": "settings", "lists": "lists", "parameters": "parameters"}
_HEAD = """# Steps

What several pages and commands need is made once and kept under a key of all that it is made of: the rows of its tables
up to its day, settings, parameters, the code that it reaches, the libraries. `bizlab steps` lists what is kept, what it
cost and why it was made again; `.bizlab/` may be deleted at any time. Written by `python -m bizlab.cli.reference`.

```mermaid
graph LR
"""


def declared_steps() -> list[Step[Any]]:
    """All steps of the library's analyses, module by module."""
    modules = [module.name for module in pkgutil.walk_packages(analyses.__path__, f"{analyses.__name__}.")]
    ending = [import_module(name).__name__ for name in modules if name.endswith("steps")]
    return [step for name in ending for step in STEPS.values() if step.module == name]


def steps_page(steps: Iterable[Step[Any]]) -> str:
    """The page in Markdown, with a drawing in Mermaid."""
    return "\n".join(_lines(list(steps)))


def _lines(steps: list[Step[Any]]) -> Iterator[str]:
    yield from _HEAD.splitlines()
    for step in steps:
        yield f"  {step.name}"
        yield from (f"  {used.name} --> {step.name}" for used in step.uses)
    yield "```"
    for step in steps:
        yield ""
        yield f"**`{step.name}`** ({step.module.removeprefix('bizlab.')}). {inspect.getdoc(step.make)}"
        reads = [f"{words} {_listed(step.reads(what))}" for what, words in _READS.items() if step.reads(what)]
        yield f"Reads {'; '.join(reads)}."
    yield ""


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
