"""The account of the way in: rows and control totals in, kept, merged, rejected, and as the sender gave them."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from bizlab.checks import Check
from bizlab.data.cleaning import KEPT, MERGED, REJECTED, Cleaned
from bizlab.data.conversion import control_column, parser
from bizlab.data.quality import ACCOUNT
from bizlab.data.sources.config import Sources, inside
from bizlab.data.sources.read import FILE, SHEET, RawTable
from bizlab.data.tables import TABLES
from bizlab.errors import SourceError
from bizlab.labels import Label
from bizlab.units import Unit

_HEADER = ["file", "sheet", "table", "rows", "column", "total"]


@dataclass(frozen=True)
class Sent:
    """What a sender says of one table in one file."""

    n_rows: int
    column: str
    total: str


Manifests = dict[tuple[str, str, str], Sent]


def read_manifests(project: Path, sources: Sources) -> Manifests:
    """The senders' control totals, by table, file and sheet.

    Raises
    ------
    SourceError : a manifest without the right header, or with a number of rows that is none.
    """
    if sources.totals is None:
        return {}
    folder = inside(project, sources.exports, place="params/sources.yaml, exports")
    found: Manifests = {}
    for path in sorted(folder.glob(sources.totals)):
        name = path.relative_to(project.resolve()).as_posix()
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if reader.fieldnames != _HEADER:
                raise SourceError(
                    f"The header is {reader.fieldnames}", place=f"{name}, line 1", way_out=f"write {','.join(_HEADER)}"
                )
            for row in reader:
                if not row["rows"].isdigit():
                    raise SourceError(
                        f"'{row['rows']}' is no number of rows",
                        place=f"{name}, line {reader.line_num}",
                        way_out="ask the sender for the manifest again",
                    )
                sent = path.with_name(row["file"]).relative_to(project.resolve()).as_posix()
                found[row["table"], sent, row["sheet"]] = Sent(int(row["rows"]), row["column"], row["total"])
    return found


def control_of(raw: RawTable, manifests: Manifests) -> str | None:
    """The column whose total is accounted for: the one that the senders chose, else the contract's first."""
    sent = [manifests.get((raw.contract.name, sheet.file, sheet.sheet)) for sheet in raw.sheets]
    chosen = sorted({one.column for one in sent if one and one.column in raw.contract.by_name})
    return chosen[0] if chosen else control_column(raw.contract)


def account(raw: RawTable, cleaned: Cleaned, manifests: Manifests) -> pd.DataFrame:
    """The account of one table: one row per file and sheet, see `ACCOUNT`."""
    control = control_of(raw, manifests)
    rows = []
    for sheet in raw.sheets:
        mine = cleaned.outcomes[(cleaned.outcomes[FILE] == sheet.file) & (cleaned.outcomes[SHEET] == sheet.sheet)]
        ends = {end: mine[mine["outcome"] == end] for end in (KEPT, MERGED, REJECTED)}
        sent = manifests.get((raw.contract.name, sheet.file, sheet.sheet))
        row = {
            "table": raw.contract.name,
            "file": sheet.file,
            "sheet": sheet.sheet,
            "n_in": len(mine),
            **{f"n_{end}": len(part) for end, part in ends.items()},
            "n_sent": sent.n_rows if sent else None,
            "control": control,
        }
        if control:
            row["total_in"] = int(mine["total_read"].sum())
            row |= {f"total_{end}": int(part["total"].sum()) for end, part in ends.items()}
            row["total_sent"] = _sent_total(sent, control, raw)
        rows.append(row)
    return ACCOUNT.conform(pd.DataFrame(rows, columns=list(ACCOUNT.names)))


def _sent_total(sent: Sent | None, control: str, raw: RawTable) -> int | None:
    if sent is None or sent.column != control or not sent.total:
        return None
    return int(parser(raw.contract[control], raw.source)(sent.total))


def account_checks(accounts: pd.DataFrame) -> list[Check]:
    """The account's own sums, and rows and totals against what the senders gave."""
    return [*ACCOUNT.verify(accounts), *_against_senders(accounts)]


def _against_senders(accounts: pd.DataFrame) -> list[Check]:
    checks = []
    for row in accounts.to_dict("records"):
        place = row["file"] + (f"#{row['sheet']}" if row["sheet"] else "")
        if pd.notna(row["n_sent"]):
            checks.append(
                Check(
                    key=f"sent.{row['table']}.{place}.rows",
                    label=Label(f"{place}:读入行数 = 发送方行数", f"{place}: rows in = rows sent"),
                    left=int(row["n_in"]),
                    right=int(row["n_sent"]),
                    unit=Unit.COUNT,
                )
            )
        if pd.notna(row["total_sent"]):
            checks.append(
                Check(
                    key=f"sent.{row['table']}.{place}.total",
                    label=Label(f"{place}:读入合计 = 发送方合计", f"{place}: total in = total sent"),
                    left=int(row["total_in"]),
                    right=int(row["total_sent"]),
                    unit=TABLES[row["table"]][row["control"]].unit,
                )
            )
    return checks
