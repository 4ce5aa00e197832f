"""``bizlab pack YYYY-MM``: the pages of a month for one unit and what lies below it, made from their data alone.

The notebooks are those of the month. They run with the parameter ``reader``, so that every table that they load holds
the branch's rows only; what is not loaded cannot be in a page, a workbook or a figure.
"""

from __future__ import annotations

import argparse
import re
import shutil
from collections.abc import Sequence
from datetime import datetime

from bizlab.amoeba.accounting.branch import CHART
from bizlab.amoeba.accounting.organisation import Organisation
from bizlab.cli import DONE, UNRECONCILED
from bizlab.cli.options import month_options, say, settings_of, within
from bizlab.data import warehouse
from bizlab.errors import SettingError, some
from bizlab.run.execute import AT_ONCE, execute_all, processes_for
from bizlab.run.kept.manifest import write_json
from bizlab.run.kernels.forks import Forks
from bizlab.run.month import (
    Outcome,
    Report,
    job_of,
    not_holding,
    record,
    refuse_empty_month,
    refuse_failed,
    rendered,
    staging_folders,
    with_results,
    write_data,
)
from bizlab.run.pages import Page
from bizlab.run.progress import Progress
from bizlab.run.publish import RECORD, locked, publish
from bizlab.run.settings import Settings

_NOT_IN_A_NAME = re.compile(r'^\.|[\\/:*?"<>|]')


def arguments(parser: argparse.ArgumentParser) -> None:
    month_options(parser)
    parser.add_argument(
        "--unit", dest="units", metavar="UNIT", action="append", default=[], help="default: every amoeba"
    )


def command(options: argparse.Namespace) -> int:
    settings = settings_of(options)
    outcomes = make_packs(settings, options.units, report=say)
    for outcome in outcomes:
        place = within(settings.project, outcome.folder)
        print(f"{place}: done" + (f", but {len(outcome.failed)} checks do not hold" if outcome.failed else ""))
    return UNRECONCILED if any(outcome.failed for outcome in outcomes) else DONE


def make_packs(settings: Settings, units: Sequence[str], *, report: Report) -> list[Outcome]:
    """Make the packs of units one after another, each published whole under ``reports/packs/<month>/<unit>/``.

    Parameters
    ----------
    units : ids; without any all amoebas of the month, from the top down. report : takes a line of progress.

    Raises
    ------
    BizlabError : a unit is not in the month's tree, and nothing is made; or a notebook failed, and packs made before,
        and the older pack of the unit, stay as they are.
    """
    store, month = warehouse.open_project(settings.project, report=report), settings.month
    refuse_empty_month(store, month)
    chart = (store.load(name) for name in CHART)
    tree = Organisation(*chart, first=month.first, last=month.last).tree()
    leaders = list(units) or tree.loc[tree["is_amoeba"] & (tree["depth"] > 0), "unit_id"].tolist()
    known = tree["unit_id"].tolist()
    if absent := [unit for unit in leaders if unit not in known]:
        raise SettingError(
            f"No unit of {month} is called {some(absent)}", place="--unit", fix=f"choose from {', '.join(known)}"
        )
    chosen = [page for page in settings.pages if page.analysis.leader]
    with processes_for(settings.project, [page.notebook for page in chosen]) as forks:
        return [_make(settings.with_values(reader=unit), chosen, forks, report=report) for unit in leaders]


def _make(settings: Settings, chosen: Sequence[Page], forks: Forks | None, *, report: Report) -> Outcome:
    started, unit = datetime.now().astimezone(), str(settings.common.reader)
    packs, name = settings.project / "reports" / "packs" / str(settings.month), _NOT_IN_A_NAME.sub("_", unit)
    with locked(packs, name):
        staging, kept = staging_folders(packs, name), packs / f".failed-{name}"
        report(f"pack of {unit}")
        progress = Progress([page.name for page in chosen], last={}, at_once=AT_ONCE, say=report)
        jobs = [job_of(settings, page, staging) for page in chosen]
        executed = [with_results(notebook, staging) for notebook in execute_all(jobs, forks, progress=progress)]
        refuse_failed(executed, staging, kept, place=f"{within(settings.project, kept)}/notebooks")
        results = [rendered(staging, page, settings, home=None) for page in chosen]
        write_data(staging, chosen, results, settings=settings)
        failed = not_holding(chosen, results)
        write_json(staging / RECORD, record(started, executed, failed))
        place = publish(packs, name)
        shutil.rmtree(kept, ignore_errors=True)
        return Outcome(place, failed)
