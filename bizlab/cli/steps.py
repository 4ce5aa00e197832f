"""``bizlab steps``: what is kept of the steps, what each cost, and why it was made again."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any

from bizlab.cli import DONE
from bizlab.run.kept.steps import changes
from bizlab.run.kept.store import FOLDER, Entry, Missing, Store
from bizlab.run.project import find_project


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", nargs="?", default="*", help="a step; default: all")


def command(options: argparse.Namespace) -> int:
    print("\n".join(lines(Store(find_project() / FOLDER), options.name)))
    return DONE


def lines(store: Store, name: str) -> Iterator[str]:
    """A line for every kept step, the latest made first, and their sum."""
    entries, last = store.entries(name), dict[str, dict[str, Any]]()
    seconds, told = 0.0, list[str]()
    for entry in sorted(entries, key=lambda entry: entry.made):
        with suppress(Missing, KeyError):  # one of another version has other names
            about = store.about(entry.name, entry.key)
            seconds += about["seconds"]
            what = _what(about["parts"])
            why = sorted(changes(last[what], about["parts"])) if what in last else []
            last[what] = about["parts"]
            told.append(_line(entry, what, about["seconds"], why))
    yield from reversed(told)
    yield f"{len(entries)} kept, {sum(entry.n_bytes for entry in entries) / 1e6:.1f} MB, made in {seconds:.1f} s"


def _what(parts: dict[str, Any]) -> str:
    given = ", ".join(f"{name}={value}" for name, value in parts["arguments"].items())
    of = f" of {parts['reader']}" if parts["reader"] else ""
    return f"{parts['step']}{of} {parts['as_of']}" + (f" ({given})" if given else "")


def _line(entry: Entry, what: str, seconds: float, why: list[str]) -> str:
    again = f"; made again: {', '.join(why)}" if why else ""
    used = datetime.fromtimestamp(entry.used).astimezone()
    return f"{what}: {seconds:.1f} s, {entry.n_bytes / 1e3:.0f} kB, used {used:%Y-%m-%d %H:%M}{again}"
