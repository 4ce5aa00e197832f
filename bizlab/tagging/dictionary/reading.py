"""From the plain mapping of a configuration file to rules, with the place of every mistake."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, get_args

from bizlab.conditions.fields import Field
from bizlab.conditions.mapping import read_mapping
from bizlab.conditions.tree import Condition
from bizlab.configuration import Spot, choice, fields, label, mapping, word
from bizlab.tagging.dictionary.rules import Aggregate, Cases, Measure, Named, Peers, RatioOf, Rule, Version, tags_used
from bizlab.units.parse import parse_date

_MEASURES: tuple[str, ...] = get_args(Measure)
_COUNTED = frozenset({"count", "exists"})


def rule(value: Any, spot: Spot, tags: Mapping[str, Field]) -> Rule:
    """Read a rule; the first name decides which kind it is. ``tags`` are those that its conditions may ask about."""
    given = mapping(value, spot)
    if "table" in given:
        return _aggregate(given, spot)
    if "peers" in given:
        peers = fields(given, spot, needed=("peers", "by"))
        return Peers(word(peers["peers"], spot.at("peers")), word(peers["by"], spot.at("by")))
    if "ratio" in given:
        pair = fields(given, spot, needed=("ratio",))["ratio"]
        if not isinstance(pair, list) or len(pair) != 2:
            raise spot.at("ratio").refuse("A ratio takes two tags", "write [numerator, denominator]")
        return RatioOf(*(word(name, spot.at("ratio")) for name in pair))
    if "cases" in given:
        return _cases(fields(given, spot, needed=("cases",))["cases"], spot.at("cases"), tags)
    return Named(word(fields(given, spot, needed=("model",))["model"], spot.at("model")))


def versions(value: Any, spot: Spot, inputs: Any, tags: Mapping[str, Field]) -> tuple[Version, ...]:
    """Read ``[{from: 2026-01-01, rule: ..., note: {zh, en}}, ...]``, the earliest first.

    A version holds until the next one begins, so that days are neither without a rule nor under two.

    Parameters
    ----------
    inputs : the tag's inputs as written, for every version that names none of its own.
    tags : all tags, which conditions may ask about.
    """
    if not isinstance(value, list) or not value:
        raise spot.refuse("There are no versions", "write a list of '{from: ..., rule: ..., note: ...}'")
    in_order: list[Version] = []
    for number, part in enumerate(value):
        here = spot.at(number)
        given = fields(part, here, needed=("from", "rule", "note"), allowed=("inputs",))
        start = _day(given["from"], here.at("from"))
        if in_order and start <= in_order[-1].from_on:
            raise here.at("from").refuse(
                f"The version from {start} does not begin after the one before it, from {in_order[-1].from_on}",
                "order versions by their first day, and give every day one rule",
            )
        made = rule(given["rule"], here.at("rule"), tags)
        read = tags_read(given.get("inputs", inputs), made, here)
        in_order.append(Version(start, made, read, label(given["note"], here.at("note"))))
    return tuple(in_order)


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
    columns = ("column", "numerator", "denominator")
    fields(given, spot, needed=("table", "measure"), allowed=(*columns, "where", "window_days"))
    measure = choice(given["measure"], _MEASURES, spot.at("measure"))
    wanted = columns[1:] if measure == "ratio" else () if measure in _COUNTED else columns[:1]
    named = tuple(name for name in columns if name in given)
    if named != wanted:
        fix = f"give {' and '.join(wanted) or 'no column'}"
        raise spot.refuse(f"The measure '{measure}' does not go with {', '.join(sorted(named)) or 'no column'}", fix)
    days = given.get("window_days")
    if days is not None and (not isinstance(days, int) or isinstance(days, bool) or days < 1):
        raise spot.at("window_days").refuse(f"'{days}' is not a number of days", "write a whole number of at least 1")
    where = read_mapping(given["where"], spot.at("where"), {}) if "where" in given else None
    read = tuple(word(given[name], spot.at(name)) for name in wanted)
    return Aggregate(word(given["table"], spot.at("table")), measure, read, where, days)  # type: ignore[arg-type]


def _cases(value: Any, spot: Spot, tags: Mapping[str, Field]) -> Cases:
    if not isinstance(value, list) or not value:
        raise spot.refuse("There are no cases", "write a list of '{when: ..., then: ...}'")
    cases: list[tuple[Condition, str | None]] = []
    otherwise = None
    for number, part in enumerate(value):
        here = spot.at(number)
        if otherwise is not None:
            raise here.refuse("A case after 'otherwise' is never reached", "make 'otherwise' the last case")
        if "otherwise" in mapping(part, here):
            otherwise = word(fields(part, here, needed=("otherwise",))["otherwise"], here.at("otherwise"))
            continue
        case = fields(part, here, needed=("when", "then"))
        then = None if case["then"] is None else word(case["then"], here.at("then"))
        cases.append((read_mapping(case["when"], here.at("when"), tags), then))
    return Cases(tuple(cases), otherwise)


def _day(value: Any, spot: Spot) -> date:
    """A date, given as one or as the text YYYY-MM-DD."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return parse_date(str(value))
    except ValueError as fault:
        raise spot.refuse(f"'{value}' is not a date", "write it as YYYY-MM-DD") from fault
