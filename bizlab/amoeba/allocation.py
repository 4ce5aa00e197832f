"""Allocation of expense and hours to the units that they serve, by the direct method.

What a unit books itself and a rule gives away leaves that unit and arrives at the receivers, to the
fen and the minute. Direct method: receivers are final, nothing received is given on (Horngren, Datar
and Rajan, *Cost Accounting: A Managerial Emphasis*, chapter 15).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pandas as pd

from bizlab.contracts import Column, Table
from bizlab.errors import DataError, some
from bizlab.exact import apportion
from bizlab.labels import Label
from bizlab.periods import Month
from bizlab.units import Unit

POOLS = {"expense": Label("费用", "Expense"), "hours": Label("工时", "Hours")}
SCOPES = {"department": Label("部门内分摊", "Within the department"), "sbu": Label("SBU间接分摊", "From the SBU")}
DRIVERS = {
    "hours": Label("工时", "Hours"),
    "headcount": Label("人数", "Headcount"),
    "sales": Label("销售额", "Sales"),
    "area": Label("面积", "Area"),
    "fixed": Label("固定比例", "Fixed share"),
}
OUTCOMES = {
    "allocated": Label("已分摊", "Allocated"),
    "nothing": Label("无可分摊", "Nothing to allocate"),
    "no_driver": Label("动因合计为零,留在来源单元", "the driver totals zero, it stays where it is"),
}

TRACE = Table(
    name="trace",
    label=Label("分摊明细", "Allocation, traced"),
    grain=Label("每月、规则、受分摊单元一行", "one row per month, rule and receiving unit"),
    key=("month", "rule_id", "to_unit_id"),
    columns=(
        Column("month", Unit.MONTH, Label("月份", "Month")),
        Column("rule_id", Unit.CODE, Label("规则", "Rule")),
        Column("from_unit_id", Unit.CODE, Label("来源", "From")),
        Column("to_unit_id", Unit.CODE, Label("受分摊单元", "To")),
        Column("pool", Unit.CODE, Label("对象", "Pool"), choices=tuple(POOLS), choice_labels=POOLS),
        Column("scope", Unit.CODE, Label("范围", "Scope"), choices=tuple(SCOPES), choice_labels=SCOPES),
        Column("driver", Unit.CODE, Label("依据", "Driver"), choices=tuple(DRIVERS), choice_labels=DRIVERS),
        Column("value", Unit.COUNT, Label("动因值", "Driver value")),
        Column("expense_fen", Unit.FEN, Label("分得费用", "Expense received")),
        Column("minutes", Unit.MINUTES, Label("分得工时", "Hours received")),
    ),
)

RULE_RESULTS = Table(
    name="rule_results",
    label=Label("各分摊规则的结果", "What each rule did"),
    grain=Label("每月、规则一行", "one row per month and rule"),
    key=("month", "rule_id"),
    columns=(
        TRACE["month"],
        TRACE["rule_id"],
        TRACE["from_unit_id"],
        TRACE["pool"],
        TRACE["scope"],
        TRACE["driver"],
        Column("n_receivers", Unit.COUNT, Label("受分摊单元数", "Receivers")),
        Column("n_zero", Unit.COUNT, Label("动因为零的单元数", "Receivers with a driver of zero")),
        Column("expense_fen", Unit.FEN, Label("分出费用", "Expense given")),
        Column("minutes", Unit.MINUTES, Label("分出工时", "Hours given")),
        Column("outcome", Unit.CODE, Label("结果", "Outcome"), choices=tuple(OUTCOMES), choice_labels=OUTCOMES),
    ),
)


class Allocation(NamedTuple):
    """What was allocated in a month: `TRACE` and `RULE_RESULTS`."""

    trace: pd.DataFrame
    results: pd.DataFrame


class _Rule(NamedTuple):
    rule_id: str
    from_unit_id: str
    pool: str
    scope: str
    driver: str


def allocate(rules: pd.DataFrame, drivers: pd.DataFrame, pools: pd.DataFrame, *, month: Month) -> Allocation:
    """Give away the pools of a month by the rules valid on its last day.

    Parameters
    ----------
    rules, drivers : under the contracts ``allocation_rules`` and ``drivers``.
    pools : one row per unit: ``unit_id``, ``expense_fen`` and ``minutes`` that it booked itself.

    Returns
    -------
    The trace and the results of the rules. A receiver with a driver of zero receives nothing; where
    all are zero, nothing leaves the giver and the result says so.

    Raises
    ------
    DataError : two valid rules give the same pool of one unit.
    """
    last = pd.Timestamp(month.last)
    valid = rules[(rules["valid_from"] <= last) & (rules["valid_to"].isna() | (rules["valid_to"] >= last))]
    _refuse_two_rules(valid, month)
    booked = pools.set_index("unit_id")
    rows, results = [], []
    for rule in _rules(valid):
        values = drivers[(drivers["rule_id"] == rule.rule_id) & (drivers["month"] == str(month))].sort_values("unit_id")
        column = "expense_fen" if rule.pool == "expense" else "minutes"
        amount = int(booked.loc[rule.from_unit_id, column]) if rule.from_unit_id in booked.index else 0
        weights = [int(value) for value in values["value"]]
        outcome = "nothing" if amount == 0 else "allocated" if any(weights) else "no_driver"
        parts = apportion(amount, weights) if outcome == "allocated" else []
        given = amount if parts else 0
        for to_unit_id, value, part in zip(values["unit_id"], weights, parts, strict=False):
            rows.append((str(month), *rule[:2], to_unit_id, *rule[2:], value, *_in_pool(rule, part)))
        counts = (len(weights), weights.count(0))
        results.append((str(month), *rule, *counts, *_in_pool(rule, given), outcome))
    return Allocation(_frame(TRACE, rows), _frame(RULE_RESULTS, results))


def _refuse_two_rules(valid: pd.DataFrame, month: Month) -> None:
    twice = valid[valid.duplicated(["from_unit_id", "pool"], keep=False)]
    if not twice.empty:
        raise DataError(
            f"Two rules give the same pool: {some(sorted(twice['rule_id']))}",
            place=f"table allocation_rules, {month}",
            way_out="end one of them before the month",
        )


def _rules(valid: pd.DataFrame) -> Iterator[_Rule]:
    for row in valid.sort_values("rule_id")[list(_Rule._fields)].itertuples(index=False):
        yield _Rule(*row)


def _in_pool(rule: _Rule, amount: int) -> tuple[int, int]:
    """The amount as expense or as minutes, whichever the rule gives."""
    return (amount, 0) if rule.pool == "expense" else (0, amount)


def _frame(contract: Table, rows: Sequence[tuple[object, ...]]) -> pd.DataFrame:
    return contract.conform(pd.DataFrame(rows, columns=list(contract.names)) if rows else contract.empty())
