"""Tiny notebooks for tests, their execution, and what is left of its processes."""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from bizlab.run.execute import AT_ONCE, Executed, Job, execute_all, processes_for
from bizlab.run.parameters import Limits
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
    limited = [replace(one, limits=limits or one.limits) for one in jobs]
    with processes_for(limited[0].project, [one.notebook for one in limited]) as forks:
        return execute_all(limited, forks, progress=progress)


def printed(done: Executed) -> str:
    """What the last cell printed."""
    return str(nbformat.read(done.output, as_version=4).cells[-1].outputs[0].text).rstrip("\n")


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and that nobody has asked about does not."""
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text("utf-8").rpartition(")")[2].split()[0] not in "ZX"


def gone(*pids: int, seconds: float = 20) -> bool:
    """Whether the processes end within so many seconds."""
    deadline = time.monotonic() + seconds
    while any(map(alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not any(map(alive, pids))
