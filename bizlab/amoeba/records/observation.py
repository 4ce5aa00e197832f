"""What is asked of a daily record, and how it was answered: the vocabulary of the collection of records.

Three principles, each with its items. An item is asked once of a record, of a person and day, of a unit and day or of
one side of a trade, and answered in one state. A score is what is in order, over what was due; the three principles are
never made into one number.
"""

from __future__ import annotations

import pandas as pd

from bizlab.contracts.column import Column
from bizlab.contracts.table import Table
from bizlab.labels import Label
from bizlab.units.kinds import Unit

PRINCIPLES = {
    "timely": Label("及时", "Timely"),
    "complete": Label("完整", "Complete"),
    "accurate": Label("准确", "Accurate"),
}
ITEMS = {
    "unit_confirmed": Label("本巴当日确认", "Confirmed by the unit the same day"),
    "accepted": Label("经营会计按时确认", "Confirmed by accounting in time"),
    "hours": Label("每人每个工作日有工时", "Hours of every person on every working day"),
    "counted": Label("每单元每个工作日有人数", "Headcount of every unit on every working day"),
    "confirmed_twice": Label("双重确认,先巴后会计", "Confirmed twice, accounting after the unit"),
    "both_sides": Label("买卖双方账目一致", "Both sides of a trade agree"),
    "count_agrees": Label("人数与人员名册一致", "Headcount agrees with the register of persons"),
}
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
STATES = {
    OK: Label("合格", "In order"),
    LATE: Label("迟", "Late"),
    MISSING: Label("缺", "Missing"),
    DIFFERENT: Label("不一致", "Differs"),
    WAITING: Label("未到期或等待对方", "Not due yet, or waits for the other side"),
}
DUE = (OK, LATE, MISSING, DIFFERENT)
"""The states of what was due; what waits is not due."""
SOURCES = {
    "revenue_records": Label("收入记录", "Revenue records"),
    "expense_records": Label("费用记录", "Expense records"),
    "internal_trades_sold": Label("内部销售", "Internal sales"),
    "internal_trades_bought": Label("内部采购", "Internal purchases"),
    "hour_records": Label("工时记录", "Hour records"),
    "headcount": Label("在册人数", "Headcount"),
}
PRINCIPLE = Column(
    "principle", Unit.CODE, Label("原则", "Principle"), choices=tuple(PRINCIPLES), choice_labels=PRINCIPLES
)
ITEM = Column("item", Unit.CODE, Label("要求", "What is asked"), choices=tuple(ITEMS), choice_labels=ITEMS)
SOURCE = Column("source", Unit.CODE, Label("记录表", "Table"), choices=tuple(SOURCES), choice_labels=SOURCES)
UNIT_ID = Column("unit_id", Unit.CODE, Label("单元", "Unit"))
PERSON_ID = Column("person_id", Unit.CODE, Label("人员", "Person"), nullable=True)

OBSERVATIONS = Table(
    name="observations",
    label=Label("逐项核对", "What was asked and how it was answered"),
    grain=Label("每项要求、记录表、单元、人员、日期、状态一行", "one row per item, table, unit, person, day and state"),
    key=("item", "source", "unit_id", "person_id", "day", "state"),
    columns=(
        ITEM,
        SOURCE,
        UNIT_ID,
        PERSON_ID,
        Column("day", Unit.DATE, Label("日期", "Day")),
        Column("state", Unit.CODE, Label("状态", "State"), choices=tuple(STATES), choice_labels=STATES),
        Column("n", Unit.COUNT, Label("笔数", "Number")),
        Column(
            "amount_fen",
            Unit.FEN,
            Label("涉及金额", "Amount concerned"),
            definition=Label("各笔金额绝对值之和,红字不抵消", "sizes of the amounts added up; reversals do not net"),
        ),
        Column("most_days_late", Unit.DAYS, Label("最多迟天数", "Most days late")),
    ),
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
