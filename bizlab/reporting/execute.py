"""Execute notebooks with papermill, each in a process of its own with a time limit."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

AT_ONCE = 2
NOTEBOOK_SECONDS = 600
CELL_SECONDS = 300
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Job:
    """A notebook to execute: its file, where the executed one goes, its parameters and its folder."""

    name: str
    notebook: Path
    output: Path
    parameters: Mapping[str, Any]
    project: Path
    results: Path


@dataclass(frozen=True)
class Executed:
    """How the execution of a notebook ended; ``problem`` is empty when it went well."""

    name: str
    output: Path
    seconds: float
    problem: str = ""


def execute_all(
    jobs: Sequence[Job], *, report: Callable[[str], None], usual: Mapping[str, float] | None = None
) -> list[Executed]:
    """Execute notebooks, at most two at a time, in the order given; a failing one does not stop the others.

    Parameters
    ----------
    report : takes a line of progress.
    usual : seconds that notebooks took before; where all that are left are known, the time left is told.
    """
    ended: dict[str, Executed] = {}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        waiting: dict[Future[Executed], Job] = {pool.submit(_timed, job, report): job for job in jobs}
        while waiting:
            finished, _ = wait(waiting, return_when=FIRST_COMPLETED)
            for future in finished:
                job, executed = waiting.pop(future), future.result()
                ended[job.name] = executed
                state = "failed" if executed.problem else "done"
                left = _left([other.name for other in waiting.values()], usual or {})
                report(f"[{len(ended)}/{len(jobs)}] {job.name} {state} after {executed.seconds:.0f} s{left}")
    return [ended[job.name] for job in jobs]


def _left(names: Sequence[str], usual: Mapping[str, float]) -> str:
    """About how long the rest takes; nothing is claimed where a duration is not known."""
    if not names or any(name not in usual for name in names):
        return ""
    longest, together = max(usual[name] for name in names), sum(usual[name] for name in names)
    return f", about {max(longest, together / AT_ONCE):.0f} s left"


def _timed(job: Job, report: Callable[[str], None]) -> Executed:
    report(f"{job.name} running")
    began = time.monotonic()
    problem = _execute(job)
    return Executed(job.name, job.output, time.monotonic() - began, problem)


def _execute(job: Job) -> str:
    """Run papermill in a process of its own; the words of what went wrong, or nothing."""
    order = {
        "input_path": str(job.notebook),
        "output_path": str(job.output),
        "parameters": dict(job.parameters),
        "cwd": str(job.project),
    }
    command = [sys.executable, "-m", "bizlab.reporting.papermill_job"]
    environment = os.environ | {"BIZLAB_RESULTS": str(job.results), "PYTHONHASHSEED": "0"}
    try:
        done = subprocess.run(  # noqa: S603  our own interpreter and module
            command,
            input=json.dumps(order),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=NOTEBOOK_SECONDS,
            env=environment,
            cwd=job.project,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"it ran for more than {NOTEBOOK_SECONDS} seconds and was ended"
    if done.returncode == 0:
        return ""
    lines = [line for line in _COLOURS.sub("", done.stderr).strip().splitlines() if line.strip()]
    return lines[-1] if lines else f"its process ended with code {done.returncode}"
