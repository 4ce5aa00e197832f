"""Identities: two whole numbers that must be equal, kept with what they are."""

from __future__ import annotations

from dataclasses import dataclass

from bizlab.labels import Label
from bizlab.units.kinds import Unit


@dataclass(frozen=True)
class Check:
    """One identity as it came out.

    Parameters
    ----------
    key : stable name, unique within an analysis, such as ``"trade.company_nets_to_zero"``.
    label : the identity in words.
    left, right : both sides, whole numbers in ``unit``.
    unit : what both sides count.
    detail : what a reader should look at when the sides differ.

    >>> check = Check("sum", Label("合计等于各部分", "total equals parts"), 101, 100, Unit.FEN)
    >>> check.passed, check.difference
    (False, 1)
    """

    key: str
    label: Label
    left: int
    right: int
    unit: Unit
    detail: Label | None = None

    @property
    def difference(self) -> int:
        return self.left - self.right

    @property
    def passed(self) -> bool:
        return self.left == self.right
