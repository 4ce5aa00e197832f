"""How a tag's value comes about, as values: the rules that a dictionary may hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from bizlab.conditions.tree import AsOf, Compare, Condition, all_of, names_of
from bizlab.labels import Label

Measure = Literal[
    "count", "exists", "sum", "min", "max", "count_distinct", "count_months", "last", "days_since", "years_since",
    "ratio", "value",
]  # fmt: skip
ADDITIVE: tuple[Measure, ...] = ("count", "exists", "sum")


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
    where: Condition | None = None
    window_days: int | None = None

    @property
    def is_partial(self) -> bool:
        """Whether some rows of the table may be left out."""
        return self.where is not None or self.window_days is not None

    def rows(self, occurred: str) -> Condition | None:
        """Which rows count, by the window and the condition; None for all.

        Parameters
        ----------
        occurred : the date column that says when a row happened.
        """
        window = [] if self.window_days is None else [Compare(occurred, ">=", AsOf(1 - self.window_days))]
        parts = [*window, *([] if self.where is None else [self.where])]
        return all_of(parts) if parts else None

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

    cases: tuple[tuple[Condition, str | None], ...]
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
            return tuple(dict.fromkeys(name for when, _ in cases for name in names_of(when)))
        case Named():
            return None


def columns_used(rule: Aggregate) -> Iterator[tuple[str, str]]:
    """Every column that an aggregate reads, with the part of the rule that names it."""
    yield from ((column, "column") for column in rule.columns)
    yield from ((name, "where") for name in (names_of(rule.where) if rule.where else ()))
