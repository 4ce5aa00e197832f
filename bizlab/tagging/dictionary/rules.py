"""How a tag's value comes about, as values: the rules that a dictionary may hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from bizlab.labels import Label

Operator = Literal["min", "max", "above", "below", "is", "in", "missing"]
Scalar: TypeAlias = int | float | str | bool | date
AS_OF = "as_of"
"""Stands for the as-of date where a condition compares dates."""

Measure = Literal[
    "count", "exists", "sum", "min", "max", "count_distinct", "count_months", "last", "days_since", "years_since",
    "ratio", "value",
]  # fmt: skip
ADDITIVE: tuple[Measure, ...] = ("count", "exists", "sum")


@dataclass(frozen=True)
class Condition:
    """One comparison of a column or tag: ``min`` and ``max`` include the bound, ``above`` and ``below`` do not."""

    name: str
    operator: Operator
    value: Scalar | tuple[Scalar, ...]

    def at(self, as_of: date) -> Scalar | tuple[Scalar, ...]:
        """The value compared with, the as-of date put in."""
        return as_of if self.value == AS_OF else self.value

    def __str__(self) -> str:
        signs = {"min": ">=", "max": "<=", "above": ">", "below": "<", "is": "=", "in": "in", "missing": "missing"}
        value = " ".join(map(str, self.value)) if isinstance(self.value, tuple) else self.value
        return f"{self.name} {signs[self.operator]} {value}"


@dataclass(frozen=True)
class When:
    """Alternatives, any of which suffices; within one alternative all conditions must hold."""

    alternatives: tuple[tuple[Condition, ...], ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(condition.name for all_of in self.alternatives for condition in all_of))

    def __str__(self) -> str:
        return " or ".join(" and ".join(map(str, all_of)) for all_of in self.alternatives)


@dataclass(frozen=True)
class Aggregate:
    """One figure a customer from the rows of one table.

    Parameters
    ----------
    table : a declared or prepared table with a ``customer_id``.
    measure : what is taken of the rows.
    columns : none for counts; numerator and denominator for a ratio; else the one column.
    where : which rows count; all by default.
    window_days : only the last so many days, the as-of day included.
    """

    table: str
    measure: Measure
    columns: tuple[str, ...] = ()
    where: When | None = None
    window_days: int | None = None

    @property
    def is_partial(self) -> bool:
        """Whether some rows of the table may be left out."""
        return self.where is not None or self.window_days is not None

    def __str__(self) -> str:
        text = f"{self.measure}({self.table}{''.join('.' + c for c in self.columns[:1])})"
        if self.measure == "ratio":
            text = f"sum({self.table}.{self.columns[0]}) / sum({self.table}.{self.columns[1]})"
        where = f" where {self.where}" if self.where else ""
        return text + where + (f", last {self.window_days} days" if self.window_days else "")


@dataclass(frozen=True)
class Peers:
    """The sum of a tag over all customers that share another tag's value."""

    of: str
    by: str

    def __str__(self) -> str:
        return f"sum({self.of}) over the same {self.by}"


@dataclass(frozen=True)
class RatioOf:
    """One tag over another, both whole numbers."""

    numerator: str
    denominator: str

    def __str__(self) -> str:
        return f"{self.numerator} / {self.denominator}"


@dataclass(frozen=True)
class Cases:
    """The first case that holds gives the value, None where the tag does not apply; ``otherwise`` where none holds."""

    cases: tuple[tuple[When, str | None], ...]
    otherwise: str | None = None

    def __str__(self) -> str:
        parts = [f"{value or 'not applicable'}: {when}" for when, value in self.cases]
        return "; ".join(parts + ([f"{self.otherwise}: otherwise"] if self.otherwise else []))


@dataclass(frozen=True)
class Named:
    """A model by its name, handed over when tags are computed."""

    model: str

    def __str__(self) -> str:
        return f"model {self.model}"


Rule: TypeAlias = Aggregate | Peers | RatioOf | Cases | Named


@dataclass(frozen=True)
class Version:
    """A rule and the day from which it holds, until the next version's day.

    Parameters
    ----------
    from_on : the first as-of date under this rule.
    rule : how a value comes about.
    inputs : the tags it reads.
    note : why it was changed, for readers.
    """

    from_on: date
    rule: Rule
    inputs: tuple[str, ...]
    note: Label


def tags_used(rule: Rule) -> tuple[str, ...] | None:
    """The tags that a rule reads; None where the rule does not say so itself (a named model)."""
    match rule:
        case Aggregate():
            return ()
        case Peers(of, by):
            return (of, by)
        case RatioOf(numerator, denominator):
            return (numerator, denominator)
        case Cases(cases):
            return tuple(dict.fromkeys(name for when, _ in cases for name in when.names))
        case Named():
            return None


def columns_used(rule: Aggregate) -> Iterator[tuple[str, str]]:
    """Every column that an aggregate reads, with the part of the rule that names it."""
    yield from ((column, "column") for column in rule.columns)
    yield from ((name, "where") for name in (rule.where.names if rule.where else ()))
