"""What a month costs: cold, unchanged, after one change, and beside an earlier commit and plain papermill.

Everything runs in one go, in copies of the repository: this one, and one at the commit ``--base``, each with the
library of its own sources and the same Python. A repeat runs every case of both once, so that a busy moment meets all
alike; figures are medians over the repeats. Processor seconds and peak memory are those of the command and all that it
started (the peak is that of the largest). Run with ``python benchmarks/month.py [--base COMMIT] [--repeats 3]``; it
prints the table of ``docs/benchmarks.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
BASE = "c948e59"
"""The last commit without steps, kept pages and forked kernels."""
MONTH = "2026-10"
RUN = ["-m", "bizlab.cli", "run", MONTH]
FINE = (0, 1)
COLD, PLAIN = "the same at the commit before", "its notebooks one after another under plain papermill"


class Cost(NamedTuple):
    """Wall seconds, processor seconds, peak megabytes."""

    wall: float
    processor: float
    peak_mb: float


def timed(project: Path, *commands: list[str]) -> Cost:
    """The cost of some Python commands, one after another, in a project with the library of its own sources."""
    environment = os.environ | {"PYTHONPATH": str(project)}
    began, processor, peak = time.perf_counter(), 0.0, 0.0
    for command in commands:
        process = subprocess.Popen([sys.executable, *command], cwd=project, env=environment, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in FINE:
            raise SystemExit(f"{command} ended with {process.returncode} in {project}")
        processor += usage.ru_utime + usage.ru_stime
        peak = max(peak, usage.ru_maxrss / 1024)
    return Cost(time.perf_counter() - began, processor, peak)


def cold(project: Path) -> Cost:
    """A month of which nothing is kept."""
    for left in (".bizlab", "reports", "history"):
        shutil.rmtree(project / left, ignore_errors=True)
    return timed(project, RUN)


def papermill(project: Path) -> Cost:
    """Every notebook of the month by papermill itself; the warehouse is built by the first."""
    shutil.rmtree(project / ".bizlab", ignore_errors=True)
    notebooks = sorted(project.glob("notebooks/*/*.ipynb"), key=lambda path: path.name)
    given = ["--cwd", ".", "-f", f"params/{MONTH}.yaml"]
    (project / "build").mkdir(exist_ok=True)
    return timed(
        project,
        *(["-m", "papermill", str(path), f"build/{path.name}", "--no-progress-bar", *given] for path in notebooks),
    )


def one_file(project: Path) -> Cost:
    """One line more in an export of spending."""
    path = next((project / "data/sample/exports/budget").glob("actual_lines_2026*.csv"))
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines, lines[-1]]))
    return timed(project, RUN)


def one_notebook(project: Path) -> Cost:
    """One sentence more in a notebook."""
    path = project / "notebooks/budget/04_budget_variance.ipynb"
    content = json.loads(path.read_text("utf-8"))
    content["cells"].insert(2, {"cell_type": "markdown", "id": "more", "metadata": {}, "source": ["备注 | A note"]})
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return timed(project, RUN)


def cases(now: Path, base: Path) -> Iterator[tuple[str, Callable[[], Cost]]]:
    """What is measured, in an order in which each finds the month that it needs."""
    cli = ["-m", "bizlab.cli"]
    yield COLD, lambda: cold(base)
    yield PLAIN, lambda: papermill(base)
    yield "cold month", lambda: cold(now)
    yield "nothing changed", lambda: timed(now, RUN)
    yield "`bizlab explain 000105 value_grade`", lambda: timed(now, [*cli, "explain", "000105", "value_grade"])
    yield "`bizlab segment`", lambda: timed(now, [*cli, "segment", "overdue_value", "--to", "list.csv"])
    yield "`bizlab card 000105`", lambda: timed(now, [*cli, "card", "000105"])
    yield "all leaders' packs", lambda: timed(now, [*cli, "pack", MONTH])
    yield "one notebook changed", lambda: one_notebook(now)
    yield "one file changed", lambda: one_file(now)
    yield "one parameter of the budget changed", lambda: timed(now, [*RUN, "--set", "materiality_rate=0.06"])


def copied(commit: str, place: Path) -> Path:
    """The repository as of a commit."""
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(place)], check=True)
    subprocess.run(["git", "-C", str(place), "checkout", "--quiet", commit], check=True)
    return place


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", default=BASE)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", default="", help="words that the names of the cases to run hold, by commas")
    options = parser.parse_args()
    costs: dict[str, list[Cost]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for repeat in range(options.repeats):
            now, base = (
                copied(commit, Path(folder) / f"{n}{repeat}") for n, commit in enumerate(["HEAD", options.base])
            )
            for name, case in cases(now, base):
                if any(word in name for word in options.only.split(",")):
                    costs.setdefault(name, []).append(case())
                    print(f"{name}: {costs[name][-1]}", file=sys.stderr)
    medians = {
        name: Cost(*(statistics.median(part) for part in zip(*several, strict=True))) for name, several in costs.items()
    }
    print("| | wall s | processor s | of the month before | peak MB |\n|---|---|---|---|---|")
    whole = medians.get(COLD)
    for name, cost in medians.items():
        share = f"{cost.processor / whole.processor:.2f}" if whole else ""
        print(f"| {name} | {cost.wall:.1f} | {cost.processor:.1f} | {share} | {cost.peak_mb:.0f} |")


if __name__ == "__main__":
    main()
