"""The daily records of the units, summed to a ledger by unit and day, or stretch of days, and their expense by kind.

Kinds of expense are a company's own list. What the accounting must know of one is its nature (`NATURES`), so that lines
by nature stand side by side, and kinds one below the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any, NamedTuple

import narwhals as nw
import pandas as pd

from bizlab.engine import Lazy, dated, midnight, to_pandas, whole
from bizlab.errors import ContractError, some
from bizlab.tables import TABLES

MATERIAL, LABOUR = "material", "labour"
NATURES = (MATERIAL, "other_cost", LABOUR, "period_expense")
"""What a kind of expense may be: material, other cost of making and delivering, labour, or expense of the period."""
_TAKEN = ("expense", "revenue", "unmapped")
"""Names of lines, so that no kind of expense can be called so."""
BOOKED = tuple(f"{nature}_fen" for nature in NATURES)
"""The lines of what units booked by nature, labour whether or not it counts as expense."""
_HOURS = {"normal": "normal_minutes", "overtime": "overtime_minutes"}
LINES = (
    "external_sales_fen",
    "expense_fen",
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
    ``natures`` says of each kind of expense what it is, of `NATURES`; a record of any other kind is refused.
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
    natures: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, load: Callable[[str], Any], scan: Callable[[str], Any], natures: Mapping[str, str]) -> Records:
        """The records from what hands out a table by its name: the long ones scanned, all others loaded."""
        tables: dict[str, Any] = {name: (scan if name in LONG else load)(name) for name in INPUTS}
        return cls(**tables, natures=natures)

    def __post_init__(self) -> None:
        wrong = [
            kind
            for kind, nature in self.natures.items()
            if nature not in NATURES or kind in _TAKEN or not kind.isidentifier()
        ]
        if wrong:
            raise ContractError(
                f"Kinds of expense cannot be used: {some(wrong)}",
                place="natures of Records, from the list expense_kinds",
                fix=f"give each one of {', '.join(NATURES)}; write letters, digits and _, but not {', '.join(_TAKEN)}",
            )


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
INPUTS = tuple(part.name for part in fields(Records) if part.name != "natures")
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


class Ledger(NamedTuple):
    """What the units recorded, summed.

    Parameters
    ----------
    days : one row per unit and day with a record: ``unit_id``, ``day`` and `LINES`, whole fen, minutes and counts, 0
        where nothing was recorded.
    expense : one row per unit, day and kind with a record: ``unit_id``, ``day``, ``kind``, ``amount_fen`` and
        ``counted_fen``, the same as far as it counts as expense.
    """

    days: pd.DataFrame
    expense: pd.DataFrame


def ledger(records: Records, *, period: Period, labour_in_expense: bool = False) -> Ledger:
    """Sums by unit and day.

    Parameters
    ----------
    period : its days, or the stretches that it is cut into.
    labour_in_expense : whether labour cost counts as expense; by Kyocera's practice it does not, so
        that what remains is value added.

    Raises
    ------
    ContractError : a record of expense is of a kind without a nature, or one of hours of an unknown kind.

    >>> day = pd.to_datetime(["2026-10-08", "2026-10-08"])
    >>> money = pd.DataFrame({"unit_id": "t", "recorded_on": day, "amount_fen": [900, -100], "kind": "wages"})
    >>> hours = pd.DataFrame({"unit_id": "t", "worked_on": day, "minutes": [480, 0], "kind": "normal"})
    >>> heads = pd.DataFrame({"unit_id": "t", "counted_on": day[:1], "n_persons": [2]})
    >>> orders = money.rename(columns={"recorded_on": "received_on"})
    >>> records = Records(money, money, hours, orders, heads, *(None,) * 7, natures={"wages": "labour"})
    >>> sums = ledger(records, period=Period(date(2026, 10, 1), date(2026, 10, 31)))
    >>> lines = ["external_sales_fen", "expense_fen", "labour_fen", "normal_minutes", "person_days"]
    >>> sums.days[lines].to_numpy().tolist(), sums.expense[["kind", "amount_fen", "counted_fen"]].to_numpy().tolist()
    ([[800, 0, 800, 480, 2]], [['wages', 800, 0]])
    """
    by_kind = _sums(records, "expense_records", period, ("unit_id", "kind"))
    natures = _known(by_kind["kind"], records.natures, "expense_records")
    counted = by_kind["amount"].where(labour_in_expense | (natures != LABOUR), 0)
    worked = _sums(records, "hour_records", period, ("unit_id", "kind"))
    heads = _sums(records, "headcount", period)
    parts = [
        _sums(records, "revenue_records", period).assign(line="external_sales_fen"),
        by_kind.assign(line=natures + "_fen"),
        by_kind.assign(line="expense_fen", amount=counted),
        worked.assign(line=_known(worked["kind"], _HOURS, "hour_records")),
        worked.assign(line="n_hour_records", amount=worked["n"]),
        heads.assign(line="person_days"),
        heads.assign(line="n_headcounts", amount=heads["n"]),
        _sums(records, "order_intake", period).assign(line="orders_fen"),
    ]
    sums = pd.concat(parts).groupby(["unit_id", "day", "line"])["amount"].sum()
    days = sums.unstack("line", fill_value=0).reindex(columns=list(LINES), fill_value=0).reset_index()  # noqa: PD010
    kinds = by_kind.rename(columns={"amount": "amount_fen"}).drop(columns="n").assign(counted_fen=counted)
    kinds = kinds.sort_values(["unit_id", "day", "kind"], ignore_index=True)  # an engine groups in any order
    return Ledger(days.copy(), kinds)  # one block, which later sums pass through faster


def counted_days(headcount: Any, period: Period) -> pd.DataFrame:
    """How many persons were counted: ``unit_id``, ``day`` and ``n_persons``, 0 where nobody was."""
    within = Period(period.first, period.last).of(headcount, "counted_on")
    return _typed(within.group_by("unit_id", "day").agg(nw.col("n_persons").sum()), ("unit_id",), ["n_persons"])


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
    return _typed(sums, ids, ["amount_fen"])


def _sums(records: Records, name: str, period: Period, by: tuple[str, ...] = ("unit_id",)) -> pd.DataFrame:
    """Exact sums of a long table, and how many records there were: ``by``, ``day``, ``amount`` and ``n``."""
    within = period.of(getattr(records, name), DAILY[name].day).group_by(*by, "day")
    return _typed(
        within.agg(nw.col(DAILY[name].column).sum().alias("amount"), nw.len().alias("n")), by, ["amount", "n"]
    )


def _known(kinds: pd.Series[str], meaning: Mapping[str, str], table: str) -> pd.Series[str]:
    """What each kind means; one of which nothing is known would be lost from every sum."""
    unknown = sorted(set(kinds) - set(meaning))
    if unknown:
        raise ContractError(
            f"Records are of kinds that no line of the ledger holds: {some(unknown)}",
            place=f"table {table}, column kind",
            fix=f"book them as one of {', '.join(meaning)}" if meaning else "say in `natures` what the kinds are",
        )
    return kinds.map(dict(meaning)).astype("str")


def _typed(summed: Lazy, by: tuple[str, ...], lines: list[str]) -> pd.DataFrame:
    """Sums of whole numbers by some ids and day, on whatever engine holds them."""
    frame = to_pandas(whole(summed, lines))
    return frame.astype({"day": "datetime64[us]"} | dict.fromkeys(by, "str"))
