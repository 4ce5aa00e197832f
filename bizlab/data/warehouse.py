"""The warehouse: a DuckDB file derived from sealed inputs, which may be deleted at any time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, time
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw
import pandas as pd
import pyarrow as pa

from bizlab.contracts.check import Check
from bizlab.contracts.table import Table
from bizlab.data.cleaning.decisions import SETTINGS as DECISIONS
from bizlab.data.cleaning.decisions import load_decisions
from bizlab.data.cleaning.quality import QUALITY, SEALS
from bizlab.data.cleaning.senders import input_files
from bizlab.data.contents import TABLE as CONTENTS
from bizlab.data.contents import content
from bizlab.data.seals import Seal, combined, seal
from bizlab.data.sources.config import SETTINGS, load_sources
from bizlab.errors import ContractError, SettingError, did_you_mean
from bizlab.tables import description_files
from bizlab.units.row import Kind

FOLDER = Path(".bizlab") / "warehouse"
Report = Callable[[str], None]


def open_project(project: Path, *, report: Report | None = None) -> Warehouse:
    """The warehouse of a project's inputs as they are now; built when there is none for them yet.

    Raises
    ------
    SettingError, SourceError : the sources or the decisions about companies cannot be used, or a file is missing or
        damaged, or changes while it is read.
    """
    sources, decisions = load_sources(project), load_decisions(project)
    taken = sorted(QUALITY.keys() & sources.contracts)
    if taken:
        raise SettingError(
            f"The warehouse has a table '{taken[0]}' of its own", place="tables/*.yaml", fix="rename the project's"
        )
    seals = seal(project, input_files(project, sources))
    whole = combined(seals, [project / SETTINGS, project / DECISIONS, *description_files(project)])
    place = project / FOLDER / f"{whole[:32]}.duckdb"
    if not place.is_file():
        from bizlab.data.building import build  # what reads and cleans is not needed while the inputs stay the same

        build(project, sources, decisions, seals, place=place, report=report or (lambda _: None))
    return Warehouse(place, whole, sources.contracts, mapped=frozenset(sources.tables))


class Warehouse:
    """Tables handed out as of a date; any number of processes may read at once.

    Attributes
    ----------
    seal : one hash over the inputs, their settings and the code that read them.
    contracts : of the tables that it hands out, the library's and the project's own.
    mapped : those of them that the project has files for; all others have no rows.
    """

    def __init__(self, place: Path, whole: str, contracts: Mapping[str, Table], *, mapped: frozenset[str]) -> None:
        self.seal, self.contracts, self.mapped = whole, contracts, mapped
        self._connection = duckdb.connect(place, read_only=True, config=engine_settings(place.parent))

    def scan(
        self, name: str, *, as_of: date | None = None, known_by: datetime | None = None, where: nw.Expr | None = None
    ) -> nw.LazyFrame[duckdb.DuckDBPyRelation]:
        """A table lazily, limited to what had happened by a day, was known by a moment, and is asked for."""
        relation = self._connection.table(self._contract(name).name)
        for column, bound in _bounds(self._contract(name), as_of, known_by):
            relation = relation.filter(duckdb.ColumnExpression(column) <= bound)
        rows = nw.from_native(relation)
        return rows if where is None else rows.filter(where)

    def load(
        self, name: str, *, as_of: date | None = None, known_by: datetime | None = None, where: nw.Expr | None = None
    ) -> pd.DataFrame:
        """A table as a pandas frame under its contract, in the order of its key."""
        contract = self._contract(name)
        lazy = self.scan(name, as_of=as_of, known_by=known_by, where=where).sort(*contract.key, nulls_last=True)
        frame = lazy.to_native().to_arrow_table().to_pandas(date_as_object=False, types_mapper=_pandas_type)
        return contract.conform(frame)

    def content(self, name: str, *, until: date) -> str:
        """One hash over the rows of a table up to the end of the month of a day, however they were delivered."""
        return content(self._contents.get(name, []), self._contract(name), until=until)

    def n_rows(self, name: str, *, as_of: date, known_by: datetime | None, where: nw.Expr | None) -> int:
        """How many rows of a table are handed out."""
        rows = self.scan(name, as_of=as_of, known_by=known_by, where=where)
        return int(rows.select(nw.len()).collect().item())

    @cached_property
    def _contents(self) -> dict[str, list[tuple[str, int, str]]]:
        by_table: dict[str, list[tuple[str, int, str]]] = {}
        for name, *row in self._connection.table(CONTENTS).fetchall():
            by_table.setdefault(name, []).append(tuple(row))
        return by_table

    def checks(self) -> list[Check]:
        """The account's sums, and rows and totals against the senders'."""
        from bizlab.data.cleaning.account import account_checks

        return account_checks(self.load("account"), self.contracts)

    def seals(self) -> list[Seal]:
        """The sealed inputs."""
        return [Seal(*row) for row in self.load("seals")[list(SEALS.names)].itertuples(index=False)]

    def files_of(self, tables: Collection[str] | None) -> set[str]:
        """The input files that tables came from; None for all."""
        if tables is None:
            return {seal.path for seal in self.seals()}
        account = self.load("account")
        return set(account.loc[account["table"].isin(list(tables)), "file"])

    def n_occurred(self, first: date, last: date) -> int:
        """How many facts are dated within a period, over all tables."""
        counts = (
            self.scan(table.name, as_of=last, where=nw.col(table.occurred) >= first).select(nw.len()).collect().item()
            for table in self.contracts.values()
            if table.occurred
        )
        return sum(map(int, counts))

    def _contract(self, name: str) -> Table:
        known = {**self.contracts, **QUALITY}
        if name not in known:
            raise ContractError(f"There is no table '{name}'", place="warehouse", fix=did_you_mean(name, known))
        return known[name]


def engine_settings(folder: Path) -> dict[str, Any]:
    """How DuckDB is set for a file in a folder: bounded, and the same everywhere."""
    return {
        "threads": 2,
        "memory_limit": "1500MB",
        "temp_directory": str(folder / "spill"),
        "preserve_insertion_order": False,
        "autoinstall_known_extensions": False,
    }


def _bounds(contract: Table, as_of: date | None, known_by: datetime | None) -> list[tuple[str, duckdb.Expression]]:
    """Columns and the last day or moment that may be seen; a day counts to its last second."""
    bounds: list[tuple[str, duckdb.Expression]] = []
    if as_of is not None and contract.occurred:
        moment = contract[contract.occurred].unit.row.kind is Kind.MOMENT
        last = datetime.combine(as_of, time.max) if moment else as_of
        bounds.append((contract.occurred, duckdb.ConstantExpression(last)))
    if known_by is not None and contract.known_at:
        bounds.append((contract.known_at, duckdb.ConstantExpression(known_by)))
    return bounds


def _pandas_type(kind: pa.DataType) -> Any:
    """Whole numbers stay whole numbers where some are missing."""
    return pd.Int64Dtype() if pa.types.is_integer(kind) else pd.BooleanDtype() if pa.types.is_boolean(kind) else None
