"""The reader of an analysis: the company, or the leader of a unit, to whom no row of another unit is handed out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import narwhals as nw
import pandas as pd

from bizlab.amoeba.accounting.branch import CHART, SEEN, Stay, notice, of_branch, stays
from bizlab.amoeba.accounting.components import Notice, components
from bizlab.amoeba.accounting.ledger import INPUTS, LONG, Records
from bizlab.amoeba.accounting.organisation import Organisation
from bizlab.amoeba.results.plan import planned
from bizlab.data.warehouse import Warehouse
from bizlab.errors import SettingError
from bizlab.periods import Month
from bizlab.reporting.parameters import Parameters


class Reader:
    """Hands out the tables of a month, limited to what its reader may see.

    Parameters
    ----------
    store : the tables of the company. params : those of the run; ``reader`` names the leader's unit.

    Raises
    ------
    SettingError : there is no such unit, or it was not open in the month.
    """

    def __init__(self, store: Warehouse, params: Parameters) -> None:
        self._store, self._params, self._month = store, params, Month.parse(params.month)
        self._stays = [] if params.reader is None else self._stays_of(params.reader)

    def load(self, table: str) -> pd.DataFrame:
        """A table as a pandas frame."""
        return self._store.load(table, where=self._where(table), **self._bounds)

    def scan(self, table: str) -> nw.LazyFrame[Any]:
        """A table lazily."""
        return self._store.scan(table, where=self._where(table), **self._bounds)

    def notice(self, month: Month, how: Mapping[str, Any], *, of_plan: bool = False) -> Notice | None:
        """What the company tells the reader of a month, or of its plan; None where the reader is the company.

        Parameters
        ----------
        how : what `components` takes by name, by which the company computes its month.
        """
        if self._params.reader is None:
            return None
        records = self._company
        if of_plan:
            plans = (self._store.load(name, **self._bounds) for name in ("unit_plans", "trade_plans"))
            records = planned(records, *plans, month=month)
        return notice(components(records, month=month, **how), self._params.reader)

    @property
    def _bounds(self) -> dict[str, Any]:
        return {"as_of": self._month.last, "known_by": self._params.known_by}

    @cached_property
    def _company(self) -> Records:
        """The records of all units, which leave this class as notices only."""
        read = {name: self._store.scan if name in LONG else self._store.load for name in INPUTS}
        return Records(**{name: give(name, **self._bounds) for name, give in read.items()})

    def _where(self, table: str) -> nw.Expr | None:
        if self._params.reader is None or table in CHART:
            return None
        if table not in SEEN:
            raise SettingError(
                f"The table '{table}' is not for the leader of a unit",
                place="parameter 'reader'",
                way_out=f"leave the parameter out, or load one of {', '.join([*CHART, *SEEN])}",
            )
        return of_branch(table, self._stays)

    def _stays_of(self, root: str) -> list[Stay]:
        units, parents = (self._store.load(name) for name in CHART)
        found = stays(units, parents, root)
        tree = Organisation(units, parents, first=self._month.first, last=self._month.last, root=root)
        if tree.closure.empty:
            raise SettingError(
                f"The unit '{root}' was not open in {self._month}",
                place="parameter 'reader'",
                way_out="name a unit of the month's tree",
            )
        return found
