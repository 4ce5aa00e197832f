"""The account of the way in: rows and control totals in, kept, merged, rejected, and as the sender gave them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from bizlab.contracts.check import Check
from bizlab.contracts.table import Table
from bizlab.data.cleaning.cleaning import KEPT, MERGED, REJECTED, Cleaned
from bizlab.data.cleaning.conversion import control_column, parser
from bizlab.data.cleaning.quality import ACCOUNT
from bizlab.data.cleaning.senders import Manifests, Sent
from bizlab.data.sources.read import FILE, SHEET, RawTable
from bizlab.data.sources.sheet import Sheet
from bizlab.errors import SourceError
from bizlab.labels import Label
from bizlab.units.kinds import Unit


def control_of(raw: RawTable, manifests: Manifests) -> str | None:
    """The column whose total is accounted for: the one that the senders chose, else the contract's first."""
    sent = [_said_of(sheet, raw, manifests) for sheet in raw.sheets]
    chosen = sorted({said.column for said in sent if said and said.column})
    return chosen[0] if chosen else control_column(raw.contract)


def account(raw: RawTable, cleaned: Cleaned, manifests: Manifests) -> pd.DataFrame:
    """The account of one table: one row per file and sheet, see `ACCOUNT`.

    A file that a sender names and nobody delivered is a row too: nothing came in.
    """
    control = control_of(raw, manifests)
    by_place = dict(iter(cleaned.outcomes.groupby([FILE, SHEET], sort=False)))
    nothing = cleaned.outcomes.iloc[:0]
    said = {(sheet.file, sheet.sheet): _said_of(sheet, raw, manifests) for sheet in raw.sheets}
    said |= _undelivered(raw, manifests)
    return ACCOUNT.frame(_row(place, by_place.get(place, nothing), sent, raw, control) for place, sent in said.items())


def _row(
    place: tuple[str, str], outcomes: pd.DataFrame, sent: Sent | None, raw: RawTable, control: str | None
) -> dict[str, Any]:
    ends = {end: outcomes[outcomes["outcome"] == end] for end in (KEPT, MERGED, REJECTED)}
    row: dict[str, Any] = {
        "table": raw.contract.name,
        "file": place[0],
        "sheet": place[1],
        "n_in": int(outcomes["n"].sum()),
        **{f"n_{end}": int(part["n"].sum()) for end, part in ends.items()},
        "n_sent": sent.n_rows if sent else None,
        "control": control,
    }
    if control:
        row["total_in"] = int(outcomes["total_read"].sum())
        row |= {f"total_{end}": int(part["total"].sum()) for end, part in ends.items()}
        row["total_sent"] = _sent_total(sent, control, raw)
    return row


def _said_of(sheet: Sheet, raw: RawTable, manifests: Manifests) -> Sent | None:
    """What the sender says of a sheet; one who names no sheet means the one that is read."""
    table = raw.contract.name
    return manifests.get((table, sheet.file, sheet.sheet)) or manifests.get((table, sheet.file, ""))


def _undelivered(raw: RawTable, manifests: Manifests) -> dict[tuple[str, str], Sent]:
    read = {(sheet.file, name) for sheet in raw.sheets for name in (sheet.sheet, "")}
    return {
        (file, sheet): sent
        for (table, file, sheet), sent in sorted(manifests.items())
        if table == raw.contract.name and (file, sheet) not in read
    }


def _sent_total(sent: Sent | None, control: str, raw: RawTable) -> int | None:
    if sent is None or sent.column != control or not sent.total:
        return None
    try:
        return int(parser(raw.contract[control], raw.source)(sent.total))
    except ValueError as rule:
        raise SourceError(
            f"The control total '{sent.total}' cannot be read: {rule}",
            place=sent.place,
            fix="ask the sender for the manifest again",
        ) from rule


def account_checks(accounts: pd.DataFrame, contracts: Mapping[str, Table]) -> list[Check]:
    """The account's own sums, and rows and totals against what the senders gave."""
    checks = [*ACCOUNT.verify(accounts)]
    for row in accounts.to_dict("records"):
        place = row["file"] + (f"#{row['sheet']}" if row["sheet"] else "")
        key = f"sent.{row['table']}.{place}"
        if pd.notna(row["n_sent"]):
            label = Label(f"{place}:读入行数 = 发送方行数", f"{place}: rows in = rows sent")
            checks.append(Check(f"{key}.rows", label, int(row["n_in"]), int(row["n_sent"]), Unit.COUNT))
        if pd.notna(row["total_sent"]):
            label = Label(f"{place}:读入合计 = 发送方合计", f"{place}: total in = total sent")
            unit = contracts[row["table"]][row["control"]].unit
            checks.append(Check(f"{key}.total", label, int(row["total_in"]), int(row["total_sent"]), unit))
    return checks
