"""One column of a contract: what it holds, and the type that holds it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from bizlab.errors import ContractError
from bizlab.labels import Label
from bizlab.units.kinds import Unit
from bizlab.units.row import Kind


@dataclass(frozen=True)
class Column:
    """One column of a contract.

    Parameters
    ----------
    name : name in code; the unit shows in it (``_fen``, ``_minutes``, ``_on``, ``_at``, ``_rate``).
    unit : what it holds.
    label : name on the page and in templates.
    nullable : whether it may be missing; missing means unknown or not applicable, never zero.
    choices : for codes, the values allowed; empty for any.
    definition : formula or meaning in words, shown behind the figure.
    choice_labels : for codes, the words a reader sees for each value.
    refers : for ids, the table whose rows they name, such as ``units``.
    """

    name: str
    unit: Unit
    label: Label
    nullable: bool = False
    choices: tuple[str, ...] = ()
    definition: Label | None = None
    choice_labels: Mapping[str, Label] | None = None
    refers: str = ""

    @property
    def words(self) -> Mapping[str, Label]:
        """The words of each value; empty where none are said."""
        return self.choice_labels or {}


def dtype_of(column: Column) -> str:
    """The pandas type that holds a column; nullable whole numbers stay whole numbers."""
    kind = column.unit.row.kind
    return kind.nullable if column.nullable else kind.pandas


def plain(value: Any, column: Column) -> int | float | str | bool | None:
    """One value of a column as it is frozen: dates as ISO text, missing as None, an infinite ratio refused."""
    if pd.isna(value):
        return None
    match column.unit.row.kind:
        case Kind.WHOLE:
            return int(value)
        case Kind.REAL:
            return _finite(float(value), column)
        case Kind.YES_NO:
            return bool(value)
        case Kind.DAY:
            return str(pd.Timestamp(value).date())
        case Kind.MOMENT:
            return str(pd.Timestamp(value).isoformat(timespec="seconds"))
    return str(value)


def _finite(value: float, column: Column) -> float:
    if math.isinf(value):
        raise ContractError(
            "A ratio is infinite",
            place=f"column {column.name}",
            fix="leave an undefined ratio missing and give its reason in the companion column",
        )
    return value
