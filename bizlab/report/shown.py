"""What a notebook shows, frozen: the page, the workbook and the JSON are renderings of these objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, PlainSerializer

from bizlab.contracts.by_name import ByName
from bizlab.contracts.check import Check
from bizlab.contracts.finding import Finding
from bizlab.labels import Label
from bizlab.units.kinds import Unit

Value = int | float | str | bool | None
Layout = Literal["rows", "statement"]


def _listed(reasons: Mapping[tuple[int, str], Label]) -> list[tuple[int, str, Label]]:
    return [(row, column, words) for (row, column), words in reasons.items()]


def _keyed(listed: Any) -> Any:
    return {(row, column): words for row, column, words in listed} if isinstance(listed, list) else listed


# JSON has no pairs for names: there a reason is a list of row, column and words.
Reasons = Annotated[Mapping[tuple[int, str], Label], BeforeValidator(_keyed), PlainSerializer(_listed)]


@dataclass(frozen=True)
class ShownColumn:
    """A column as it is shown; ``words`` gives the text for each code."""

    name: str
    unit: Unit
    label: Label
    definition: Label | None = None
    words: ByName[Label] = field(default_factory=dict)


@dataclass(frozen=True)
class Source:
    """An input table and how many of its rows the figures rest on."""

    table: str
    n_rows: int


@dataclass(frozen=True)
class Whole:
    """All rows of a table of which a part is shown: how many, and the CSV file that holds them, beside the page."""

    n_rows: int
    file: str


@dataclass(frozen=True)
class ShownTable:
    """A table limited to what is shown.

    Parameters
    ----------
    key : unique within the analysis; figures are named ``key[row].column`` after it.
    title, grain : name and what one row is.
    columns : in the order shown.
    key_columns : names of the columns that identify a row, in the contract's order.
    rows : values; dates as ISO text, missing as None.
    row_keys : for each row, its key as text parts; kept apart because a key column may be left out of ``columns``.
    totals : row numbers that are totals.
    depths : indentation of each row, for trees; empty for a flat table.
    layout : ``rows``, or ``statement`` where the columns are the lines and the rows stand side by side.
    sources : the input tables behind it.
    note : how to read it.
    identities : the sums that hold in every row, as the contract writes them; their left sides are set off.
    reasons : for a missing value, why: ``{(row number, column): words}``.
    whole : where all rows stand, if ``rows`` are a part of them.
    """

    key: str
    title: Label
    grain: Label
    columns: tuple[ShownColumn, ...]
    key_columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    row_keys: tuple[tuple[str, ...], ...]
    totals: Annotated[frozenset[int], PlainSerializer(sorted)] = frozenset()
    depths: tuple[int, ...] = ()
    layout: Layout = "rows"
    sources: tuple[Source, ...] = ()
    note: Label | None = None
    identities: tuple[str, ...] = ()
    reasons: Reasons = field(default_factory=dict)
    whole: Whole | None = None

    @property
    def n_rows(self) -> int:
        """How many rows the table has, shown or not."""
        return len(self.rows) if self.whole is None else self.whole.n_rows

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Where each column stands, by its name."""
        return {column.name: place for place, column in enumerate(self.columns)}

    def column(self, name: str) -> ShownColumn:
        return self.columns[self.places[name]]

    def value(self, row: int, name: str) -> Value:
        return self.rows[row][self.places[name]]

    @cached_property
    def row_numbers(self) -> Mapping[tuple[str, ...], int]:
        """Where each row stands, by its key."""
        return {parts: number for number, parts in enumerate(self.row_keys)}

    @cached_property
    def telling_parts(self) -> tuple[int, ...]:
        """Which parts of the rows' keys tell rows apart; all of them where none does."""
        parts = list(zip(*self.row_keys, strict=True))
        differing = tuple(place for place, values in enumerate(parts) if len(set(values)) > 1)
        return differing or tuple(range(len(parts)))

    @property
    def subtotals(self) -> frozenset[str]:
        """Columns that are a sum of other columns."""
        return frozenset(rule.split("=")[0].strip() for rule in self.identities)


@dataclass(frozen=True)
class ShownChart:
    """A chart drawn in both languages, and the table that it draws.

    ``svg`` maps a language to the drawing; ``alt`` says in words what it shows.
    """

    key: str
    title: Label
    svg: ByName[str]
    alt: Label
    data: ShownTable
    note: Label | None = None


@dataclass(frozen=True)
class Results:
    """Everything that an analysis leaves behind, as ``finish`` froze it.

    ``parameter_words`` says in order what each of the ``parameters`` means.
    """

    analysis: str
    title: Label
    question: Label
    month: str
    parameters: ByName[Value | tuple[Value, ...]]
    tables: tuple[ShownTable, ...]
    charts: tuple[ShownChart, ...]
    findings: tuple[Finding, ...]
    checks: tuple[Check, ...]
    provenance: ByName[str]
    parameter_words: tuple[tuple[str, Label], ...] = ()
