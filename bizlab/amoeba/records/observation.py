"""What is asked of a daily record, and how it was answered: the vocabulary of the collection of records.

Three principles, each with its items. An item is asked once of a record, of a person and day, of a unit and day or of
one side of a trade, and answered in one state. A score is what is in order, over what was due; the three principles are
never made into one number.
"""

from __future__ import annotations

import pandas as pd

from bizlab.amoeba.accounting.ledger import DAILY
from bizlab.amoeba.results.unit_hour import SHEET
from bizlab.contracts.columns import code, column, table, words
from bizlab.labels import Label
from bizlab.tables import TABLES
from bizlab.units.kinds import Unit

PRINCIPLES = words(timely="及时 | Timely", complete="完整 | Complete", accurate="准确 | Accurate")
ITEMS = words(
    unit_confirmed="本巴当日确认 | Confirmed by the unit the same day",
    accepted="经营会计按时确认 | Confirmed by accounting in time",
    hours="每人每个工作日有工时 | Hours of every person on every working day",
    counted="每单元每个工作日有人数 | Headcount of every unit on every working day",
    confirmed_twice="双重确认,先巴后会计 | Confirmed twice, accounting after the unit",
    both_sides="买卖双方账目一致 | Both sides of a trade agree",
    count_agrees="人数与人员名册一致 | Headcount agrees with the register of persons",
)
PRINCIPLE_OF = {
    "unit_confirmed": "timely",
    "accepted": "timely",
    "hours": "complete",
    "counted": "complete",
    "confirmed_twice": "accurate",
    "both_sides": "accurate",
    "count_agrees": "accurate",
}
OK, LATE, MISSING, DIFFERENT, WAITING = "ok", "late", "missing", "different", "waiting"
STATES = words(
    {
        OK: "合格 | In order",
        LATE: "迟 | Late",
        MISSING: "缺 | Missing",
        DIFFERENT: "不一致 | Differs",
        WAITING: "未到期或等待对方 | Not due yet, or waits for the other side",
    }
)
DUE = (OK, LATE, MISSING, DIFFERENT)
"""The states of what was due; what waits is not due."""
NOT_YET = Label(
    "以截止日为准:此后才确认的仍算未确认", "as of the as-of day: what was confirmed later is not confirmed yet"
)
_CONFIRMED = [name for name, table in DAILY.items() if table.is_confirmed]
SOURCES = {name: TABLES[name].label for name in (*_CONFIRMED, "hour_records", "headcount")}
PRINCIPLE = column("principle", "原则 | Principle", choices=PRINCIPLES)
ITEM = column("item", "要求 | What is asked", choices=ITEMS)
SOURCE = column("source", "记录表 | Table", choices=SOURCES)
UNIT_ID = SHEET["unit_id"]
PERSON_ID = code("person_id", "人员 | Person", nullable=True)

OBSERVATIONS = table(
    "observations",
    "逐项核对 | What was asked and how it was answered",
    "每项要求、记录表、单元、人员、日期、状态一行 | one row per item, table, unit, person, day and state",
    ITEM,
    SOURCE,
    UNIT_ID,
    PERSON_ID,
    column("day", "日期 | Day", unit=Unit.DATE),
    column("state", "状态 | State", choices=STATES),
    column("n", "笔数 | Number"),
    column(
        "amount_fen",
        "涉及金额 | Amount concerned",
        "各笔金额绝对值之和,红字不抵消 | sizes of the amounts added up; reversals do not net",
    ),
    column("most_days_late", "最多迟天数 | Most days late", unit=Unit.DAYS),
    key="item source unit_id person_id day state",
)


def observed(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows under `OBSERVATIONS`, those that only count added up; no person, no amount and no delay unless given.

    >>> day = pd.to_datetime(["2026-10-08"] * 2)
    >>> rows = pd.DataFrame({"item": "counted", "source": "headcount", "unit_id": "t", "day": day, "state": "ok"})
    >>> observed(rows.assign(n=1))[["n", "amount_fen", "most_days_late"]].to_numpy().tolist()
    [[2, 0, 0]]
    """
    given = {"person_id": None, "amount_fen": 0, "most_days_late": 0} | {name: rows[name] for name in rows}
    how = {"n": "sum", "amount_fen": "sum", "most_days_late": "max"}
    summed = rows.assign(**given).groupby(list(OBSERVATIONS.key), as_index=False, dropna=False, sort=True).agg(how)
    return OBSERVATIONS.conform(summed)
