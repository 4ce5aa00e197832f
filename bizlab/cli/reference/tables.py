"""Reference of input tables and units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bizlab.contracts.table import Table
from bizlab.labels import Label
from bizlab.units.kinds import Unit


def tables_page(tables: Mapping[str, Table]) -> str:
    """``docs/tables.md``: grain, key and columns of every input table, in both languages."""
    head = [
        "# Input tables",
        "",
        "Made from the contracts in `bizlab/tables/`; `python -m bizlab.cli.reference` writes it anew.",
        "Money is whole fen, time whole minutes once read; a source declares its own unit in `params/sources.yaml`.",
        "",
    ]
    parts = [line for table in tables.values() for line in _table(table)]
    return "\n".join([*head, *parts]).rstrip() + "\n"


def units_page() -> str:
    """``docs/units.md``: how each unit is named, kept, read and shown."""
    lines = [
        "# Units",
        "",
        "What a column may hold.",
        "Made from `bizlab/units/kinds.py`; `python -m bizlab.cli.reference` writes it anew.",
        "A source names its unit under `units` in `params/sources.yaml`; the first is taken where it names none.",
        "",
        "| unit | names | kept as | units of a source | on the page |",
        "|---|---|---|---|---|",
    ]
    for unit in Unit:
        row = unit.row
        names = [*(f"`*{ending}`" for ending in row.endings), *([f"`{row.beginning}*`"] if row.beginning else [])]
        sources = ", ".join(f"`{source.name}`" for source in row.sources)
        words = [row.word, *([row.large.word] if row.large else [])] if row.word else []
        shown = ", ".join(dict.fromkeys(text for word in words for text in word))
        lines.append(f"| `{unit}` | {', '.join(names)} | {row.kind.words} | {sources} | {shown} |")
    return "\n".join(lines) + "\n"


def _table(table: Table) -> Iterator[str]:
    yield f"## `{table.name}` {_both(table.label)}"
    yield ""
    yield f"{table.system}; {_both(table.grain)}. Key: {', '.join(f'`{name}`' for name in table.key)}."
    if table.occurred:
        known = f", known at `{table.known_at}`" if table.known_at else ""
        yield f"Happened at `{table.occurred}`{known}."
    yield ""
    yield "| column | 名称 | name | holds | refers to | may be missing |"
    yield "|---|---|---|---|---|---|"
    for column in table.columns:
        refers = f"`{column.refers}`" if column.refers else ""
        holds = ", ".join(f"`{code}` {column.words[code].zh}" for code in column.choices) or column.unit.value
        cells = (column.label.zh, column.label.en, holds, refers, "yes" if column.nullable else "")
        yield f"| `{column.name}` | {' | '.join(cells)} |"
    yield ""


def _both(label: Label) -> str:
    return f"{label.zh} · {label.en}"
