"""Fact tags: cleaned rows counted into one figure a customer, lazily, whatever engine holds the rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

import narwhals as nw
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pandas.api.extensions import take

from bizlab.conditions.evaluate import holds
from bizlab.contracts.check import Check
from bizlab.engine import Lazy, count_distinct, grouped, last_value, lazy, month_number, to_pandas, until
from bizlab.errors import SettingError
from bizlab.labels import Label
from bizlab.tagging.dictionary.dictionary import KEY, PLACE, Dictionary, Tag, Tier, check_columns
from bizlab.tagging.dictionary.rules import ADDITIVE, Aggregate, Peers, RatioOf
from bizlab.tagging.tags.prepared import PREPARED
from bizlab.tagging.tags.snapshot import Snapshot, reason_column

POPULATION = "customers"
_ROWS, _UNDER = "__rows", "__under"
_SEPARATE = frozenset({"count_distinct", "count_months", "last"})
_COUNTED = frozenset({*ADDITIVE, "count_distinct", "count_months"})
_HIGHEST = frozenset({"max", "value", "days_since", "years_since"})


class Figures(NamedTuple):
    """Figures of the tags of one table, one a customer of the population in its order.

    ``totals`` holds sums over all rows, whoever they belong to; ``has_rows`` who is in the table at all.
    """

    by_tag: dict[str, pd.Series[Any]]
    totals: dict[str, int]
    has_rows: NDArray[np.bool_]


def customer_facts(dictionary: Dictionary, tables: Mapping[str, Any], *, as_of: date) -> Snapshot:
    """Compute every fact tag of every customer known on a date.

    Parameters
    ----------
    dictionary : the tags; only those of the fact tier are computed.
    tables : frames of pandas, polars, DuckDB or any other kind that narwhals holds, by table name; long tables may
        be lazy. ``customers`` (one row per customer) says who is counted.
    as_of : nothing dated later is read.

    Returns
    -------
    Snapshot whose frame has one row per customer, sorted by ``customer_id``; for every tag its column and
    ``<tag>_reason``. A count of nothing is 0; an amount-weighted mean of nothing is missing, with the reason.

    Raises
    ------
    SettingError : a table is not at hand, or has not the column that a tag reads.

    >>> from bizlab.tagging.dictionary.dictionary import parse_dictionary
    >>> words = {"zh": "订单数", "en": "Orders"}
    >>> tag = {"id": "n_orders", "name": words, "definition": words, "tier": "fact", "layer": "enterprise",
    ...        "type": "number", "unit": "count", "refresh": "monthly", "owner": words,
    ...        "rule": {"table": "orders", "measure": "count"}}
    >>> uses = {"customers": {"occurred": "created_on", "empty": words}, "orders": {"occurred": "on", "empty": words}}
    >>> days = pd.to_datetime(["2026-01-05", "2026-02-05"])
    >>> tables = {"customers": pd.DataFrame({"customer_id": ["a", "b"], "created_on": days[0]}),
    ...           "orders": pd.DataFrame({"customer_id": ["a", "a"], "on": days})}
    >>> facts = customer_facts(parse_dictionary({"tables": uses, "tags": [tag]}), tables, as_of=date(2026, 1, 31))
    >>> facts.frame["n_orders"].tolist()
    [1, 0]
    """
    frames = _frames(dictionary, tables, as_of)
    people = to_pandas(frames[POPULATION].select(KEY))[KEY].astype("str").sort_values(ignore_index=True)
    facts = dictionary.of_tier(Tier.FACT)
    values: dict[str, pd.Series[Any]] = {}
    reasons: dict[str, pd.Series[Any]] = {}
    checks: list[Check] = []
    for name, frame in frames.items():
        rules = {t.tag_id: t.rule for t in facts if isinstance(t.rule, Aggregate) and t.rule.table == name}
        if not rules:
            continue
        figures = _figures(frame, rules, people, as_of=as_of, occurred=dictionary.tables[name].occurred)
        for tag_id, rule in rules.items():
            values[tag_id], reasons[tag_id] = _settled(rule, figures.by_tag[tag_id], figures.has_rows)
            if rule.measure in {"count", "sum"}:
                checks.append(_nothing_lost(dictionary[tag_id], figures.totals[tag_id], values[tag_id]))
    frame = pd.DataFrame({KEY: people})
    for tag in facts:
        match tag.rule:
            case RatioOf(over, under):
                value, why = ratio_of(over, under, frame)
            case Peers(of, by):
                counted, group = frame[of].astype("Int64"), frame[by]
                value = counted.groupby(group).transform("sum").where(group.notna())
                why = reason_column(value, frame[f"{by}_reason"])
            case _:
                value, why = values[tag.tag_id], reasons[tag.tag_id]
        frame = frame.assign(**{tag.tag_id: value.astype(tag.dtype), f"{tag.tag_id}_reason": why})
    return Snapshot(dictionary, as_of, frame, dictionary.reasons, tuple(checks))


def rows_behind(
    dictionary: Dictionary, tables: Mapping[str, Any], tag_id: str, *, customer_id: str, as_of: date
) -> pd.DataFrame:
    """The rows that a fact tag of one customer was counted from, by tables and date as for `customer_facts`.

    Returns
    -------
    The columns of the tag's table, one row per row counted; no rows for a tag that is made of other tags.
    """
    rule = dictionary[tag_id].rule
    if not isinstance(rule, Aggregate):
        return pd.DataFrame()
    frame = _frames(dictionary, tables, as_of)[rule.table].filter(nw.col(KEY) == customer_id)
    occurred = dictionary.tables[rule.table].occurred
    keep = _keep(rule, frame, as_of, occurred)
    rows = to_pandas(frame if keep is None else frame.filter(keep))
    return rows.sort_values([occurred, *rows.columns], ignore_index=True)


def _frames(dictionary: Dictionary, tables: Mapping[str, Any], as_of: date) -> dict[str, Lazy]:
    """Every declared table, lazily and without what happened after the as-of date."""
    wanted = [name for name in dictionary.tables if name not in PREPARED]
    absent = [name for name in [POPULATION, *wanted] if name not in tables]
    if absent or POPULATION not in wanted:
        raise SettingError(
            f"The table '{(absent or [POPULATION])[0]}' is not at hand",
            place=f"{PLACE}.tables",
            fix="declare it under 'tables' and hand it over, or take its tags out of the dictionary",
        )
    given = {name: lazy(tables[name]) for name in wanted}
    check_columns(dictionary, _columns(given))
    frames = {name: until(frame, dictionary.tables[name].occurred, as_of) for name, frame in given.items()}
    for name in dictionary.tables:
        if name in PREPARED:
            frames[name] = PREPARED[name].make(*(frames[source] for source in PREPARED[name].takes))
    check_columns(dictionary, _columns(frames))
    return frames


def _columns(frames: Mapping[str, Lazy]) -> dict[str, list[str]]:
    return {name: frame.collect_schema().names() for name, frame in frames.items()}


def _figures(
    frame: Lazy, rules: Mapping[str, Aggregate], people: pd.Series[Any], *, as_of: date, occurred: str
) -> Figures:
    """The figures of all tags of one table in one query; distinct counts and last values are joined to it."""
    keeps = {name: _keep(rule, frame, as_of, occurred) for name, rule in rules.items()}
    together = {name: rule for name, rule in rules.items() if rule.measure not in _SEPARATE}
    parts = [part for name, rule in together.items() for part in _parts(name, rule, keeps[name])]
    sums = [name for name, rule in together.items() if rule.measure in ADDITIVE or rule.measure == "ratio"]
    sums += [name + _UNDER for name, rule in together.items() if rule.measure == "ratio"]
    query = grouped(
        frame.select(KEY, nw.lit(1, dtype=nw.Int64).alias(_ROWS), *parts),
        KEY,
        sums=[_ROWS, *sums],
        lowest=[name for name, rule in together.items() if rule.measure == "min"],
        highest=[name for name, rule in together.items() if rule.measure in _HIGHEST],
    )
    for name, rule in rules.items():
        if rule.measure in _SEPARATE:
            kept = frame if (keep := keeps[name]) is None else frame.filter(keep)
            query = query.join(_separate(kept, name, rule, occurred), on=KEY, how="left")
    counted = to_pandas(query)
    raw = _aligned(counted, people)
    values = {name: _finished(name, rule, raw, as_of) for name, rule in rules.items()}
    return Figures(values, {name: int(counted[name].sum()) for name in sums}, raw[_ROWS].notna().to_numpy())


def _aligned(frame: pd.DataFrame, people: pd.Series[Any]) -> dict[str, pd.Series[Any]]:
    """The columns of a grouped frame in the order of the population; whole numbers never pass through a float."""
    at = pc.index_in(pa.array(people), value_set=pa.array(frame[KEY].astype("str"))).fill_null(-1).to_numpy()
    columns = {str(name): frame[name] for name in frame.columns.drop(KEY)}
    exact = {name: c.astype("Int64") if c.dtype == "int64" else c for name, c in columns.items()}
    return {name: pd.Series(take(column.array, at, allow_fill=True)) for name, column in exact.items()}


def _parts(name: str, rule: Aggregate, keep: nw.Expr | None) -> list[nw.Expr]:
    """The columns to aggregate: the value where a row counts, else nothing."""
    if rule.measure in {"count", "exists"}:
        one, none = nw.lit(1, dtype=nw.Int64), nw.lit(0, dtype=nw.Int64)
        return [(one if keep is None else nw.when(keep).then(one).otherwise(none)).alias(name)]
    names = [name, name + _UNDER]
    if keep is None:
        return [nw.col(column).alias(to) for column, to in zip(rule.columns, names, strict=False)]
    kept = [nw.when(keep).then(nw.col(column)) for column in rule.columns]
    if rule.measure in {"sum", "ratio"}:
        none = nw.lit(0, dtype=nw.Int64)
        return [part.otherwise(none).alias(to) for part, to in zip(kept, names, strict=False)]
    return [part.alias(name) for part in kept]


def _separate(frame: Lazy, name: str, rule: Aggregate, occurred: str) -> Lazy:
    column = rule.columns[0]
    if rule.measure == "last":
        return last_value(frame, KEY, column=column, order=occurred, name=name)
    if rule.measure == "count_months":
        frame, column = frame.select(KEY, month_number(column).alias("__month")), "__month"
    return count_distinct(frame, KEY, column, name)


def _finished(name: str, rule: Aggregate, figures: Mapping[str, pd.Series[Any]], as_of: date) -> pd.Series[Any]:
    """The figure in its final form: days and years since a date, a ratio from its two sums."""
    figure = figures[name]
    if rule.measure == "ratio":
        return _ratio(figure, figures[name + _UNDER])
    if rule.measure == "days_since":
        return (pd.Timestamp(as_of) - pd.to_datetime(figure)).dt.days.astype("Int64")
    if rule.measure == "years_since":
        dates = pd.to_datetime(figure).dt
        then = dates.year.astype("Int64") * 10_000 + dates.month.astype("Int64") * 100 + dates.day.astype("Int64")
        return (as_of.year * 10_000 + as_of.month * 100 + as_of.day - then) // 10_000
    return figure


def _ratio(over: pd.Series[Any], under: pd.Series[Any]) -> pd.Series[Any]:
    base = under.astype("Float64").replace(0, pd.NA)
    return (over.astype("Float64") / base).astype("float64")


def _keep(rule: Aggregate, frame: Lazy, as_of: date, occurred: str) -> nw.Expr | None:
    """Which rows count, as an expression; None for all."""
    rows = rule.rows(occurred)
    return None if rows is None else holds(rows, frame.collect_schema(), as_of=as_of)


def _settled(
    rule: Aggregate, figures: pd.Series[Any], has_rows: NDArray[np.bool_]
) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """Values and reasons of one aggregate: nothing counted is 0, nothing known is missing."""
    values = figures.fillna(0) if rule.measure in _COUNTED else figures
    if rule.measure == "exists":
        values = values > 0
    why = "none_matching" if rule.is_partial else "zero_base" if rule.measure == "ratio" else "not_recorded"
    number = np.where(values.notna(), -1, np.where(has_rows, 0, 1))
    reasons = pd.array([why, f"no_{rule.table}"], dtype="str")
    return values, pd.Series(reasons.take(number, allow_fill=True))


def ratio_of(over: str, under: str, frame: pd.DataFrame) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """One tag over another: values and, where there is none, why."""
    ratio = _ratio(frame[over], frame[under])
    why = frame[f"{over}_reason"].fillna(frame[f"{under}_reason"]).fillna("zero_base")
    return ratio, reason_column(ratio, why)


def _nothing_lost(tag: Tag, total: int, values: pd.Series[Any]) -> Check:
    """Sums over customers against sums over all rows: rows of unknown customers would be missing."""
    label = Label(f"{tag.name.zh}:各客户合计等于全部记录合计", f"{tag.name.en}: customers add up to all records")
    detail = Label("有记录的客户不在企业表中", "records of customers who are not in the table of companies")
    left = int(values.sum())
    return Check(f"facts.{tag.tag_id}", label, left, total, tag.unit, None if left == total else detail)
