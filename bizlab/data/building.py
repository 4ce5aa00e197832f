"""The warehouse made from its sealed inputs: everything read, cleaned, compared with the senders and stored."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import astuple
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa

from bizlab.contracts.table import Table
from bizlab.data.cleaning.account import account, control_of
from bizlab.data.cleaning.cleaning import Cleaned, clean
from bizlab.data.cleaning.decisions import Decisions
from bizlab.data.cleaning.merging import verify
from bizlab.data.cleaning.quality import EVIDENCE, QUALITY
from bizlab.data.cleaning.references import orphans, redirected
from bizlab.data.cleaning.senders import read_manifests
from bizlab.data.contents import write_contents
from bizlab.data.seals import Seal, second_deliveries
from bizlab.data.sources.config import Sources
from bizlab.data.sources.read import RawTable, read_table
from bizlab.data.warehouse import engine_settings

_KEPT_FILES = 3


def build(
    project: Path,
    sources: Sources,
    decisions: Decisions,
    seals: list[Seal],
    manifests: list[Path],
    *,
    place: Path,
    report: Callable[[str], None],
) -> None:
    """Read and clean every table and store it; the file appears under its name only when it is whole."""
    tables = _tables(project, sources, decisions, seals, manifests, report)
    place.parent.mkdir(parents=True, exist_ok=True)
    unfinished = place.with_suffix(f".{os.getpid()}.part")
    try:
        _write(tables, {**sources.contracts, **QUALITY}, unfinished)
        unfinished.replace(place)
    finally:
        for left in (unfinished, unfinished.with_name(f"{unfinished.name}.wal")):
            left.unlink(missing_ok=True)
    _remove_old(place)


def _write(tables: dict[str, pd.DataFrame], contracts: Mapping[str, Table], place: Path) -> None:
    place.unlink(missing_ok=True)
    connection = duckdb.connect(place, config=engine_settings(place.parent))
    try:
        for name, frame in tables.items():
            columns = contracts[name].columns
            types = pa.schema([(column.name, pa.type_for_alias(column.unit.row.kind.arrow)) for column in columns])
            rows = frame[list(contracts[name].names)]
            connection.register("incoming", pa.Table.from_pandas(rows, schema=types, preserve_index=False))
            connection.execute(f'CREATE TABLE "{name}" AS SELECT * FROM incoming')  # noqa: S608  contract names
            connection.unregister("incoming")
        write_contents(connection, contracts)
    finally:
        connection.close()


def _tables(
    project: Path,
    sources: Sources,
    decisions: Decisions,
    seals: list[Seal],
    manifest_paths: list[Path],
    report: Callable[[str], None],
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
    noted = {
        name: pd.concat([getattr(result, name) for result in cleaned.values()])
        for name in ("rejects", "merges", "merge_map", "duplicate_candidates", "warnings")
    }
    became = dict(zip(noted["merge_map"]["customer_id"], noted["merge_map"]["kept_id"], strict=True))
    kept = redirected({name: result.kept for name, result in cleaned.items()}, became, sources.contracts)
    places = {name: result.places for name, result in cleaned.items()}
    evidence = [
        (raw.contract.name, sheet.file, sheet.sheet, *astuple(settled))
        for raw in raws
        for sheet in raw.sheets
        for settled in sheet.evidence
    ]
    noted |= {
        "account": pd.concat([account(raw, cleaned[raw.contract.name], manifests) for raw in raws]),
        "warnings": pd.concat([noted["warnings"], orphans(kept, places, sources.contracts)]),
        "evidence": EVIDENCE.frame(evidence),
        "seals": pd.DataFrame(seals).rename(columns={"path": "file"}),
    }
    absent = {name: contract.empty() for name, contract in sources.contracts.items() if name not in kept}
    return kept | absent | {name: QUALITY[name].conform(frame) for name, frame in noted.items()}


def _remove_old(place: Path) -> None:
    """Keep the newest few warehouses; a file that another process still reads is left."""
    files = sorted(place.parent.glob("*.duckdb"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in files[_KEPT_FILES:]:
        if path != place:
            with suppress(PermissionError):
                path.unlink(missing_ok=True)
