"""Execute notebooks with papermill, each in a process of its own with limits."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from bizlab.run.kernels.forks import ONE_THREAD, Forked, Forks, forking
from bizlab.run.kernels.preload import preloaded
from bizlab.run.parameters import Limits
from bizlab.run.progress import Progress

AT_ONCE = 2
_OWN = {"PYTHONHASHSEED": "0", "PYTHONIOENCODING": "utf-8", **ONE_THREAD}
_LOOK_AGAIN_SECONDS = 0.05
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Job:
    """A notebook to execute: its file, where the executed one goes, its parameters, its folder and its limits.

    Notebook and output lie within the project and are named from there: papermill fills parameters into
    whatever stands in braces in a path, and nobody knows how the folders above are called.
    """

    name: str
    notebook: Path
    output: Path
    parameters: Mapping[str, Any]
    project: Path
    results: Path
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class Executed:
    """How the execution of a notebook ended; ``problem`` is empty when it went well."""

    name: str
    output: Path
    seconds: float
    problem: str = ""


def execute_all(jobs: Sequence[Job], forks: Forks | None, *, progress: Progress) -> list[Executed]:
    """Execute notebooks, at most two at a time, in the order given; a failing one does not stop the others.

    When this is interrupted, the processes end with it.

    Parameters
    ----------
    forks : where their processes come from, see `processes_for`.
    """
    waiting: list[Job] = list(jobs)
    ended: dict[str, Executed] = {}
    with _none_left_behind() as running:
        while waiting or running:
            over = [notebook for notebook in running if notebook.is_over]
            for notebook in over:
                executed = ended[notebook.job.name] = notebook.end()
                running.remove(notebook)
                progress.ended(executed.name, seconds=executed.seconds, failed=bool(executed.problem))
            n_free = AT_ONCE - len(running) if waiting else 0
            for job in waiting[:n_free]:
                running.append(start(job, forks))
                waiting.remove(job)
            if running and (over or n_free):
                progress.tell({notebook.job.name: notebook.seconds for notebook in running})
            time.sleep(_LOOK_AGAIN_SECONDS)
    return [ended[job.name] for job in jobs]


@contextmanager
def processes_for(project: Path, notebooks: Sequence[Path]) -> Iterator[Forks | None]:
    """Where the processes of notebooks come from: a fork server that has imported what they import.

    Nothing where there is nothing to execute or processes cannot be forked; each is then started by itself.
    """
    if not notebooks:
        yield None
        return
    with forking(preloaded(notebooks), environment={**os.environ, **_OWN}, folder=project) as forks:
        yield forks


@contextmanager
def _none_left_behind() -> Iterator[list[Running]]:
    """A list of notebooks in execution; those that are still in it at the end are ended."""
    running: list[Running] = []
    try:
        yield running
    finally:
        for notebook in running:
            notebook.end()


@dataclass(frozen=True)
class Running:
    """A notebook that is being executed: its process, what holds it in life, what it says, and when it began."""

    job: Job
    process: subprocess.Popen[bytes] | Forked
    life: IO[bytes]
    said: IO[str]
    began: float

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    @property
    def is_over(self) -> bool:
        """Whether its process has ended, or has had its time."""
        return self.process.poll() is not None or self.seconds > self.job.limits.notebook_seconds

    def end(self) -> Executed:
        """How it ended; one that is still running is ended."""
        code = self.process.poll()
        if code is None:
            self.process.kill()
            self.process.wait()
        self.life.close()
        self.said.seek(0)
        lines = [line.strip() for line in _COLOURS.sub("", self.said.read()).splitlines() if line.strip()]
        self.said.close()
        if code is None:
            seconds = self.job.limits.notebook_seconds
            problem = f"it ran for more than {seconds} seconds and was ended: the limit notebook_seconds"
        elif code == 0:
            problem = ""
        else:
            problem = lines[-1] if lines else f"its process ended with code {code}"
        return Executed(self.job.name, self.job.output, self.seconds, problem)


def start(job: Job, forks: Forks | None) -> Running:
    """Start a notebook in a process of its own: a forked one, or where that cannot be one by itself."""
    order = {
        "input_path": job.notebook.relative_to(job.project).as_posix(),
        "output_path": job.output.relative_to(job.project).as_posix(),
        "parameters": dict(job.parameters),
        "cwd": ".",
        "limits": job.limits.model_dump(),
        "forks": forks.address if forks else "",
    }
    said = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115  closed when it ends
    orders, life = (os.fdopen(end, mode, buffering=0) for end, mode in zip(os.pipe(), ("rb", "wb"), strict=True))
    with orders, Path(os.devnull).open("wb") as nothing:
        files = (orders.fileno(), nothing.fileno(), said.fileno())
        process = _process(forks, {**os.environ, **_OWN, "BIZLAB_RESULTS": str(job.results)}, job.project, files)
    with suppress(BrokenPipeError):  # it has ended already, and says why
        life.write(json.dumps(order).encode() + b"\n")
    return Running(job, process, life, said, time.monotonic())


def _process(
    forks: Forks | None, environment: Mapping[str, str], folder: Path, files: tuple[int, int, int]
) -> subprocess.Popen[bytes] | Forked:
    if forks:
        with suppress(OSError):
            return forks.start("bizlab.run.papermill_job", environment=environment, folder=folder, files=files)
    stdin, stdout, stderr = files
    return subprocess.Popen(
        [sys.executable, "-m", "bizlab.run.papermill_job"],
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        env=environment,
        cwd=folder,
    )
