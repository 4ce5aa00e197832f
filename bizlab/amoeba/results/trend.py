"""Where a unit is heading: the robust slope of its months, with an interval."""

from __future__ import annotations

from typing import Any

import pandas as pd

from bizlab.amoeba.results.control_chart import CONTROL, MEASURES
from bizlab.amoeba.results.unit_hour import UNIT_ID
from bizlab.contracts.columns import column, reason, table, words
from bizlab.contracts.finding import Finding
from bizlab.contracts.says import says
from bizlab.contracts.table import Table
from bizlab.labels import Label
from bizlab.periods import Month
from bizlab.statistics.robust import theil_sen
from bizlab.units.kinds import Unit

FEWEST = 8
"""Months below which no slope is given: its interval would hold almost anything."""
DIRECTIONS = words(
    rising="上升 | rising",
    falling="下降 | falling",
    open="区间含零,方向不明 | the interval holds zero: no direction",
    too_few=f"不足 {FEWEST} 个月 | fewer than {FEWEST} months",
)


def _contract(measure: str) -> Table:
    unit, label = CONTROL[measure][measure].unit, MEASURES[measure]
    median = "所有月份两两之间斜率的中位数 | median of the slopes between all pairs of months"
    return table(
        f"trend_{measure}",
        f"趋势:{label.zh} | Trend: {label.en}",
        "每个阿米巴一行 | one row per amoeba",
        UNIT_ID,
        column("n_months", "月数 | Months"),
        column("first_month", "起 | From", nullable=True),
        column("last_month", "止 | To", nullable=True),
        column("slope", "每月变动 | Change per month", median, unit=unit, nullable=True),
        reason("slope", DIRECTIONS),
        column("slope_lower", "区间下限 | Lower limit", unit=unit, nullable=True),
        column("slope_upper", "区间上限 | Upper limit", unit=unit, nullable=True),
        column("direction", "方向 | Direction", choices=DIRECTIONS),
        key="unit_id",
    )


TREND = {measure: _contract(measure) for measure in MEASURES}
"""The contract of each measure's trend."""


def trend(series: pd.DataFrame, measure: str, *, confidence: float = 0.95) -> pd.DataFrame:
    """The Theil-Sen slope of every unit: see `TREND`.

    Parameters
    ----------
    series : one row per month and unit: ``month``, ``unit_id`` and the measure; months without it are passed over.
    measure : ``value_per_hour`` or ``net_margin_rate``.
    confidence : level of the interval, which holds for independent months; where one month goes on in the next it is
        too narrow.

    Returns
    -------
    One row per unit, in the order in which they come.

    >>> rows = {"unit_id": "t", "month": [f"2026-{n:02d}" for n in range(1, 9)], "value_per_hour": [10, 12, 14, 99] * 2}
    >>> trend(pd.DataFrame(rows), "value_per_hour")[["n_months", "direction"]].to_numpy().tolist()
    [[8, 'open']]
    """
    return TREND[measure].frame(
        {"unit_id": unit_id, **_slope(own[own[measure].notna()].sort_values("month"), measure, confidence)}
        for unit_id, own in series.groupby("unit_id", sort=False)
    )


def trend_finding(trends: pd.DataFrame, unit_id: str, measure: str) -> list[Finding]:
    """Where one unit is heading, shown under the key ``trend_`` and the measure; nothing where it has no direction."""
    own = trends[(trends["unit_id"] == unit_id) & trends["direction"].isin(["rising", "falling"])]
    label = MEASURES[measure]
    points = Label("(百分点)", " (points)") if TREND[measure]["slope"].unit is Unit.RATE else Label("", "")
    return [
        says(
            row,
            TREND[measure],
            f"{{unit_id}} {label.zh} {{n_months}} 个月来每月变动{points.zh} {{slope}}"
            "(区间 {slope_lower} 至 {slope_upper}) | "
            f"{{unit_id}}, {label.en}: {{slope}} a month{points.en} over {{n_months}} months "
            "(interval {slope_lower} to {slope_upper})",
            key=f"trend-{measure}",
            direction="good" if row["direction"] == "rising" else "bad",
            basis="泰尔–森斜率,区间不含零 | Theil-Sen slope, the interval does not hold zero",
        )
        for row in own.to_dict("records")
    ]


def _slope(defined: pd.DataFrame, measure: str, confidence: float) -> dict[str, Any]:
    months = defined["month"].tolist()
    first, last = min(months, default=None), max(months, default=None)
    spanned = {"n_months": len(months), "first_month": first, "last_month": last}
    if len(months) < FEWEST:
        return spanned | {"slope_reason": "too_few", "direction": "too_few"}
    steps = [(month.year * 12 + month.month) for month in map(Month.parse, months)]
    line = theil_sen(defined[measure].tolist(), steps, confidence=confidence)
    direction = "rising" if line.lower > 0 else "falling" if line.upper < 0 else "open"
    limits = {"slope": line.slope, "slope_lower": line.lower, "slope_upper": line.upper}
    return spanned | limits | {"direction": direction}
