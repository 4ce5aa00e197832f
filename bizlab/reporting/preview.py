"""What ``bizlab check`` says: how the inputs would be read, without any analysis."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from bizlab.data import warehouse
from bizlab.data.cleaning.quality import DUPLICATE_CANDIDATES, RULES
from bizlab.reporting.parameters import Parameters
from bizlab.reporting.run import refuse_empty_month
from bizlab.reporting.settings import configuration


class Preview(NamedTuple):
    """Lines to print, and whether rows and totals agree with what the senders gave."""

    lines: list[str]
    reconciles: bool


def preview(project: Path, params: Parameters, *, report: Callable[[str], None]) -> Preview:
    """Read configuration and every input as a run would, and say how it came out."""
    configuration(project)
    store = warehouse.open_project(project, report=report)
    refuse_empty_month(store, params)
    account = store.load("account")
    columns = ["n_in", "n_kept", "n_merged", "n_rejected"]
    lines = [f"{'table':24}{'rows in':>10}{'kept':>10}{'merged':>10}{'rejected':>10}"]
    for name, row in account.groupby("table", sort=True)[columns].sum().iterrows():
        lines.append(f"{name!s:24}" + "".join(f"{row[column]:>10,}" for column in columns))
    for noted in ("rejects", "warnings"):
        counts = store.load(noted).groupby(["table", "rule"], sort=True).size()
        for (table, rule), n in counts.items():
            words = RULES[rule].en if rule in RULES else rule
            lines.append(f"{noted[:-1]}: {table}: {words} ({n})")
    for reasons, n in store.load("duplicate_candidates").groupby("reasons", sort=True).size().items():
        words = (DUPLICATE_CANDIDATES["reasons"].choice_labels or {})[str(reasons)].en
        lines.append(f"may be one: customers: {words} ({n} pairs)")
    failed = [check for check in store.checks() if not check.passed]
    for check in failed:
        lines.append(
            f"does not agree: {check.label.zh} · {check.label.en} (difference {check.difference:,} {check.unit})"
        )
    if not failed:
        lines.append("rows and control totals agree with the senders'")
    return Preview(lines, not failed)
