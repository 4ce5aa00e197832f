"""``bizlab run YYYY-MM``, or ``bizlab run YYYY-MM..YYYY-MM`` for one month after another."""

from __future__ import annotations

import argparse

from bizlab.cli import DONE, UNRECONCILED
from bizlab.cli.options import difference, month_options, names_in, say, settings_of, within
from bizlab.errors import SettingError
from bizlab.periods import Month
from bizlab.run.month import run_month


def arguments(parser: argparse.ArgumentParser) -> None:
    month_options(parser)
    parser.add_argument("--only", metavar="NAMES", help="pages to run again, separated by commas")
    parser.add_argument("--force", action="store_true", help="execute every page anew, though nothing has changed")


def command(options: argparse.Namespace) -> int:
    """The worst exit code of the months; a month that is refused ends the rest."""
    return max(_run(argparse.Namespace(**{**vars(options), "month": month})) for month in months_in(options.month))


def months_in(text: str) -> list[str]:
    """The months of a span, or the one that is named.

    >>> months_in("2025-12..2026-02"), months_in("2026-10")
    (['2025-12', '2026-01', '2026-02'], ['2026-10'])
    """
    first, dots, last = text.partition("..")
    if not dots:
        return [text]
    months = Month.parse(first, place="command line").to(Month.parse(last, place="command line"))
    if not months:
        raise SettingError(f"'{text}' holds no month", place="command line", fix="name the earlier month first")
    return [str(month) for month in months]


def _run(options: argparse.Namespace) -> int:
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
