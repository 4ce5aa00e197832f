"""What a page puts on record under keys: tables, charts, checks, findings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from bizlab.contracts.check import Check
from bizlab.contracts.finding import Finding
from bizlab.errors import ContractError, some

Keyed = TypeVar("Keyed", Check, Finding)


def by_key(things: Sequence[Keyed]) -> dict[str, Keyed]:
    """Checks or findings by their keys, which must differ."""
    keyed = {thing.key: thing for thing in things}
    if len(keyed) < len(things):
        keys = [thing.key for thing in things]
        raise ContractError(
            f"Keys are used twice: {some(sorted({key for key in keys if keys.count(key) > 1}))}",
            place="checks or findings",
            fix="give each a key of its own, so that none hides another",
        )
    return keyed


def record(known: dict[str, Any], new: Mapping[str, Any], words: str) -> None:
    """Put things on record; one that is recorded again, as when a cell runs twice, takes its old place.

    Raises
    ------
    ContractError : the key belongs to something else already.
    """
    for key, thing in new.items():
        if key in known and getattr(known[key], words) != getattr(thing, words):
            raise ContractError(
                f"The key '{key}' is used for two things", place="what the notebook shows", fix="rename one"
            )
        known[key] = thing
