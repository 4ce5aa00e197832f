"""Conditions as a configuration file writes them: ``{name: value}`` and ``{name: {min: .., below: ..}}``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from bizlab.conditions.fields import Field, UnfitError, bounded, compared, operand, refuse_kind, refuse_order
from bizlab.conditions.text import read_condition
from bizlab.conditions.tree import AsOf, Condition, In, Missing, Not, Operand, Sign, all_of, any_of
from bizlab.configuration import Spot, fields, mapping
from bizlab.labels import Label
from bizlab.units.kinds import Unit, unit_of

_SIGNS: Mapping[str, Sign] = {"min": ">=", "max": "<=", "above": ">", "below": "<", "is": "="}
_EMPTY = ("The condition is empty", "write 'name: value' or 'name: {min: ...}'")


def read_mapping(value: Any, spot: Spot, known: Mapping[str, Field]) -> Condition:
    """Read ``{name: .., name: ..}`` (all must hold), ``{any: [{..}, {..}]}``, or, where the names are known, a text.

    Parameters
    ----------
    value : as written: ``min`` and ``max`` include the bound, ``above`` and ``below`` do not; ``is``, ``in`` a list,
        ``missing`` true or false; a plain value stands for ``is``. Amounts carry their unit, ``as_of`` is the as-of
        date.
    spot : where it stands, for messages.
    known : what the names stand for. The end of another name tells an amount or a date, its value all else.

    Raises
    ------
    SettingError : a word or value that a condition cannot have, with its place.

    >>> amount = {"amount_fen": {"above": 0, "max": "2.5万元"}}
    >>> str(read_mapping({"any": [{"role": "kp", "is_new": False}, amount]}, Spot("rule"), {}))
    'role = kp and not is_new or amount_fen > 0元 and amount_fen <= 25000元'
    """
    if isinstance(value, str) and known:
        return read_condition(value, known, place=spot.place)
    given = mapping(value, spot)
    if "any" not in given:
        return _all_of(given, spot, known)
    listed = fields(given, spot, needed=("any",))["any"]
    alternatives = listed if isinstance(listed, list) else [listed]
    if not alternatives:
        raise spot.at("any").refuse(*_EMPTY)
    inside = spot.at("any")
    return any_of([_all_of(mapping(part, inside.at(i)), inside.at(i), known) for i, part in enumerate(alternatives)])


def _all_of(given: Mapping[str, Any], spot: Spot, known: Mapping[str, Field]) -> Condition:
    parts: list[Condition] = []
    for name, asked in given.items():
        here = spot.at(str(name))
        plain = asked if isinstance(asked, Mapping) else {"is": asked}
        for operator, value in fields(plain, here, needed=(), allowed=(*_SIGNS, "in", "missing")).items():
            place = here.at(operator) if plain is asked else here
            try:
                parts.append(_statement(str(name), operator, value, known))
            except UnfitError as fault:
                raise place.refuse(fault.problem, fault.fix) from fault
        if not plain:
            raise here.refuse(*_EMPTY)
    if not parts:
        raise spot.refuse(*_EMPTY)
    return all_of(parts)


def _statement(name: str, operator: str, value: Any, known: Mapping[str, Field]) -> Condition:
    if operator == "missing":
        if not isinstance(value, bool):
            raise UnfitError(f"'{value}' is neither true nor false", "write true or false")
        return Missing(name) if value else Not(Missing(name))
    if operator == "in":
        if not isinstance(value, list) or not value:
            raise UnfitError("'in' takes a list", "write [first, second]")
        field = known.get(name) or _by_name(name, value[0])
        if field.kind == "flag":
            refuse_kind("a list", field)
        return In(name, tuple(dict.fromkeys(_operand(part, field) for part in value)))
    field = known.get(name) or _by_name(name, value)
    if name in known or field.kind == "flag":  # a column of texts, such as months, may be ordered
        refuse_order(_SIGNS[operator], field)
    return compared(field, _SIGNS[operator], _operand(value, field))


def _by_name(name: str, value: Any) -> Field:
    """What a name stands for that nobody has described: a column of a table."""
    unit = unit_of(name)
    if value == "as_of" or isinstance(value, date):
        unit = Unit.DATE
    elif unit not in {Unit.FEN, Unit.DATE}:
        unit = Unit.BOOL if isinstance(value, bool) else Unit.CODE if isinstance(value, str) else Unit.SCORE
    return Field(name, Label(name, name), unit)


def _operand(value: Any, field: Field) -> Operand:
    """A value of the file as the field holds it; a text is read as in the text of a condition."""
    match field.kind, value:
        case ("date", datetime()) | ("number", bool()) | ("flag", str()):
            pass
        case "date", "as_of":
            return AsOf()
        case "number", int() | float() if field.unit in {Unit.FEN, Unit.RATE}:
            return operand("number", format(Decimal(str(value)), "f"), field)
        case "number", int() | float():
            return bounded(value, field)
        case "date", date() as day:
            return day
        case "flag", bool() as flag:
            return flag
        case _, str():
            return operand({"category": "word"}.get(field.kind, field.kind), value, field)
    return refuse_kind(f"'{value}'", field)
