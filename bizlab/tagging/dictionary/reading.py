"""From the plain mapping of a configuration file to rules, with the place of every mistake."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, get_args

from bizlab.errors import SettingError, did_you_mean
from bizlab.labels import Label
from bizlab.tagging.dictionary.rules import (
    AS_OF,
    Aggregate,
    Cases,
    Condition,
    Measure,
    Named,
    Operator,
    Peers,
    RatioOf,
    Rule,
    Version,
    When,
    tags_used,
)
from bizlab.units.parse import parse_date, parse_fen

_OPERATORS: tuple[str, ...] = get_args(Operator)
_MEASURES: tuple[str, ...] = get_args(Measure)
_COUNTED = frozenset({"count", "exists"})
_MONEY, _DATE = "_fen", "_on"


@dataclass(frozen=True)
class Spot:
    """Where in the configuration a value stands, for messages."""

    path: str

    def at(self, part: str | int) -> Spot:
        return Spot(f"{self.path}[{part}]" if isinstance(part, int) else f"{self.path}.{part}")

    def refuse(self, problem: str, way_out: str) -> SettingError:
        return SettingError(problem, place=self.path, way_out=way_out)


def mapping(value: Any, spot: Spot) -> Mapping[str, Any]:
    """The value as a mapping, or a refusal."""
    if not isinstance(value, Mapping):
        raise spot.refuse(f"'{value}' is no mapping", "write it as 'name: value' lines")
    return value


def fields(value: Any, spot: Spot, *, needed: Collection[str], allowed: Collection[str] = ()) -> Mapping[str, Any]:
    """A mapping with the needed names and no others than the allowed ones."""
    given = mapping(value, spot)
    known = [*needed, *allowed]
    for name in given:
        if name not in known:
            raise spot.refuse(f"'{name}' is not known here", did_you_mean(name, known))
    missing = [name for name in needed if name not in given]
    if missing:
        raise spot.refuse(f"'{missing[0]}' is missing", f"add '{missing[0]}: ...'")
    return given


def word(value: Any, spot: Spot) -> str:
    if not isinstance(value, str) or not value.strip():
        raise spot.refuse(f"'{value}' is no text", "write a text, in quotes where it looks like a number")
    return value.strip()


def label(value: Any, spot: Spot) -> Label:
    given = fields(value, spot, needed=("zh", "en"))
    return Label(word(given["zh"], spot.at("zh")), word(given["en"], spot.at("en")))


def choice(value: Any, options: Collection[str], spot: Spot) -> str:
    if value not in options:
        raise spot.refuse(f"'{value}' is not one of the choices", f"choose from {', '.join(options)}")
    return str(value)


def rule(value: Any, spot: Spot) -> Rule:
    """Read a rule; the first name decides which kind it is."""
    given = mapping(value, spot)
    if "table" in given:
        return _aggregate(given, spot)
    if "peers" in given:
        found = fields(given, spot, needed=("peers", "by"))
        return Peers(word(found["peers"], spot.at("peers")), word(found["by"], spot.at("by")))
    if "ratio" in given:
        pair = fields(given, spot, needed=("ratio",))["ratio"]
        if not isinstance(pair, list) or len(pair) != 2:
            raise spot.at("ratio").refuse("A ratio takes two tags", "write [numerator, denominator]")
        return RatioOf(*(word(name, spot.at("ratio")) for name in pair))
    if "cases" in given:
        return _cases(fields(given, spot, needed=("cases",))["cases"], spot.at("cases"))
    found = fields(given, spot, needed=("model",))
    return Named(word(found["model"], spot.at("model")))


def when(value: Any, spot: Spot) -> When:
    """Read ``{name: condition, ...}`` (all must hold) or ``{any: [{...}, {...}]}``."""
    given = mapping(value, spot)
    if "any" in given:
        found = fields(given, spot, needed=("any",))["any"]
        alternatives = found if isinstance(found, list) else [found]
        return When(tuple(_all_of(part, spot.at("any").at(i)) for i, part in enumerate(alternatives)))
    return When((_all_of(given, spot),))


def versions(value: Any, spot: Spot, inputs: Any) -> tuple[Version, ...]:
    """Read ``[{from: 2026-01-01, rule: ..., note: {zh, en}}, ...]``, the earliest first.

    A version holds until the next one begins, so that days are neither without a rule nor under two.

    Parameters
    ----------
    inputs : the tag's inputs as written, for every version that names none of its own.
    """
    if not isinstance(value, list) or not value:
        raise spot.refuse("There are no versions", "write a list of '{from: ..., rule: ..., note: ...}'")
    found: list[Version] = []
    for number, part in enumerate(value):
        here = spot.at(number)
        given = fields(part, here, needed=("from", "rule", "note"), allowed=("inputs",))
        start = _day(given["from"], here.at("from"))
        if found and start <= found[-1].from_on:
            raise here.at("from").refuse(
                f"The version from {start} does not begin after the one before it, from {found[-1].from_on}",
                "order versions by their first day, and give every day one rule",
            )
        made = rule(given["rule"], here.at("rule"))
        read = tags_read(given.get("inputs", inputs), made, here)
        found.append(Version(start, made, read, label(given["note"], here.at("note"))))
    return tuple(found)


def tags_read(given: Any, made: Rule, spot: Spot) -> tuple[str, ...]:
    """The inputs as declared, which must be those that the rule reads."""
    listed = given if isinstance(given, list) else [] if given is None else [given]
    inputs = tuple(word(name, spot.at("inputs")) for name in listed)
    used = tags_used(made)
    if used is None:
        if not inputs:
            raise spot.refuse("'inputs' is missing", "list the tags that the model reads, in its order")
        return inputs
    for name in used:
        if name not in inputs:
            raise spot.at("rule").refuse(f"The rule reads '{name}', which is no declared input", "add it to 'inputs'")
    for name in inputs:
        if name not in used:
            raise spot.at("inputs").refuse(f"The rule does not read the input '{name}'", "take it out of 'inputs'")
    return inputs


def _aggregate(given: Mapping[str, Any], spot: Spot) -> Aggregate:
    optional = ("column", "numerator", "denominator", "where", "window_days")
    found = fields(given, spot, needed=("table", "measure"), allowed=optional)
    measure = choice(found["measure"], _MEASURES, spot.at("measure"))
    wanted = ("numerator", "denominator") if measure == "ratio" else () if measure in _COUNTED else ("column",)
    parts = {name for name in ("column", "numerator", "denominator") if name in found}
    if parts != set(wanted):
        way_out = f"give {' and '.join(wanted) or 'no column'}"
        raise spot.refuse(
            f"The measure '{measure}' does not go with {', '.join(sorted(parts)) or 'no column'}", way_out
        )
    days = found.get("window_days")
    if days is not None and (not isinstance(days, int) or isinstance(days, bool) or days < 1):
        raise spot.at("window_days").refuse(f"'{days}' is no number of days", "write a whole number of at least 1")
    where = when(found["where"], spot.at("where")) if "where" in found else None
    columns = tuple(word(found[name], spot.at(name)) for name in wanted)
    return Aggregate(word(found["table"], spot.at("table")), measure, columns, where, days)  # type: ignore[arg-type]


def _cases(value: Any, spot: Spot) -> Cases:
    if not isinstance(value, list) or not value:
        raise spot.refuse("There are no cases", "write a list of '{when: ..., then: ...}'")
    cases: list[tuple[When, str | None]] = []
    otherwise = None
    for number, part in enumerate(value):
        here = spot.at(number)
        if otherwise is not None:
            raise here.refuse("A case after 'otherwise' is never reached", "make 'otherwise' the last case")
        if "otherwise" in mapping(part, here):
            otherwise = word(fields(part, here, needed=("otherwise",))["otherwise"], here.at("otherwise"))
            continue
        found = fields(part, here, needed=("when", "then"))
        then = None if found["then"] is None else word(found["then"], here.at("then"))
        cases.append((when(found["when"], here.at("when")), then))
    return Cases(tuple(cases), otherwise)


def _all_of(value: Any, spot: Spot) -> tuple[Condition, ...]:
    given = mapping(value, spot)
    if not given:
        raise spot.refuse("The condition is empty", "write 'name: value' or 'name: {min: ...}'")
    return tuple(part for name, asked in given.items() for part in _conditions(str(name), asked, spot.at(str(name))))


def _conditions(name: str, asked: Any, spot: Spot) -> list[Condition]:
    if not isinstance(asked, Mapping):
        return [Condition(name, "is", _bound(name, asked, spot))]
    found = fields(asked, spot, needed=(), allowed=_OPERATORS)
    if not found:
        raise spot.refuse("The condition is empty", "write 'name: value' or 'name: {min: ...}'")
    return [_condition(name, operator, value, spot.at(operator)) for operator, value in found.items()]


def _condition(name: str, operator: str, value: Any, spot: Spot) -> Condition:
    if operator == "missing":
        if not isinstance(value, bool):
            raise spot.refuse(f"'{value}' is neither true nor false", "write true or false")
        return Condition(name, "missing", value)
    if operator == "in":
        if not isinstance(value, list) or not value:
            raise spot.refuse("'in' takes a list", "write [first, second]")
        return Condition(name, "in", tuple(_bound(name, part, spot) for part in value))
    return Condition(name, operator, _bound(name, value, spot))  # type: ignore[arg-type]


def _bound(name: str, value: Any, spot: Spot) -> int | float | str | bool | date:
    """The value compared with: money as text with its unit, dates as dates."""
    if re.search(rf"{_MONEY}$", name):
        return _amount(value, spot)
    if name.endswith(_DATE):
        return AS_OF if value == AS_OF else _day(value, spot)
    if isinstance(value, bool | int | float | str):
        return value
    raise spot.refuse(f"'{value}' cannot be compared with", "write a number, a text, true or false")


def _day(value: Any, spot: Spot) -> date:
    """A date, given as one or as the text YYYY-MM-DD."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return parse_date(str(value))
    except ValueError as fault:
        raise spot.refuse(f"'{value}' is no date", "write it as YYYY-MM-DD") from fault


def _amount(value: Any, spot: Spot) -> int:
    """Whole fen; a bare number other than 0 is refused, since nobody can see whether it means fen or yuan."""
    if value == 0 and not isinstance(value, bool):
        return 0
    if isinstance(value, str) and value.endswith("元"):
        try:
            return parse_fen(value)
        except ValueError as fault:
            raise spot.refuse(f"'{value}' is no amount: {fault}", "write it like 2000万元") from fault
    raise spot.refuse(f"The amount '{value}' has no unit", "write it as text with its unit, such as 2000万元")
