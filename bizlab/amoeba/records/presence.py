"""Who was there: the register of persons, the headcount of the day, and whose hours were recorded."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import narwhals as nw
import numpy as np
import pandas as pd

from bizlab.amoeba.accounting.ledger import Records, working_days
from bizlab.amoeba.records.observation import DIFFERENT, MISSING, OK, UNIT_ID, observed
from bizlab.contracts.columns import count, table
from bizlab.engine import dated, to_pandas

_UNIT_DAY = ["unit_id", "day"]

STAFFING = table(
    "staffing",
    "人数、名册与工时对照 | Headcount, register and hours side by side",
    "每个单元一行 | one row per unit",
    UNIT_ID,
    count("counted_days", "按人数表的人日 | Person-days by headcount"),
    count("registered_days", "按人员名册的人日 | Person-days by the register"),
    count("with_hours_days", "有工时的人日 | Person-days with hours"),
    count(
        "without_hours_days",
        "无工时的人日 | Person-days without hours",
        "名册在册而当日没有任何工时记录;缺勤应记 0 | in the register and no entry that day; absence is entered as 0",
    ),
    count("difference_days", "人数 − 名册 | Headcount − register"),
    key="unit_id",
    sums={
        "registered_days = with_hours_days + without_hours_days": (
            "名册 = 有工时 + 无工时 | register = with hours + without"
        ),
        "difference_days = counted_days - registered_days": "差额 = 人数 − 名册 | difference = headcount − register",
    },
)


class Presence(NamedTuple):
    """A period's working days (`bizlab.amoeba.accounting.ledger.working_days`), and who was there on them.

    ``registered`` has one row per unit, person and working day (``has_hours``: any entry of the person on the day,
    zero minutes included, whichever unit it names); ``counted`` one per unit and day (``n_persons``).
    """

    working_days: pd.DatetimeIndex
    registered: pd.DataFrame
    counted: pd.DataFrame


def presence(records: Records, persons: pd.DataFrame, *, first: date, as_of: date) -> Presence:
    """Who was registered and counted on the working days of a period, and whose hours are there.

    Parameters
    ----------
    persons : under the contract ``persons``: one row per person and stay in a unit.
    first, as_of : the period, both days included.

    >>> day = pd.to_datetime
    >>> heads = pd.DataFrame({"unit_id": "t", "counted_on": day(["2026-10-08", "2026-10-09"]), "n_persons": [2, 1]})
    >>> hours = pd.DataFrame({"person_id": ["p1"], "worked_on": day(["2026-10-08"])})
    >>> persons = pd.DataFrame({"person_id": ["p1", "p2"], "unit_id": "t", "valid_from": day(["2026-10-01"] * 2),
    ...                         "valid_to": day([None, "2026-10-08"])})
    >>> records = Records(None, None, hours, None, heads, *(None,) * 7)
    >>> there = presence(records, persons, first=date(2026, 10, 1), as_of=date(2026, 10, 31))
    >>> there.registered[["person_id", "has_hours"]].to_numpy().tolist()
    [['p1', True], ['p1', False], ['p2', False]]
    """
    heads = to_pandas(dated(records.headcount, "counted_on", first, as_of).select("unit_id", "counted_on", "n_persons"))
    counted = heads.rename(columns={"counted_on": "day"}).astype({"day": "datetime64[us]", "unit_id": "str"})
    working = working_days(counted)
    worked = dated(records.hour_records, "worked_on", first, as_of)
    pairs = to_pandas(worked.group_by("person_id", "worked_on").agg(nw.len().alias("n")))
    noted = pd.MultiIndex.from_arrays([pairs["person_id"].astype("str"), pairs["worked_on"].astype("datetime64[us]")])
    registered = stays(persons, working)
    has_hours = pd.MultiIndex.from_frame(registered[["person_id", "day"]]).isin(noted)
    return Presence(working, registered.assign(has_hours=has_hours), counted)


def presence_observations(there: Presence) -> pd.DataFrame:
    """Hours of every person, headcount of every unit, and whether it agrees with the register: `OBSERVATIONS`.

    A unit without registered persons owes no headcount; one that is given nevertheless must agree with the register.
    """
    hours = there.registered.assign(item="hours", source="hour_records", n=1)
    states = hours["has_hours"].map({True: OK, False: MISSING})
    heads = _both(there).assign(source="headcount", n=1)
    owing = heads[heads["n_registered"] > 0]
    given = heads[heads["n_persons"].notna()]
    agree = given["n_persons"] == given["n_registered"]
    parts = [
        hours.assign(state=states),
        owing.assign(item="counted", state=owing["n_persons"].notna().map({True: OK, False: MISSING})),
        given.assign(item="count_agrees", state=agree.map({True: OK, False: DIFFERENT})),
    ]
    return observed(pd.concat(parts, ignore_index=True))


def staffing(there: Presence) -> pd.DataFrame:
    """Person-days of the working days by headcount, register and hours: `STAFFING`."""
    by_unit = there.registered.groupby("unit_id")["has_hours"].agg(["size", "sum"])
    heads = _both(there).groupby("unit_id")["n_persons"].sum()
    rows = pd.concat([by_unit, heads], axis=1).fillna(0).astype("int64").rename_axis("unit_id").sort_index()
    return STAFFING.conform(
        rows.assign(
            counted_days=rows["n_persons"],
            registered_days=rows["size"],
            with_hours_days=rows["sum"],
            without_hours_days=rows["size"] - rows["sum"],
            difference_days=rows["n_persons"] - rows["size"],
        ).reset_index()
    )


def stays(persons: pd.DataFrame, days: pd.DatetimeIndex) -> pd.DataFrame:
    """One row per unit, person and day of a stay; a person who stands twice in a unit counts once.

    Parameters
    ----------
    persons : under the contract ``persons``.
    days : the days asked for, in order.

    Returns
    -------
    ``unit_id``, ``person_id``, ``day``.

    >>> week = pd.date_range("2026-10-05", "2026-10-11")
    >>> persons = pd.DataFrame({"person_id": ["p"], "unit_id": ["t"], "valid_from": pd.to_datetime(["2026-10-10"]),
    ...                         "valid_to": pd.to_datetime([None])})
    >>> stays(persons, week)["day"].dt.day.tolist()
    [10, 11]
    """
    start = days.searchsorted(pd.DatetimeIndex(persons["valid_from"]))
    open_end = persons["valid_to"].fillna(pd.Timestamp.max.floor("D"))
    length = np.maximum(days.searchsorted(pd.DatetimeIndex(open_end), side="right") - start, 0)
    stay = np.repeat(np.arange(len(persons)), length)
    nth = np.arange(len(stay)) - np.repeat(np.cumsum(length) - length, length)
    stayed = days.to_numpy("datetime64[us]")[start[stay] + nth]
    rows = persons[["unit_id", "person_id"]].iloc[stay].reset_index(drop=True).astype("str").assign(day=stayed)
    return rows.drop_duplicates(ignore_index=True)


def _both(there: Presence) -> pd.DataFrame:
    """Headcount and register of each unit and working day; a headcount of nobody registered keeps its row."""
    registered = there.registered.groupby(_UNIT_DAY).size().rename("n_registered").reset_index()
    counted = there.counted[there.counted["day"].isin(there.working_days)]
    both = registered.merge(counted, on=_UNIT_DAY, how="outer")
    return both.assign(n_registered=both["n_registered"].fillna(0).astype("int64"))
