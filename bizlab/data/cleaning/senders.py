"""What the senders say of their files: rows and one control total for each, in ``manifest.csv``."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bizlab.contracts.table import Table
from bizlab.data.sources.config import SETTINGS, Sources, matches, matching_files
from bizlab.errors import SourceError
from bizlab.units.kinds import NUMERIC

_ASK = "ask the sender for the manifest again"
_HEADER = ["file", "sheet", "table", "rows", "column", "total"]


@dataclass(frozen=True)
class Sent:
    """What a sender says of one table in one file; ``place`` is where it says so."""

    n_rows: int
    column: str
    total: str
    place: str


Manifests = dict[tuple[str, str, str], Sent]
"""By table, file and sheet."""


def manifest_files(project: Path, sources: Sources) -> list[Path]:
    """The senders' manifests, in the order of their names; see `matches`."""
    if sources.totals is None:
        return []
    fix = "put the senders' manifests there, or leave 'totals' out"
    return matches(project, sources, sources.totals, place=f"{SETTINGS}, totals", fix=fix)


def input_files(project: Path, sources: Sources) -> list[Path]:
    """Every file that the sources name: the exports of all tables, and the senders' manifests."""
    exports = [path for name in sources.tables for path in matching_files(project, sources, name)]
    return [*exports, *manifest_files(project, sources)]


def read_manifests(project: Path, paths: Iterable[Path], contracts: Mapping[str, Table]) -> Manifests:
    """The senders' control totals.

    Raises
    ------
    SourceError : a manifest that is not UTF-8 or has another header, or a line that cannot be
        used: cells are missing, the file lies elsewhere, the number of rows is not one, the table has no such column
        or one that does not add up, or a file and sheet stand twice.
    """
    manifests: Manifests = {}
    for path in paths:
        name = path.relative_to(project.resolve()).as_posix()
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                reader = csv.reader(file)
                if (header := next(reader, [])) != _HEADER:
                    fix = f"write {','.join(_HEADER)}"
                    raise SourceError(f"The header is {','.join(header)}", place=f"{name}, line 1", fix=fix)
                for cells in filter(None, reader):
                    place = f"{name}, line {reader.line_num}"
                    key, sent = _sent(cells, path.parent, project.resolve(), contracts, place)
                    if key in manifests:
                        raise SourceError(f"'{cells[0]}' stands twice", place=place, fix=_ASK)
                    manifests[key] = sent
        except (UnicodeDecodeError, csv.Error) as fault:
            raise SourceError(
                f"The manifest is not a csv file in UTF-8: {fault}", place=name, fix="save it as csv in UTF-8"
            ) from fault
    return manifests


def _sent(
    cells: list[str], folder: Path, root: Path, contracts: Mapping[str, Table], place: str
) -> tuple[tuple[str, str, str], Sent]:
    if len(cells) != len(_HEADER):
        raise SourceError(f"The line has {len(cells)} cells, not {len(_HEADER)}", place=place, fix=_ASK)
    file, sheet, table, rows, column, total = cells
    path = (folder / file).resolve()
    if not file or not path.is_relative_to(root):
        raise SourceError(f"The file '{file}' does not lie in the project", place=place, fix=_ASK)
    if not (rows.isascii() and rows.isdigit()):
        raise SourceError(f"'{rows}' is not a number of rows", place=place, fix=_ASK)
    if column and table in contracts and column not in contracts[table].by_name:
        raise SourceError(
            f"Table {table} has no column '{column}'",
            place=place,
            fix=f"name one of {', '.join(contracts[table].names)}, or leave column and total blank",
        )
    if column and table in contracts and contracts[table][column].unit not in NUMERIC:
        raise SourceError(
            f"Column '{column}' of table {table} does not add up",
            place=place,
            fix="name a column of numbers, or leave column and total blank",
        )
    return (table, path.relative_to(root).as_posix(), sheet), Sent(int(rows), column, total, place)
