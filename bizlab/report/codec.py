"""Results as JSON and back, without loss."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from pydantic import TypeAdapter

from bizlab.contracts.check import Check
from bizlab.contracts.finding import Finding
from bizlab.errors import ContractError
from bizlab.report.shown import Results, ShownChart, ShownTable
from bizlab.report.view import Figure, figures

SCHEMA = "bizlab.results/1"
Shown = TypeVar("Shown")

_KINDS: dict[type, TypeAdapter[Any]] = {
    kind: TypeAdapter(kind) for kind in (Results, ShownTable, ShownChart, Finding, Check)
}


def plain(shown: object) -> Any:
    """Dictionaries, lists and plain values that stand for a shown object; names within a mapping are sorted.

    >>> from bizlab.labels import Label
    >>> from bizlab.units.kinds import Unit
    >>> plain(Check("sum", Label("合计", "total"), 100, 100, Unit.FEN))["label"]
    {'zh': '合计', 'en': 'total'}
    """
    return _KINDS[type(shown)].dump_python(shown, mode="json", warnings="error")


def shown_of(kind: type[Shown], content: object) -> Shown:
    """The object of a kind for which `plain` content stands; `ValueError` where it does not."""
    shown: Shown = _KINDS[kind].validate_python(content)
    return shown


def to_json(results: Results) -> str:
    """The results of an analysis as JSON text; the same results give the same bytes.

    ``figures`` lists every figure shown with its name, value and unit; it repeats what stands in ``tables``,
    ``charts`` and ``checks`` in a form that needs no knowledge of their layout.
    """
    content = {"schema": SCHEMA, **plain(results), "figures": [figure._asdict() for figure in all_figures(results)]}
    return json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def from_json(text: str) -> Results:
    """Read back what `to_json` wrote.

    Raises
    ------
    ContractError : another schema.
    ValueError : no JSON, or no results in it.
    """
    content = json.loads(text)
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        raise ContractError(
            f"The results are not in the schema {SCHEMA}",
            place="results JSON, field 'schema'",
            fix="run the month again with this version",
        )
    return shown_of(Results, content)


def all_figures(results: Results) -> list[Figure]:
    """Every figure of an analysis: tables, charts' tables, both sides of each check."""
    shown = [*results.tables, *(chart.data for chart in results.charts)]
    sides = (
        Figure(f"check[{check.key}].{side}", getattr(check, side), check.unit)
        for check in results.checks
        for side in ("left", "right", "difference")
    )
    by_name = {figure.key: figure for table in shown for figure in figures(table)}
    return list((by_name | {side.key: side for side in sides}).values())
