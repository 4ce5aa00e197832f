"""One page by itself: executed and rendered beside the published months, which stay as they are."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from bizlab.errors import RunError
from bizlab.report.long_tables import FOLDER
from bizlab.run.execute import execute_all, processes_for
from bizlab.run.month import Outcome, Report, job_of, not_holding, rendered, with_results
from bizlab.run.pages import Page
from bizlab.run.progress import Progress
from bizlab.run.settings import Settings


def make_page(settings: Settings, page: Page, place: Path, *, report: Report) -> Outcome:
    """Execute a page and put its HTML at ``place``, in one step.

    Parameters
    ----------
    place : file to write; an older one stays whole until the new one is.
    report : takes a line of progress.

    Raises
    ------
    RunError : the notebook failed; it is kept beside ``place`` for looking, and an older page stays as it is.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    failed = place.with_suffix(".failed.ipynb")
    with tempfile.TemporaryDirectory(dir=place.parent, prefix=".") as folder:
        staging = Path(folder)
        for name in ("notebooks", "results"):
            (staging / name).mkdir()
        progress = Progress([page.name], last={}, at_once=1, say=report)
        with processes_for(settings.project, [page.notebook]) as forks:
            (executed,) = execute_all([job_of(settings, page, staging)], forks, progress=progress)
        done = with_results(executed, staging)
        if done.problem:
            shutil.copyfile(done.output if done.output.is_file() else page.notebook, failed)
            raise RunError(
                f"No page was made: {done.problem}",
                place=failed.relative_to(settings.project).as_posix(),
                fix="open the executed notebook, mend the cause, and try again",
            )
        results = rendered(staging, page, settings, home=None)
        place_tables(staging / FOLDER, place.parent / FOLDER, page)
        (staging / f"{page.stem}.html").replace(place)
        failed.unlink(missing_ok=True)
    return Outcome(place, not_holding([page], [results]))


def place_tables(made: Path, place: Path, page: Page) -> None:
    """Put the files of the page's long tables in the place of older ones."""
    for old in place.glob(f"{page.stem}.*"):
        old.unlink()
    for new in made.glob(f"{page.stem}.*"):
        place.mkdir(exist_ok=True)
        new.replace(place / new.name)
