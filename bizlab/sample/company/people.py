"""Hours and headcount: what everyone worked, the president included."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import pandas as pd

from bizlab.sample.company.calendar_cn import FIRST, LAST, SATURDAY, Days, days, weekday, working_days
from bizlab.sample.company.draws import generator
from bizlab.tables import TABLES

Frame: TypeAlias = pd.DataFrame
ABSENT_RATE = 0.035
HALF_DAY_RATE = 0.02
OVERTIME_RATE = {"EQ": 0.28, "WH": 0.20, "CL": 0.15, "SA": 0.12, "PO": 0.30}
SATURDAY_RATE = 0.10


def hour_records(persons: Frame, seed: int, *, block: int = 0) -> Frame:
    """The table ``hour_records``: eight hours on most working days, overtime on some, Saturdays in the plant."""
    rng = generator(seed, "hours", block)
    on_duty = person_days(persons, working_days())
    n = len(on_duty)
    draw = rng.random(n)
    normal = np.where(draw < ABSENT_RATE, 0, np.where(draw < ABSENT_RATE + HALF_DAY_RATE, 240, 480))
    chance = on_duty["unit_id"].str.split("-").str[0].map(OVERTIME_RATE).fillna(0.08).to_numpy(np.float64)
    overtime = np.where((rng.random(n) < chance) & (normal == 480), 30 * rng.integers(1, 6, n), 0)
    plant = persons[persons["unit_id"].str.startswith("EQ-") & ~persons["unit_id"].eq("EQ-QA")]
    saturdays = person_days(plant, _free_saturdays())
    worked = rng.random(len(saturdays)) < SATURDAY_RATE
    records = pd.concat(
        [
            on_duty.assign(kind="normal", minutes=normal),
            on_duty.assign(kind="overtime", minutes=overtime),
            saturdays[worked].assign(kind="overtime", minutes=60 * rng.integers(4, 9, int(worked.sum()))),
        ]
    )
    records = records[records["minutes"] > 0]
    ordered = records.sort_values(["worked_on", "unit_id", "person_id", "kind"], kind="stable")
    return TABLES["hour_records"].conform(ordered)


def headcount(persons: Frame) -> Frame:
    """The table ``headcount``: persons of each unit on each working day."""
    on_duty = person_days(persons, working_days())
    counted = on_duty.groupby(["worked_on", "unit_id"], as_index=False).size()
    return TABLES["headcount"].conform(counted.rename(columns={"worked_on": "counted_on", "size": "n_persons"}))


def person_days(persons: Frame, on: Days) -> Frame:
    """One row per person and day of ``on`` on which the person belongs to a unit."""
    first = np.maximum(persons["valid_from"].to_numpy("datetime64[D]"), FIRST)
    last = persons["valid_to"].fillna(pd.Timestamp(LAST)).to_numpy("datetime64[D]")
    start, stop = np.searchsorted(on, first), np.searchsorted(on, np.minimum(last, LAST), side="right")
    length = np.maximum(stop - start, 0)
    at = np.repeat(np.arange(len(persons)), length)
    offset = np.arange(len(at)) - np.repeat(np.cumsum(length) - length, length)
    return pd.DataFrame(
        {
            "person_id": persons["person_id"].to_numpy()[at],
            "unit_id": persons["unit_id"].to_numpy()[at],
            "worked_on": on[start[at] + offset].astype("datetime64[s]"),
        }
    )


def heads_by_month(persons: Frame) -> Frame:
    """Average persons of each unit in each month: columns unit_id, month, heads (a fraction)."""
    on_duty = person_days(persons, working_days())
    month = on_duty["worked_on"].dt.strftime("%Y-%m")
    day_count = pd.Series(working_days().astype("datetime64[M]").astype(str)).value_counts()
    sums = on_duty.groupby(["unit_id", month.rename("month")]).size().rename("person_days").reset_index()
    return sums.assign(heads=sums["person_days"] / sums["month"].map(day_count))


def _free_saturdays() -> Days:
    span = days(FIRST, LAST)
    free: Days = span[(weekday(span) == SATURDAY) & ~np.isin(span, working_days())]
    return free
