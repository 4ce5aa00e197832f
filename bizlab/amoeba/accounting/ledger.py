"""The daily records of the units, summed to a ledger of additive lines by unit and day, or stretch of days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, NamedTuple

import narwhals as nw
import pandas as pd

from bizlab.engine import Lazy, dated, midnight, to_pandas, whole
from bizlab.errors import ContractError, some
from bizlab.tables import TABLES

LABOUR = "labour"
CLASSES = TABLES["expense_records"]["kind"].words
"""The classes of expense."""
BOOKED = tuple(f"{kind}_fen" for kind in CLASSES)
"""The lines of what units booked by class, labour whether or not it counts as expense."""
_HOURS = {"normal": "normal_minutes", "overtime": "overtime_minutes"}
DIRECT = tuple(f"direct_{line}" for line in BOOKED)
"""The same lines as far as they count as expense."""
LINES = (
    "external_sales_fen",
    "expense_fen",
    *DIRECT,
    *BOOKED,
    "normal_minutes",
    "overtime_minutes",
    "n_hour_records",
    "person_days",
    "n_headcounts",
    "orders_fen",
)
"""What each unit adds up day by day; internal trade has two sides and is treated apart."""


@dataclass(frozen=True)
class Records:
    """What the units recorded, under the input contracts of the same names.

    The tables named in `LONG` and the trades may be pandas frames or anything narwhals can scan. All others are pandas.
    """

    revenue_records: Any
    expense_records: Any
    hour_records: Any
    order_intake: Any
    headcount: Any
    internal_trades_sold: Any
    internal_trades_bought: Any
    units: pd.DataFrame
    unit_parents: pd.DataFrame
    allocation_rules: pd.DataFrame
    drivers: pd.DataFrame
    transfer_prices: pd.DataFrame


class Daily(NamedTuple):
    """A table of daily records.

    Parameters
    ----------
    column : what a record counts.
    sides : the columns that name units, that of the unit that records first.
    is_confirmed : whether the unit confirms each record, and accounting after it.
    """

    name: str
    column: str
    sides: tuple[str, ...] = ("unit_id",)
    is_confirmed: bool = False

    @property
    def day(self) -> str:
        """The column of the day that a record is dated."""
        return str(TABLES[self.name].occurred)


DAILY = {
    table.name: table
    for table in (
        Daily("revenue_records", "amount_fen", is_confirmed=True),
        Daily("expense_records", "amount_fen", is_confirmed=True),
        Daily("hour_records", "minutes"),
        Daily("order_intake", "amount_fen"),
        Daily("headcount", "n_persons"),
        Daily("internal_trades_sold", "amount_fen", ("seller_id", "buyer_id"), is_confirmed=True),
        Daily("internal_trades_bought", "amount_fen", ("buyer_id", "seller_id"), is_confirmed=True),
    )
}
INPUTS = tuple(field.name for field in fields(Records))
"""The tables that `Records` is made of, in its order."""
LONG = ("revenue_records", "expense_records", "hour_records", "order_intake", "headcount")
"""The tables that grow with every day and person."""


class Period(NamedTuple):
    """The days of a period, both ends included; with ``starts`` cut into stretches that begin on these days.

    A figure stands on its day, or where there are stretches on the first day of its own.
    """

    first: date
    last: date
    starts: Sequence[date] = ()

    def of(self, table: Any, column: str) -> Lazy:
        """The rows dated in the period, with ``day``, the day that their figures stand on."""
        on, within = nw.col(column), dated(table, column, self.first, self.last)
        if not self.starts:
            return within.with_columns(day=on)
        begun, *later = map(midnight, self.starts)
        for start in later:
            begun = nw.when(on >= start).then(start).otherwise(begun)
        return within.with_columns(day=begun)


def ledger(records: Records, *, period: Period, labour_in_expense: bool = False) -> pd.DataFrame:
    """Sums by unit and day.

    Parameters
    ----------
    period : its days, or the stretches that it is cut into.
    labour_in_expense : whether labour cost counts as expense; by Kyocera's practice it does not, so
        that what remains is value added.

    Raises
    ------
    ContractError : a record of expense or hours is of a kind that has no line.

    Returns
    -------
    One row per unit and day with a record; columns `LINES`, whole fen, minutes and counts, 0 where
    nothing was recorded.

    >>> day = pd.to_datetime(["2026-10-08", "2026-10-08"])
    >>> money = pd.DataFrame({"unit_id": "t", "recorded_on": day, "amount_fen": [900, -100], "kind": "labour"})
    >>> hours = pd.DataFrame({"unit_id": "t", "worked_on": day, "minutes": [480, 0], "kind": "normal"})
    >>> heads = pd.DataFrame({"unit_id": "t", "counted_on": day[:1], "n_persons": [2]})
    >>> orders = money.rename(columns={"recorded_on": "received_on"})
    >>> records = Records(money, money, hours, orders, heads, *(None,) * 7)
    >>> sums = ledger(records, period=Period(date(2026, 10, 1), date(2026, 10, 31)))
    >>> sums[["external_sales_fen", "expense_fen", "labour_fen", "normal_minutes", "person_days"]].to_numpy().tolist()
    [[800, 0, 800, 480, 2]]
    """
    parts = [
        _lines(records, "revenue_records", "external_sales_fen", period),
        _lines(records, "expense_records", dict(zip(CLASSES, BOOKED, strict=True)), period),
        _lines(records, "hour_records", _HOURS, period, count="n_hour_records"),
        _lines(records, "headcount", "person_days", period, count="n_headcounts"),
        _lines(records, "order_intake", "orders_fen", period),
    ]
    sums = pd.concat(parts).groupby(["unit_id", "day", "line"])["amount"].sum()
    summed = sums.unstack("line", fill_value=0).reindex(columns=list(LINES), fill_value=0).reset_index()  # noqa: PD010
    counting = {
        direct: summed[booked] if labour_in_expense or booked != f"{LABOUR}_fen" else 0
        for direct, booked in zip(DIRECT, BOOKED, strict=True)
    }
    expense = summed.assign(**counting)[list(DIRECT)].sum(axis=1)
    return summed.assign(**counting, expense_fen=expense).copy()  # one block, which later sums pass through faster


def counted_days(headcount: Any, period: Period) -> pd.DataFrame:
    """How many persons were counted: ``unit_id``, ``day`` and ``n_persons``, 0 where nobody was."""
    within = Period(period.first, period.last).of(headcount, "counted_on")
    return _held(within.group_by("unit_id", "day").agg(nw.col("n_persons").sum()), ("unit_id",), ["n_persons"])


def working_days(counted: pd.DataFrame) -> pd.DatetimeIndex:
    """The company's working days: those on which at least half as many persons were counted as on the busiest day.

    So a shift that is on duty on a Saturday or a holiday makes no working day of it for everybody.

    Parameters
    ----------
    counted : ``day`` and ``n_persons``, of a month.

    >>> day = pd.to_datetime(["2026-10-09", "2026-10-09", "2026-10-10", "2026-10-12"])
    >>> working_days(pd.DataFrame({"day": day, "n_persons": [30, 12, 5, 40]})).day.tolist()
    [9, 12]
    """
    by_day = counted.groupby("day")["n_persons"].sum()
    return pd.DatetimeIndex(by_day.index[(by_day > 0) & (2 * by_day >= by_day.max())])


def pair_days(trades: Any, period: Period) -> pd.DataFrame:
    """Sums of one side's bookings of internal trade by seller, buyer and day.

    Returns
    -------
    One row per seller, buyer and day: ``seller_id``, ``buyer_id``, ``day``, ``amount_fen``.
    """
    ids = ("seller_id", "buyer_id")
    sums = period.of(trades, "traded_on").group_by(*ids, "day").agg(nw.col("amount_fen").sum())
    return _held(sums, ids, ["amount_fen"])


def _lines(
    records: Records, name: str, line: str | dict[str, str], period: Period, *, count: str | None = None
) -> pd.DataFrame:
    """Exact sums of a long table by unit, day and line, one line or one of each kind; and how many records there were.

    Returns
    -------
    ``unit_id``, ``day``, ``line`` and ``amount``.
    """
    ids = ("unit_id",) if isinstance(line, str) else ("unit_id", "kind")
    within = period.of(getattr(records, name), DAILY[name].day).group_by(*ids, "day")
    sums = _held(
        within.agg(nw.col(DAILY[name].column).sum().alias("amount"), nw.len().alias("n")), ids, ["amount", "n"]
    )
    if not isinstance(line, str):
        unknown = sorted(set(sums["kind"]) - set(line))
        if unknown:
            raise ContractError(
                f"Records are of kinds that no line of the ledger holds: {some(unknown)}",
                place=f"table {name}, column kind",
                fix=f"book them as one of {', '.join(line)}",
            )
    booked = sums.assign(line=line if isinstance(line, str) else sums["kind"].map(line))
    counted = [sums.assign(line=count, amount=sums["n"])] if count else []
    return pd.concat([booked, *counted])[["unit_id", "day", "line", "amount"]]


def _held(summed: Lazy, by: tuple[str, ...], lines: list[str]) -> pd.DataFrame:
    """Sums of whole numbers by some ids and day, on whatever engine holds them."""
    frame = to_pandas(whole(summed, lines))
    return frame.astype({"day": "datetime64[us]"} | dict.fromkeys(by, "str"))
