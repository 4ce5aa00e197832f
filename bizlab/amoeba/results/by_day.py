"""A month cut into its days, so that a sheet can be made for any day, week or stretch of days.

A day's own figures are those of its records. What rules give away is known for a month; what a giver booked on a day
goes by the month's shares to those who bear it, on that day. So days add up to weeks, and to the month, exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

import pandas as pd

from bizlab.amoeba.accounting.components import Components, kept
from bizlab.amoeba.accounting.consolidation import ADDITIVE, at_nodes, of_units
from bizlab.amoeba.results.unit_hour import SHEET, UNIT_ID, in_order, unit_hour_sheet
from bizlab.contracts.check import Check
from bizlab.contracts.columns import column, ratio, table, words
from bizlab.errors import SettingError
from bizlab.labels import Label
from bizlab.units.kinds import Unit

Days = Mapping[date, Components]

DAILY = table(
    "daily",
    "逐日附加值 | Value added day by day",
    "每日、每个单元一行 | one row per day and unit",
    column("day", "日期 | Day", unit=Unit.DATE),
    UNIT_ID,
    SHEET["value_added_fen"],
    SHEET["total_minutes"],
    SHEET["value_per_hour"],
    SHEET["value_per_hour_reason"],
    column("to_date_fen", "本月累计 C | C, month to date"),
    column("to_date_minutes", "本月累计 D | D, month to date"),
    ratio(
        "to_date_per_hour",
        "本月累计 F | F, month to date",
        "累计 C ÷ 累计 D | C to date ÷ D to date",
        missing=words(no_hours="尚无工时 | no hours yet"),
    ),
    key="day unit_id",
)


def by_day(parts: Components) -> Days:
    """The additive figures of every day of a month.

    Parameters
    ----------
    parts : a month whose figures are kept by day.

    Returns
    -------
    For each calendar day the same figures as `components` gives for the month; a unit that was not open on the day and
    has nothing on it has no row.
    """
    month = parts.by_day()
    own = [kept(month.days, month.allocation), month.received]
    sums = [total(own, month.trades, month.organisation, ["day"]) for total in (at_nodes, of_units)]
    days = [month.month.first + timedelta(n) for n in range((month.month.last - month.month.first).days + 1)]
    return {day: _of_day(month, sums, pd.Timestamp(day)) for day in days}


def _of_day(parts: Components, sums: Sequence[pd.DataFrame], day: pd.Timestamp) -> Components:
    tree = parts.organisation.tree()["unit_id"]
    nodes, units = (
        rows.loc[rows.index.get_level_values("day") == day].droplevel("day").reindex(tree, fill_value=0).reset_index()
        for rows in sums
    )
    span = parts.organisation.span_of(pd.Series([day])).iloc[0]
    closure = parts.organisation.closure
    shown = tree.isin(closure.loc[closure["span"] == span, "unit_id"]) | (nodes[list(ADDITIVE)] != 0).any(axis=1)
    booked, expense, received = (_on_day(rows, day) for rows in (parts.days, parts.expense, parts.received))
    return parts._replace(
        nodes=nodes[shown],
        own=units[shown],
        days=booked,
        expense=expense,
        received=received,
        trades={line: _on_day(rows, day) for line, rows in parts.trades.items()},
        worked=parts.worked & {day.date()},
    )


def _on_day(rows: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    return rows[rows["day"] == day]


def between(days: Days, first: date, last: date) -> list[Components]:
    """The days of a stretch, both ends included, in order: what `unit_hour_sheet` adds up."""
    return [days[day] for day in sorted(days) if first <= day <= last]


def chosen_day(days: Days, text: str | None) -> date:
    """The day asked for; without one the last working day of the company, or else the last day.

    Raises
    ------
    SettingError : the text is not a day of the month.
    """
    if text is None:
        return max((day for day, figures in days.items() if figures.worked), default=max(days))
    known = {day.isoformat(): day for day in days}
    if text not in known:
        raise SettingError(
            f"'{text}' is not a day of the month", place="parameter 'day'", fix=f"write {min(known)} to {max(known)}"
        )
    return known[text]


def daily(days: Days, units: Sequence[str]) -> pd.DataFrame:
    """Value added of some units day by day, and the month to date: see `DAILY`.

    Parameters
    ----------
    days : those of a month. units : ids in the order wanted; a day on which one of them was not open has no row for it.
    """
    sheets = [unit_hour_sheet([days[day]], period="day").assign(day=pd.Timestamp(day)) for day in sorted(days)]
    ordered = in_order(pd.concat(sheets), units, by="day")
    to_date = ordered.groupby("unit_id")[["value_added_fen", "total_minutes"]].cumsum()
    hours = to_date["total_minutes"].where(to_date["total_minutes"] != 0) / 60
    return DAILY.conform(
        ordered.assign(
            to_date_fen=to_date["value_added_fen"],
            to_date_minutes=to_date["total_minutes"],
            to_date_per_hour=to_date["value_added_fen"] / hours,
            to_date_per_hour_reason=pd.Series("no_hours", index=ordered.index).where(hours.isna()),
        )
    )


def week_of(day: date) -> tuple[date, date]:
    """Monday and Sunday of the week of a day (ISO 8601).

    >>> week_of(date(2026, 10, 31))
    (datetime.date(2026, 10, 26), datetime.date(2026, 11, 1))
    """
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


class Stretch(NamedTuple):
    """A stretch of days to make a sheet of: its period in `SHEET`, its title, and what to add up."""

    period: str
    title: Label
    parts: list[Components]


def stretches(days: Days, on: date) -> list[Stretch]:
    """A day, and its week as far as there are days of it."""
    monday, sunday = week_of(on)
    last = min(sunday, max(days))
    return [
        Stretch("day", Label(f"{on} 当日核算表", f"Sheet of {on}"), [days[on]]),
        Stretch(
            "week",
            Label(f"{monday} 至 {last} 周核算表", f"Sheet of the week {monday} to {last}"),
            between(days, monday, last),
        ),
    ]


def by_day_checks(days: Days, parts: Components) -> list[Check]:
    """At every node the days of a month add up to the month, line by line."""
    sums = pd.concat([figures.nodes for figures in days.values()]).groupby("unit_id")[list(ADDITIVE)].sum()
    month = parts.nodes.set_index("unit_id")[list(ADDITIVE)]
    apart = (sums.reindex(month.index, fill_value=0) - month).abs().to_numpy()
    labels = {
        "fen": Label("各日之和 = 本月(金额,全部单元与各行)", "days = month (amounts, every unit and line)"),
        "minutes": Label("各日之和 = 本月(工时,全部单元与各行)", "days = month (hours, every unit and line)"),
    }
    return [
        Check(
            f"unit_hour.{parts.month}.days_{unit}",
            label,
            int(apart[:, [line.endswith(unit) for line in ADDITIVE]].sum()),
            0,
            Unit.FEN if unit == "fen" else Unit.MINUTES,
        )
        for unit, label in labels.items()
    ]
