"""Execute notebooks with papermill, each in a process of its own with time limits."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from bizlab.run.progress import Progress

AT_ONCE = 2
_LOOK_AGAIN_SECONDS = 0.05
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Job:
    """A notebook to execute: its file, where the executed one goes, its parameters and its folder.

    Notebook and output lie within the project and are named from there: papermill fills parameters into
    whatever stands in braces in a path, and nobody knows how the folders above are called.
    """

    name: str
    notebook: Path
    output: Path
    parameters: Mapping[str, Any]
    project: Path
    results: Path


@dataclass(frozen=True)
class Limits:
    """How long a notebook and one of its cells may take."""

    notebook_seconds: float = 600
    cell_seconds: int = 300


@dataclass(frozen=True)
class Executed:
    """How the execution of a notebook ended; ``problem`` is empty when it went well."""

    name: str
    output: Path
    seconds: float
    problem: str = ""


@dataclass(frozen=True)
class _Running:
    """A notebook that is being executed: its process, what it says, and when it began."""

    job: Job
    process: subprocess.Popen[str]
    said: IO[str]
    began: float

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began


def execute_all(jobs: Sequence[Job], *, progress: Progress, limits: Limits | None = None) -> list[Executed]:
    """Execute notebooks, at most two at a time, in the order given; a failing one does not stop the others.

    When this is interrupted, the processes end with it.
    """
    within = limits or Limits()
    waiting: list[Job] = list(jobs)
    ended: dict[str, Executed] = {}
    with _processes() as running:
        while waiting or running:
            over = [
                notebook
                for notebook in running
                if notebook.process.poll() is not None or notebook.seconds > within.notebook_seconds
            ]
            for notebook in over:
                executed = ended[notebook.job.name] = _end(notebook, within)
                running.remove(notebook)
                progress.ended(executed.name, seconds=executed.seconds, failed=bool(executed.problem))
            n_free = AT_ONCE - len(running) if waiting else 0
            for job in waiting[:n_free]:
                running.append(_start(job, within))
                waiting.remove(job)
            if running and (over or n_free):
                progress.tell({notebook.job.name: notebook.seconds for notebook in running})
            time.sleep(_LOOK_AGAIN_SECONDS)
    return [ended[job.name] for job in jobs]


@contextmanager
def _processes() -> Iterator[list[_Running]]:
    """A list of processes of which none is left behind."""
    running: list[_Running] = []
    try:
        yield running
    finally:
        for notebook in running:
            notebook.process.kill()
            notebook.process.wait()


def _start(job: Job, limits: Limits) -> _Running:
    order = {
        "input_path": job.notebook.relative_to(job.project).as_posix(),
        "output_path": job.output.relative_to(job.project).as_posix(),
        "parameters": dict(job.parameters),
        "cwd": ".",
        "execution_timeout": limits.cell_seconds,
    }
    own = {"BIZLAB_RESULTS": str(job.results), "PYTHONHASHSEED": "0", "PYTHONIOENCODING": "utf-8"}
    said = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115  closed by _end
    process = subprocess.Popen(
        [sys.executable, "-m", "bizlab.run.papermill_job"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=said,
        text=True,
        encoding="utf-8",
        env=os.environ | own,
        cwd=job.project,
    )
    if process.stdin:
        process.stdin.write(json.dumps(order) + "\n")
        process.stdin.flush()
    return _Running(job, process, said, time.monotonic())


def _end(notebook: _Running, limits: Limits) -> Executed:
    """How it ended; a notebook that is still running has had its time."""
    code = notebook.process.poll()
    if code is None:
        notebook.process.kill()
        notebook.process.wait()
    if notebook.process.stdin:
        notebook.process.stdin.close()
    notebook.said.seek(0)
    lines = [line.strip() for line in _COLOURS.sub("", notebook.said.read()).splitlines() if line.strip()]
    notebook.said.close()
    if code is None:
        problem = f"it ran for more than {limits.notebook_seconds:g} seconds and was ended"
    elif code == 0:
        problem = ""
    else:
        problem = lines[-1] if lines else f"its process ended with code {code}"
    return Executed(notebook.job.name, notebook.job.output, notebook.seconds, problem)
