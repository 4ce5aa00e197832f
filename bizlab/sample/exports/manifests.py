"""The control totals that a sender gives with its files."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from bizlab.contracts.table import Table


class Control(NamedTuple):
    """One line of ``manifest.csv``; the total is in the unit of the file."""

    file: str
    sheet: str
    table: str
    rows: int
    column: str
    total: str


def control(
    frame: pd.DataFrame, contract: Table, *, file: str, sheet: str = "", column: str = "", unit: str | None = None
) -> Control:
    """The control line of a file or sheet that holds a frame; the unit of its total is the usual one by default."""
    total = ""
    if column:
        total = f"{Decimal(int(frame[column].sum())) / contract[column].unit.row.source(unit).per:f}"
    return Control(file, sheet, contract.name, len(frame), column, total)


def write_manifest(folder: Path, controls: list[Control]) -> None:
    """Write ``manifest.csv`` beside the files it is about."""
    with (folder / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(Control._fields)
        writer.writerows(sorted(controls))
