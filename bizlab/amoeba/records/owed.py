"""Who owes what: everything that is missing or differs, and what came late, the most pressing first."""

from __future__ import annotations

from datetime import date

import pandas as pd

from bizlab.amoeba.records.observation import DIFFERENT, LATE, MISSING, NOT_YET, PERSON_ID, SOURCE, UNIT_ID
from bizlab.contracts.check import Check
from bizlab.contracts.columns import column, reason, table, words
from bizlab.contracts.finding import Finding
from bizlab.contracts.says import says
from bizlab.labels import Label
from bizlab.units.kinds import Unit

DEBTS = words(
    unit_hours="全单元无工时 | Whole unit without hours",
    unit_confirmation="本巴未确认 | Unit has not confirmed",
    booking="对方已入账,本方未入账 | Trade not booked, the other side has",
    trade_differs="与对方账目不一致 | Trade differs from the other side",
    acceptance="经营会计未确认 | Accounting has not confirmed",
    order_of_stamps="会计先于本巴确认 | Accounting confirmed before the unit",
    headcount="未填报人数 | No headcount",
    headcount_differs="人数与名册不一致 | Headcount differs from the register",
    person_hours="个人无工时 | Person without hours",
    unit_late="本巴迟确认 | Unit confirmed late",
    books_late="经营会计迟确认 | Accounting confirmed late",
)
"""In the order of their weight: a team without hours first, what is done already but was late last."""
_DEBT_OF = {
    ("hours", MISSING): "person_hours",
    ("unit_confirmed", MISSING): "unit_confirmation",
    ("unit_confirmed", LATE): "unit_late",
    ("accepted", MISSING): "acceptance",
    ("accepted", LATE): "books_late",
    ("confirmed_twice", DIFFERENT): "order_of_stamps",
    ("both_sides", MISSING): "booking",
    ("both_sides", DIFFERENT): "trade_differs",
    ("counted", MISSING): "headcount",
    ("count_agrees", DIFFERENT): "headcount_differs",
}
"""A second confirmation that is missing is the unit's or accounting's confirmation, and is owed once."""
DEBTORS = words(unit="本单元 | The unit", person="本人 | The person", accounting="经营会计 | Accounting")
_DEBTOR_OF = {
    "person_hours": "person",
    "acceptance": "accounting",
    "order_of_stamps": "accounting",
    "books_late": "accounting",
}
_STAFFED = 5
"""Person-days without hours that are no chance: a pair may have been absent."""
_DONE = ("unit_late", "books_late")
_WITHOUT_AMOUNT = ("unit_hours", "person_hours", "headcount", "headcount_differs")

OWED = table(
    "owed",
    "催办清单 | Who owes what",
    "每单元、人员、事项、记录表一行 | one row per unit, person, debt and table",
    column("debt", "事项 | What", choices=DEBTS),
    UNIT_ID,
    PERSON_ID,
    column("debtor", "由谁处理 | Who must act", choices=DEBTORS),
    SOURCE,
    column("first_on", "最早 | Since"),
    column(
        "days_open",
        "已欠天数 | Days open",
        "最早一笔至截止日的天数 | days from the first to the as-of day",
        unit=Unit.DAYS,
        nullable=True,
    ),
    reason("days_open", words(done="已补,仅迟到 | done, but late")),
    column("n", "笔数 | Records", "工时按人日计 | hours count person-days"),
    column(
        "amount_fen",
        "涉及金额 | Amount concerned",
        "各笔金额绝对值之和,红字不抵消;工时与人数没有金额 | "
        "sizes of the amounts added up, reversals do not net; hours and headcount have none",
        nullable=True,
    ),
    column("last_on", "最晚 | Last"),
    column("most_days_late", "最多迟天数 | Most days late", unit=Unit.DAYS),
    key="debt source unit_id person_id",
)


def owed(observations: pd.DataFrame, *, as_of: date) -> pd.DataFrame:
    """Who owes what as of a day: `OWED`.

    Where nobody of a unit of two or more persons has hours on a day, the unit owes them; else the person does, who may
    have been absent: the form takes a zero for that. What was confirmed late is done, and stands last.

    Parameters
    ----------
    observations : under `OBSERVATIONS`.

    Returns
    -------
    By weight of the debt, then days open, amount and number, the largest first.

    >>> day = pd.to_datetime("2026-10-19")
    >>> rows = pd.DataFrame({"item": "hours", "source": "hour_records", "unit_id": ["t", "t", "u", "u"],
    ...     "person_id": list("abcd"), "day": day, "state": ["missing", "missing", "missing", "ok"], "n": 1,
    ...     "amount_fen": 0, "most_days_late": 0})
    >>> owing = owed(rows, as_of=date(2026, 10, 31))
    >>> owing[["debt", "unit_id", "n", "days_open"]].to_numpy().tolist()
    [['unit_hours', 't', 2, 12], ['person_hours', 'u', 1, 12]]
    """
    rows = _debts(observations)
    keys = list(OWED.key)
    grouped = rows.groupby(keys, as_index=False, dropna=False).agg(
        first_on=("day", "min"),
        last_on=("day", "max"),
        n=("n", "sum"),
        amount_fen=("amount_fen", "sum"),
        most_days_late=("most_days_late", "max"),
    )
    without, done = grouped["debt"].isin(_WITHOUT_AMOUNT), grouped["debt"].isin(_DONE)
    owing = grouped.assign(
        debtor=grouped["debt"].map(_DEBTOR_OF).fillna("unit"),
        amount_fen=grouped["amount_fen"].astype("Int64").mask(without),
        days_open=(pd.Timestamp(as_of) - grouped["first_on"]).dt.days.astype("Int64").mask(done),
        days_open_reason=done.map({True: "done", False: None}),
        weight=grouped["debt"].map(list(DEBTS).index),
    )
    order = ["weight", "days_open", "amount_fen", "n", "unit_id", "person_id", "source"]
    ranks = [True, False, False, False, True, True, True]
    return OWED.conform(owing.sort_values(order, ascending=ranks, kind="stable", na_position="last"))


def _debts(observations: pd.DataFrame) -> pd.DataFrame:
    """The observations that are debts, each under its name; hours of a whole unit without persons."""
    names = pd.Series(zip(observations["item"], observations["state"], strict=True), index=observations.index)
    rows = observations.assign(debt=names.map(_DEBT_OF))
    rows = rows[rows["debt"].notna()]
    hours = observations[observations["item"] == "hours"]
    by_day = hours.assign(missing=hours["n"].where(hours["state"] == MISSING, 0)).groupby(["unit_id", "day"])
    sums = by_day[["n", "missing"]].sum()
    whole = sums.index[(sums["n"] > 1) & (sums["missing"] == sums["n"])]
    of_unit = (rows["debt"] == "person_hours") & pd.MultiIndex.from_frame(rows[["unit_id", "day"]]).isin(whole)
    return rows.assign(debt=rows["debt"].mask(of_unit, "unit_hours"), person_id=rows["person_id"].mask(of_unit))


def owed_checks(owing: pd.DataFrame, items: pd.DataFrame) -> list[Check]:
    """`OWED` holds every late, missing or differing answer of `ITEM_SCORES`; a second confirmation is owed already."""
    twice = items["item"] == "confirmed_twice"
    open_ = items["n_different"].sum() + items.loc[~twice, ["n_late", "n_missing"]].sum().sum()
    label = Label("清单笔数之和 = 迟、缺与不一致之和", "Records of the list = late, missing and differing")
    return [Check("collection.owed", label, int(owing["n"].sum()), int(open_), Unit.COUNT)]


def owed_findings(owing: pd.DataFrame) -> list[Finding]:
    """Units without any hours, and what units did not confirm, from `OWED`."""
    texts = {
        "unit_hours": "{unit_id} 全单元 {first_on} 至 {last_on} 没有工时记录,共 {n} 人日 | "
        "nobody of {unit_id} has hours between {first_on} and {last_on}: {n} person-days",
        "unit_confirmation": "{unit_id} 的{source}有 {n} 笔自 {first_on} 起未经本巴确认,涉及 {amount_fen} | "
        "{unit_id} has not confirmed since {first_on} ({source}): {n}, {amount_fen}",
    }
    nobody = Label(
        f"每人每个工作日都应有工时,缺勤记 0;{_STAFFED} 人日以上为重大",
        f"hours of every person on every working day, absence is 0; material from {_STAFFED} person-days on",
    )
    return [
        says(
            row,
            OWED,
            texts[row["debt"]],
            key=f"{row['debt']}-{row['source']}-{row['unit_id']}",
            direction="bad",
            material=row["debt"] == "unit_hours" and row["n"] >= _STAFFED,
            weight=float(row["n"]),
            basis=nobody if row["debt"] == "unit_hours" else NOT_YET,
        )
        for row in owing[owing["debt"].isin(texts)].to_dict("records")
    ]
