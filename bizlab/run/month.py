"""The run of a month, from sealed inputs to published reports."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat

from bizlab.contracts.check import Check
from bizlab.data import warehouse
from bizlab.data.seals import sha256
from bizlab.errors import ContractError, RunError, SettingError, some
from bizlab.periods import Month
from bizlab.report import codec
from bizlab.report.pages.body import results_of
from bizlab.report.pages.index import Entry, index_html
from bizlab.report.pages.page import page_html
from bizlab.report.shown import Results
from bizlab.report.uncollected import uncollected
from bizlab.report.words import WORDS
from bizlab.report.workbooks.workbook import workbook_bytes
from bizlab.run.execute import AT_ONCE, Executed, Job, execute_all, processes_for
from bizlab.run.kept.last_run import published, record_of, seconds, take_over, unchanged
from bizlab.run.kept.manifest import MANIFEST, made_of, outputs, write_json
from bizlab.run.kept.pages import KeptPages
from bizlab.run.pages import Page
from bizlab.run.progress import Progress
from bizlab.run.publish import RECORD, locked, publish, stage
from bizlab.run.session import Run
from bizlab.run.settings import Settings, configuration

WORKBOOK = "workbook.xlsx"
INJECTED = "injected-parameters"
"""papermill's tag for the cell in which it puts parameters."""
Report = Callable[[str], None]


@dataclass(frozen=True)
class Outcome:
    """Where the month was published, and the identities that do not hold."""

    folder: Path
    failed: tuple[tuple[str, Check], ...]


def run_month(settings: Settings, *, only: Sequence[str] = (), force: bool = False, report: Report) -> Outcome:
    """Run a month: read, execute, render, publish.

    Parameters
    ----------
    only : names of pages to run; those that collect are run as well. All others keep what the last
        good run of the month left, provided that all they were made of is still the same.
    force : execute every page anew, though it would come out the same, as those named by ``only`` are.
    report : takes a line of progress.

    Raises
    ------
    BizlabError : the month is refused; what was published before stays as it is.
    """
    _refuse_reader(settings)
    started = datetime.now().astimezone()
    project, month = settings.project, settings.month
    chosen, configured = _chosen(settings, only), configuration(project)
    reports = project / "reports"
    place, kept = reports / str(month), reports / f".failed-{month}"
    with locked(reports, str(month)):
        store = warehouse.open_project(project, report=report)
        refuse_empty_month(store, month)
        staging = staging_folders(reports, str(month))
        facts = made_of(
            settings,
            {sealed.path: sealed.sha256 for sealed in store.seals()},
            configuration={path.relative_to(project).as_posix(): path for path in configured},
        )
        earlier = reports / str(month.previous) / MANIFEST
        before = sha256(earlier) if earlier.is_file() else ""
        is_known = all(page.analysis_path for page in settings.pages)  # an own page may read what nobody knows of
        again = force or bool(only)
        if not again and is_known and unchanged(place, facts, previous=before):
            report("nothing has changed since the last run")
            return Outcome(place, _not_holding_in(place, settings))
        take_over([page for page in settings.pages if page not in chosen], place, staging, facts=facts)
        keeping = KeptPages(settings, store)
        due = [page for page in chosen if again or page.collects or not keeping.take(page, staging)]
        if len(due) < len(chosen):
            report(f"{len(chosen) - len(due)} of {len(chosen)} notebooks are as they were, and kept")
        executed = _execute(settings, due, keeping, staging, last=seconds(reports, str(month)), report=report)
        refuse_failed(executed, staging, kept, place=f"reports/{kept.name}/notebooks")
        report("writing pages, workbooks and index")
        results = [_rendered_or_kept(staging, page, settings) for page in settings.pages]
        keeping.keep(due, staging)
        _render_month(staging, results, settings=settings, report=report)
        write_json(staging / MANIFEST, facts | {"previous": before, "outputs": outputs(staging)})
        failed = not_holding(settings.pages, results)
        write_json(staging / RECORD, record(started, executed, failed))
        for page in chosen:
            if page.analysis.keep:
                page.analysis.keep(Run(page, project, settings.of(page)), report)
        publish(reports, str(month))
        shutil.rmtree(kept, ignore_errors=True)
        return Outcome(place, failed)


def _refuse_reader(settings: Settings) -> None:
    reader = settings.common.reader
    if reader is not None:
        raise SettingError(
            "A month is run for the company, not for the leader of a unit",
            place="parameter 'reader'",
            fix=f"leave it out, or make the leader's pack: bizlab pack {settings.month} --unit {reader}",
        )


def refuse_empty_month(store: warehouse.Warehouse, month: Month) -> None:
    """Refuse a month in which nothing happened: most likely its exports have not arrived."""
    if store.n_occurred(month.first, month.last) == 0:
        raise RunError(
            f"No input table has a row dated in {month}",
            place="params/sources.yaml",
            fix="deliver the month's exports, or run another month",
        )


def _chosen(settings: Settings, only: Sequence[str]) -> list[Page]:
    """The pages to run; those that collect come along, since they repeat the findings of the chosen ones."""
    names = {settings.page(name).name for name in only}
    return [page for page in settings.pages if not names or page.name in names or page.collects]


def staging_folders(reports: Path, month: str) -> Path:
    """An empty folder to stage in, with those that notebooks and results go to."""
    staging = stage(reports, month)
    for name in ("notebooks", "results"):
        (staging / name).mkdir()
    return staging


def _execute(
    settings: Settings,
    pages: Sequence[Page],
    keeping: KeptPages,
    staging: Path,
    *,
    last: Mapping[str, float],
    report: Report,
) -> list[Executed]:
    """Execute the pages, then, when all went well, those that collect their results; each is kept as it comes out."""
    jobs = [job_of(settings, page, staging) for page in pages]
    progress = Progress([job.name for job in jobs], last=last, at_once=AT_ONCE, say=report)
    executed: list[Executed] = []
    with processes_for(settings.project, [job.notebook for job in jobs]) as forks:
        for collects in (False, True):
            if not any(ended.problem for ended in executed):
                now = [job for page, job in zip(pages, jobs, strict=True) if page.collects is collects]
                executed += [with_results(ended, staging) for ended in execute_all(now, forks, progress=progress)]
    done = {ended.name for ended in executed if not ended.problem}
    keeping.keep([page for page in pages if page.name in done], staging)
    return executed


def _rendered_or_kept(staging: Path, page: Page, settings: Settings) -> Results:
    """The results of a page; its HTML is written where it was not kept."""
    if (staging / f"{page.stem}.html").is_file():
        return _results(staging, page)
    return rendered(staging, page, settings, home="index.html")


def _results(folder: Path, page: Page) -> Results:
    return codec.from_json((folder / "results" / f"{page.stem}.json").read_text("utf-8"))


def job_of(settings: Settings, page: Page, staging: Path) -> Job:
    """The execution of one page, its output and results under ``staging``."""
    values = settings.of(page).model_dump(mode="json")
    output = staging / "notebooks" / page.notebook.name
    return Job(page.name, page.notebook, output, values, settings.project, staging / "results", settings.limits)


def refuse_failed(executed: Sequence[Executed], staging: Path, kept: Path, *, place: str) -> None:
    """Refuse to publish when a notebook failed; what was executed is kept for looking."""
    failed = [f"{ended.name}, {ended.problem}" for ended in executed if ended.problem]
    if not failed:
        return
    shutil.rmtree(kept, ignore_errors=True)
    staging.rename(kept)
    raise RunError(
        f"Nothing was published: {some(failed)}",
        place=place,
        fix="open the executed notebook, mend the cause, and try again",
    )


def with_results(executed: Executed, staging: Path) -> Executed:
    """Write the results that an executed notebook carries where the summary reads them; without any it has failed."""
    if executed.problem:
        return executed
    path = executed.output
    notebook = without_clock(nbformat.read(path, as_version=4))
    _write(path, nbformat.writes(notebook) + "\n")
    try:
        text = codec.to_json(results_of(notebook))
    except ContractError as fault:
        return replace(executed, problem=str(fault))
    _write(staging / "results" / f"{path.stem}.json", text)
    return executed


def without_clock(notebook: Any) -> Any:
    """The notebook without the times, paths and drawn cell ids that papermill leaves in it."""
    notebook.metadata.pop("papermill", None)
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if INJECTED in cell.metadata.get("tags", []):
            cell["id"] = INJECTED
    return notebook


@uncollected()
def rendered(staging: Path, page: Page, settings: Settings, *, home: str | None) -> Results:
    """Write the HTML of an executed page, with a link to the page ``home``; its results.

    Raises
    ------
    RunError : the file of a long table is not there, though the notebook was executed.
    """
    text = (staging / "notebooks" / page.notebook.name).read_text("utf-8")
    notebook = nbformat.v4.reads(text)  # it was checked when it was written
    results = results_of(notebook)
    files = [table.whole.file for table in results.tables if table.whole]
    if lost := [file for file in files if not (staging / file).is_file()]:
        raise RunError(f"The page lists {some(lost)}, but it is not there", place=page.place, fix="run the page again")
    _write(staging / f"{page.stem}.html", page_html(notebook, results, lang=settings.common.lang, home=home))
    return results


@uncollected()
def _render_month(staging: Path, results: Sequence[Results], *, settings: Settings, report: Report) -> None:
    """Write what the month has once: index, workbooks, figures."""
    reports, month = staging.parent, settings.month
    last = published(reports, str(month), report=report)
    own = [page.analysis.workbook for page in settings.pages if page.analysis.workbook]
    index = index_html(
        results,
        [
            Entry(
                analysis=of_page.analysis,
                title=of_page.title,
                outcome="done" if all(check.passed for check in of_page.checks) else "unreconciled",
                page=f"{page.stem}.html",
                figures=f"results/{page.stem}.json",
                notebook=f"notebooks/{page.stem}.ipynb",
            )
            for page, of_page in zip(settings.pages, results, strict=True)
        ],
        month=str(month),
        lang=settings.common.lang,
        workbooks={WORKBOOK: WORDS["download_workbook"]} | {workbook.file: workbook.label for workbook in own},
        previous=published(reports, str(month.previous), report=report),
        last_run=last if last != list(results) else (),  # an unchanged month looks the same each time
    )
    _write(staging / "index.html", index)
    write_data(staging, settings.pages, results, settings=settings)


@uncollected()
def write_data(staging: Path, pages: Sequence[Page], results: Sequence[Results], *, settings: Settings) -> None:
    """Write what is read by other programs: the workbooks and the figures."""
    (staging / WORKBOOK).write_bytes(workbook_bytes(results, lang=settings.common.lang))
    for page, of_page in zip(pages, results, strict=True):
        if page.analysis.workbook:
            (staging / page.analysis.workbook.file).write_bytes(page.analysis.workbook.make(of_page))
    figures = {of_page.analysis: [figure._asdict() for figure in codec.all_figures(of_page)] for of_page in results}
    write_json(staging / "figures.json", figures)


def _write(path: Path, text: str) -> None:
    """Text with the same bytes on every system."""
    path.write_text(text, encoding="utf-8", newline="\n")


def not_holding(pages: Sequence[Page], results: Sequence[Results]) -> tuple[tuple[str, Check], ...]:
    """The identities that do not hold, each once: what a summary repeats is not counted again."""
    first_hand = [of_page for page, of_page in zip(pages, results, strict=True) if not page.collects]
    return tuple((own.analysis, check) for own in first_hand for check in own.checks if not check.passed)


def _not_holding_in(place: Path, settings: Settings) -> tuple[tuple[str, Check], ...]:
    """The identities that do not hold in a published month."""
    names = {name.partition(": ")[0] for name in record_of(place).get("do_not_hold", [])}
    pages = [page for page in settings.pages if page.name in names]
    return not_holding(pages, [_results(place, page) for page in pages])


def record(started: datetime, executed: Sequence[Executed], failed: Sequence[tuple[str, Check]]) -> dict[str, Any]:
    """When and how the run went: the only output that a clock has touched."""
    ended = datetime.now().astimezone()
    return {
        "started": started.isoformat(timespec="seconds"),
        "ended": ended.isoformat(timespec="seconds"),
        "seconds": {ended.name: round(ended.seconds, 1) for ended in executed},
        "exit": 1 if failed else 0,
        "do_not_hold": [f"{name}: {check.key}" for name, check in failed],
    }
