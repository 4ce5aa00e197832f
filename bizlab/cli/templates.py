"""``bizlab templates``: the blank daily forms of a month."""

from __future__ import annotations

import argparse

from bizlab.cli import DONE
from bizlab.cli.options import within
from bizlab.forms.blank import write_form
from bizlab.periods import Month
from bizlab.run.project import find_project
from bizlab.run.settings import latest_month


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--month", metavar="YYYY-MM", help="default: the month after the latest of params/")
    parser.add_argument("--folder", default="forms", help="folder within the project (default forms)")
    parser.add_argument("--unit", metavar="UNIT", help="id of the unit that fills it in (default: all units)")


def command(options: argparse.Namespace) -> int:
    project = find_project()
    given = options.month
    month = Month.parse(given, place="--month") if given else Month.parse(latest_month(project)).shift(1)
    path = write_form(project, month, folder=options.folder, unit_id=options.unit)
    print(f"{within(project, path)}: blank forms of {month}")
    return DONE
