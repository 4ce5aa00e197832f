"""The daily records of the units, summed to a ledger of additive lines by unit and day."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import narwhals as nw
import pandas as pd

from bizlab.engine import lazy, midnight, to_pandas, whole

LINES = (
    "external_sales_fen",
    "expense_fen",
    "normal_minutes",
    "overtime_minutes",
    "n_hour_records",
    "person_days",
    "orders_fen",
)
"""What each unit adds up day by day; internal trade has two sides and is treated apart."""
LABOUR = "labour"


@dataclass(frozen=True)
class Records:
    """What the units recorded, under the input contracts of the same names.

    The long tables may be pandas frames or anything narwhals can scan; units, parents, trades,
    rules, drivers and prices are pandas frames.
    """

    revenue_records: Any
    expense_records: Any
    hour_records: Any
    order_intake: Any
    headcount: Any
    internal_trades_sold: pd.DataFrame
    internal_trades_bought: pd.DataFrame
    units: pd.DataFrame
    unit_parents: pd.DataFrame
    allocation_rules: pd.DataFrame
    drivers: pd.DataFrame
    transfer_prices: pd.DataFrame


INPUTS = tuple(field.name for field in fields(Records))
"""The tables that `Records` is made of, in its order."""


def ledger(records: Records, *, first: date, last: date, labour_in_expense: bool = False) -> pd.DataFrame:
    """Sums by unit and day.

    Parameters
    ----------
    first, last : the period, both days included.
    labour_in_expense : whether labour cost counts as expense; by Kyocera's practice it does not, so
        that what remains is value added.

    Returns
    -------
    One row per unit and day with a record; columns `LINES`, whole fen, minutes and counts, 0 where
    nothing was recorded.
    """
    expenses, hours = lazy(records.expense_records), lazy(records.hour_records)
    if not labour_in_expense:
        expenses = expenses.filter(nw.col("kind") != LABOUR)
    parts = [
        unit_days(records.revenue_records, "recorded_on", {"external_sales_fen": "amount_fen"}, first, last),
        unit_days(expenses, "recorded_on", {"expense_fen": "amount_fen"}, first, last),
        unit_days(hours.filter(nw.col("kind") == "normal"), "worked_on", {"normal_minutes": "minutes"}, first, last),
        unit_days(
            hours.filter(nw.col("kind") == "overtime"), "worked_on", {"overtime_minutes": "minutes"}, first, last
        ),
        unit_days(hours.with_columns(one=nw.lit(1)), "worked_on", {"n_hour_records": "one"}, first, last),
        unit_days(records.headcount, "counted_on", {"person_days": "n_persons"}, first, last),
        unit_days(records.order_intake, "received_on", {"orders_fen": "amount_fen"}, first, last),
    ]
    summed = pd.concat(parts).groupby(["unit_id", "day"], as_index=False, sort=True)[list(LINES)].sum()
    return summed.astype(dict.fromkeys(LINES, "int64"))


def unit_days(records: Any, day: str, sums: dict[str, str], first: date, last: date) -> pd.DataFrame:
    """Exact sums of a long table by unit and day, on whatever engine holds it."""
    within = lazy(records).filter(nw.col(day) >= midnight(first), nw.col(day) <= midnight(last))
    summed = within.group_by("unit_id", day).agg(*(nw.col(column).sum().alias(line) for line, column in sums.items()))
    frame = to_pandas(whole(summed, list(sums))).rename(columns={day: "day"})
    return frame.astype({"day": "datetime64[us]", "unit_id": "str"}).reindex(
        columns=["unit_id", "day", *LINES], fill_value=0
    )
