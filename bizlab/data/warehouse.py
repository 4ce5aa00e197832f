"""The warehouse: a DuckDB file derived from sealed inputs, which may be deleted at any time."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw
import pandas as pd
import pyarrow as pa

from bizlab.contracts.check import Check
from bizlab.contracts.table import Table
from bizlab.data.cleaning.account import account, account_checks, control_of
from bizlab.data.cleaning.cleaning import Cleaned, clean
from bizlab.data.cleaning.decisions import SETTINGS as DECISIONS
from bizlab.data.cleaning.decisions import Decisions, load_decisions
from bizlab.data.cleaning.merging import verify
from bizlab.data.cleaning.quality import (
    ACCOUNT,
    DUPLICATE_CANDIDATES,
    EVIDENCE,
    MERGE_MAP,
    MERGES,
    REJECTS,
    SEALS,
    WARNINGS,
)
from bizlab.data.cleaning.references import orphans, redirected
from bizlab.data.cleaning.senders import manifest_files, read_manifests
from bizlab.data.seals import Seal, combined, seal, second_deliveries
from bizlab.data.sources import RawTable, Sources, load_sources, read_table
from bizlab.data.sources.config import SETTINGS, matching_files
from bizlab.errors import ContractError, SettingError, did_you_mean
from bizlab.tables import TABLES, description_files
from bizlab.units.row import Kind

FOLDER = Path(".bizlab") / "warehouse"
QUALITY = {
    table.name: table
    for table in (ACCOUNT, REJECTS, MERGES, MERGE_MAP, DUPLICATE_CANDIDATES, WARNINGS, EVIDENCE, SEALS)
}
_KEPT_FILES = 3
Report = Callable[[str], None]


def _silent(line: str) -> None:
    """Report nothing."""


def open_project(project: Path, *, report: Report = _silent) -> Warehouse:
    """The warehouse of a project's inputs as they are now; built when there is none for them yet.

    Parameters
    ----------
    project : the project's folder.
    report : takes a line of progress.

    Raises
    ------
    SettingError, SourceError : the sources or the decisions about companies cannot be used, or a file is missing or
        damaged.
    """
    sources, decisions = load_sources(project), load_decisions(project)
    taken = sorted(QUALITY.keys() & sources.contracts)
    if taken:
        raise SettingError(
            f"The warehouse has a table '{taken[0]}' of its own", place="tables/*.yaml", way_out="rename the project's"
        )
    paths = [path for name in sources.tables for path in matching_files(project, sources, name)]
    manifests = manifest_files(project, sources)
    seals = seal(project, [*paths, *manifests])
    whole = combined(seals, [project / SETTINGS, project / DECISIONS, *description_files(project)])
    place = project / FOLDER / f"{whole[:32]}.duckdb"
    if not place.is_file():
        _store(_tables(project, sources, decisions, seals, manifests, report), sources.contracts, place)
    return Warehouse(place, whole, sources.contracts)


class Warehouse:
    """Tables handed out as of a date; any number of processes may read at once.

    Attributes
    ----------
    seal : one hash over the inputs, their settings and the code that read them.
    contracts : of the tables that it hands out, the library's and the project's own.
    """

    def __init__(self, place: Path, whole: str, contracts: Mapping[str, Table] = TABLES) -> None:
        self.seal, self.contracts = whole, contracts
        self._connection = duckdb.connect(place, read_only=True, config=_settings(place.parent))

    def scan(
        self,
        name: str,
        *,
        as_of: date | None = None,
        known_by: datetime | None = None,
        where: nw.Expr | None = None,
    ) -> nw.LazyFrame[duckdb.DuckDBPyRelation]:
        """A table lazily, limited to what had happened by a day, was known by a moment, and is asked for."""
        relation = self._connection.table(self._contract(name).name)
        for column, bound in _bounds(self._contract(name), as_of, known_by):
            relation = relation.filter(duckdb.ColumnExpression(column) <= bound)
        found = nw.from_native(relation)
        return found if where is None else found.filter(where)

    def load(
        self,
        name: str,
        *,
        as_of: date | None = None,
        known_by: datetime | None = None,
        where: nw.Expr | None = None,
    ) -> pd.DataFrame:
        """A table as a pandas frame under its contract, in the order of its key."""
        contract = self._contract(name)
        lazy = self.scan(name, as_of=as_of, known_by=known_by, where=where).sort(*contract.key, nulls_last=True)
        frame = lazy.to_native().to_arrow_table().to_pandas(date_as_object=False, types_mapper=_pandas_type)
        return contract.conform(frame)

    def quality(self, name: str) -> pd.DataFrame:
        """What was noted on the way in: account, rejects, merges, warnings, ... (`QUALITY`)."""
        return self.load(name)

    def checks(self) -> list[Check]:
        """The account's sums, and rows and totals against the senders'."""
        return account_checks(self.load("account"), self.contracts)

    def seals(self) -> list[Seal]:
        """The sealed inputs."""
        return [Seal(*row) for row in self.load("seals")[list(SEALS.names)].itertuples(index=False)]

    def n_occurred(self, first: date, last: date) -> int:
        """How many facts are dated within a period, over all tables."""
        counts = 0
        for table in self.contracts.values():
            if table.occurred:
                column = nw.col(table.occurred)
                rows = self.scan(table.name, as_of=last).filter(column >= first).select(nw.len())
                counts += int(rows.collect().item())
        return counts

    def _contract(self, name: str) -> Table:
        known = {**self.contracts, **QUALITY}
        if name not in known:
            raise ContractError(f"There is no table '{name}'", place="warehouse", way_out=did_you_mean(name, known))
        return known[name]


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


def _store(tables: dict[str, pd.DataFrame], contracts: Mapping[str, Table], place: Path) -> None:
    """Store every table; the file appears under its name only when it is whole."""
    place.parent.mkdir(parents=True, exist_ok=True)
    unfinished = place.with_suffix(f".{os.getpid()}.part")
    try:
        _write(tables, {**contracts, **QUALITY}, unfinished)
        unfinished.replace(place)
    finally:
        for left in (unfinished, unfinished.with_name(f"{unfinished.name}.wal")):
            left.unlink(missing_ok=True)
    _remove_old(place)


def _write(tables: dict[str, pd.DataFrame], contracts: Mapping[str, Table], place: Path) -> None:
    place.unlink(missing_ok=True)
    connection = duckdb.connect(place, config=_settings(place.parent))
    try:
        for name, frame in tables.items():
            connection.register("incoming", _arrow(frame, contracts[name]))
            connection.execute(f'CREATE TABLE "{name}" AS SELECT * FROM incoming')  # noqa: S608  contract names
            connection.unregister("incoming")
    finally:
        connection.close()


def _tables(
    project: Path,
    sources: Sources,
    decisions: Decisions,
    seals: list[Seal],
    manifest_paths: list[Path],
    report: Report,
) -> dict[str, pd.DataFrame]:
    """Every table read and cleaned, and what was noted on the way."""
    if "customers" not in sources.tables:
        verify(decisions, known=set())
    twins = second_deliveries(seals)
    manifests = read_manifests(project, manifest_paths, sources.contracts)
    raws: list[RawTable] = []
    cleaned: dict[str, Cleaned] = {}
    for number, name in enumerate(sources.tables, start=1):
        report(f"reading {name} ({number} of {len(sources.tables)})")
        raw = read_table(project, sources, name)
        cleaned[name] = clean(raw, twins, control_of(raw, manifests), decisions)
        raws.append(raw)
    accounts = [account(raw, cleaned[raw.contract.name], manifests) for raw in raws]
    merged = pd.concat([one.merge_map for one in cleaned.values()])
    became = dict(zip(merged["customer_id"], merged["kept_id"], strict=True))
    kept = redirected({name: one.kept for name, one in cleaned.items()}, became, sources.contracts)
    places = {name: one.places for name, one in cleaned.items()}
    warnings = [*(one.warnings for one in cleaned.values()), orphans(kept, places, sources.contracts)]
    noted = {
        "account": pd.concat(accounts),
        "rejects": pd.concat([one.rejects for one in cleaned.values()]),
        "merges": pd.concat([one.merges for one in cleaned.values()]),
        "merge_map": merged,
        "duplicate_candidates": pd.concat([one.candidates for one in cleaned.values()]),
        "warnings": pd.concat(warnings),
        "evidence": _evidence(raws),
        "seals": pd.DataFrame(seals).rename(columns={"path": "file"}),
    }
    absent = {name: contract.empty() for name, contract in sources.contracts.items() if name not in kept}
    return kept | absent | {name: QUALITY[name].conform(frame) for name, frame in noted.items()}


def _evidence(raws: list[RawTable]) -> pd.DataFrame:
    rows = [
        (raw.contract.name, sheet.file, sheet.sheet, found.what, found.value, found.why)
        for raw in raws
        for sheet in raw.sheets
        for found in sheet.evidence
    ]
    return pd.DataFrame(rows, columns=list(EVIDENCE.names))


def _arrow(frame: pd.DataFrame, contract: Table) -> pa.Table:
    fields = [(column.name, pa.type_for_alias(column.unit.row.kind.arrow)) for column in contract.columns]
    return pa.Table.from_pandas(frame[list(contract.names)], schema=pa.schema(fields), preserve_index=False)


def _pandas_type(kind: pa.DataType) -> Any:
    """Whole numbers stay whole numbers where some are missing."""
    return pd.Int64Dtype() if pa.types.is_integer(kind) else pd.BooleanDtype() if pa.types.is_boolean(kind) else None


def _settings(folder: Path) -> dict[str, Any]:
    return {
        "threads": 2,
        "memory_limit": "1500MB",
        "temp_directory": str(folder / "spill"),
        "preserve_insertion_order": False,
        "autoinstall_known_extensions": False,
    }


def _remove_old(place: Path) -> None:
    """Keep the newest few warehouses; a file that another process still reads is left."""
    files = sorted(place.parent.glob("*.duckdb"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in files[_KEPT_FILES:]:
        if path != place:
            with suppress(PermissionError):
                path.unlink(missing_ok=True)
