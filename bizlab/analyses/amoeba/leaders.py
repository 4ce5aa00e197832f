"""Pages for the leader of a unit, to whom no row of another unit is handed out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property, partial
from typing import Any

import narwhals as nw
import pandas as pd

from bizlab.amoeba.accounting.branch import CHART, SEEN, notice, of_branch, stays
from bizlab.amoeba.accounting.components import Notice, components
from bizlab.amoeba.accounting.ledger import Records
from bizlab.amoeba.accounting.organisation import Organisation
from bizlab.amoeba.results.plan import PLANS, planned
from bizlab.data.warehouse import Warehouse
from bizlab.errors import SettingError
from bizlab.labels import Label
from bizlab.periods import Month
from bizlab.run.parameters import Common
from bizlab.run.session import Run
from bizlab.run.tables import Tables


class Branch(Tables):
    """The tables of a month, limited to a unit and what lies below it.

    Parameters
    ----------
    store : the tables of the company. params : those of the page; ``reader`` names the leader's unit.

    Raises
    ------
    SettingError : there is no such unit, or it was not open in the month.
    """

    def __init__(self, store: Warehouse, params: Common) -> None:
        super().__init__(store, params)
        self.root = str(params.reader)
        units, parents = (store.load(name) for name in CHART)
        self._stays = stays(units, parents, self.root)
        tree = Organisation(units, parents, first=self.month.first, last=self.month.last, root=self.root)
        if tree.closure.empty:
            raise SettingError(
                f"The unit '{self.root}' was not open in {self.month}",
                place="parameter 'reader'",
                fix="name a unit of the month's tree",
            )
        (named,) = units.loc[units["unit_id"] == self.root, ["name_zh", "name_en"]].itertuples(index=False)
        self.scope = Label(*named)

    def rows_for(self, table: str) -> nw.Expr | None:
        if table in CHART:
            return None
        if table not in SEEN:
            raise SettingError(
                f"The table '{table}' is not for the leader of a unit",
                place="parameter 'reader'",
                fix=f"leave the parameter out, or load one of {', '.join([*CHART, *SEEN])}",
            )
        return of_branch(table, self._stays)

    def tells_names(self, table: str) -> bool:
        return table in CHART and super().tells_names(table)

    def named(self, table: str) -> pd.DataFrame:
        if table not in CHART:
            raise SettingError(
                f"The names of {table} are not for the leader of a unit",
                place="parameter 'reader'",
                fix="show their ids",
            )
        return super().named(table)

    def notice(
        self, month: Month, how: Mapping[str, Any], natures: Mapping[str, str], *, of_plan: bool = False
    ) -> Notice:
        """What the company tells the leader of a month, or of its plan.

        Parameters
        ----------
        how : what `components` takes by name, by which the company computes its month.
        natures : what each kind of expense is.
        """
        records = replace(self._company, natures=natures)
        if of_plan:
            records = planned(records, *(self.store.load(name, **self.bounds) for name in PLANS), month=month)
        return notice(components(records, month=month, **how), self.root)

    @cached_property
    def _company(self) -> Records:
        """The records of all units, which leave this class as notices only."""
        return Records.read(partial(self.store.load, **self.bounds), partial(self.store.scan, **self.bounds), {})


def notice_of(run: Run, month: Month, *, of_plan: bool = False, **how: Any) -> Notice | None:
    """What the company tells the leader of a unit of a month, or of its plan; None where the company reads.

    The figures of a unit are those of its own records and of what was allocated to it and away from it. The latter
    follows from all units' records, which a leader does not see, so that it is stated as on an allocation notice.

    Parameters
    ----------
    how : what `bizlab.amoeba.components` takes by name, where the figures are made otherwise than by the page's
        parameters; with ``daily=True`` what arrived is stated day by day.
    """
    if not isinstance(run.tables, Branch):
        return None
    natures = run.choices("expense_kinds").each("nature")
    return run.tables.notice(month, run.params.accounting | how, natures, of_plan=of_plan)
