"""The two confirmations of a record: by the unit on the record's day, then by accounting."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import narwhals as nw
import pandas as pd

from bizlab.amoeba.accounting.ledger import DAILY, Daily, Records
from bizlab.amoeba.records.observation import DIFFERENT, LATE, MISSING, OK, WAITING, observed
from bizlab.engine import dated, day_number, midnight, to_pandas, whole

CONFIRMED = tuple(table for table in DAILY.values() if table.is_confirmed)
_LATENESS = {"unit_confirmed": "unit_late", "accepted": "books_late", "confirmed_twice": None}


def confirmations(records: Records, *, first: date, as_of: date, acceptance_days: int = 1) -> pd.DataFrame:
    """How the records of a period were confirmed: rows under `OBSERVATIONS`.

    A stamp later than the as-of day does not exist yet. The unit is in time if it confirms on the day of the record at
    the latest, accounting if it confirms within ``acceptance_days`` days of the unit; as long as the unit has not, or
    that time is not over, accounting owes nothing. A record is confirmed twice if both stamps are there and the unit's
    is not the later one.

    Parameters
    ----------
    first, as_of : the period, both days included.
    acceptance_days : calendar days after the unit's confirmation; 0 is the same day.

    >>> day = pd.to_datetime(["2026-10-08"] * 3)
    >>> money = pd.DataFrame({"unit_id": "t", "recorded_on": day, "amount_fen": [900, -100, 5],
    ...     "confirmed_at": pd.to_datetime(["2026-10-08 17:00", "2026-10-10 09:00", None]),
    ...     "accepted_at": pd.to_datetime(["2026-10-08 18:00", None, "2026-10-09 09:00"])})
    >>> trades = pd.DataFrame(columns=["seller_id", "buyer_id", "traded_on", *money.columns[2:]]).astype(
    ...     {"traded_on": "datetime64[us]", "amount_fen": "int64"} | dict.fromkeys(money.columns[3:], "datetime64[us]"))
    >>> records = Records(money, money[:0], None, None, None, trades, trades, *(None,) * 5)
    >>> answers = confirmations(records, first=date(2026, 10, 1), as_of=date(2026, 10, 10))
    >>> answers[["item", "state", "n", "amount_fen", "most_days_late"]].to_numpy().tolist()[-3:]
    [['unit_confirmed', 'late', 1, 100, 2], ['unit_confirmed', 'missing', 1, 5, 0], ['unit_confirmed', 'ok', 1, 900, 0]]
    >>> answers.query("item == 'accepted'")[["state", "n"]].to_numpy().tolist()
    [['ok', 1], ['waiting', 2]]
    """
    parts = [_of_table(getattr(records, table.name), table, first, as_of, acceptance_days) for table in CONFIRMED]
    return observed(pd.concat(parts, ignore_index=True))


def _of_table(rows: Any, table: Daily, first: date, as_of: date, acceptance_days: int) -> pd.DataFrame:
    """Records counted by unit, day and their three states, on whatever engine holds them; then one row a state."""
    states = list(_LATENESS)
    within = dated(rows, table.day, first, as_of)
    judged = within.with_columns(**_facts(table.day, as_of)).with_columns(**_states(acceptance_days))
    counted = (
        judged.with_columns(
            unit_late=_where(LATE, "unit_confirmed", nw.col("unit_took")),
            books_late=_where(LATE, "accepted", nw.col("books_took") - acceptance_days),
        )
        .group_by(table.sides[0], table.day, *states)
        .agg(
            nw.len().alias("n"),
            nw.col("size").sum().alias("amount_fen"),
            nw.col("unit_late").max(),
            nw.col("books_late").max(),
        )
    )
    rows = to_pandas(whole(counted, ["n", "amount_fen", "unit_late", "books_late"]))
    named = rows.rename(columns={table.sides[0]: "unit_id", table.day: "day"}).assign(source=table.name)
    kept = ["source", "unit_id", "day", "n", "amount_fen"]
    return pd.concat(
        [
            named[kept].assign(item=item, state=named[item], most_days_late=named[late] if late else 0)
            for item, late in _LATENESS.items()
        ],
        ignore_index=True,
    )


def _facts(day: str, as_of: date) -> dict[str, nw.Expr]:
    """Days that the unit and then accounting took, which stamps are absent on the as-of day, and the amount's size."""
    after = midnight(as_of + timedelta(days=1))
    unit_on = day_number("confirmed_at")
    return {
        "unit_took": unit_on - day_number(day),
        "books_took": day_number("accepted_at") - unit_on,
        "unit_ago": as_of.toordinal() - unit_on,
        "no_unit": nw.col("confirmed_at").is_null() | (nw.col("confirmed_at") >= after),
        "no_books": nw.col("accepted_at").is_null() | (nw.col("accepted_at") >= after),
        "size": nw.col("amount_fen").abs(),
    }


def _states(acceptance_days: int) -> dict[str, nw.Expr]:
    """The three states of a record, from its `_facts`."""
    no_unit, no_books = nw.col("no_unit"), nw.col("no_books")
    late = nw.col("books_took") > acceptance_days
    waits = no_books & (nw.col("unit_ago") < acceptance_days)
    reversed_ = nw.col("accepted_at") < nw.col("confirmed_at")
    return {
        "unit_confirmed": _first((no_unit, MISSING), (nw.col("unit_took") > 0, LATE)),
        "accepted": _first((no_unit | waits, WAITING), (no_books, MISSING), (late, LATE)),
        "confirmed_twice": _first((no_unit, MISSING), (waits, WAITING), (no_books, MISSING), (reversed_, DIFFERENT)),
    }


def _where(state: str, column: str, days: nw.Expr) -> nw.Expr:
    return nw.when(nw.col(column) == state).then(days).otherwise(nw.lit(0))


def _first(*cases: tuple[nw.Expr, str]) -> nw.Expr:
    """The state of the first case that holds, `OK` where none does."""
    state_of: nw.Expr = nw.lit(OK)
    for holds, state in reversed(cases):
        state_of = nw.when(holds).then(nw.lit(state)).otherwise(state_of)
    return state_of
