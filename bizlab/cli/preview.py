"""``bizlab preview NAME``: one page as its notebook and the library stand now, without publishing anything."""

from __future__ import annotations

import argparse
import webbrowser

from bizlab.cli import DONE, UNRECONCILED
from bizlab.cli.options import difference, latest_month_options, say, settings_of, within
from bizlab.run.single import make_page


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("page", metavar="NAME", help="name of the page, as 'bizlab list' gives it")
    parser.add_argument("--no-open", dest="opens", action="store_false", help="write the page without opening it")
    latest_month_options(parser)


def command(options: argparse.Namespace) -> int:
    settings = settings_of(options)
    page = settings.page(options.page)
    place = settings.project / "reports" / "preview" / str(settings.month) / f"{page.stem}.html"
    outcome = make_page(settings, page, place, report=say)
    for _, check in outcome.failed:
        print(f"does not hold: {difference(check)}")
    print(f"{within(settings.project, place)}: done")
    if options.opens:
        webbrowser.open(place.as_uri())
    return UNRECONCILED if outcome.failed else DONE
