"""Tiny notebooks for tests, and their execution."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from bizlab.run.execute import AT_ONCE, Executed, Job, Limits, execute_all
from bizlab.run.progress import Progress


def job(folder: Path, name: str, *sources: str, **parameters: Any) -> Job:
    """A notebook of the given cells after a cell of parameters, ready to be executed."""
    cells = [new_code_cell("a = 1", metadata={"tags": ["parameters"]}), *map(new_code_cell, sources)]
    path = folder / f"{name}.ipynb"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    return Job(name, path, folder / f"{name}.out.ipynb", parameters, folder, folder)


def executed(*jobs: Job, said: list[str] | None = None, limits: Limits | None = None) -> Sequence[Executed]:
    """How the jobs end; what is told on the way is appended to ``said``."""
    say = ([] if said is None else said).append
    progress = Progress([one.name for one in jobs], last={}, at_once=AT_ONCE, say=say)
    return execute_all(jobs, progress=progress, limits=limits)


def printed(done: Executed) -> str:
    """What the last cell printed."""
    return str(nbformat.read(done.output, as_version=4).cells[-1].outputs[0].text).rstrip("\n")
