"""Allocation of expense and hours to the units that they serve.

What a unit books itself and a rule gives away leaves that unit and arrives, to the fen and the minute, at those who
bear it in the end; where givers serve one another, the method of `bizlab.amoeba.sharing` says who that is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

import pandas as pd

from bizlab.amoeba.organisation import Organisation
from bizlab.amoeba.sharing import Method, final_shares
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
    "no_values": Label("没有动因值,留在来源单元", "no driver values, it stays where it is"),
    "not_whole": Label("固定比例合计不是100%,留在来源单元", "fixed shares do not total 100 %, it stays where it is"),
    "negative": Label("动因有负值,留在来源单元", "a driver is negative, it stays where it is"),
    "no_outlet": Label(
        "只分给同样要分出的单元,无处可去,留在来源单元", "it would reach units alone that give away too, so it stays"
    ),
}
BASES = {
    "given": Label("填报", "Given"),
    "measured": Label("由日记录计算", "Measured from the daily records"),
}
WHOLE = 100
"""What fixed shares total, in percent."""
STANDING = ("area", "fixed")
"""Drivers whose values hold from their month on, until values of a later month take their place."""
MEASURED = {"hours": "minutes", "headcount": "person_days", "sales": "sales_fen"}
"""Drivers that the daily records hold, and the column of the pools that measures them."""

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
        Column(
            "value",
            Unit.COUNT,
            Label("动因值", "Driver value"),
            definition=Label(
                "规则对该单元的动因值;经由其他单元才分得的为 0",
                "of the rule itself; 0 where it arrives through others alone",
            ),
        ),
        Column(
            "share_rate",
            Unit.RATE,
            Label("最终承担比例", "Share borne"),
            definition=Label("占来源单元所分出的比例", "of what the unit gave away"),
        ),
        Column("expense_fen", Unit.FEN, Label("分得费用", "Expense received")),
        Column("minutes", Unit.MINUTES, Label("分得工时", "Hours received")),
    ),
)
TRACE_SHOWN = tuple(name for name in TRACE.names if name != "month")
"""The columns of `TRACE` that a reader of one month needs."""

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
        Column("basis", Unit.CODE, Label("动因来源", "Driver values"), True, tuple(BASES), None, BASES),
        Column(
            "version",
            Unit.MONTH,
            Label("动因版本", "Version of the driver values"),
            True,
            definition=Label(
                "所用动因值填报的月份;面积与固定比例沿用最近一版,其余只用当月",
                "the month whose values were used; area and fixed shares hold until the next ones, others a month",
            ),
        ),
        Column("n_receivers", Unit.COUNT, Label("受分摊单元数", "Receivers")),
        Column("n_zero", Unit.COUNT, Label("动因为零的单元数", "Receivers with a driver of zero")),
        Column(
            "n_closed",
            Unit.COUNT,
            Label("已撤销的单元数", "Receivers that are closed"),
            definition=Label(
                "有动因值而当月不在组织树中,不参与分摊", "with a driver value but not in the tree; no part of the split"
            ),
        ),
        Column("expense_fen", Unit.FEN, Label("分出费用", "Expense given")),
        Column("minutes", Unit.MINUTES, Label("分出工时", "Hours given")),
        Column("outcome", Unit.CODE, Label("结果", "Outcome"), choices=tuple(OUTCOMES), choice_labels=OUTCOMES),
    ),
)


class Allocation(NamedTuple):
    """What was allocated in a month: `TRACE`, `RULE_RESULTS`, and the exact shares by rule and bearer."""

    trace: pd.DataFrame
    results: pd.DataFrame
    shares: Mapping[str, Mapping[str, Fraction]]


class _Rule(NamedTuple):
    rule_id: str
    from_unit_id: str
    pool: str
    scope: str
    driver: str


class _Drivers(NamedTuple):
    """The receivers of a rule in a month, in the order of their ids, with whole-number driver values.

    ``total`` counts the values of closed receivers too, which take no part.
    """

    unit_ids: list[str]
    weights: list[int]
    total: int
    n_closed: int
    basis: str | None
    version: str | None


class _Giving(NamedTuple):
    """A rule with its receivers, the amount it gives away, and how that ended by its own drivers."""

    rule: _Rule
    to: _Drivers
    amount: int
    outcome: str
    is_able: bool


def allocate(
    rules: pd.DataFrame,
    drivers: pd.DataFrame,
    pools: pd.DataFrame,
    *,
    month: Month,
    organisation: Organisation | None = None,
    method: Method = "direct",
    order: Sequence[str] = (),
) -> Allocation:
    """Give away the pools of a month by the rules valid on its last day.

    Parameters
    ----------
    rules, drivers : under the contracts ``allocation_rules`` and ``drivers``. Values of a month are a version: by area
        and fixed shares (`STANDING`) the latest since the rule began is used, by other drivers that of the month alone.
    pools : one row per unit: ``unit_id``, ``expense_fen`` and ``minutes`` that it booked itself; with an
        organisation also ``person_days`` and ``sales_fen``.
    organisation : the tree of the month. With it, receivers that are closed take no part, and a rule by
        hours, headcount or sales without driver values for the month is measured: its receivers are
        `Organisation.receivers`, its driver what they recorded.
    method, order : who bears what givers give one another, and for step-down who closes first; givers that ``order``
        does not name follow, the largest pool first.

    Returns
    -------
    The trace and the results of the rules. A receiver with a driver of zero receives nothing; where all are zero, one
    is negative, there are none, fixed shares do not total 100, or none but givers can be reached, nothing leaves the
    giver and the result says so.

    Raises
    ------
    DataError : two valid rules give the same pool of one unit.

    >>> rules = pd.DataFrame({"rule_id": ["R"], "from_unit_id": ["office"], "pool": ["expense"], "driver": ["area"],
    ...     "scope": ["department"], "valid_from": pd.to_datetime(["2026-01-01"]), "valid_to": pd.to_datetime([None])})
    >>> drivers = pd.DataFrame({"rule_id": "R", "unit_id": ["c", "a", "b"], "month": "2026-10", "value": [0, 1, 2]})
    >>> pools = pd.DataFrame({"unit_id": ["office"], "expense_fen": [10000], "minutes": [480]})
    >>> allocate(rules, drivers, pools, month=Month(2026, 10)).trace["expense_fen"].tolist()
    [3333, 6667, 0]
    """
    last = pd.Timestamp(month.last)
    valid = rules[(rules["valid_from"] <= last) & (rules["valid_to"].isna() | (rules["valid_to"] >= last))]
    _refuse_two_rules(valid, month)
    booked, versions = pools.set_index("unit_id"), _versions(valid, drivers, str(month))
    given = [_giving(rule, versions.get(rule.rule_id), booked, organisation) for rule in _rules(valid)]
    shares = {
        one.rule.rule_id: found
        for pool in POOLS
        for one, found in _shares([one for one in given if one.rule.pool == pool], method, order)
    }
    rows, results = [], []
    for one in given:
        share, rule = shares.get(one.rule.rule_id, {}), one.rule
        outcome = one.outcome if one.outcome != "allocated" or share else "no_outlet"
        to = dict(zip(one.to.unit_ids, one.to.weights, strict=True))
        bearers = sorted(to.keys() | share.keys()) if outcome == "allocated" else []
        parts = apportion(one.amount, [share.get(unit, Fraction(0)) for unit in bearers]) if bearers else []
        for unit, part in zip(bearers, parts, strict=True):
            rate = float(share.get(unit, 0))
            rows.append((str(month), *rule[:2], unit, *rule[2:], to.get(unit, 0), rate, *_in_pool(rule, part)))
        counts = (one.to.basis, one.to.version, len(to), one.to.weights.count(0), one.to.n_closed)
        results.append((str(month), *rule, *counts, *_in_pool(rule, sum(parts)), outcome))
    return Allocation(_frame(TRACE, rows), _frame(RULE_RESULTS, results), shares)


def _versions(rules: pd.DataFrame, drivers: pd.DataFrame, month: str) -> dict[str, pd.DataFrame]:
    """The driver values of each rule that are in force in a month."""
    named = drivers.merge(rules[["rule_id", "driver", "valid_from"]], on="rule_id")
    since, then = named["valid_from"].dt.strftime("%Y-%m"), named["month"]
    stands = named["driver"].isin(STANDING) & (since <= then) & (then < month)
    known = named[stands | (then == month)]
    latest = known.groupby("rule_id")["month"].transform("max")
    return {str(rule_id): rows for rule_id, rows in known[known["month"] == latest].groupby("rule_id")}


def _giving(
    rule: _Rule, values: pd.DataFrame | None, booked: pd.DataFrame, organisation: Organisation | None
) -> _Giving:
    to = _measured(rule, booked, organisation) if values is None else _given(values, organisation)
    column = "expense_fen" if rule.pool == "expense" else "minutes"
    amount = int(booked.loc[rule.from_unit_id, column]) if rule.from_unit_id in booked.index else 0
    return _Giving(rule, to, amount, _outcome(rule, amount, to), _hindrance(rule, to) is None)


def _shares(
    given: Sequence[_Giving], method: Method, order: Sequence[str]
) -> Iterator[tuple[_Giving, dict[str, Fraction]]]:
    """The bearers of each rule of a pool and their shares; none where nothing leaves the giver."""
    able = {one.rule.from_unit_id: one for one in given if one.is_able}
    weights = {unit: dict(zip(one.to.unit_ids, one.to.weights, strict=True)) for unit, one in able.items()}
    first = [unit for unit in order if unit in able]
    by_size = sorted(able.keys() - set(first), key=lambda unit: (-abs(able[unit].amount), unit))
    for unit, share in final_shares(weights, method=method, order=[*first, *by_size]).items():
        yield able[unit], {} if set(share) == {unit} else share


def _given(values: pd.DataFrame, organisation: Organisation | None) -> _Drivers:
    """Driver values as filled in, without receivers that are not in the tree."""
    ordered = values.sort_values("unit_id")
    known = ordered if organisation is None else ordered[ordered["unit_id"].isin(organisation.closure["unit_id"])]
    weights = [int(value) for value in known["value"]]
    total, n_closed, version = int(values["value"].sum()), len(ordered) - len(known), str(values["month"].iloc[0])
    return _Drivers(known["unit_id"].tolist(), weights, total, n_closed, "given", version)


def _measured(rule: _Rule, booked: pd.DataFrame, organisation: Organisation | None) -> _Drivers:
    """Driver values from what the receivers recorded in the month; none where the records hold no such driver."""
    if organisation is None or rule.driver not in MEASURED:
        return _Drivers([], [], 0, 0, None, None)
    unit_ids = organisation.receivers(rule.from_unit_id)
    recorded = booked[MEASURED[rule.driver]].reindex(unit_ids, fill_value=0)
    return _Drivers(unit_ids, [int(value) for value in recorded], int(recorded.sum()), 0, "measured", None)


def _outcome(rule: _Rule, amount: int, to: _Drivers) -> str:
    return "nothing" if amount == 0 else _hindrance(rule, to) or "allocated"


def _hindrance(rule: _Rule, to: _Drivers) -> str | None:
    """Why a rule cannot give by its driver values; None where it can."""
    if not to.weights:
        return "no_values"
    if min(to.weights) < 0:
        return "negative"
    if not any(to.weights):
        return "no_driver"
    return "not_whole" if rule.driver == "fixed" and to.total != WHOLE else None


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
