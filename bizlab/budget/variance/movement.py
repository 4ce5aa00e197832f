"""This month's variances beside those of the month before, and how long they have lasted."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from bizlab.budget.accounts import ACCOUNT, IS_TOTAL, OWNER, PLACE, TOTAL, Nature, refuse_unknown
from bizlab.budget.variance.variance import in_order, with_totals
from bizlab.contracts.columns import column, reason, table, words
from bizlab.periods import Month

_FIRST = words(first_month="预算年度首月 | first month of the budget year")

MOVEMENT = table(
    "movement",
    "与上月相比 | Against the month before",
    "每责任单元、科目一行,含合计 | one row per owner and account, with totals",
    OWNER,
    ACCOUNT,
    column("previous_variance_fen", "上月偏差额 | Variance last month", nullable=True),
    reason("previous_variance_fen", _FIRST),
    column("change_fen", "变动 | Change", nullable=True),
    reason("change_fen", _FIRST),
    column("variance_fen", "本月偏差额 | Variance this month"),
    column(
        "n_months_over",
        "连续超预算月数 | Months above budget in a row",
        "截至本月、本预算年度内连续超预算的月数 | "
        "months in a row, up to this one and within the budget year, with spending above budget",
    ),
    IS_TOTAL,
    key="owner_id account",
    sums={
        "variance_fen = previous_variance_fen + change_fen": (
            "本月偏差额 = 上月偏差额 + 变动 | variance this month = variance last month + change"
        )
    },
)


def movement(by_month: pd.DataFrame, *, month: Month, accounts: Mapping[str, Nature]) -> pd.DataFrame:
    """Each place's variance against the month before: `MOVEMENT`.

    Parameters
    ----------
    by_month : from `monthly`, the months of the year up to ``month``. A place that a month does not hold
        had neither plan nor spending in it: a variance of zero.
    accounts : in the order of the budget table, with the nature of each.

    Returns
    -------
    One row per owner and account of the year so far, with totals. January has no month before it.

    >>> by_month = pd.DataFrame({"month": ["2026-01", "2026-02", "2026-03"], "owner_id": "SA", "account": "travel",
    ...                          "budget_fen": [100, 100, 100], "actual_fen": [130, 90, 120]})
    >>> shown = ["account", "previous_variance_fen", "variance_fen", "n_months_over"]
    >>> movement(by_month, month=Month(2026, 3), accounts={"travel": "expense"}).loc[:0, shown]
      account  previous_variance_fen  variance_fen  n_months_over
    0  travel                    -10            20              1
    """
    refuse_unknown(by_month, accounts, place="monthly")
    whole = with_totals(by_month, "month")
    whole = whole.assign(variance_fen=(whole["actual_fen"] - whole["budget_fen"]).astype("Int64"))
    months = [str(passed) for passed in month.year_to_date]
    wide = whole.pivot_table(index=PLACE, columns="month", values="variance_fen", aggfunc="sum")
    wide = wide.reindex(columns=months).fillna(0)
    in_a_row = wide[months[::-1]].gt(0).astype("int64").cumprod(axis=1).sum(axis=1)
    nothing = pd.Series(pd.NA, index=wide.index, dtype="Int64")
    previous = wide[months[-2]] if len(months) > 1 else nothing
    reason = pd.Series("first_month", index=wide.index).where(previous.isna())
    rows = pd.DataFrame(
        {
            "previous_variance_fen": previous,
            "previous_variance_fen_reason": reason,
            "change_fen": wide[months[-1]] - previous,
            "change_fen_reason": reason,
            "variance_fen": wide[months[-1]],
            "n_months_over": in_a_row,
        }
    ).reset_index()
    is_total = (rows["owner_id"] == TOTAL) | (rows["account"] == TOTAL)
    return MOVEMENT.conform(in_order(rows.assign(is_total=is_total), accounts))
