"""Allocation of expense and hours to the units that they serve.

What a unit books itself and a rule gives away leaves that unit and arrives, to the fen and the minute, at those who
bear it in the end; where givers serve one another, the method of `bizlab.amoeba.accounting.sharing` says who that is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bizlab.amoeba.accounting.organisation import Organisation
from bizlab.amoeba.accounting.sharing import Method, ShareMatrix, share_matrix
from bizlab.contracts.columns import code, column, count, table, words
from bizlab.contracts.finding import Finding
from bizlab.contracts.says import says
from bizlab.errors import DataError, some
from bizlab.periods import Month
from bizlab.tables import TABLES
from bizlab.units.kinds import Unit

POOLS, SCOPES, DRIVERS = (TABLES["allocation_rules"][name].words for name in ("pool", "scope", "driver"))
OUTCOMES = words(
    allocated="已分摊 | Allocated",
    nothing="无可分摊 | Nothing to allocate",
    no_driver="动因合计为零,留在来源单元 | the driver totals zero, it stays where it is",
    no_values="没有动因值,留在来源单元 | no driver values, it stays where it is",
    not_whole="固定比例合计不是100%,留在来源单元 | fixed shares do not total 100 %, it stays where it is",
    negative="动因有负值,留在来源单元 | a driver is negative, it stays where it is",
    no_outlet="只分给同样要分出的单元,无处可去,留在来源单元 | "
    "it would reach units alone that give away too, so it stays",
)
BASES = words(given="填报 | Given", measured="由日记录计算 | Measured from the daily records")
WHOLE = 100
"""What fixed shares total, in percent."""
STANDING = ("area", "fixed")
"""Drivers whose values hold from their month on, until values of a later month take their place."""
MEASURED = {"hours": "minutes", "headcount": "person_days", "sales": "sales_fen"}
"""Drivers that the daily records hold, and the column of the pools that measures them."""

TRACE = table(
    "trace",
    "分摊明细 | Allocation, traced",
    "每月、规则、受分摊单元一行 | one row per month, rule and receiving unit",
    column("month", "月份 | Month"),
    code("rule_id", "规则 | Rule"),
    code("from_unit_id", "来源 | From", refers="units"),
    code("to_unit_id", "受分摊单元 | To", refers="units"),
    column("pool", "对象 | Pool", choices=POOLS),
    column("scope", "范围 | Scope", choices=SCOPES),
    column("driver", "依据 | Driver", choices=DRIVERS),
    count(
        "value",
        "动因值 | Driver value",
        "规则对该单元的动因值;经由其他单元才分得的为 0 | of the rule itself; 0 where it arrives through others alone",
    ),
    column("share_rate", "最终承担比例 | Share borne", "占来源单元所分出的比例 | of what the unit gave away"),
    column("expense_fen", "分得费用 | Expense received"),
    column("minutes", "分得工时 | Hours received"),
    key="month rule_id to_unit_id",
)
TRACE_SHOWN = tuple(name for name in TRACE.names if name != "month")
"""The columns of `TRACE` that a reader of one month needs."""

RULE_RESULTS = table(
    "rule_results",
    "各分摊规则的结果 | What each rule did",
    "每月、规则一行 | one row per month and rule",
    TRACE["month"],
    TRACE["rule_id"],
    TRACE["from_unit_id"],
    TRACE["pool"],
    TRACE["scope"],
    TRACE["driver"],
    column("basis", "动因来源 | Driver values", nullable=True, choices=BASES),
    column(
        "version",
        "动因版本 | Version of the driver values",
        "所用动因值填报的月份;面积与固定比例沿用最近一版,其余只用当月 | "
        "the month whose values were used; area and fixed shares hold until the next ones, others a month",
        unit=Unit.MONTH,
        nullable=True,
    ),
    column("n_receivers", "受分摊单元数 | Receivers"),
    column("n_zero", "动因为零的单元数 | Receivers with a driver of zero"),
    column(
        "n_closed",
        "已撤销的单元数 | Receivers that are closed",
        "有动因值而当月不在组织树中,不参与分摊 | with a driver value but not in the tree; no part of the split",
    ),
    column("expense_fen", "分出费用 | Expense given"),
    column("minutes", "分出工时 | Hours given"),
    column("outcome", "结果 | Outcome", choices=OUTCOMES),
    key="month rule_id",
)


class Allocation(NamedTuple):
    """What was allocated in a month: `TRACE`, `RULE_RESULTS`, and by pool who bears what the rules can give away."""

    trace: pd.DataFrame
    results: pd.DataFrame
    shares: Mapping[str, ShareMatrix]


class _Given(NamedTuple):
    """What rules give to whom: one row a rule, one column a unit, both in the order of their ids.

    ``rules`` has what `RULE_RESULTS` tells before anything is given, the ``amount`` to give, and in ``hindrance`` why a
    rule cannot give by its driver values, empty where it can.
    """

    rules: pd.DataFrame
    unit_ids: pd.Index[str]
    drivers: NDArray[np.int64]
    is_receiver: NDArray[np.bool_]


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
    valid = rules[(rules["valid_from"] <= last) & ~(rules["valid_to"] < last)]
    twice = valid[valid.duplicated(["from_unit_id", "pool"], keep=False)]
    if not twice.empty:
        raise DataError(
            f"Two rules give the same pool: {some(sorted(twice['rule_id']))}",
            place=f"table allocation_rules, {month}",
            fix="end one of them before the month",
        )
    given = _given(valid.sort_values("rule_id", ignore_index=True), drivers, pools, str(month), organisation)
    shares = {pool: _shares(given, pool, method, order) for pool in POOLS}
    return Allocation(*_trace_and_results(given, shares), shares)


def _given(
    rules: pd.DataFrame, drivers: pd.DataFrame, pools: pd.DataFrame, month: str, organisation: Organisation | None
) -> _Given:
    """The rules in the order of their ids with their driver values, given or measured."""
    booked, filled = pools.set_index("unit_id"), _in_force(rules, drivers, month)
    is_open = filled["unit_id"].isin((filled if organisation is None else organisation.closure)["unit_id"].unique())
    by_rule = (
        filled.assign(n_closed=~is_open).groupby("rule").agg({"month": "first", "value": "sum", "n_closed": "sum"})
    )
    in_force = by_rule.reindex(rules.index)
    is_filled = in_force["month"].notna()
    is_measured = ~is_filled & rules["driver"].isin(MEASURED) & (organisation is not None)
    rows = filled[is_open]
    if organisation is not None:
        rows = pd.concat([rows, *_measured(rules[is_measured], booked, organisation)])
    unit_ids = pd.Index(sorted({*rows["unit_id"].unique(), *rules["from_unit_id"]}), dtype="str")
    place = rows["rule"].to_numpy(), unit_ids.get_indexer(rows["unit_id"])
    values = np.zeros((len(rules), len(unit_ids)), np.int64)
    is_receiver = np.zeros(values.shape, np.bool_)
    values[place], is_receiver[place] = rows["value"], True
    own = booked[["expense_fen", "minutes"]].reindex(rules["from_unit_id"], fill_value=0).to_numpy()
    facts = {
        "month": month,
        "basis": is_filled.map({True: "given", False: None}).mask(is_measured, "measured"),
        "version": in_force["month"],
        "n_receivers": is_receiver.sum(axis=1),
        "n_zero": (is_receiver & (values == 0)).sum(axis=1),
        "n_closed": in_force["n_closed"].fillna(0),
        "amount": np.where(rules["pool"] == "expense", *own.T),
    }
    hindrances = {
        "no_values": ~is_receiver.any(axis=1),
        "negative": (values < 0).any(axis=1),
        "no_driver": ~values.any(axis=1),
        "not_whole": (rules["driver"] == "fixed") & (in_force["value"] != WHOLE),
    }
    hindrance = np.select(list(hindrances.values()), list(hindrances), "")
    return _Given(rules.assign(**facts, hindrance=hindrance), unit_ids, values, is_receiver)


def _in_force(rules: pd.DataFrame, drivers: pd.DataFrame, month: str) -> pd.DataFrame:
    """The driver values in force in a month, with the number of their rule in ``rule``."""
    since = rules["valid_from"].dt.strftime("%Y-%m").where(rules["driver"].isin(STANDING), month)
    numbered = pd.DataFrame({"rule_id": rules["rule_id"], "rule": rules.index, "since": since})
    named = drivers.merge(numbered, on="rule_id")
    known = named[(named["since"] <= named["month"]) & (named["month"] <= month)]
    return known[known["month"] == known.groupby("rule")["month"].transform("max")]


def _measured(rules: pd.DataFrame, booked: pd.DataFrame, organisation: Organisation) -> Iterator[pd.DataFrame]:
    """Driver values from what the receivers of each rule recorded in the month."""
    for rule, giver, driver in rules[["from_unit_id", "driver"]].itertuples():
        unit_ids = organisation.receivers(giver)
        recorded = booked[MEASURED[driver]].reindex(unit_ids, fill_value=0).to_numpy()
        yield pd.DataFrame({"rule": rule, "unit_id": unit_ids, "value": recorded})


def _shares(given: _Given, pool: str, method: Method, order: Sequence[str]) -> ShareMatrix:
    """Who bears what each giver of a pool can give away, whether it has an amount in the month or not."""
    able = given.rules[(given.rules["pool"] == pool) & (given.rules["hindrance"] == "")]
    amounts = dict(zip(able["from_unit_id"], able["amount"], strict=True))
    weights, unit_ids = {}, given.unit_ids.to_numpy()
    for giver, row in zip(amounts, able.index, strict=True):
        to = given.is_receiver[row]
        weights[giver] = dict(zip(unit_ids[to], given.drivers[row, to].tolist(), strict=True))
    first = [unit for unit in order if unit in amounts]
    by_size = sorted(amounts.keys() - set(first), key=lambda unit: (-abs(amounts[unit]), unit))
    return share_matrix(weights, method=method, order=[*first, *by_size])


def _trace_and_results(given: _Given, shares: Mapping[str, ShareMatrix]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The trace and the results."""
    rules, is_traced = given.rules, given.is_receiver.copy()
    parts, rates = np.zeros(is_traced.shape, np.int64), np.zeros(is_traced.shape)
    is_stuck = np.zeros(len(rules), np.bool_)
    for pool, matrix in shares.items():
        of_pool = rules[rules["pool"] == pool]
        givers = of_pool.index[pd.Index(of_pool["from_unit_id"]).get_indexer(matrix.giver_ids)]
        place = np.ix_(givers, given.unit_ids.get_indexer(matrix.bearer_ids))
        parts[place] = matrix.split(dict(zip(of_pool["from_unit_id"], of_pool["amount"], strict=True)))
        rates[place] = matrix.rates()
        is_traced[place] |= matrix.weights > 0
        is_stuck[givers] = np.isin(matrix.giver_ids, matrix.bearer_ids)
    hindrance = rules["hindrance"]
    reasons = [rules["amount"] == 0, hindrance != "", is_stuck]
    outcome = np.select(reasons, ["nothing", hindrance, "no_outlet"], "allocated")
    parts[outcome != "allocated"], is_traced[outcome != "allocated"] = 0, False
    rule, unit = np.nonzero(is_traced)
    trace = (
        rules[[name for name in TRACE.names if name in rules]]
        .take(rule)
        .assign(to_unit_id=given.unit_ids.take(unit), value=given.drivers[rule, unit], share_rate=rates[rule, unit])
    )
    results = rules.assign(outcome=outcome)
    return TRACE.conform(_in_pool(trace, parts[rule, unit])), RULE_RESULTS.conform(_in_pool(results, parts.sum(axis=1)))


def _in_pool(rows: pd.DataFrame, amounts: NDArray[np.int64]) -> pd.DataFrame:
    """The amounts as expense or as minutes, whichever the rules give."""
    is_expense = rows["pool"].to_numpy() == "expense"
    return rows.assign(expense_fen=np.where(is_expense, amounts, 0), minutes=np.where(is_expense, 0, amounts))


_SENTENCES = {
    "driver": "分摊规则 {rule_id}({from_unit_id})有 {n_zero} 个受分摊单元动因为零,不承担分摊 | "
    "rule {rule_id} ({from_unit_id}): receivers with a driver of zero, which bear nothing: {n_zero}",
    "unallocated": "分摊规则 {rule_id}({from_unit_id})未执行:{outcome} | "
    "rule {rule_id} ({from_unit_id}) allocated nothing: {outcome}",
    "closed": "分摊规则 {rule_id}({from_unit_id})为 {n_closed} 个已撤销单元填报了动因,未予分摊 | "
    "rule {rule_id} ({from_unit_id}) has driver values for closed units, which receive nothing: {n_closed}",
}


def rule_findings(results: pd.DataFrame) -> list[Finding]:
    """Rules that passed over receivers, or gave nothing: from `RULE_RESULTS`, shown under the key ``rules``."""
    outcome = results["outcome"]
    concerned = {
        "driver": results["n_zero"].where(outcome == "allocated", 0),
        "unallocated": (~outcome.isin(["allocated", "nothing"])).astype("int64"),
        "closed": results["n_closed"],
    }
    return [
        says(
            row,
            RULE_RESULTS,
            _SENTENCES[kind],
            key=f"{kind}-{row['rule_id']}",
            table="rules",
            direction="bad",
            material=kind == "unallocated",
            weight=float(n),
        )
        for kind, counts in concerned.items()
        for row, n in zip(results.to_dict("records"), counts, strict=True)
        if n
    ]
