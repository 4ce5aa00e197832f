"""The calendars of the page of daily records."""

from __future__ import annotations

import pandas as pd

from bizlab.amoeba.records.collection_scores import CALENDAR
from bizlab.amoeba.records.observation import PRINCIPLES
from bizlab.labels import Label
from bizlab.report.charts import charts
from bizlab.report.shown import ShownChart
from bizlab.report.view import Names

_NOTE = Label(
    "颜色越浓,缺得越多;红格(0)为当日全无;点为当日没有应有的记录;空白为非工作日。",
    "The stronger the colour, the more is short; red (0): nothing in order; dot: nothing due; blank: no working day.",
)


def score_calendars(days: pd.DataFrame, *, names: Names) -> list[ShownChart]:
    """Own scores of every unit on every day of a month, a calendar for each principle by which anything was due.

    Parameters
    ----------
    days : from `calendar`. A day without work stays blank, unless a record is dated on it.
    """
    return [_calendar(days, principle, names) for principle in PRINCIPLES if days[f"{principle}_due"].any()]


def _calendar(days: pd.DataFrame, principle: str, names: Names) -> ShownChart:
    words = PRINCIPLES[principle]
    last = days["day"].dt.days_in_month.max()
    return charts.heatmap(
        days[days["is_working"] | (days[f"{principle}_due"] > 0)],
        CALENDAR,
        key=f"calendar_{principle}",
        title=Label(f"{words.zh}:单元 × 日期", f"{words.en}: units by day"),
        x="day_of_month",
        y="unit_id",
        value=f"{principle}_rate",
        alt=Label(f"各单元每日{words.zh}率", f"{words.en.lower()} rate of every unit on every day"),
        shortfall=True,
        steps=[str(day + 1) for day in range(last)],
        names=names,
        note=_NOTE,
    )
