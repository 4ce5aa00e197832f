"""The calendar of a month: a cell for every unit and working day, none for a day without work."""

import re
from datetime import date

import pandas as pd
import pytest

from bizlab.amoeba.records.collection_scores import CALENDAR
from bizlab.analyses.amoeba.charts import score_calendars
from bizlab.labels import Label

NAMES = {"unit_id": {"t": Label("甲班", "Team A")}}


@pytest.fixture
def days():
    """Worked on the 9th, all late; a record on Sunday the 11th; nothing due on the 12th."""
    dates = [date(2026, 10, 8), date(2026, 10, 9), date(2026, 10, 11), date(2026, 10, 12), date(2026, 10, 18)]
    counts = {f"{principle}_{state}": 0 for principle in ("timely", "complete", "accurate")
              for state in ("due", "ok", "late", "missing", "different")}  # fmt: skip
    frame = pd.DataFrame({"unit_id": "t", "day": pd.to_datetime(dates), **counts}).assign(
        day_of_month=["8", "9", "11", "12", "18"],
        is_working=[True, True, False, True, False],
        timely_due=[4, 2, 1, 0, 0],
        timely_ok=[3, 0, 1, 0, 0],
        timely_late=[1, 2, 0, 0, 0],
    )
    rates = {f"{principle}_rate": None for principle in ("complete", "accurate")}
    reasons = {f"{principle}_rate_reason": "nothing_due" for principle in ("timely", "complete", "accurate")}
    return CALENDAR.conform(frame.assign(timely_rate=[0.75, 0.0, 1.0, None, None], **rates, **reasons))


def test_every_day_of_the_month_has_its_place_and_only_days_of_work_or_with_records_a_cell(days, unchanged):
    with unchanged(days):
        (chart,) = score_calendars(days, names=NAMES)
    labels = re.findall(r'aria-label="(Team A [^"]+)"', chart.svg["en"])
    assert labels == [
        "Team A · 8 · 75.0%",
        "Team A · 9 · 0.0%",
        "Team A · 11 · 100.0%",
    ]
    assert all(f">{day}</text>" in chart.svg["zh"] for day in range(1, 32))
    assert chart.svg["en"].count(">·</text>") == 1
    assert len(chart.data.rows) == 4


def test_each_principle_by_which_anything_was_due_has_its_calendar(days):
    more = days.assign(complete_due=1, complete_ok=1, complete_rate=1.0)
    assert [chart.title.zh for chart in score_calendars(more, names=NAMES)] == ["及时:单元 × 日期", "完整:单元 × 日期"]
    assert score_calendars(CALENDAR.empty(), names=NAMES) == []
