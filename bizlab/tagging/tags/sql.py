"""A tag as SQL, so that whoever keeps the tables can count it again without this library.

DuckDB's dialect, which differs from ISO/IEC 9075 here only in that a date less a date is a number of days. The third
truth value of an undecided condition is SQL's own NULL.
"""
# ruff: noqa: S608  every name goes through `quoted` and every value through `literal`

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from bizlab.conditions.sql import literal, quoted, sql
from bizlab.conditions.tree import Missing, Not, all_of, names_of
from bizlab.tagging.dictionary.dictionary import KEY, Dictionary, Tag
from bizlab.tagging.dictionary.regions import may_be_missing
from bizlab.tagging.dictionary.rules import Aggregate, Cases, Named, Peers, RatioOf
from bizlab.tagging.tags.facts import POPULATION
from bizlab.tagging.tags.prepared import PREPARED

_PEOPLE = '"all companies"'

_PREPARED: Mapping[str, str] = {
    "payments": """\
SELECT s.*, o."ordered_on", o."due_on",
  CASE WHEN o."ordered_on" IS NULL THEN 0 ELSE s."amount_fen" END AS "matched_fen",
  s."amount_fen" * (CAST(s."paid_on" AS DATE) - CAST(COALESCE(o."ordered_on", s."paid_on") AS DATE))
    AS "cycle_fen_days",
  s."amount_fen" * (CAST(s."paid_on" AS DATE) - CAST(COALESCE(o."due_on", s."paid_on") AS DATE))
    AS "late_fen_days"
FROM "settlements to date" AS s LEFT JOIN (
  SELECT "order_id", MIN("ordered_on") AS "ordered_on", MAX("due_on") AS "due_on"
  FROM "orders to date" GROUP BY "order_id"
) AS o ON o."order_id" = s."order_id\"""",
    "receivables": """\
SELECT o.*, COALESCE(p."paid_fen", 0) AS "paid_fen", o."amount_fen" - COALESCE(p."paid_fen", 0) AS "open_fen"
FROM (
  SELECT "order_id", MIN("customer_id") AS "customer_id", MIN("ordered_on") AS "ordered_on",
    MAX("due_on") AS "due_on", CAST(SUM("amount_fen") AS BIGINT) AS "amount_fen"
  FROM "orders to date" GROUP BY "order_id"
) AS o LEFT JOIN (
  SELECT "order_id", CAST(SUM("amount_fen") AS BIGINT) AS "paid_fen" FROM "settlements to date" GROUP BY "order_id"
) AS p ON p."order_id" = o."order_id\"""",
}
"""The prepared tables once more, in SQL; tests hold both against each other."""

_FIGURES: Mapping[str, Callable[[list[str], date], str]] = {
    "count": lambda _, __: "COUNT(*)",
    "exists": lambda _, __: "COUNT(*) > 0",
    "sum": lambda c, _: f"CAST(COALESCE(SUM({c[0]}), 0) AS BIGINT)",
    "min": lambda c, _: f"MIN({c[0]})",
    "max": lambda c, _: f"MAX({c[0]})",
    "value": lambda c, _: f"MAX({c[0]})",
    "last": lambda c, _: f"MAX({c[0]})",
    "count_distinct": lambda c, _: f"COUNT(DISTINCT {c[0]})",
    "count_months": lambda c, _: f"COUNT(DISTINCT EXTRACT(YEAR FROM {c[0]}) * 12 + EXTRACT(MONTH FROM {c[0]}))",
    "days_since": lambda c, as_of: f"{literal(as_of)} - CAST(MAX({c[0]}) AS DATE)",
    "years_since": lambda c, as_of: _years(f"MAX({c[0]})", as_of),
    "ratio": lambda c, _: _divided(*(f"CAST(COALESCE(SUM({name}), 0) AS BIGINT)" for name in c)),
}
_OF_NOTHING = {"count": "0", "sum": "0", "count_distinct": "0", "count_months": "0", "exists": "FALSE"}


def as_sql(dictionary: Dictionary, tag_id: str, *, as_of: date) -> str:
    """One query over the base tables that gives a tag of every company on a date.

    Parameters
    ----------
    dictionary : tables are found under their contract names.
    as_of : nothing dated later is read.

    Returns
    -------
    Query with one row per company, sorted: ``customer_id`` and ``value``, the values of `customer_facts` and
    `customer_tags`; NULL where these have none. Every step is a named subquery: the tables to date, and each tag that
    the tag is made of.

    Raises
    ------
    SettingError : the tag, or one it is made of, comes from a fitted model; or a table is not declared.

    >>> from bizlab.tagging.dictionary.dictionary import parse_dictionary
    >>> words = {"zh": "订单数", "en": "Orders"}
    >>> tag = {"id": "n_orders", "name": words, "definition": words, "tier": "fact", "layer": "enterprise",
    ...        "type": "number", "unit": "count", "refresh": "monthly", "owner": words,
    ...        "rule": {"table": "orders", "measure": "count", "where": {"quantity": {"min": 2}}}}
    >>> uses = {"customers": {"occurred": "created_on", "empty": words}, "orders": {"occurred": "on", "empty": words}}
    >>> print(as_sql(parse_dictionary({"tables": uses, "tags": [tag]}), "n_orders", as_of=date(2026, 1, 31)))
    WITH
    "customers to date" AS (
    SELECT * FROM "customers" WHERE "created_on" < DATE '2026-02-01'
    ),
    "orders to date" AS (
    SELECT * FROM "orders" WHERE "on" < DATE '2026-02-01'
    ),
    "all companies" AS (
    SELECT "customer_id" FROM "customers to date"
    ),
    "tag n_orders" AS (
    SELECT a."customer_id", COALESCE(f."value", 0) AS "value"
    FROM "all companies" AS a LEFT JOIN (
      SELECT "customer_id", COUNT(*) AS "value" FROM "orders to date" WHERE "quantity" >= 2 GROUP BY "customer_id"
    ) AS f ON f."customer_id" = a."customer_id"
    )
    SELECT "customer_id", "value" FROM "tag n_orders" ORDER BY "customer_id"
    """
    tag = dictionary[tag_id]
    wanted = [*(name for name in dictionary.order if name in dictionary.below(tag_id)), tag_id]
    tags = [dictionary[name] for name in wanted]
    for part in tags:
        if isinstance(part.rule, Named):
            through = "" if part is tag else f", which reads '{part.tag_id}'"
            raise tag.spot.refuse(
                f"There is no SQL of '{tag_id}'{through}: it is given by a fitted model",
                "compute it with the model at hand, or ask for a tag of rules alone",
            )
    steps = _tables(dictionary, tags, as_of) | {
        _PEOPLE: f"SELECT {quoted(KEY)} FROM {_to_date(POPULATION)}",
        **{_tag(part.tag_id): _value(dictionary, part, as_of) for part in tags},
    }
    shown = ",\n".join(f"{name} AS (\n{query}\n)" for name, query in steps.items())
    return f'WITH\n{shown}\nSELECT {quoted(KEY)}, "value" FROM {_tag(tag_id)} ORDER BY {quoted(KEY)}'


def _tables(dictionary: Dictionary, tags: list[Tag], as_of: date) -> dict[str, str]:
    """The tables that tags are counted from, cut at the as-of date; prepared ones after those they are made of."""
    used = {tag.rule.table: None for tag in tags if isinstance(tag.rule, Aggregate)}
    takes = [PREPARED[name].takes if name in PREPARED else (name,) for name in used]
    base = dict.fromkeys([POPULATION, *(name for names in takes for name in names)])
    absent = [name for name in base if name not in dictionary.tables]
    if absent:
        raise tags[-1].spot.refuse(f"The table '{absent[0]}' is not declared", "declare it under 'tables'")
    end = literal(as_of + timedelta(days=1))
    steps = {
        _to_date(name): f"SELECT * FROM {quoted(name)} WHERE {quoted(dictionary.tables[name].occurred)} < {end}"
        for name in base
    }
    return steps | {_to_date(name): _PREPARED[name] for name in used if name in PREPARED}


def _to_date(table: str) -> str:
    return quoted(f"{table} to date")


def _tag(tag_id: str) -> str:
    return quoted(f"tag {tag_id}")


def _value(dictionary: Dictionary, tag: Tag, as_of: date) -> str:
    match tag.rule:
        case Aggregate():
            return _aggregate(tag.rule, dictionary.tables[tag.rule.table].occurred, as_of)
        case Peers(of, by):
            total = 'CAST(COALESCE(SUM(CAST(o."value" AS BIGINT)) OVER (PARTITION BY b."value"), 0) AS BIGINT)'
            return _over_tags(f'CASE WHEN b."value" IS NOT NULL THEN {total} END', {"o": of, "b": by})
        case RatioOf(over, under):
            return _over_tags(_divided('o."value"', 'u."value"'), {"o": over, "u": under})
        case Cases():
            short = {name: f"t{number}" for number, name in enumerate(tag.inputs, start=1)}
            columns = {name: f'{alias}."value"' for name, alias in short.items()}
            open_to = frozenset(name for name in tag.inputs if may_be_missing(dictionary, dictionary[name]))
            value = _first_match(tag.rule, columns, as_of, open_to=open_to)
            return _over_tags(value, {alias: name for name, alias in short.items()})
        case _:
            raise TypeError(tag.tag_id)


def _aggregate(rule: Aggregate, occurred: str, as_of: date) -> str:
    rows, source = rule.rows(occurred), _to_date(rule.table)
    where = "" if rows is None else f" WHERE {sql(rows, as_of=as_of)}"
    if rule.measure == "last":
        known = Not(Missing(rule.columns[0]))
        source = _latest(source, occurred, sql(all_of([known] if rows is None else [rows, known]), as_of=as_of))
        where = ""
    figure = _FIGURES[rule.measure]([quoted(name) for name in rule.columns], as_of)
    nothing = _OF_NOTHING.get(rule.measure)
    value = 'f."value"' if nothing is None else f'COALESCE(f."value", {nothing})'
    key = quoted(KEY)
    return (
        f'SELECT a.{key}, {value} AS "value"\nFROM {_PEOPLE} AS a LEFT JOIN (\n'
        f'  SELECT {key}, {figure} AS "value" FROM {source}{where} GROUP BY {key}\n'
        f") AS f ON f.{key} = a.{key}"
    )


def _latest(source: str, occurred: str, keep: str) -> str:
    """The rows of each company's latest day."""
    key, on = quoted(KEY), quoted(occurred)
    rows = f'SELECT *, MAX({on}) OVER (PARTITION BY {key}) AS "latest day" FROM {source} WHERE {keep}'
    return f'(SELECT * FROM ({rows}) AS r WHERE {on} = "latest day") AS l'


def _over_tags(value: str, tags: Mapping[str, str]) -> str:
    key = quoted(KEY)
    joins = "".join(f"\nJOIN {_tag(name)} AS {alias} ON {alias}.{key} = a.{key}" for alias, name in tags.items())
    return f'SELECT a.{key},\n  {value} AS "value"\nFROM {_PEOPLE} AS a{joins}'


def _first_match(rule: Cases, columns: Mapping[str, str], as_of: date, *, open_to: frozenset[str]) -> str:
    """The first case that holds; an undecided one before it stops with NULL, where an input may be missing."""
    lines = []
    for when, value in rule.cases:
        asked = sql(when, as_of=as_of, columns=columns)
        lines.append(f"WHEN {asked} THEN {_or_null(value)}")
        if open_to.intersection(names_of(when)):
            lines.append(f"WHEN ({asked}) IS NULL THEN NULL")
    shown = "\n    ".join(lines)
    return f"CASE\n    {shown}\n    ELSE {_or_null(rule.otherwise)}\n  END"


def _or_null(value: str | None) -> str:
    return "NULL" if value is None else literal(value)


def _divided(over: str, under: str) -> str:
    return f"CAST({over} AS DOUBLE) / NULLIF(CAST({under} AS DOUBLE), 0)"


def _years(day: str, as_of: date) -> str:
    """Whole years, counted like birthdays: the difference of YYYYMMDD, cut to years."""
    then = f"(EXTRACT(YEAR FROM {day}) * 10000 + EXTRACT(MONTH FROM {day}) * 100 + EXTRACT(DAY FROM {day}))"
    return f"CAST(FLOOR(({as_of:%Y%m%d} - {then}) / 10000e0) AS BIGINT)"
