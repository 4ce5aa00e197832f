"""What the amoebas planned for each month of 2026, from what they had recorded in the three months before."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import pandas as pd

from bizlab.sample.books.gl import EXPENSE_KINDS
from bizlab.sample.company.draws import generator
from bizlab.sample.company.organisation import UNITS
from bizlab.tables import TABLES

Frame: TypeAlias = pd.DataFrame
MONTHS = [f"2026-{n:02d}" for n in range(1, 11)]
BEHIND = 3
GROWTH = 1.02
SPREAD = 0.06
FEN_STEP = 10_000
"""Plans are made in hundreds of yuan,"""
MINUTES_STEP = 60
"""and in hours."""


def unit_plans(truth: dict[str, Frame], seed: int) -> dict[str, Frame]:
    """The tables ``unit_plans`` and ``expense_plans``: a little more than the mean of three months, as units see it.

    A unit plans from its second month on; the two teams of the split have no plan for 2026-04.

    Parameters
    ----------
    truth : the tables of daily records.
    """
    lines = [_by_month(truth["revenue_records"], "recorded_on", "amount_fen", "revenue_fen")]
    for kind in EXPENSE_KINDS:
        of_kind = truth["expense_records"][truth["expense_records"]["kind"] == kind]
        lines.append(_by_month(of_kind, "recorded_on", "amount_fen", f"{kind}_fen"))
    for kind in TABLES["hour_records"]["kind"].choices:
        of_kind = truth["hour_records"][truth["hour_records"]["kind"] == kind]
        lines.append(_by_month(of_kind, "worked_on", "minutes", f"{kind}_minutes"))
    lines.append(_by_month(truth["order_intake"], "received_on", "amount_fen", "orders_fen"))
    heads = truth["headcount"].groupby(["unit_id", truth["headcount"]["counted_on"].dt.strftime("%Y-%m")])
    lines.append(heads["n_persons"].last().rename("n_persons").rename_axis(["unit_id", "month"]))
    actual = pd.concat(lines, axis=1).fillna(0)
    plans = _planned(actual, ["unit_id"], generator(seed, "unit plans"))
    minutes = [name for name in plans if str(name).endswith("_minutes")]
    money = [name for name in plans if str(name).endswith("_fen")]
    rounded = {name: _stepped(plans[name], FEN_STEP) for name in money}
    rounded |= {name: _stepped(plans[name], MINUTES_STEP) for name in minutes}
    rounded["n_persons"] = _stepped(plans["n_persons"], 1)
    ordered = plans.assign(**rounded).sort_values(["month", "unit_id"], ignore_index=True)
    by_kind = ordered.rename(columns={f"{kind}_fen": kind for kind in EXPENSE_KINDS}).melt(
        ["unit_id", "month"], list(EXPENSE_KINDS), var_name="kind", value_name="amount_fen", ignore_index=False
    )
    expense = by_kind.sort_index(kind="stable")
    return {name: TABLES[name].conform(frame) for name, frame in (("unit_plans", ordered), ("expense_plans", expense))}


def trade_plans(truth: dict[str, Frame], seed: int) -> Frame:
    """The table ``trade_plans``: what seller and buyer agreed to trade, by the three months before."""
    sold = truth["internal_trades_sold"]
    month = sold["traded_on"].dt.strftime("%Y-%m").rename("month")
    actual = sold.groupby(["seller_id", "buyer_id", month])[["amount_fen"]].sum()
    plans = _planned(actual, ["seller_id", "buyer_id"], generator(seed, "trade plans"))
    plans = plans.assign(amount_fen=_stepped(plans["amount_fen"], FEN_STEP))
    plans = plans[plans["amount_fen"] > 0]
    return TABLES["trade_plans"].conform(plans.sort_values(["month", "seller_id", "buyer_id"]))


def _by_month(records: Frame, day: str, column: str, line: str) -> pd.Series[int]:
    month = records[day].dt.strftime("%Y-%m").rename("month")
    return records.groupby(["unit_id", month])[column].sum().rename(line)


def _planned(actual: Frame, by: list[str], rng: np.random.Generator) -> Frame:
    """For each month of 2026 the mean of the months before that hold anything, with a spread of its own."""
    plans = []
    for month in MONTHS:
        before = [str(pd.Period(month, "M") - n) for n in range(1, BEHIND + 1)]
        known = actual[actual.index.get_level_values("month").isin(before)]
        mean = known.groupby(level=by).mean()
        factor = GROWTH * np.exp(rng.normal(0, SPREAD, mean.shape))
        plan = (mean * factor).reset_index().assign(month=month)
        plans.append(plan[~plan[by].isin(_closed_before(month)).any(axis=1)])
    return pd.concat(plans, ignore_index=True)


def _closed_before(month: str) -> list[str]:
    return [unit.unit_id for unit in UNITS if unit.closed_on is not None and unit.closed_on < month]


def _stepped(values: pd.Series[float], step: int) -> pd.Series[int]:
    return (np.floor(values / step + 0.5) * step).astype("int64")
