"""Options that commands share, and the settings that they give."""

from __future__ import annotations

import argparse
from pathlib import Path

from bizlab.contracts.check import Check
from bizlab.run.project import find_project
from bizlab.run.session import Run, open_page
from bizlab.run.settings import Setting, Settings, command_line, latest_month, read_settings


def month_options(parser: argparse.ArgumentParser) -> None:
    """A command that must be told its month."""
    parser.add_argument("month", metavar="YYYY-MM")
    _setting_options(parser)


def latest_month_options(parser: argparse.ArgumentParser) -> None:
    """A command for the latest month of ``params/`` where none is named."""
    parser.add_argument("--month", metavar="YYYY-MM", help="default: the latest month of params/")
    _setting_options(parser)


def _setting_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--lang", choices=["zh", "en"], help="language that the pages open in")
    parser.add_argument("--set", dest="settings", action="append", default=[], metavar="NAME=VALUE")


def settings_of(options: argparse.Namespace) -> Settings:
    """What is set for the month of the options, in the project at or above this folder."""
    project = find_project()
    return read_settings(project, _given(options, project))


def run_of(options: argparse.Namespace, page: str) -> Run:
    """A page opened as the options say."""
    project = find_project()
    return open_page(project, page, _given(options, project))


def _given(options: argparse.Namespace, project: Path) -> dict[str, Setting]:
    return command_line(options.month or latest_month(project), options.lang, options.settings)


def names_in(text: str | None) -> list[str]:
    """Names separated by commas; none where nothing is given."""
    return [] if text is None else [name.strip() for name in text.split(",")]


def within(project: Path, path: Path) -> str:
    """A path as it is named within the project."""
    return path.relative_to(project).as_posix()


def difference(check: Check) -> str:
    """A check that does not hold, and by how much."""
    return f"{check.label.zh} · {check.label.en} (difference {check.difference:,} {check.unit})"


def say(line: str) -> None:
    """A line of progress, at once."""
    print(line, flush=True)
