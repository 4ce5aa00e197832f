"""A warehouse while it is filled: table after table goes into its file, every row with the place that it came from."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import pandas as pd
import pyarrow as pa

from bizlab.contracts.table import Table
from bizlab.data.cleaning.quality import WARNINGS
from bizlab.data.sources.read import FILE, LINE, PLACE, SHEET
from bizlab.units.row import Kind

PLACED = "_place"
"""The column that holds a row's place while tables are filled: the number of its sheet in the upper bits, its line in
the lower 40, so that places stand in the order in which files are read."""
_TYPES = {
    Kind.TEXT: "VARCHAR",
    Kind.CODE: "VARCHAR",
    Kind.YES_NO: "BOOLEAN",
    Kind.DAY: "DATE",
    Kind.MONTH: "VARCHAR",
    Kind.MOMENT: "TIMESTAMP",
    Kind.WHOLE: "BIGINT",
    Kind.REAL: "DOUBLE",
}


class Filling:
    """The tables of a warehouse on their way into its file.

    Attributes
    ----------
    connection : to the file.
    """

    LINES = 40
    """How many bits of a place hold the line."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self._sheets: list[tuple[str, str]] = []
        self._contracts: dict[str, Table] = {}

    def create(self, contract: Table) -> None:
        """An empty table, whose rows will have places."""
        columns = [f'"{column.name}" {_TYPES[column.unit.row.kind]}' for column in contract.columns]
        self.connection.execute(f'CREATE TABLE "{contract.name}" ({", ".join(columns)}, {PLACED} BIGINT)')
        self._contracts[contract.name] = contract

    def first_place(self, file: str, sheet: str) -> int:
        """The place of line 0 of a sheet; that of a line is so many more."""
        if (file, sheet) not in self._sheets:
            self._sheets.append((file, sheet))
        return self._sheets.index((file, sheet)) << self.LINES

    def places(self, numbers: pd.Series[int]) -> pd.DataFrame:
        """File, sheet and line of places."""
        sheets = [self._sheets[number] for number in numbers.to_numpy() >> self.LINES]
        lines = (numbers & ((1 << self.LINES) - 1)).astype("int64")
        frame = pd.DataFrame(sheets, columns=[FILE, SHEET], index=numbers.index, dtype="object")
        return frame.assign(**{LINE: lines})[list(PLACE)]

    def add(self, contract: Table, kept: pd.DataFrame, places: pd.DataFrame) -> None:
        """Rows under their contract, and file, sheet and line of each."""
        sheets = places[[FILE, SHEET]].drop_duplicates()
        first = {place: self.first_place(*place) for place in sheets.itertuples(index=False, name=None)}
        keys = zip(places[FILE], places[SHEET], strict=True)
        numbers = [first[key] + line for key, line in zip(keys, places[LINE], strict=True)]
        self._insert(contract, kept.assign(**{PLACED: pd.Series(numbers, index=kept.index, dtype="int64")}))

    def write(self, contract: Table, rows: pd.DataFrame) -> None:
        """A whole table whose rows come from no file."""
        self.create(contract)
        self._insert(contract, rows.assign(**{PLACED: 0}))

    def remove(self, companies: pd.Series[str]) -> None:
        """Take companies away by their ids."""
        self.connection.execute("DELETE FROM customers WHERE customer_id IN (SELECT unnest(?))", [companies.tolist()])

    def redirect(self, merged: Mapping[str, str]) -> None:
        """Replace the ids of merged companies by those that they became, in every table but the companies'."""
        became = pa.table({"customer_id": [*merged], "kept_id": [*merged.values()]})
        for name, contract in self._contracts.items():
            for column in contract.columns if merged and name != "customers" else ():
                if column.refers == "customers":
                    self.connection.register("became", became)
                    self.connection.execute(
                        f'UPDATE "{name}" SET "{column.name}" = became.kept_id FROM became '  # noqa: S608  contract names
                        f'WHERE "{name}"."{column.name}" = became.customer_id'
                    )
                    self.connection.unregister("became")

    def orphans(self) -> pd.DataFrame:
        """Ids without a row to point at; the rows that hold them are kept.

        Returns
        -------
        One warning per table, column and id, at the first row that holds the id: see `WARNINGS`.
        """
        warnings = [WARNINGS.empty()]
        for name, contract in self._contracts.items():
            for column, parent in ((each.name, each.refers) for each in contract.columns):
                if parent not in self._contracts or parent == name:
                    continue
                ids = self._contracts[parent].ids(column)
                lost = self.connection.execute(
                    f'SELECT "{column}", min({PLACED}) FROM "{name}" '  # noqa: S608  contract names
                    f'ANTI JOIN (SELECT "{ids}" AS known FROM "{parent}") ON "{column}" = known '
                    f'WHERE "{column}" IS NOT NULL GROUP BY 1'
                ).fetchall()
                places = self.places(pd.Series([place for _, place in lost], dtype="int64"))
                at = places.set_axis(["file", "sheet", "line"], axis=1)
                texts = [text for text, _ in lost]
                warnings.append(at.assign(table=name, column=column, text=texts, rule="no_parent"))
        return pd.concat(warnings, ignore_index=True)[list(WARNINGS.names)]

    def finish(self) -> None:
        """Take the places away: what is left are the tables as their contracts say."""
        for name in self._contracts:
            self.connection.execute(f'ALTER TABLE "{name}" DROP COLUMN {PLACED}')

    def _insert(self, contract: Table, rows: pd.DataFrame) -> None:
        types = [(column.name, pa.type_for_alias(column.unit.row.kind.arrow)) for column in contract.columns]
        schema = pa.schema([*types, (PLACED, pa.int64())])
        self.connection.register("incoming", pa.Table.from_pandas(rows[schema.names], schema, preserve_index=False))
        self.connection.execute(f'INSERT INTO "{contract.name}" SELECT * FROM incoming')  # noqa: S608  contract names
        self.connection.unregister("incoming")
