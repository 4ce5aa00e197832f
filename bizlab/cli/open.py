"""``bizlab open YYYY-MM``."""

from __future__ import annotations

import argparse
import webbrowser

from bizlab.cli import DONE
from bizlab.errors import SettingError
from bizlab.periods import Month
from bizlab.run.project import find_project


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("month", metavar="YYYY-MM")


def command(options: argparse.Namespace) -> int:
    month = Month.parse(options.month, place="command line")
    index = find_project() / "reports" / str(month) / "index.html"
    if not index.is_file():
        raise SettingError(
            f"{month} is not published", place=f"reports/{month}", fix=f"run it first: bizlab run {month}"
        )
    print(index)
    webbrowser.open(index.as_uri())
    return DONE
