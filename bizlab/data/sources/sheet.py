"""A file's table before anything is understood: lines of texts, and what was noticed on the way."""

from __future__ import annotations

from dataclasses import dataclass

_FIFTEEN_DIGITS = 1e15
UNCALCULATED = "#UNCALCULATED"
"""Stands in a cell whose formula no program has calculated yet."""
FORMULA_ERRORS = frozenset(
    {"#N/A", "#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", UNCALCULATED}
)
"""What spreadsheets write where a formula has no value."""


@dataclass(frozen=True)
class Evidence:
    """How something about a file was settled: what, as which value, and why, in both languages."""

    what: str
    value: str
    why: str


def number_text(value: float) -> str:
    """A number of a typed file with fifteen significant digits, as many as a spreadsheet keeps; NaN is nothing.

    >>> number_text(0.1 + 0.2), number_text(1e15), number_text(float("nan"))
    ('0.3', '1000000000000000', '')
    """
    if value != value:
        return ""
    return format(value, ".0f") if abs(value) >= _FIFTEEN_DIGITS else format(value, ".15g")


@dataclass(frozen=True)
class Sheet:
    """The lines of one csv file or worksheet.

    Parameters
    ----------
    file : path of the file within the project.
    sheet : name of the worksheet; empty for csv and Parquet.
    lines : line number in the file, from 1, and its cells as texts.
    evidence : what was detected rather than declared.
    hidden : numbers of lines that are hidden in the worksheet.
    spread : line and position (from 0) of cells that hold the text of a merged cell beside or above them.
    """

    file: str
    sheet: str
    lines: tuple[tuple[int, tuple[str, ...]], ...]
    evidence: tuple[Evidence, ...] = ()
    hidden: tuple[int, ...] = ()
    spread: frozenset[tuple[int, int]] = frozenset()

    @property
    def place(self) -> str:
        return f"{self.file}, sheet {self.sheet}" if self.sheet else self.file
