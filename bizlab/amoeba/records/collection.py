"""The collection of the daily records: timely, complete and accurate, every answer with its place in the tree."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import narwhals as nw
import pandas as pd

from bizlab.amoeba.accounting.ledger import Records
from bizlab.amoeba.accounting.organisation import Organisation
from bizlab.amoeba.records.confirmations import CONFIRMED, confirmations
from bizlab.amoeba.records.observation import DIFFERENT, MISSING, OK, SOURCES, WAITING, observed
from bizlab.amoeba.records.presence import Presence, presence, presence_observations
from bizlab.amoeba.trade.matching import match_trades
from bizlab.contracts.check import Check
from bizlab.engine import dated, to_pandas
from bizlab.labels import Label
from bizlab.units.kinds import Unit

_STATES_OF_SIDES = {"matched": (OK, OK), "seller_only": (WAITING, MISSING), "buyer_only": (MISSING, WAITING)}
_BOOKS = {"seller_id": "internal_trades_sold", "buyer_id": "internal_trades_bought"}


class Collection(NamedTuple):
    """A period's daily records, asked one by one.

    ``observations`` holds every answer; ``organisation`` the tree of the period, ``there`` who was there. Whatever was
    recorded for a unit that is not in the tree on its day is in the observations and in no figure of a unit above.
    """

    first: date
    as_of: date
    observations: pd.DataFrame
    organisation: Organisation
    there: Presence

    @property
    def placed(self) -> pd.DataFrame:
        """The observations whose unit is in the tree on their day, with the ``span`` of the tree."""
        numbered = self.observations.assign(span=self.organisation.span_of(self.observations["day"]))
        return numbered[~self.organisation.outside(numbered, "unit_id")]


def collection(
    records: Records, persons: pd.DataFrame, *, first: date, as_of: date, acceptance_days: int = 1
) -> Collection:
    """Ask every daily record of a period whether it is timely, complete and accurate.

    Parameters
    ----------
    records : what the units recorded; rows outside the period are passed over.
    persons : under the contract ``persons``.
    first, as_of : the period, both days included; what was confirmed after the as-of day is not confirmed yet.
    acceptance_days : within how many days of the unit's confirmation accounting must confirm.

    Raises
    ------
    DataError : the tree contradicts itself.
    """
    there = presence(records, persons, first=first, as_of=as_of)
    parts = [
        confirmations(records, first=first, as_of=as_of, acceptance_days=acceptance_days),
        presence_observations(there),
        agreement(records.internal_trades_sold, records.internal_trades_bought, first=first, as_of=as_of),
    ]
    organisation = Organisation(records.units, records.unit_parents, first=first, last=as_of)
    return Collection(first, as_of, pd.concat(parts, ignore_index=True), organisation, there)


def agreement(sold: pd.DataFrame, bought: pd.DataFrame, *, first: date, as_of: date) -> pd.DataFrame:
    """Whether both sides of each internal trade agree: rows under `OBSERVATIONS`, one answer a side.

    A side that booked alone waits for the other, which owes the booking; where both booked and anything differs, both
    sides differ. The amount concerned is the larger of the two.

    Parameters
    ----------
    sold, bought : under the contracts of the same names; give more than the period, as to `match_trades`.

    >>> sold = pd.DataFrame({"trade_id": ["T1"], "seller_id": ["M"], "buyer_id": ["A"], "product_id": ["P"],
    ...     "quantity": [1], "amount_fen": [500], "traded_on": pd.to_datetime(["2026-10-08"])})
    >>> answers = agreement(sold, sold[:0], first=date(2026, 10, 1), as_of=date(2026, 10, 31))
    >>> answers[["unit_id", "state", "amount_fen"]].to_numpy().tolist()
    [['A', 'missing', 500], ['M', 'waiting', 500]]
    """
    upto = [side[side["traded_on"] <= pd.Timestamp(as_of)] for side in (sold, bought)]
    trades = match_trades(*upto, first=first, last=as_of)
    states = [_STATES_OF_SIDES.get(status, (DIFFERENT, DIFFERENT)) for status in trades["status"]]
    here = trades["traded_on"].between(pd.Timestamp(first), pd.Timestamp(as_of))
    common = trades.assign(
        item="both_sides",
        n=1,
        day=trades["traded_on"].where(here, trades["bought_on"]),
        amount_fen=trades[["sold_fen", "bought_fen"]].abs().max(axis=1),
    )
    sides = [
        common.assign(unit_id=trades[unit], source=source, state=[pair[nth] for pair in states])
        for nth, (unit, source) in enumerate(_BOOKS.items())
    ]
    kept = ["item", "source", "unit_id", "day", "state", "n", "amount_fen"]
    return observed(pd.concat(sides, ignore_index=True)[kept])


def record_checks(collected: Collection, records: Records) -> list[Check]:
    """Every record of the period is asked once whether its unit confirmed it: rows of each table = observations."""
    asked = collected.observations[collected.observations["item"] == "unit_confirmed"].groupby("source")["n"].sum()
    checks = []
    for table in CONFIRMED:
        rows = dated(getattr(records, table.name), table.day, collected.first, collected.as_of)
        n_records = int(to_pandas(rows.select(nw.len().alias("n")))["n"].iloc[0])
        label = Label(
            f"{SOURCES[table.name].zh}:本期记录 = 已核对确认的记录",
            f"{SOURCES[table.name].en}: records of the period = records asked for their confirmation",
        )
        n_asked = int(asked.get(table.name, 0))
        checks.append(Check(f"collection.records_{table.name}", label, n_records, n_asked, Unit.COUNT))
    return checks
