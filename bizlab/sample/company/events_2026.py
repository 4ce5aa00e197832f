"""What happened to spending in 2026: true facts that the budget analysis must find."""

from __future__ import annotations

from typing import TypeAlias

import pandas as pd

from bizlab.exact import apportion
from bizlab.sample.books.budgeting import RAISE_FEN, budget_place

Frame: TypeAlias = pd.DataFrame
MONTH = "2026-10"
OVER_FEN = 3_864_000
SAVED_FEN = 3_798_000
UNPLANNED_FEN = 2_860_000


def apply(expenses: Frame, budget: Frame) -> Frame:
    """Expense records in which the planted facts of 2026 have happened.

    In October marketing of SA-E is 38,640.00 yuan over its budget and travel 37,980.00 under it;
    training of SA-W costs 28,600.00 in October that nobody planned, and nothing in other months
    of 2026; training of SA-N was planned for October and not held; from July on SA-S spends the
    50,000.00 a month that its raised budget gives to marketing.
    """
    place = budget_place(expenses)
    in_2026, october = place["month"] >= "2026", place["month"] == MONTH
    training = place["account"] == "training"
    not_held = training & (
        ((place["owner_id"] == "SA-W") & in_2026 & ~october) | ((place["owner_id"] == "SA-N") & october)
    )
    changed = expenses[~not_held].reset_index(drop=True)
    place = place[~not_held].reset_index(drop=True)
    targets = {
        ("SA-E", "marketing", MONTH): _planned(budget, "SA-E", "marketing") + OVER_FEN,
        ("SA-E", "travel", MONTH): _planned(budget, "SA-E", "travel") - SAVED_FEN,
        ("SA-W", "training", MONTH): UNPLANNED_FEN,
    }
    for month in ("2026-07", "2026-08", "2026-09", "2026-10"):
        rows = _rows(place, ("SA-S", "marketing", month))
        targets["SA-S", "marketing", month] = int(changed.loc[rows, "amount_fen"].sum()) + RAISE_FEN
    for where, target in targets.items():
        rows = _rows(place, where)
        changed.loc[rows, "amount_fen"] = apportion(target, changed.loc[rows, "amount_fen"].tolist())
    return changed


def _rows(place: Frame, where: tuple[str, str, str]) -> pd.Series[bool]:
    owner, account, month = where
    return (place["owner_id"] == owner) & (place["account"] == account) & (place["month"] == month)


def _planned(budget: Frame, owner: str, account: str) -> int:
    """The October budget of version 2026-B2."""
    line = _rows(budget, (owner, account, MONTH)) & (budget["version_id"] == "2026-B2")
    return int(budget.loc[line, "amount_fen"].sum())
