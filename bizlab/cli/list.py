"""``bizlab list``: the pages of the project and the months that are published."""

from __future__ import annotations

import argparse

from bizlab.cli import DONE
from bizlab.run.pages import pages
from bizlab.run.project import find_project


def arguments(parser: argparse.ArgumentParser) -> None:
    """It takes none."""


def command(_: argparse.Namespace) -> int:
    project = find_project()
    for page in pages(project):
        print(f"{page.group:12}{page.name:22}{page.title.zh} · {page.title.en}")
    months = sorted(path.parent.name for path in (project / "reports").glob("[0-9]*/run.json"))
    print(f"published: {', '.join(months) or 'no month yet'}")
    return DONE
