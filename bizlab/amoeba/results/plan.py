"""The plan of a month as records, so that its sheet is made exactly as the sheet of the month is.

In Kyocera's practice every amoeba plans its month before it begins, line by line, and answers for what differs
(Inamori, *Amoeba Management*, 2012: the annual master plan and the monthly plan).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from bizlab.amoeba.accounting.ledger import Records
from bizlab.amoeba.accounting.organisation import Organisation
from bizlab.amoeba.results.unit_hour import MOVEMENT, SHEET, UNIT_ID, of_amoebas
from bizlab.contracts.check import Check
from bizlab.contracts.columns import column, table
from bizlab.contracts.finding import Finding
from bizlab.contracts.says import says
from bizlab.errors import some
from bizlab.labels import Label
from bizlab.periods import Month
from bizlab.units.kinds import Unit

PLANS = ("unit_plans", "expense_plans", "trade_plans")
"""The tables that a plan is made of, in the order of `planned`."""
_MOST_BEHIND = 3
HOURS = {"normal_minutes": "normal", "overtime_minutes": "overtime"}

AGAINST_PLAN = table(
    "against_plan",
    "与本月计划相比 | Against the plan of the month",
    "公司与每个阿米巴一行 | one row per amoeba, the company included",
    UNIT_ID,
    MOVEMENT["depth"],
    column("planned_fen", "计划 C | C planned", nullable=True),
    SHEET["value_added_fen"],
    column("variance_fen", "C 偏差 | Variance of C", nullable=True),
    column("planned_minutes", "计划 D | D planned", nullable=True),
    SHEET["total_minutes"],
    column("planned_per_hour", "计划 F | F planned", nullable=True),
    SHEET["value_per_hour"],
    SHEET["value_per_hour_reason"],
    column("variance_per_hour", "F 偏差 | Variance of F", nullable=True),
    MOVEMENT["is_leaf"],
    key="unit_id",
    sums={"variance_fen = value_added_fen - planned_fen": "偏差 = 实际 − 计划 | variance = actual − plan"},
)
_NOT_SHOWN = {"depth", "planned_minutes", "total_minutes", "value_per_hour_reason", "is_leaf"}
PLAN_SHOWN = tuple(name for name in AGAINST_PLAN.names if name not in _NOT_SHOWN)
"""The columns of `AGAINST_PLAN` that a reader needs."""


def planned(
    records: Records, units: pd.DataFrame, expense: pd.DataFrame, trades: pd.DataFrame, *, month: Month
) -> Records:
    """What the units planned for a month, in the place of what they recorded.

    Everything planned stands on one day, the last on which the unit is open in the month, and so below the parent
    that it has then. Allocation follows the rules and drivers of the month itself: the plan of a unit's share is what
    givers planned, not another rule.

    Parameters
    ----------
    records : the tree, rules and drivers are taken from it.
    units, expense, trades : under the contracts ``unit_plans``, ``expense_plans`` and ``trade_plans``; other months are
        passed over.

    Returns
    -------
    Records of the month: revenue, expense by kind, hours, headcount, orders, and each trade in both books. A unit
    without a plan has no record.

    >>> from bizlab.tables import TABLES
    >>> from bizlab.amoeba.accounting.ledger import INPUTS
    >>> tables = {name: TABLES[name].empty() for name in INPUTS}
    >>> records = Records(**tables | {"units": pd.DataFrame({"unit_id": ["t"], "closed_on": pd.to_datetime([None])})})
    >>> units, trades = TABLES["unit_plans"].empty(), TABLES["trade_plans"].empty()
    >>> plan = pd.DataFrame({"month": ["2026-10"], "unit_id": ["t"], "kind": ["travel"], "amount_fen": [20]})
    >>> october = planned(records, units, plan, trades, month=Month(2026, 10))
    >>> october.expense_records[["kind", "amount_fen"]].to_numpy().tolist()
    [['travel', 20]]
    """
    plan, spent, pairs = (table[table["month"] == str(month)] for table in (units, expense, trades))
    month_end, closed = pd.Timestamp(month.last), records.units.set_index("unit_id")["closed_on"]
    last = closed.mask(closed.isna() | (closed > month_end), month_end)
    sold, bought = (_on(pairs[side], last) for side in ("seller_id", "buyer_id"))
    numbered = pairs["seller_id"] + " → " + pairs["buyer_id"]
    both = pairs.assign(trade_id=numbered, traded_on=sold.where(sold <= bought, bought), product_id="", quantity=1)
    hours = _melted(plan, HOURS, "minutes", last, "worked_on")
    return replace(
        records,
        revenue_records=_melted(plan, {"revenue_fen": "revenue"}, "amount_fen", last, "recorded_on"),
        expense_records=_recorded(spent[["unit_id", "kind", "amount_fen"]], "amount_fen", last, "recorded_on"),
        hour_records=hours.assign(person_id=hours["unit_id"]),
        order_intake=_melted(plan, {"orders_fen": "order"}, "amount_fen", last, "received_on"),
        headcount=plan.loc[plan["n_persons"] != 0, ["unit_id", "n_persons"]].assign(counted_on=month_end),
        internal_trades_sold=both,
        internal_trades_bought=both,
    )


def _on(unit_ids: pd.Series[str], last: pd.Series[pd.Timestamp]) -> pd.Series[pd.Timestamp]:
    """The day that the plan of each unit stands on; that of an unknown unit on the month's last, to be listed there."""
    days: pd.Series[pd.Timestamp] = unit_ids.map(last).astype("datetime64[us]").fillna(last.max())
    return days


def _melted(
    plan: pd.DataFrame, kinds: dict[str, str], amount: str, last: pd.Series[pd.Timestamp], day: str
) -> pd.DataFrame:
    """One record for each unit and kind with a plan other than nothing."""
    long = plan.melt(id_vars="unit_id", value_vars=list(kinds), var_name="kind", value_name=amount)
    return _recorded(long.assign(kind=long["kind"].map(kinds)), amount, last, day)


def _recorded(plan: pd.DataFrame, amount: str, last: pd.Series[pd.Timestamp], day: str) -> pd.DataFrame:
    """The rows of a plan that plan anything, on the day that they stand on."""
    records = plan[plan[amount] != 0].reset_index(drop=True)
    return records.assign(**{day: _on(records["unit_id"], last)})


def against_plan(
    now: pd.DataFrame, plan: pd.DataFrame, amoebas: pd.DataFrame, with_plan: Sequence[str]
) -> pd.DataFrame:
    """The month against its plan, the company and its amoebas: see `AGAINST_PLAN`.

    Parameters
    ----------
    now, plan : sheets of the month and of its plan.
    amoebas : as in `of_amoebas`.
    with_plan : units that planned the month; a node has a plan where anything below it has.

    Returns
    -------
    One row per amoeba. Planned figures are missing where neither the unit nor anything below it planned.
    """
    rows = of_amoebas(now, amoebas)
    then = plan[plan["unit_id"].isin(set(with_plan))].set_index("unit_id")
    aims = {
        f"planned_{name}": rows["unit_id"].map(then[column].astype(kind))
        for name, column, kind in (
            ("fen", "value_added_fen", "Int64"), ("minutes", "total_minutes", "Int64"),
            ("per_hour", "value_per_hour", "float64"),
        )
    }  # fmt: skip
    return AGAINST_PLAN.conform(
        rows.assign(
            **aims,
            variance_fen=rows["value_added_fen"].astype("Int64") - aims["planned_fen"].astype("Int64"),
            variance_per_hour=rows["value_per_hour"] - aims["planned_per_hour"],
        )
    )


def nodes_with_plan(plans: Sequence[pd.DataFrame], closure: pd.DataFrame, *, month: Month) -> list[str]:
    """The units that planned a month in any of some tables, and all that stand above them."""
    planning = {unit_id for plan in plans for unit_id in plan.loc[plan["month"] == str(month), "unit_id"]}
    return sorted(set(closure.loc[closure["unit_id"].isin(planning), "ancestor_id"]))


def plan_checks(plans: Sequence[pd.DataFrame], organisation: Organisation, *, month: Month) -> list[Check]:
    """Every unit that planned has both its plans, that of expense too, and a place in the tree of the month.

    Parameters
    ----------
    plans : `PLANS` as in `planned`. A unit that plans no expense has a row of 0.
    """
    own, spent = (set(plan.loc[plan["month"] == str(month), "unit_id"]) for plan in plans[:2])
    placed = set(organisation.closure["unit_id"])
    both = Label("有计划的单元:收入工时计划与费用计划都有", "units with a plan: with that of expense and the other")
    in_tree = Label("有计划的单元都在组织树中", "units with a plan: in the tree of the month")
    return [
        Check(f"plan.{key}", label, len(good), len(own | spent), Unit.COUNT, _named((own | spent) - good))
        for key, label, good in (("both", both, own & spent), ("in_tree", in_tree, (own | spent) & placed))
    ]


def _named(off: set[str]) -> Label | None:
    return Label(f"见 {some(sorted(off))}", f"see {some(sorted(off))}") if off else None


def plan_findings(rows: pd.DataFrame, *, materiality_rate: float) -> list[Finding]:
    """The company against its plan, the amoebas furthest below theirs, and those that had none; nothing without plans.

    Parameters
    ----------
    rows : from `against_plan`, shown under the key ``against_plan``.
    materiality_rate : share of the planned F above which a variance is material.
    """
    if rows["planned_fen"].isna().all():
        return []
    known = rows[rows["variance_per_hour"].notna()]
    leaves = known[known["is_leaf"] & (known["depth"] > 0)].sort_values(["variance_fen", "unit_id"], kind="stable")
    behind = leaves[leaves["variance_fen"] < 0].head(_MOST_BEHIND)
    findings = [
        says(
            row,
            AGAINST_PLAN,
            "{unit_id} 单位时间收益 {value_per_hour},计划 {planned_per_hour};附加值偏差 {variance_fen} | "
            "{unit_id} added {value_per_hour} against a plan of {planned_per_hour}; "
            "value added is off by {variance_fen}",
            key=f"plan-{row['unit_id']}",
            direction="good" if row["variance_per_hour"] > 0 else "bad" if row["variance_per_hour"] < 0 else "neutral",
            material=abs(row["variance_per_hour"]) > materiality_rate * abs(row["planned_per_hour"]),
            weight=abs(float(row["variance_fen"])),
            basis=f"与本月计划相比,偏差超过 {materiality_rate:.0%} 为重大 | "
            f"against the plan of the month; material above {materiality_rate:.0%}",
        )
        for row in pd.concat([known[known["depth"] == 0], behind]).to_dict("records")
    ]
    return findings + [
        says(
            row,
            AGAINST_PLAN,
            "{unit_id} 没有本月计划,实际附加值 {value_added_fen} | "
            "{unit_id} planned nothing; it added {value_added_fen}",
            key=f"no-plan-{row['unit_id']}",
            direction="bad",
            weight=abs(float(row["value_added_fen"])),
        )
        for row in rows[rows["is_leaf"] & rows["planned_fen"].isna()].to_dict("records")
    ]
