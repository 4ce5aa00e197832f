"""What a notebook displays where it stands, and the files of tables that are too long for it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from bizlab.contracts.finding import Ref
from bizlab.labels import Lang
from bizlab.report import display
from bizlab.report.long_tables import LongTable
from bizlab.report.shown import ShownTable

RESULTS_FOLDER = "BIZLAB_RESULTS"
"""In the environment of a notebook that a run executes: where the results of the month are."""


def show(displayed: display.Displayed) -> Any:
    """Display at once: by itself a notebook displays only the last value of a cell, and the others would be lost.

    Returns
    -------
    IPython's handle, by which what is displayed can be replaced where it stands.
    """
    from IPython.display import DisplayHandle

    handle = DisplayHandle()  # type: ignore[no-untyped-call]
    handle.display(displayed)  # type: ignore[no-untyped-call]
    return handle


class Displays:
    """The tables that a page displays; of long ones all rows are kept, as findings may rest on any."""

    def __init__(self, *, lang: Lang) -> None:
        self._lang = lang
        self._long: dict[str, tuple[LongTable, Any]] = {}

    def show_table(self, table: ShownTable, long: LongTable | None) -> None:
        """Display a table; all rows of a long one are written as CSV beside the page, where a run makes one."""
        handle = show(display.show_table(table, lang=self._lang))
        self._long.pop(table.key, None)
        if long is None:
            return
        self._long[table.key] = (long, handle)
        if RESULTS_FOLDER in os.environ:
            place = Path(os.environ[RESULTS_FOLDER]).parent / long.file
            place.parent.mkdir(exist_ok=True)
            with place.open("w", encoding="utf-8", newline="") as file:
                long.write(file, lang=self._lang)

    def with_rows(self, refs: Iterable[Ref], tables: Mapping[str, ShownTable]) -> dict[str, ShownTable]:
        """The long tables that are displayed anew, where they stand, as rows that are referred to were left out."""
        wanted: dict[str, set[tuple[str, ...]]] = {}
        for ref in refs:
            wanted.setdefault(ref.table, set()).add(ref.row)
        grown = {}
        for key, (long, handle) in self._long.items():
            if missing := wanted.get(key, set()).difference(tables[key].row_numbers):
                longer = long.with_rows(missing)
                self._long[key], grown[key] = (longer, handle), longer.shown()
                handle.update(display.show_table(grown[key], lang=self._lang))
        return grown
