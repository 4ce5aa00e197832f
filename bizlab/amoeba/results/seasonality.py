"""Which months of the year sell more: ratio to the centred moving average, where history allows.

Classical multiplicative decomposition (Kendall and Stuart, *The Advanced Theory of Statistics*, vol. 3, 1983).
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from bizlab.amoeba.results.unit_hour import UNIT_ID
from bizlab.contracts.columns import column, ratio, table, words
from bizlab.labels import Label
from bizlab.periods import Month

YEAR = 12
FEWEST = 2 * YEAR
"""Months in a row from which every month of the year has at least one centred average to be compared with."""
REASONS = words(
    too_few=f"连续历史不足 {FEWEST} 个月 | fewer than {FEWEST} months in a row",
    not_positive="移动平均不为正 | the moving average is not above zero",
)
_MONTHS = {f"{n:02d}": Label(f"{n} 月", name) for n, name in enumerate(
    ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
     "December"), start=1)}  # fmt: skip

SEASONS = table(
    "seasons",
    "销售收入的季节指数 | Seasonal index of sales",
    "每个单元、一年中每月一行 | one row per unit and month of the year",
    UNIT_ID,
    column("month_of_year", "月份 | Month of the year", words=_MONTHS),
    ratio(
        "index_rate",
        "季节指数 | Seasonal index",
        "该月销售收入 ÷ 以该月为中心的12个月移动平均,各年平均,再使12个指数的平均为100% | "
        "sales over the 12-month average centred on the month, mean of the years, scaled to a mean of 100%",
        missing=REASONS,
    ),
    column("n_observations", "观察次数 | Observations"),
    column("n_months", "历史月数 | Months of history"),
    key="unit_id month_of_year",
)


def seasonal_index(values: Sequence[float]) -> list[tuple[float, int]]:
    """Index of each of twelve places of the cycle, the first value's place first, with the ratios behind it.

    Parameters
    ----------
    values : months in a row, at least `FEWEST`, none missing; their moving average is above zero.

    Returns
    -------
    Twelve pairs; the indices have a mean of 1. A month counts once for each year in which a whole average lies
    around it: 24 months give one ratio each.

    >>> flat = seasonal_index([100.0] * 24)
    >>> flat[0], {n for _, n in flat}
    ((1.0, 1), {1})
    """
    half = YEAR // 2
    ratios: list[list[float]] = [[] for _ in range(YEAR)]
    for place in range(half, len(values) - half):
        around = values[place - half : place + half + 1]
        average = (sum(around) - (around[0] + around[-1]) / 2) / YEAR
        ratios[place % YEAR].append(values[place] / average)
    means = [sum(of_place) / len(of_place) for of_place in ratios]
    level = sum(means) / YEAR
    return [(mean / level, len(of_place)) for mean, of_place in zip(means, ratios, strict=True)]


def seasons(months: pd.DataFrame, units: Sequence[str]) -> pd.DataFrame:
    """Seasonal index of the sales of some units: see `SEASONS`.

    Parameters
    ----------
    months : `PROFIT_MONTHS`.
    units : ids in the order wanted.

    Returns
    -------
    Twelve rows per unit, January first. The index is missing, with its reason, where fewer than 24 months in a row
    lead up to the last one, or where an average is not above zero.
    """
    return SEASONS.frame(row for unit_id in units for row in _of_unit(months[months["unit_id"] == unit_id], unit_id))


def _of_unit(own: pd.DataFrame, unit_id: str) -> list[dict[str, object]]:
    """Twelve rows, each with its index or the reason why there is none."""
    history = own.sort_values("month", kind="stable")
    values = history["sales_fen"].astype("float64").tolist()
    blank = {"unit_id": unit_id, "n_observations": 0, "n_months": len(values)}
    # Every average can be divided by where sales above zero lie in any twelve months in a row.
    is_positive = all(sum(values[place : place + YEAR]) > 0 for place in range(len(values) - YEAR + 1))
    reason = "too_few" if len(values) < FEWEST else None if is_positive else "not_positive"
    if reason:
        return [blank | {"month_of_year": month, "index_rate_reason": reason} for month in _MONTHS]
    first = Month.parse(history["month"].iloc[0])
    index = {f"{first.shift(place).month:02d}": pair for place, pair in enumerate(seasonal_index(values))}
    return [
        blank | {"month_of_year": month, "index_rate": index[month][0], "n_observations": index[month][1]}
        for month in _MONTHS
    ]
