"""One month under the direct, step-down and reciprocal method side by side: who bears what by each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import pandas as pd

from bizlab.amoeba.accounting.components import Components, components
from bizlab.amoeba.accounting.ledger import Records
from bizlab.amoeba.accounting.sharing import METHODS, Method
from bizlab.amoeba.results.unit_hour import SHEET, UNIT_ID, is_leaf, unit_hour_sheet
from bizlab.contracts.check import Check
from bizlab.contracts.columns import column, table
from bizlab.contracts.finding import Finding
from bizlab.contracts.says import says
from bizlab.labels import Label
from bizlab.periods import Month

SIDE_BY_SIDE = table(
    "methods",
    "三种分摊方法并列 | Three methods of allocation",
    "每个单元一行 | one row per unit",
    UNIT_ID,
    SHEET["depth"],
    (column(f"{name}_fen", f"分得费用 {of.zh} | Expense received, {of.en.lower()}") for name, of in METHODS.items()),
    (column(f"{name}_minutes", f"分得工时 {of.zh} | Hours received, {of.en.lower()}") for name, of in METHODS.items()),
    (column(f"{name}_per_hour", f"F {of.zh} | F, {of.en.lower()}", nullable=True) for name, of in METHODS.items()),
    SHEET["value_per_hour_reason"],
    column(
        "spread_fen",
        "费用最大差距 | Widest gap of expense",
        "三种方法分得费用的最大值 − 最小值 | largest less smallest of the three",
    ),
    key="unit_id",
)
SHOWN = tuple(name for name in SIDE_BY_SIDE.names if name.endswith(("_id", "_fen", "_per_hour")))
"""The columns of `SIDE_BY_SIDE` that a reader needs."""


def by_each_method(
    records: Records, *, month: Month, order: Sequence[str] = (), labour_in_expense: bool = False
) -> Mapping[str, Components]:
    """The month computed by each of `METHODS`; ``order`` is that of `allocate`."""
    return {
        method: components(
            records, month=month, labour_in_expense=labour_in_expense, method=cast(Method, method), order=order
        )
        for method in METHODS
    }


def side_by_side(months: Mapping[str, Components]) -> pd.DataFrame:
    """What each unit receives, and its F, in the months of `by_each_method`: see `SIDE_BY_SIDE`.

    Returns
    -------
    One row per unit in the order of the tree that receives anything by any method. A node bears what lies below it.
    """
    sheets = {method: unit_hour_sheet([parts], period="month") for method, parts in months.items()}
    first = next(iter(sheets.values()))
    rows = first[["unit_id", "depth", "value_per_hour_reason"]].copy()
    for method, sheet in sheets.items():
        rows[f"{method}_fen"] = sheet["department_expense_fen"] + sheet["sbu_expense_fen"]
        rows[f"{method}_minutes"] = sheet["department_minutes"] + sheet["sbu_minutes"]
        rows[f"{method}_per_hour"] = sheet["value_per_hour"]
    amounts = rows[[f"{method}_{unit}" for method in METHODS for unit in ("fen", "minutes")]]
    expense = rows[[f"{method}_fen" for method in METHODS]]
    compared = rows.assign(spread_fen=expense.max(axis=1) - expense.min(axis=1))
    return SIDE_BY_SIDE.conform(compared[(amounts != 0).any(axis=1)].reset_index(drop=True))


def method_checks(months: Mapping[str, Components]) -> list[Check]:
    """Whatever the method, the company's value added and hours are the same."""
    tops = {method: unit_hour_sheet([parts], period="month").iloc[0] for method, parts in months.items()}
    labels = {
        "value_added_fen": Label("公司 C 与分摊方法无关", "the company's C is the same by every method"),
        "total_minutes": Label("公司 D 与分摊方法无关", "the company's D is the same by every method"),
    }
    return [
        Check(f"methods.{method}.{line}", label, int(top[line]), int(tops["direct"][line]), SHEET[line].unit)
        for line, label in labels.items()
        for method, top in tops.items()
        if method != "direct"
    ]


def method_findings(rows: pd.DataFrame) -> list[Finding]:
    """The amoeba whose expense depends most on the method, where any does, from `SIDE_BY_SIDE`."""
    leaves = rows[is_leaf(rows["depth"])]
    moved = leaves[leaves["spread_fen"] > 0].sort_values(["spread_fen", "unit_id"], ascending=[False, True])
    return [
        says(
            row,
            SIDE_BY_SIDE,
            "分摊方法对 {unit_id} 影响最大:直接 {direct_fen},阶梯 {step_down_fen},交互 {reciprocal_fen} | "
            "the method matters most to {unit_id}: {direct_fen} direct, {step_down_fen} step-down, "
            "{reciprocal_fen} reciprocal",
            key="methods",
            weight=float(row["spread_fen"]),
            basis="分得的费用;公司合计相同 | expense received; the company's total is the same",
        )
        for row in moved.head(1).to_dict("records")
    ]
