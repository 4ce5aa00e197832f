"""The run of a month, from sealed inputs to published reports."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat

from bizlab.checks import Check
from bizlab.data import warehouse
from bizlab.errors import RunError, SettingError, some
from bizlab.periods import Month
from bizlab.reporting import codec
from bizlab.reporting.analyses import ANALYSES, Analysis, analysis
from bizlab.reporting.body import results_of
from bizlab.reporting.execute import Executed, Job, execute_all
from bizlab.reporting.index import Entry, index_html
from bizlab.reporting.manifest import made_of, outputs, write_json
from bizlab.reporting.page import page_html
from bizlab.reporting.parameters import Parameters
from bizlab.reporting.publish import RECORD, locked, publish, stage
from bizlab.reporting.shown import Results
from bizlab.reporting.workbook import workbook_bytes

MANIFEST = "manifest.json"
INJECTED = "injected-parameters"
"""papermill's tag for the cell in which it puts parameters."""
Report = Callable[[str], None]


@dataclass(frozen=True)
class Outcome:
    """Where the month was published, and the identities that do not hold."""

    folder: Path
    failed: tuple[tuple[str, Check], ...]


def run_month(project: Path, params: Parameters, *, only: Sequence[str] = (), report: Report) -> Outcome:
    """Run a month: read, execute, render, publish.

    Parameters
    ----------
    only : names of analyses; all others keep what the last good run of the month left, provided that
        inputs, parameters and code are still the same.
    report : takes a line of progress.

    Raises
    ------
    BizlabError : the month is refused; what was published before stays as it is.
    """
    started = datetime.now().astimezone()
    chosen = _chosen(only)
    reports = project / "reports"
    with locked(reports, params.month):
        store = warehouse.open_project(project, report=report)
        refuse_empty_month(store, params)
        staging = stage(reports, params.month)
        facts = made_of(params, {one.path: one.sha256 for one in store.seals()}, _notebooks(project))
        _keep_others(reports, staging, chosen, facts)
        executed = _execute(project, params, chosen, staging, report)
        _refuse_failed(executed, reports, params.month, staging)
        report("writing pages, workbook and index")
        results = [_rendered(staging, entry, params) for entry in ANALYSES]
        _render_month(reports, staging, params, results)
        write_json(staging / MANIFEST, facts | {"outputs": outputs(staging)})
        failed = _not_holding(results)
        write_json(staging / RECORD, _record(started, executed, failed))
        return Outcome(publish(reports, params.month), failed)


def refuse_empty_month(store: warehouse.Warehouse, params: Parameters) -> None:
    """Refuse a month in which nothing happened: most likely its exports have not arrived."""
    month = Month.parse(params.month)
    if store.n_occurred(month.first, month.last) == 0:
        raise RunError(
            f"No input table has a row dated in {params.month}",
            place="params/sources.yaml",
            way_out="deliver the month's exports, or run another month",
        )


def _chosen(only: Sequence[str]) -> list[Analysis]:
    names = {analysis(name).name for name in only}
    return [entry for entry in ANALYSES if not names or entry.name in names]


def _notebooks(project: Path) -> dict[str, Path]:
    found = {entry.name: project / "notebooks" / entry.notebook for entry in ANALYSES}
    for name, path in found.items():
        if not path.is_file():
            raise SettingError(
                f"The notebook of '{name}' is missing", place=f"notebooks/{path.name}", way_out="restore it"
            )
    return found


def _keep_others(reports: Path, staging: Path, chosen: Sequence[Analysis], facts: Mapping[str, Any]) -> None:
    """Take over the analyses that are not run again from the last good run of the month.

    Raises
    ------
    RunError : there is no such run, or it was made of something else.
    """
    (staging / "notebooks").mkdir()
    (staging / "results").mkdir()
    others = [entry for entry in ANALYSES if entry not in chosen]
    if not others:
        return
    place = reports / str(facts["parameters"]["month"])
    last = json.loads((place / MANIFEST).read_text("utf-8")) if (place / MANIFEST).is_file() else {}
    differing = [name for name in facts if last.get(name) != facts[name]]
    if differing:
        raise RunError(
            f"'--only' would mix two runs: {some(differing)} are not those of the last run",
            place=f"reports/{place.name}/{MANIFEST}",
            way_out="run the whole month once, without --only",
        )
    for entry in others:
        stem = Path(entry.notebook).stem
        for name in (f"notebooks/{stem}.ipynb", f"results/{stem}.json"):
            shutil.copyfile(place / name, staging / name)


def _execute(
    project: Path, params: Parameters, chosen: Sequence[Analysis], staging: Path, report: Report
) -> list[Executed]:
    """Execute the analyses, then those that collect the others' results."""
    executed: list[Executed] = []
    for collects in (False, True):
        jobs = [_job(project, params, entry, staging) for entry in chosen if entry.collects is collects]
        executed += execute_all(jobs, report=report, usual=_usual(project / "reports"))
        for one in executed:
            if not one.problem:
                _leave_results(one.output, staging)
    return executed


def _usual(reports: Path) -> dict[str, float]:
    """Seconds that each analysis took in the latest published run."""
    records = sorted(reports.glob(f"*/{RECORD}"), key=lambda path: path.stat().st_mtime)
    if not records:
        return {}
    seconds: dict[str, float] = json.loads(records[-1].read_text("utf-8"))["seconds"]
    return seconds


def _job(project: Path, params: Parameters, entry: Analysis, staging: Path) -> Job:
    notebook = project / "notebooks" / entry.notebook
    values = params.model_dump(mode="json")
    return Job(entry.name, notebook, staging / "notebooks" / entry.notebook, values, project, staging / "results")


def _refuse_failed(executed: Sequence[Executed], reports: Path, month: str, staging: Path) -> None:
    """Refuse to publish when a notebook failed; what was executed is kept for looking."""
    failed = [one for one in executed if one.problem]
    if not failed:
        return
    kept = reports / f".failed-{month}"
    shutil.rmtree(kept, ignore_errors=True)
    staging.rename(kept)
    raise RunError(
        f"Nothing was published: {some([f'{one.name}: {one.problem}' for one in failed])}",
        place=f"reports/{kept.name}/notebooks",
        way_out="open the executed notebook, mend the cause, and run the month again",
    )


def _leave_results(path: Path, staging: Path) -> None:
    """Write the results that an executed notebook carries where the summary reads them."""
    notebook = without_clock(nbformat.read(path, as_version=4))
    nbformat.write(notebook, path)
    text = codec.to_json(results_of(notebook))
    (staging / "results" / f"{path.stem}.json").write_text(text, encoding="utf-8")


def without_clock(notebook: Any) -> Any:
    """The notebook without the times, paths and drawn cell ids that papermill leaves in it."""
    notebook.metadata.pop("papermill", None)
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if INJECTED in cell.metadata.get("tags", []):
            cell["id"] = INJECTED
    return notebook


def _rendered(staging: Path, entry: Analysis, params: Parameters) -> Results:
    """Write the page of an analysis; its results."""
    path = staging / "notebooks" / entry.notebook
    notebook = nbformat.read(path, as_version=4)
    results = results_of(notebook)
    page = page_html(notebook, results, lang=params.lang, home="index.html")
    (staging / f"{path.stem}.html").write_text(page, encoding="utf-8")
    return results


def _render_month(reports: Path, staging: Path, params: Parameters, results: Sequence[Results]) -> None:
    """Write what the month has once: index, workbook, figures."""
    by_name = {entry.name: Path(entry.notebook).stem for entry in ANALYSES}
    entries = [_entry(one, by_name[one.analysis]) for one in results]
    index = index_html(
        results,
        entries,
        month=params.month,
        lang=params.lang,
        workbook="workbook.xlsx",
        previous=published(reports, str(Month.parse(params.month).previous)),
        last_run=_last_run(reports, params.month, results),
    )
    (staging / "index.html").write_text(index, encoding="utf-8")
    (staging / "workbook.xlsx").write_bytes(workbook_bytes(results, lang=params.lang))
    figures = {one.analysis: [figure._asdict() for figure in codec.all_figures(one)] for one in results}
    write_json(staging / "figures.json", figures)


def _last_run(reports: Path, month: str, results: Sequence[Results]) -> list[Results]:
    """What the run before published, if a figure differs; an unchanged month looks the same each time."""
    last = published(reports, month)
    return [] if last == list(results) else last


def published(reports: Path, month: str) -> list[Results]:
    """The results of a published month; none when it was not published."""
    folder = reports / month / "results"
    return [codec.from_json(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))]


def _entry(results: Results, stem: str) -> Entry:
    reconciles = all(check.passed for check in results.checks)
    return Entry(
        analysis=results.analysis,
        title=results.title,
        outcome="done" if reconciles else "unreconciled",
        page=f"{stem}.html",
        figures=f"results/{stem}.json",
        notebook=f"notebooks/{stem}.ipynb",
    )


def _not_holding(results: Sequence[Results]) -> tuple[tuple[str, Check], ...]:
    """The identities that do not hold, each once: what a summary repeats is not counted again."""
    told = [one for one in results if not analysis(one.analysis).collects]
    return tuple((one.analysis, check) for one in told for check in one.checks if not check.passed)


def _record(started: datetime, executed: Sequence[Executed], failed: Sequence[tuple[str, Check]]) -> dict[str, Any]:
    """When and how the run went: the only output that a clock has touched."""
    ended = datetime.now().astimezone()
    return {
        "started": started.isoformat(timespec="seconds"),
        "ended": ended.isoformat(timespec="seconds"),
        "seconds": {one.name: round(one.seconds, 1) for one in executed},
        "exit": 1 if failed else 0,
        "do_not_hold": [f"{name}: {check.key}" for name, check in failed],
    }
