"""Spending that follows heads: what is planned for a unit and month, and how it comes in."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
import pandas as pd

from bizlab.sample.company.calendar_cn import Days, working_days
from bizlab.sample.company.draws import generator
from bizlab.sample.company.organisation import BY_ID
from bizlab.sample.company.people import heads_by_month

Frame: TypeAlias = pd.DataFrame
PLAN = ["unit_id", "month", "kind", "purpose", "plan_fen"]
NOISE = 0.03


class Rate(NamedTuple):
    """Yuan a head and month, yuan a month besides, and in how many entries it comes."""

    kind: str
    purpose: str
    per_head: float
    fixed: float
    entries: int


COMMON = (Rate("other", "办公及杂费", 420, 0, 2), Rate("energy", "水电", 160, 0, 1))
RATES: dict[str, tuple[Rate, ...]] = {
    "EQ": (Rate("depreciation", "厂房设备折旧", 0, 90_000, 1), Rate("energy", "公共水电", 0, 26_000, 1)),
    "EQ-MC": (Rate("depreciation", "机床折旧", 0, 60_000, 1), Rate("other", "刀具工装", 0, 35_000, 2)),
    "EQ-AS": (Rate("depreciation", "产线折旧", 0, 45_000, 1), Rate("other", "工装夹具", 0, 12_000, 2)),
    "EQ-MC-": (Rate("energy", "动力电", 900, 0, 1),),
    "EQ-AS-": (Rate("energy", "动力电", 350, 0, 1),),
    "EQ-QA": (Rate("depreciation", "检测设备折旧", 0, 18_000, 1), Rate("other", "校准", 0, 6_000, 1)),
    "CL": (Rate("other", "认证与审计", 0, 20_000, 1),),
    "CL-PD": (Rate("depreciation", "软件摊销", 0, 40_000, 1), Rate("other", "软件许可", 900, 0, 2)),
    "CL-CS": (Rate("travel", "现场服务差旅", 2_600, 0, 6),),
    "SA": (
        Rate("marketing", "品牌与展会", 0, 120_000, 3),
        Rate("travel", "差旅", 3_000, 0, 2),
        Rate("depreciation", "折旧", 500, 3_000, 1),
        Rate("training", "培训", 0, 12_000, 1),
    ),
    "SA-": (
        Rate("marketing", "区域活动", 0, 26_000, 2),
        Rate("travel", "差旅", 5_200, 0, 3),
        Rate("depreciation", "折旧", 400, 2_000, 1),
    ),
    "SA--": (
        Rate("marketing", "获客推广", 6_200, 4_000, 3),
        Rate("travel", "差旅", 4_300, 0, 6),
        Rate("depreciation", "折旧", 350, 500, 1),
        Rate("training", "培训", 700, 0, 1),
    ),
    "WH": (Rate("depreciation", "仓储设备折旧", 0, 22_000, 1), Rate("other", "包材", 0, 14_000, 2)),
    "IT": (Rate("other", "系统运维", 0, 45_000, 2),),
    "PO": (Rate("travel", "差旅", 9_000, 0, 3), Rate("other", "招待", 0, 15_000, 2)),
}
"""By unit, or by prefix: ``EQ-MC-`` are the teams of machining, ``SA-`` regions, ``SA--`` sales teams."""
SALARY_YUAN = {
    "EQ": 9_800,
    "CL": 18_500,
    "SA": 14_200,
    "WH": 7_600,
    "PO": 32_000,
    "FIN": 12_500,
    "HR": 11_500,
    "IT": 15_500,
}
"""Monthly cost of a person, social insurance included."""
SEASON = (0.92, 0.86, 1.04, 1.02, 1.03, 1.01, 0.98, 0.97, 1.05, 1.02, 1.05, 1.05)
"""Factor of each calendar month on marketing and travel."""


def spending_plan(persons: Frame) -> Frame:
    """What each unit spends in a month by its heads: unit_id, month, kind, purpose, plan_fen, entries."""
    heads = heads_by_month(persons)
    rows = []
    for unit_id, month, n in heads[["unit_id", "month", "heads"]].itertuples(index=False):
        season = SEASON[int(month[5:]) - 1]
        for rate in _rates(unit_id):
            factor = season if rate.kind in {"marketing", "travel"} else 1.0
            yuan = round((rate.per_head * n + rate.fixed) * factor)
            rows.append((unit_id, month, rate.kind, rate.purpose, yuan * 100, rate.entries))
    plan = pd.DataFrame(rows, columns=[*PLAN, "entries"])
    return plan[plan["plan_fen"] > 0].reset_index(drop=True)


def _rates(unit_id: str) -> tuple[Rate, ...]:
    salary = Rate("labour", "工资社保", SALARY_YUAN[unit_id.split("-")[0]], 0, 1)
    return (salary, *COMMON, *RATES.get(unit_id, ()), *RATES.get(_prefix(unit_id), ()))


def _prefix(unit_id: str) -> str:
    parts = unit_id.split("-")
    if parts[0] == "SA" and len(parts) == 2:
        return "SA-" if BY_ID[unit_id].level == "senior" else "SA--"
    return "-".join(parts[:2]) + "-" if len(parts) == 3 else ""


def spread(plan: Frame, seed: int, *, block: int = 0) -> Frame:
    """Entries as they come in: three percent around the plan, on working days of the month.

    Salaries and depreciation stand on the last working day. Training is an entry of kind ``other``.
    """
    rng = generator(seed, "spending", block)
    factor = np.where(plan["kind"].isin(["depreciation"]), 1.0, rng.normal(1.0, NOISE, len(plan)))
    total = (plan["plan_fen"] * factor).round().astype("int64").to_numpy()
    at = np.repeat(np.arange(len(plan)), plan["entries"])
    weight = rng.uniform(0.5, 1.5, len(at))
    share = weight / pd.Series(weight).groupby(at).transform("sum").to_numpy()
    amount = pd.Series(np.floor(total[at] * share).astype(np.int64))
    last_entry = ~pd.Series(at).duplicated(keep="last")
    rest = total - amount.groupby(at).sum().to_numpy()
    amount = amount.where(~last_entry, amount + rest[at])
    entries = plan.iloc[at].reset_index(drop=True)
    kind = entries["kind"].where(entries["kind"] != "training", "other")
    return entries.assign(recorded_on=_days(entries, rng), kind=kind, amount_fen=amount, remark=entries["purpose"])


def _days(entries: Frame, rng: np.random.Generator) -> Days:
    worked = pd.Series(working_days())
    by_month = worked.groupby(worked.dt.strftime("%Y-%m"))
    first, n = by_month.apply(lambda days: days.index[0]), by_month.size()
    month = entries["month"]
    count = month.map(n).to_numpy()
    offset = np.floor(rng.random(len(entries)) * count).astype(np.int64)
    month_end = entries["kind"].isin(["labour", "depreciation", "energy"]).to_numpy()
    offset = np.where(month_end, count - 1, offset)
    days: Days = worked.to_numpy()[month.map(first).to_numpy() + offset]
    return days
