"""Findings as sentences: every ``{name}`` becomes the figure that stands in a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from string import Formatter
from typing import NamedTuple

from bizlab.contracts.finding import Direction, Finding, Ref
from bizlab.errors import ContractError, some
from bizlab.labels import LANGS, Label, Lang
from bizlab.report.format import exact, spoken
from bizlab.report.grid import row_anchor
from bizlab.report.shown import Results, ShownColumn, ShownTable, Value
from bizlab.units.kinds import NUMERIC


class Part(NamedTuple):
    """A piece of a sentence: plain words, or a figure with the place of its row."""

    text: str
    anchor: str = ""
    exact: str = ""
    is_number: bool = False


Sentence = dict[Lang, tuple[Part, ...]]


@dataclass(frozen=True)
class Statement:
    """A finding in words."""

    key: str
    anchor: str
    sentence: Sentence
    basis: Sentence | None
    direction: Direction
    material: bool
    weight: float

    def text(self) -> Label:
        """The sentence without links."""
        return Label(*("".join(part.text for part in self.sentence[lang]) for lang in LANGS))


class Place(NamedTuple):
    """Where a figure stands, and its value."""

    table: ShownTable
    row: int
    column: ShownColumn
    value: Value


class Figures:
    """Finds figures by reference among shown tables."""

    def __init__(self, tables: Iterable[ShownTable]) -> None:
        self._tables = {table.key: table for table in tables}

    def find(self, ref: Ref) -> Place:
        """The figure that a reference names; `ContractError` where no shown table holds it."""
        table = self._tables.get(ref.table)
        if table is None:
            raise _unknown(ref, "table", sorted(self._tables))
        row = table.row_numbers.get(ref.row)
        if row is None:
            raise _unknown(ref, "row", [",".join(parts) for parts in table.row_keys])
        if ref.column not in table.places:
            raise _unknown(ref, "column", list(table.places))
        return Place(table, row, table.column(ref.column), table.value(row, ref.column))


def all_tables(results: Results) -> list[ShownTable]:
    """Tables of an analysis, those behind its charts included; a table is found before a chart of the same name."""
    tables = {table.key: table for table in [*(chart.data for chart in results.charts), *results.tables]}
    return list(tables.values())


def statements(findings: Sequence[Finding], figures: Figures) -> list[Statement]:
    """Findings in words, material ones first, heavier ones before lighter ones."""
    ordered = sorted(findings, key=lambda finding: (not finding.material, -finding.weight, finding.key))
    return [statement(finding, figures) for finding in ordered]


def statement(finding: Finding, figures: Figures) -> Statement:
    """One finding in words; `ContractError` where a name has no reference, or a reference no figure."""
    return Statement(
        key=finding.key,
        anchor=f"f-{finding.key}",
        sentence=_sentence(finding, finding.text, figures),
        basis=None if finding.basis is None else _sentence(finding, finding.basis, figures),
        direction=finding.direction,
        material=finding.material,
        weight=finding.weight,
    )


def rows_rested_on(findings: Iterable[Finding], figures: Figures) -> dict[str, set[int]]:
    """For each table, the numbers of the rows that findings point at."""
    rows: dict[str, set[int]] = {}
    for finding in findings:
        for ref in finding.refs.values():
            rows.setdefault(ref.table, set()).add(figures.find(ref).row)
    return rows


def _sentence(finding: Finding, label: Label, figures: Figures) -> Sentence:
    return {lang: tuple(_parts(finding, label.text(lang), figures, lang)) for lang in LANGS}


def _parts(finding: Finding, text: str, figures: Figures, lang: Lang) -> Iterable[Part]:
    for words, name, _, _ in Formatter().parse(text):
        if words:
            yield Part(words)
        if name is None:
            continue
        if name not in finding.refs:
            raise ContractError(
                f"The sentence names '{name}', which has no reference",
                place=f"finding {finding.key}",
                fix=f"give refs for every name in the text; known: {some(sorted(finding.refs)) or 'none'}",
            )
        yield _figure(figures.find(finding.refs[name]), lang)


def said(place: Place) -> Label:
    """A figure in words; in place of a missing one why it is missing."""
    words, reason = spoken(place.value, place.column), place.table.reasons.get((place.row, place.column.name))
    if place.value is not None or reason is None:
        return words
    return Label(f"{words.zh}（{reason.zh}）", f"{words.en} ({reason.en})")


def _figure(place: Place, lang: Lang) -> Part:
    return Part(
        text=said(place).text(lang),
        anchor=row_anchor(place.table, place.row, place.column.name),
        exact=exact(place.value, place.column.unit),
        is_number=place.column.unit in NUMERIC,
    )


def _unknown(ref: Ref, what: str, known: Sequence[str]) -> ContractError:
    return ContractError(
        f"A finding rests on {ref.path}, but no such {what} is shown",
        place=f"reference {ref.path}",
        fix=f"show the table first, or point at one of {some(known) or 'nothing yet'}",
    )
