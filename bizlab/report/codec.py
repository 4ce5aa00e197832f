"""Shown objects as JSON and back, without loss."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from bizlab.contracts.check import Check
from bizlab.contracts.finding import Finding, Ref
from bizlab.errors import ContractError
from bizlab.labels import Label
from bizlab.report.shown import Results, ShownChart, ShownColumn, ShownTable, Source
from bizlab.report.view import Figure, figures
from bizlab.units.kinds import Unit

SCHEMA = "bizlab.results/1"
Plain = Any


def plain(value: object) -> Plain:
    """Dictionaries, lists and plain values that stand for a shown object; names within a mapping are sorted.

    >>> plain(Label("净额", "Net")), plain(frozenset({3, 1}))
    ({'zh': '净额', 'en': 'Net'}, [1, 3])
    """
    if isinstance(value, Label):
        return value._asdict()
    if isinstance(value, ShownTable):
        reasons = [[row, column, plain(words)] for (row, column), words in value.reasons.items()]
        return {**_fields(value), "reasons": reasons}
    if is_dataclass(value):
        return _fields(value)
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in sorted(value.items())}
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, Unit) else value


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
    """
    content = json.loads(text)
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        raise ContractError(
            f"The results are not in the schema {SCHEMA}",
            place="results JSON, field 'schema'",
            way_out="run the month again with this version",
        )
    return results_from(content)


def all_figures(results: Results) -> list[Figure]:
    """Every figure of an analysis: tables, charts' tables, both sides of each check."""
    shown = [*results.tables, *(chart.data for chart in results.charts)]
    found = {figure.key: figure for table in shown for figure in figures(table)}
    for check in results.checks:
        for side in ("left", "right", "difference"):
            name = f"check[{check.key}].{side}"
            found[name] = Figure(name, getattr(check, side), check.unit)
    return list(found.values())


def results_from(content: Mapping[str, Plain]) -> Results:
    return Results(
        analysis=content["analysis"],
        title=_label(content["title"]),
        question=_label(content["question"]),
        month=content["month"],
        parameters={name: tuple(v) if isinstance(v, list) else v for name, v in content["parameters"].items()},
        tables=tuple(table_from(table) for table in content["tables"]),
        charts=tuple(chart_from(chart) for chart in content["charts"]),
        findings=tuple(finding_from(finding) for finding in content["findings"]),
        checks=tuple(check_from(check) for check in content["checks"]),
        provenance=dict(content["provenance"]),
        parameter_words=tuple((name, _label(words)) for name, words in content["parameter_words"]),
    )


def table_from(content: Mapping[str, Plain]) -> ShownTable:
    return ShownTable(
        key=content["key"],
        title=_label(content["title"]),
        grain=_label(content["grain"]),
        columns=tuple(_column(column) for column in content["columns"]),
        key_columns=tuple(content["key_columns"]),
        rows=tuple(tuple(row) for row in content["rows"]),
        row_keys=tuple(tuple(parts) for parts in content["row_keys"]),
        reasons={(row, column): _label(words) for row, column, words in content["reasons"]},
        totals=frozenset(content["totals"]),
        depths=tuple(content["depths"]),
        layout=content["layout"],
        sources=tuple(Source(**source) for source in content["sources"]),
        note=_maybe(content["note"]),
        identities=tuple(content["identities"]),
    )


def chart_from(content: Mapping[str, Plain]) -> ShownChart:
    return ShownChart(
        key=content["key"],
        title=_label(content["title"]),
        svg=dict(content["svg"]),
        alt=_label(content["alt"]),
        data=table_from(content["data"]),
        note=_maybe(content["note"]),
    )


def finding_from(content: Mapping[str, Plain]) -> Finding:
    refs = content["refs"].items()
    return Finding(
        key=content["key"],
        text=_label(content["text"]),
        refs={name: Ref(ref["table"], tuple(ref["row"]), ref["column"]) for name, ref in refs},
        direction=content["direction"],
        material=content["material"],
        weight=content["weight"],
        basis=_maybe(content["basis"]),
    )


def check_from(content: Mapping[str, Plain]) -> Check:
    return Check(
        key=content["key"],
        label=_label(content["label"]),
        left=content["left"],
        right=content["right"],
        unit=Unit(content["unit"]),
        detail=_maybe(content["detail"]),
    )


def _column(content: Mapping[str, Plain]) -> ShownColumn:
    return ShownColumn(
        name=content["name"],
        unit=Unit(content["unit"]),
        label=_label(content["label"]),
        definition=_maybe(content["definition"]),
        words={code: _label(words) for code, words in content["words"].items()},
    )


def _fields(value: Any) -> dict[str, Plain]:
    return {field.name: plain(getattr(value, field.name)) for field in fields(value) if field.name != "reasons"}


def _label(content: Mapping[str, str]) -> Label:
    return Label(content["zh"], content["en"])


def _maybe(content: Mapping[str, str] | None) -> Label | None:
    return None if content is None else _label(content)
