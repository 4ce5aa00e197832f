"""Pages for the leader of a unit, to whom no row of another unit is handed out."""

from __future__ import annotations

import narwhals as nw
import pandas as pd

from bizlab.amoeba.accounting.branch import CHART, SEEN, of_branch, stays
from bizlab.amoeba.accounting.organisation import Organisation
from bizlab.data.warehouse import Warehouse
from bizlab.errors import SettingError
from bizlab.labels import Label
from bizlab.run.parameters import Common
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
        self.reader = self.root = str(params.reader)
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
