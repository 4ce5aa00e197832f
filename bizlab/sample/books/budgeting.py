"""Budgets of the sales regions, their versions, and the postings against them."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import pandas as pd

from bizlab.sample.books.spending import spending_plan
from bizlab.sample.company.draws import generator, numbered_by_month
from bizlab.sample.company.organisation import REGIONS, ancestor
from bizlab.tables import TABLES

Frame: TypeAlias = pd.DataFrame
OWNERS = ("SA", *REGIONS)
ACCOUNT = {
    "marketing": "marketing",
    "travel": "travel",
    "labour": "salaries",
    "depreciation": "depreciation",
    "training": "training",
}
"""Account of each kind of spending; all else of a sales unit within the budget is 'other'."""
OUTSIDE_BUDGET = ("freight", "energy")
MANAGEMENT_YUAN = {"SA": 18_000, "SA-E": 42_000, "SA-S": 30_000, "SA-N": 28_000, "SA-W": 16_000}
PLANNING_NOISE = 0.015
RAISED_FROM = "2026-07"
RAISE_FEN = 5_000_000
"""Version 2026-B2 raises marketing of SA-S by 50,000 yuan a month from July 2026."""
UNPLANNED = ("training", "SA-W")
"""In 2026 nothing is planned for this account and owner."""

STATUS_DAYS = (
    ("2025-B1", "2025", "draft", "2024-10-28", "销售SBU经营会计"),
    ("2025-B1", "2025", "reviewed", "2024-12-02", "预算委员会"),
    ("2025-B1", "2025", "effective", "2025-01-01", "总裁"),
    ("2025-B1", "2025", "year_end_review", "2026-01-16", "预算委员会"),
    ("2026-B1", "2026", "draft", "2025-10-30", "销售SBU经营会计"),
    ("2026-B1", "2026", "reviewed", "2025-12-01", "预算委员会"),
    ("2026-B1", "2026", "effective", "2026-01-01", "总裁"),
    ("2026-B2", "2026", "adjustment_applied", "2026-06-08", "华南大区"),
    ("2026-B2", "2026", "reviewed", "2026-06-22", "预算委员会"),
    ("2026-B2", "2026", "adjustment_effective", "2026-07-01", "总裁"),
)


def budget_versions() -> Frame:
    """The table ``budget_versions``: two yearly budgets and the adjustment of July 2026."""
    frame = pd.DataFrame(STATUS_DAYS, columns=list(TABLES["budget_versions"].names))
    return TABLES["budget_versions"].conform(frame.assign(status_on=pd.to_datetime(frame["status_on"])))


def budget_lines(persons: Frame, seed: int, *, block: int = 0) -> Frame:
    """The table ``budget_lines``: what heads will cost, a little off, in whole hundreds of yuan."""
    rng = generator(seed, "budget", block)
    plan = spending_plan(persons)
    plan = plan[plan["unit_id"].str.startswith("SA") & (plan["month"] >= "2025-01")]
    plan = plan[~plan["kind"].isin(OUTSIDE_BUDGET)]
    month_start = pd.to_datetime(plan["month"] + "-01").to_numpy("datetime64[D]")
    plan = plan.assign(
        account=plan["kind"].map(ACCOUNT).fillna("other"),
        owner_id=ancestor(plan["unit_id"].to_numpy(str), month_start, among=OWNERS),
    )
    sums = plan.groupby(["account", "owner_id", "month"], as_index=False)["plan_fen"].sum()
    sums = pd.concat([sums, _management(sums["month"].unique())], ignore_index=True)
    sums = _to_year_end(sums).sort_values(["account", "owner_id", "month"], kind="stable")
    off = rng.normal(1.0, PLANNING_NOISE, len(sums))
    sums["amount_fen"] = (sums["plan_fen"] * off / 10_000).round().astype("int64") * 10_000
    account, owner = UNPLANNED
    unplanned = (sums["account"] == account) & (sums["owner_id"] == owner) & (sums["month"] >= "2026")
    sums = sums[~unplanned]
    first = sums.assign(version_id=sums["month"].str[:4] + "-B1")
    return TABLES["budget_lines"].conform(pd.concat([first, _raised(sums)], ignore_index=True))


def _management(months: np.ndarray) -> Frame:
    rows = [("management", owner, month, yuan * 100) for owner, yuan in MANAGEMENT_YUAN.items() for month in months]
    return pd.DataFrame(rows, columns=["account", "owner_id", "month", "plan_fen"])


def _to_year_end(sums: Frame) -> Frame:
    """November and December 2026 are planned as October is."""
    october = sums[sums["month"] == "2026-10"]
    return pd.concat([sums, october.assign(month="2026-11"), october.assign(month="2026-12")], ignore_index=True)


def _raised(sums: Frame) -> Frame:
    second = sums[sums["month"] >= "2026"].assign(version_id="2026-B2")
    raised = (second["account"] == "marketing") & (second["owner_id"] == "SA-S") & (second["month"] >= RAISED_FROM)
    return second.assign(amount_fen=second["amount_fen"] + raised * RAISE_FEN)


def budget_place(expenses: Frame) -> Frame:
    """Owner, account and month that each expense record belongs to; empty owner outside sales.

    A unit that moves within a month stays with its old owner to the end of that month.
    """
    month = expenses["recorded_on"].to_numpy("datetime64[M]")
    owner = ancestor(expenses["unit_id"].to_numpy(str), month.astype("datetime64[D]"), among=OWNERS)
    training = expenses["remark"].eq("培训").fillna(False).astype(bool)
    account = expenses["kind"].map(ACCOUNT).fillna("other").mask(training, "training")
    outside = expenses["kind"].isin(OUTSIDE_BUDGET).to_numpy()
    return pd.DataFrame(
        {
            "owner_id": np.where(outside, "", owner),
            "account": account.to_numpy(),
            "month": month.astype(str),
        },
        index=expenses.index,
    )


def actual_lines(expenses: Frame, seed: int, *, block: int = 0) -> Frame:
    """The table ``actual_lines``: one posting for each expense record of a sales unit within the budget.

    Postings of a month equal the expense records of the owner's units, account by account. Head
    office adds its management allocation, which the amoebas do not record.
    """
    rng = generator(seed, "actuals", block)
    place = budget_place(expenses)
    sales = expenses[place["owner_id"] != ""]
    posted = place[place["owner_id"] != ""].assign(
        posted_on=sales["recorded_on"],
        amount_fen=sales["amount_fen"],
        remark=sales["remark"].fillna("") + " " + sales["unit_id"],
    )
    lines = pd.concat([posted, _management_postings(sales, rng)], ignore_index=True)
    lines = lines.sort_values(["posted_on", "owner_id", "account"], kind="stable").reset_index(drop=True)
    lines["posting_id"] = numbered_by_month(f"JV{block or ''}", lines["posted_on"].to_numpy("datetime64[D]"))
    return TABLES["actual_lines"].conform(lines)


def _management_postings(sales: Frame, rng: np.random.Generator) -> Frame:
    month = sales["recorded_on"].dt.strftime("%Y-%m")
    last_days = sales.groupby(month)["recorded_on"].max()
    rows = [
        ("management", owner, day, yuan * 100, "总部管理费分摊")
        for day in last_days
        for owner, yuan in MANAGEMENT_YUAN.items()
    ]
    frame = pd.DataFrame(rows, columns=["account", "owner_id", "posted_on", "amount_fen", "remark"])
    return frame.assign(amount_fen=(frame["amount_fen"] * rng.normal(1.0, 0.02, len(frame))).round().astype("int64"))
