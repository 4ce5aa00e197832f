"""A file's table before anything is understood: lines of texts, and what was noticed on the way."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Evidence:
    """How something about a file was settled: what, as which value, and why."""

    what: str
    value: str
    why: str


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
    """

    file: str
    sheet: str
    lines: tuple[tuple[int, tuple[str, ...]], ...]
    evidence: tuple[Evidence, ...] = ()
    hidden: tuple[int, ...] = ()

    @property
    def place(self) -> str:
        return f"{self.file}, sheet {self.sheet}" if self.sheet else self.file
