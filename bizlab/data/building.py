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
from bizlab.data.cleaning.senders import Manifests, input_files, manifest_files, read_manifests
from bizlab.data.contents import write_contents
from bizlab.data.filling import Filling
from bizlab.data.plain_rows import can_take, plain, take_plain
from bizlab.data.seals import Seal, seal, second_deliveries
from bizlab.data.sources.config import Sources, matching_files
from bizlab.data.sources.read import RawTable, read_table
from bizlab.data.sources.staged import Staged
from bizlab.data.sources.staged_csv import stage_csv
from bizlab.data.sources.staged_parquet import stage_parquet
from bizlab.data.warehouse import engine_settings
from bizlab.errors import SourceError, some

_KEPT_FILES = 3


def build(
    project: Path,
    sources: Sources,
    decisions: Decisions,
    seals: list[Seal],
    *,
    place: Path,
    report: Callable[[str], None],
) -> None:
    """Read and clean every table and store it; the file appears under its name only when it is whole.

    Raises
    ------
    SourceError : a file cannot be read, or is no longer the one that was sealed when all are read.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    unfinished = place.with_suffix(f".{os.getpid()}.part")
    unfinished.unlink(missing_ok=True)
    try:
        with duckdb.connect(unfinished, config=engine_settings(place.parent)) as connection:
            filling = Filling(connection)
            noted = _fill(filling, project, sources, decisions, seals, report)
            for name, frame in noted.items():
                filling.write(QUALITY[name], QUALITY[name].conform(frame))
            filling.finish()
            write_contents(connection, {**sources.contracts, **QUALITY})
        _refuse_changed(project, sources, seals)
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
    report: Callable[[str], None],
) -> dict[str, pd.DataFrame]:
    """Read, clean and store one table after the other; what was noted on the way, by the name of its table."""
    if "customers" not in sources.tables:
        verify(decisions, known=set())
    twins = second_deliveries(seals)
    manifests = read_manifests(project, manifest_files(project, sources), sources.contracts)
    noted: dict[str, list[pd.DataFrame]] = {name: [] for name in QUALITY}
    for number, name in enumerate(sources.tables, start=1):
        report(f"reading {name} ({number} of {len(sources.tables)})")
        raw, cleaned = read_cleaned(filling, project, sources, name, twins, manifests, decisions)
        for what in ("rejects", "merges", "merge_map", "duplicate_candidates", "warnings"):
            noted[what].append(getattr(cleaned, what))
        noted["account"].append(account(raw, cleaned, manifests))
        noted["evidence"].append(_evidence(raw))
    merged = pd.concat(noted["merge_map"])
    filling.redirect(dict(zip(merged["customer_id"], merged["kept_id"], strict=True)))
    noted["warnings"].append(filling.orphans())
    noted["seals"].append(pd.DataFrame(seals).rename(columns={"path": "file"}))
    for name, contract in sources.contracts.items():
        if name not in sources.tables:
            filling.create(contract)
    return {name: pd.concat(parts) for name, parts in noted.items()}


def read_cleaned(
    filling: Filling,
    project: Path,
    sources: Sources,
    name: str,
    twins: dict[str, str],
    manifests: Manifests,
    decisions: Decisions,
) -> tuple[RawTable, Cleaned]:
    """Read a table into the warehouse: its plain rows at once, the others with care.

    Returns
    -------
    The texts of the others, or of all rows where the files are workbooks; and what became of them, which is in the
    warehouse too.
    """
    contract, source = sources.contracts[name], sources.tables[name]
    filling.create(contract)
    stages = _stages(filling, project, sources, name) if can_take(contract, source) else None
    raw = take_plain(filling, contract, source, stages, twins) if stages else read_table(project, sources, name)
    control = control_of(raw, manifests)
    cleaned = clean(raw, twins, control, decisions, plain=plain(filling, raw, control) if stages else None)
    filling.add(contract, cleaned.kept, cleaned.places)
    if len(cleaned.merge_map):
        filling.remove(cleaned.merge_map["customer_id"])
    return raw, cleaned


def _stages(filling: Filling, project: Path, sources: Sources, name: str) -> list[Staged] | None:
    """All files of a table; None where one of them must be read as texts."""
    contract, source = sources.contracts[name], sources.tables[name]
    stages = []
    for number, path in enumerate(matching_files(project, sources, name)):
        file = path.relative_to(project.resolve()).as_posix()
        stage = (
            stage_parquet(path, source, contract, file=file)
            if source.format == "parquet"
            else stage_csv(filling.connection, path, source, contract, file=file, table=f"_staged_{number}")
        )
        if stage is None:
            return None
        stages.append(stage)
    return stages


def _evidence(raw: RawTable) -> pd.DataFrame:
    return EVIDENCE.frame(
        (raw.contract.name, sheet.file, sheet.sheet, *astuple(settled))
        for sheet in raw.sheets
        for settled in sheet.evidence
    )


def _refuse_changed(project: Path, sources: Sources, seals: list[Seal]) -> None:
    """Nothing is kept of files that were not the same before and after: their content decides, not their dates."""
    changed = sorted(
        {sealed.path for sealed in set(seals).symmetric_difference(seal(project, input_files(project, sources)))}
    )
    if changed:
        raise SourceError(
            "The file was changed, added or removed while the inputs were read",
            place=some(changed),
            fix="run again when the export has been written to its end; nothing was kept",
        )


def _remove_old(place: Path) -> None:
    """Keep the newest few warehouses; a file that another process still reads is left."""
    files = sorted(place.parent.glob("*.duckdb"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in files[_KEPT_FILES:]:
        if path != place:
            with suppress(PermissionError):
                path.unlink(missing_ok=True)
