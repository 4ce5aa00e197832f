"""A finding written from one row of a table: the places of its sentence name columns of the row."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bizlab.contracts.column import plain
from bizlab.contracts.finding import Direction, Finding, Ref
from bizlab.contracts.table import Table
from bizlab.errors import ContractError, did_you_mean
from bizlab.labels import Label

_PLACE = re.compile(r"\{(\w+)\}")


def row_key(row: Mapping[Any, Any], contract: Table) -> tuple[str, ...]:
    """The key of a row as text, as the figures of a shown table are named."""
    parts = (plain(row[name], contract[name]) for name in contract.key)
    return tuple("" if part is None else str(part).lower() if isinstance(part, bool) else str(part) for part in parts)


def says(
    row: Mapping[Any, Any],
    contract: Table,
    text: str | Label,
    *,
    key: str,
    table: str = "",
    direction: Direction = "neutral",
    material: bool = False,
    weight: float = 0.0,
    basis: str | Label | None = None,
    **elsewhere: Ref,
) -> Finding:
    """A finding about one row.

    Parameters
    ----------
    row : a row that satisfies ``contract``, as ``frame.to_dict("records")`` gives it.
    text : sentence in both languages; ``{column}`` is where a figure of the row goes.
    key : stable name, unique within a page.
    table : key under which the table is shown; by itself the contract's name.
    direction, material, weight, basis : see `Finding`.
    elsewhere : places of the sentence whose figures stand in another row or table.

    Raises
    ------
    ContractError : a place that names no column.

    >>> from bizlab.contracts.columns import code, column, table
    >>> budget = table("budget", "预算 | Budget", "一行 | a row", code("owner_id", "单元 | Owner"),
    ...                column("over_fen", "超支 | Over"), key="owner_id")
    >>> row = {"owner_id": "SA", "over_fen": 500}
    >>> finding = says(row, budget, "{owner_id}超支 {over_fen} | {owner_id} is {over_fen} over", key="over-SA")
    >>> finding.refs["over_fen"].path
    'budget[SA].over_fen'
    """
    said, why = Label.of(text), None if basis is None else Label.of(basis)
    places = dict.fromkeys(_PLACE.findall(" ".join([*said, *(why or ())])))
    unknown = [name for name in places if name not in contract.by_name and name not in elsewhere]
    if unknown:
        raise ContractError(
            f"A sentence names '{unknown[0]}', which is not a column",
            place=f"table {contract.name}, finding '{key}'",
            fix=did_you_mean(unknown[0], [*contract.names, *elsewhere]),
        )
    own = row_key(row, contract)
    refs = {name: elsewhere.get(name, Ref(table or contract.name, own, name)) for name in places}
    return Finding(key, said, refs, direction, material, weight, why)
