"""The warehouse made from its sealed inputs: everything read, cleaned, compared with the senders and stored."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import astuple
from pathlib import Path

import duckdb
import pandas as pd

from bizlab.data.cleaning.account import account, control_of
from bizlab.data.cleaning.cleaning import Cleaned, clean
from bizlab.data.cleaning.decisions import Decisions
from bizlab.data.cleaning.merging import verify
from bizlab.data.cleaning.quality import EVIDENCE, QUALITY
from bizlab.data.cleaning.senders import Manifests, read_manifests
from bizlab.data.filling import Filling
from bizlab.data.plain_rows import can_take, plain, take_plain
from bizlab.data.seals import Seal, second_deliveries
from bizlab.data.sources.config import Sources
from bizlab.data.sources.read import RawTable, read_table
from bizlab.data.sources.staged import stage_table
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
    place.parent.mkdir(parents=True, exist_ok=True)
    unfinished = place.with_suffix(f".{os.getpid()}.part")
    unfinished.unlink(missing_ok=True)
    try:
        with duckdb.connect(unfinished, config=engine_settings(place.parent)) as connection:
            filling = Filling(connection)
            noted = _fill(filling, project, sources, decisions, seals, manifests, report)
            for name, frame in noted.items():
                filling.write(QUALITY[name], QUALITY[name].conform(frame))
            filling.finish()
        unfinished.replace(place)
    finally:
        for left in (unfinished, unfinished.with_name(f"{unfinished.name}.wal")):
            left.unlink(missing_ok=True)
    _remove_old(place)


def _fill(
    filling: Filling,
    project: Path,
    sources: Sources,
    decisions: Decisions,
    seals: list[Seal],
    manifest_paths: list[Path],
    report: Callable[[str], None],
) -> dict[str, pd.DataFrame]:
    """Read, clean and store one table after the other; what was noted on the way, by the name of its table."""
    if "customers" not in sources.tables:
        verify(decisions, known=set())
    twins = second_deliveries(seals)
    manifests = read_manifests(project, manifest_paths, sources.contracts)
    noted: dict[str, list[pd.DataFrame]] = {name: [] for name in QUALITY}
    for number, name in enumerate(sources.tables, start=1):
        report(f"reading {name} ({number} of {len(sources.tables)})")
        filling.create(sources.contracts[name])
        raw, cleaned = _cleaned(filling, project, sources, name, twins, manifests, decisions)
        filling.add(raw.contract, cleaned.kept, cleaned.places)
        if len(cleaned.merge_map):
            filling.remove(cleaned.merge_map["customer_id"])
        for what in ("rejects", "merges", "merge_map", "duplicate_candidates", "warnings"):
            noted[what].append(getattr(cleaned, what))
        noted["account"].append(account(raw, cleaned, manifests))
        noted["evidence"].append(_evidence(raw))
    merged = pd.concat(noted["merge_map"])
    filling.redirect(dict(zip(merged["customer_id"], merged["kept_id"], strict=True)))
    noted["warnings"].append(filling.orphans())
    noted["seals"].append(pd.DataFrame(seals).rename(columns={"path": "file"}))
    for name in sources.contracts.keys() - sources.tables.keys():
        filling.create(sources.contracts[name])
    return {name: pd.concat(parts) for name, parts in noted.items()}


def _cleaned(
    filling: Filling,
    project: Path,
    sources: Sources,
    name: str,
    twins: dict[str, str],
    manifests: Manifests,
    decisions: Decisions,
) -> tuple[RawTable, Cleaned]:
    """The rows of a table that need care, and what became of them; its plain rows are in the warehouse already."""
    contract, source = sources.contracts[name], sources.tables[name]
    stages = stage_table(project, sources, name) if can_take(contract, source) else None
    if stages is None:
        raw = read_table(project, sources, name)
        return raw, clean(raw, twins, control_of(raw, manifests), decisions)
    raw = take_plain(filling, contract, source, stages, twins)
    control = control_of(raw, manifests)
    return raw, clean(raw, twins, control, decisions, plain=plain(filling, raw, control))


def _evidence(raw: RawTable) -> pd.DataFrame:
    return EVIDENCE.frame(
        (raw.contract.name, sheet.file, sheet.sheet, *astuple(settled))
        for sheet in raw.sheets
        for settled in sheet.evidence
    )


def _remove_old(place: Path) -> None:
    """Keep the newest few warehouses; a file that another process still reads is left."""
    files = sorted(place.parent.glob("*.duckdb"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in files[_KEPT_FILES:]:
        if path != place:
            with suppress(PermissionError):
                path.unlink(missing_ok=True)
