"""Are the records complete: units that were staffed on a working day and recorded no hours."""

from __future__ import annotations

from datetime import date

import narwhals as nw
import pandas as pd

from bizlab.amoeba.accounting.ledger import Records
from bizlab.amoeba.records.observation import UNIT_ID
from bizlab.contracts.columns import column, count, table
from bizlab.contracts.finding import Finding
from bizlab.contracts.says import says
from bizlab.engine import dated, to_pandas

_FEWEST_PERSON_DAYS = 5

MISSING_HOURS = table(
    "missing_hours",
    "在岗而无工时记录 | Staffed but without hours",
    "每个单元一行 | one row per unit",
    UNIT_ID,
    column("n_days", "缺记录天数 | Days without hours"),
    column("first_on", "最早 | First"),
    column("last_on", "最晚 | Last"),
    count("person_days", "涉及人日 | Person-days concerned"),
    key="unit_id",
)


def missing_hours(records: Records, *, first: date, last: date) -> pd.DataFrame:
    """Units with persons counted on a day for which nobody of the unit recorded an hour: see `MISSING_HOURS`.

    Parameters
    ----------
    records : headcount is kept for working days only, so a day without a count does not count as one without hours.
    first, last : the period, both days included.

    Returns
    -------
    One row per unit that has such a day. An entry of zero minutes is a record.

    >>> day = pd.to_datetime
    >>> heads = pd.DataFrame({"unit_id": "t", "counted_on": day(["2026-10-08", "2026-10-09"]), "n_persons": [3, 3]})
    >>> hours = pd.DataFrame({"unit_id": ["t"], "worked_on": day(["2026-10-08"]), "minutes": [0]})
    >>> records = Records(None, None, hours, None, heads, *(None,) * 7)
    >>> missing = missing_hours(records, first=date(2026, 10, 1), last=date(2026, 10, 31))
    >>> missing[["unit_id", "n_days", "person_days"]].to_numpy().tolist()
    [['t', 1, 3]]
    """
    counted = dated(records.headcount, "counted_on", first, last).filter(nw.col("n_persons") > 0)
    present = to_pandas(counted.select("unit_id", nw.col("counted_on").alias("day"), "n_persons"))
    worked = dated(records.hour_records, "worked_on", first, last)
    recorded = to_pandas(worked.select("unit_id", nw.col("worked_on").alias("day")).unique())
    both = present.merge(recorded, on=["unit_id", "day"], how="left", indicator=True)
    empty = both[both["_merge"] == "left_only"]
    grouped = empty.groupby("unit_id", as_index=False, sort=True).agg(
        n_days=("day", "nunique"), first_on=("day", "min"), last_on=("day", "max"), person_days=("n_persons", "sum")
    )
    return MISSING_HOURS.conform(grouped)


def record_findings(missing: pd.DataFrame) -> list[Finding]:
    """Units that recorded no hours while staffed, from `MISSING_HOURS`."""
    return [
        says(
            row,
            MISSING_HOURS,
            "{unit_id} 有 {n_days} 天在岗而无工时记录({first_on} 至 {last_on}),单位时间收益因此偏高 | "
            "{unit_id} was staffed on {n_days} days without hours ({first_on} to {last_on}); "
            "its value per hour is too high",
            key=f"hours-{row['unit_id']}",
            direction="bad",
            material=True,
            weight=float(row["person_days"]),
            basis=f"与每日在册人数相比;缺 {_FEWEST_PERSON_DAYS} 人日以上才列为发现 | "
            f"against the daily headcount; a finding from {_FEWEST_PERSON_DAYS} person-days on",
        )
        for row in missing[missing["person_days"] >= _FEWEST_PERSON_DAYS].to_dict("records")
    ]
