"""``bizlab run YYYY-MM``."""

from __future__ import annotations

import argparse

from bizlab.cli import DONE, UNRECONCILED
from bizlab.cli.options import difference, month_options, names_in, say, settings_of, within
from bizlab.run.month import run_month


def arguments(parser: argparse.ArgumentParser) -> None:
    month_options(parser)
    parser.add_argument("--only", metavar="NAMES", help="pages to run again, separated by commas")
    parser.add_argument("--force", action="store_true", help="execute every page anew, though nothing has changed")


def command(options: argparse.Namespace) -> int:
    settings = settings_of(options)
    outcome = run_month(settings, only=names_in(options.only), force=options.force, report=say)
    place = within(settings.project, outcome.folder)
    if not outcome.failed:
        print(f"{place}/index.html: done, everything reconciles")
        return DONE
    print(f"{place}/index.html: done, but {len(outcome.failed)} checks do not hold:")
    for page, check in outcome.failed:
        print(f"  {page}: {difference(check)}")
    return UNRECONCILED
