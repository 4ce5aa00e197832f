"""Findings: statements made of figures that stand in a table of the same report."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from bizlab.contracts.by_name import ByName
from bizlab.labels import Label

Direction = Literal["good", "bad", "neutral"]


@dataclass(frozen=True)
class Ref:
    """Where a figure of a finding stands: shown table, row by its key, column.

    >>> Ref("variance", ("travel", "S1"), "variance_fen").path
    'variance[travel,S1].variance_fen'
    """

    table: str
    row: tuple[str, ...]
    column: str

    @property
    def path(self) -> str:
        return f"{self.table}[{','.join(self.row)}].{self.column}"


@dataclass(frozen=True)
class Finding:
    """What changed, by how much, against what, whether it is material, and what it rests on.

    Parameters
    ----------
    key : stable name, unique within an analysis.
    text : sentence in both languages with ``{name}`` where a figure of ``refs`` goes; never a
        figure typed into the sentence.
    refs : for every name in the text, where its figure stands.
    direction : good or bad news for the company, or neither.
    material : whether it passes the analysis's stated threshold.
    weight : size for ordering, larger first; fen where money is concerned, else a comparable
        magnitude that the analysis explains.
    basis : the threshold and the comparison, in words (``{name}`` allowed too).
    """

    key: str
    text: Label
    refs: ByName[Ref] = field(default_factory=dict)
    direction: Direction = "neutral"
    material: bool = False
    weight: float = 0.0
    basis: Label | None = None
