"""The control totals that a sender gives with its files."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from bizlab.contracts.table import Table
from bizlab.units.kinds import Unit
from bizlab.units.parse import FEN_PER, MINUTES_PER


class Control(NamedTuple):
    """One line of ``manifest.csv``; the total is in the unit of the file."""

    file: str
    sheet: str
    table: str
    rows: int
    column: str
    total: str


def control(
    frame: pd.DataFrame, contract: Table, *, file: str, sheet: str = "", column: str = "", unit: str = "元"
) -> Control:
    """The control line of a file or sheet that holds a frame."""
    total = _total(frame, contract, column, unit) if column else ""
    return Control(file, sheet, contract.name, len(frame), column, total)


def _total(frame: pd.DataFrame, contract: Table, column: str, unit: str) -> str:
    whole = Decimal(int(frame[column].sum()))
    if contract[column].unit is Unit.FEN:
        return f"{whole / FEN_PER[unit]:f}"
    if contract[column].unit is Unit.MINUTES:
        return f"{whole / MINUTES_PER['小时']:f}"
    return str(whole)


def write_manifest(folder: Path, controls: list[Control]) -> None:
    """Write ``manifest.csv`` beside the files it is about."""
    with (folder / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(Control._fields)
        writer.writerows(sorted(controls))
