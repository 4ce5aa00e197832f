"""The tables that an analysis is given: of the month, and of its reader."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import pandas as pd

from bizlab.data.warehouse import Warehouse
from bizlab.labels import Label
from bizlab.periods import Month
from bizlab.run.parameters import Common


class Tables:
    """Hands out the company's tables, limited to what was dated and known in time.

    Attributes
    ----------
    scope : the reader in words. reader : unit that the rows are limited to; None for all.
    store : the tables of the company, with the account of how they were cleaned.
    """

    scope = Label("公司", "The company")
    reader: str | None = None

    def __init__(self, store: Warehouse, params: Common) -> None:
        self.store, self.params, self.month = store, params, Month.parse(params.month)

    def load(self, table: str) -> pd.DataFrame:
        """A table as a pandas frame."""
        return self.store.load(table, where=self.rows_for(table), **self.bounds)

    def scan(self, table: str) -> nw.LazyFrame[Any]:
        """A table lazily."""
        return self.store.scan(table, where=self.rows_for(table), **self.bounds)

    def tells_names(self, table: str) -> bool:
        """Whether the rows of a table have names that the reader may see."""
        contract = self.store.contracts.get(table)
        return contract is not None and bool(contract.name_columns)

    def named(self, table: str) -> pd.DataFrame:
        """A table with all its rows, for the names of its ids."""
        return self.store.load(table)

    def rows_for(self, table: str) -> nw.Expr | None:  # noqa: ARG002  a leader's tables ask which
        """Which rows of a table the reader may see; None for all."""
        return None

    @property
    def bounds(self) -> dict[str, Any]:
        """The last day, and the moment of the latest record, that may be read."""
        return {"as_of": self.month.last, "known_by": self.params.known_by}
