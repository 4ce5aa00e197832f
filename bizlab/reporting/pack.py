"""A leader's pack: the analyses of a month for one unit and what lies below it, made from their data alone.

The notebooks are those of the month. They run with the parameter ``reader``, so that every table that they load holds
the branch's rows only; what is not loaded cannot be in a page, a workbook or a figure.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from bizlab.amoeba.accounting.branch import CHART
from bizlab.amoeba.accounting.organisation import Organisation
from bizlab.data import warehouse
from bizlab.errors import SettingError, some
from bizlab.periods import Month
from bizlab.reporting.analyses import ANALYSES
from bizlab.reporting.execute import AT_ONCE, execute_all
from bizlab.reporting.manifest import write_json
from bizlab.reporting.parameters import Parameters
from bizlab.reporting.progress import Progress
from bizlab.reporting.publish import RECORD, locked, publish
from bizlab.reporting.run import (
    Outcome,
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

Report = Callable[[str], None]
_NOT_IN_A_NAME = re.compile(r'^\.|[\\/:*?"<>|]')


def make_packs(project: Path, params: Parameters, units: Sequence[str], *, report: Report) -> list[Outcome]:
    """Make the packs of units one after another, each published whole under ``reports/packs/<month>/<unit>/``.

    Parameters
    ----------
    units : ids; without any all amoebas of the month, from the top down. report : takes a line of progress.

    Raises
    ------
    BizlabError : a unit is not in the month's tree, and nothing is made; or a notebook failed, and packs made before,
        and the older pack of the unit, stay as they are.
    """
    store, month = warehouse.open_project(project, report=report), Month.parse(params.month)
    refuse_empty_month(store, params)
    chart = (store.load(name) for name in CHART)
    tree = Organisation(*chart, first=month.first, last=month.last).tree()
    leaders = list(units) or tree.loc[tree["is_amoeba"] & (tree["depth"] > 0), "unit_id"].tolist()
    _refuse_unknown(leaders, tree["unit_id"].tolist(), month)
    return [_make(project, params.model_copy(update={"reader": unit}), unit, report=report) for unit in leaders]


def _refuse_unknown(leaders: Sequence[str], units: Sequence[str], month: Month) -> None:
    unknown = [unit for unit in leaders if unit not in units]
    if unknown:
        raise SettingError(
            f"No unit of {month} is called {some(unknown)}", place="--unit", way_out=f"choose from {', '.join(units)}"
        )


def _make(project: Path, params: Parameters, unit: str, *, report: Report) -> Outcome:
    started = datetime.now().astimezone()
    packs, name = project / "reports" / "packs" / params.month, _NOT_IN_A_NAME.sub("_", unit)
    chosen = [entry for entry in ANALYSES if entry.for_leaders]
    with locked(packs, name):
        staging, kept = staging_folders(packs, name), packs / f".failed-{name}"
        report(f"pack of {unit}")
        progress = Progress([entry.name for entry in chosen], last={}, at_once=AT_ONCE, say=report)
        jobs = [job_of(project, params, entry, staging) for entry in chosen]
        executed = [with_results(one, staging) for one in execute_all(jobs, progress=progress)]
        refuse_failed(executed, staging, kept, place=f"reports/packs/{params.month}/{kept.name}/notebooks")
        results = [rendered(staging, entry, params, home=None) for entry in chosen]
        write_data(staging, results, params)
        failed = not_holding(results)
        write_json(staging / RECORD, record(started, executed, failed))
        place = publish(packs, name)
        shutil.rmtree(kept, ignore_errors=True)
        return Outcome(place, failed)
