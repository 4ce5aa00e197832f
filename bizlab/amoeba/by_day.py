"""A month cut into its days, so that a sheet can be made for any day, week or stretch of days.

A day's own figures are those of its records. What rules give away is known for a month; what a giver booked on a day
goes by the month's shares to those who bear it, on that day. So days add up to weeks, and to the month, exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import pandas as pd

from bizlab.amoeba.components import Components, kept, working_days
from bizlab.amoeba.consolidation import ADDITIVE, at_every_node, of_each_unit
from bizlab.amoeba.placement import received_by_day
from bizlab.checks import Check
from bizlab.labels import Label
from bizlab.units import Unit

Days = Mapping[date, Components]


def by_day(parts: Components) -> Days:
    """The additive figures of every day of a month.

    Returns
    -------
    For each calendar day the same figures as `components` gives for the month; a unit that was not open on the day and
    has nothing on it has no row.
    """
    received = received_by_day(parts.allocation, parts.days, parts.organisation)
    own = [kept(parts.days, parts.allocation), received]
    days = [parts.month.first + timedelta(n) for n in range((parts.month.last - parts.month.first).days + 1)]
    return {day: _of_day(parts, own, pd.Timestamp(day)) for day in days}


def _of_day(parts: Components, own: Sequence[pd.DataFrame], day: pd.Timestamp) -> Components:
    booked, *figures = (rows[rows["day"] == day] for rows in (parts.days, *own))
    trades = {line: rows[rows["day"] == day] for line, rows in parts.trades.items()}
    nodes, units = (make(figures, trades, parts.organisation) for make in (at_every_node, of_each_unit))
    shown = _open_on(parts, nodes["unit_id"], day) | (nodes[list(ADDITIVE)] != 0).any(axis=1)
    return parts._replace(
        nodes=nodes[shown].assign(working_days=working_days(booked)), own=units[shown], days=booked, trades=trades
    )


def _open_on(parts: Components, unit_ids: pd.Series[str], day: pd.Timestamp) -> pd.Series[bool]:
    span = parts.organisation.span_of(pd.Series([day])).iloc[0]
    closure = parts.organisation.closure
    return unit_ids.isin(closure.loc[closure["span"] == span, "unit_id"])


def between(days: Days, first: date, last: date) -> list[Components]:
    """The days of a stretch, both ends included, in order: what `unit_hour_sheet` adds up."""
    return [days[day] for day in sorted(days) if first <= day <= last]


def week_of(day: date) -> tuple[date, date]:
    """Monday and Sunday of the week of a day (ISO 8601).

    >>> week_of(date(2026, 10, 31))
    (datetime.date(2026, 10, 26), datetime.date(2026, 11, 1))
    """
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


def by_day_checks(days: Days, parts: Components) -> list[Check]:
    """At every node the days of a month add up to the month, line by line."""
    sums = pd.concat([one.nodes for one in days.values()]).groupby("unit_id")[list(ADDITIVE)].sum()
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
