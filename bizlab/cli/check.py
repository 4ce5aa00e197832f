"""``bizlab check YYYY-MM``: how the inputs would be read, without making a page."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import NamedTuple

from bizlab.cli import DONE, UNRECONCILED
from bizlab.cli.options import difference, month_options, say, settings_of
from bizlab.data import warehouse
from bizlab.data.cleaning.quality import DUPLICATE_CANDIDATES, RULES
from bizlab.run.month import refuse_empty_month
from bizlab.run.settings import Settings, configuration


def arguments(parser: argparse.ArgumentParser) -> None:
    month_options(parser)


def command(options: argparse.Namespace) -> int:
    account = cleaning_account(settings_of(options), report=say)
    print("\n".join(account.lines))
    return DONE if account.reconciles else UNRECONCILED


class CleaningAccount(NamedTuple):
    """Lines to print, and whether rows and totals agree with what the senders gave."""

    lines: list[str]
    reconciles: bool


def cleaning_account(settings: Settings, *, report: Callable[[str], None]) -> CleaningAccount:
    """Read configuration, the parameters of every page and every input as a run would, and say how it came out."""
    configuration(settings.project)
    for page in settings.pages:
        settings.of(page)
    store = warehouse.open_project(settings.project, report=report)
    refuse_empty_month(store, settings.month)
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
        words = DUPLICATE_CANDIDATES["reasons"].words[str(reasons)].en
        lines.append(f"may be one: customers: {words} ({n} pairs)")
    failed = [check for check in store.checks() if not check.passed]
    lines += [f"does not agree: {difference(check)}" for check in failed]
    return CleaningAccount(lines if failed else [*lines, "rows and control totals agree with the senders'"], not failed)
