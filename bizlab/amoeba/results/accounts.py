"""The ledger's accounts and the amoebas' lines that they hold, as ``params/ledger_accounts.yaml`` declares them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bizlab.errors import SettingError, some
from bizlab.labels import Label

REVENUE = "revenue"
UNMAPPED = "unmapped"


@dataclass(frozen=True)
class LedgerAccounts:
    """Which line each account of the P&L belongs to.

    Parameters
    ----------
    profit_and_loss : what the codes of all P&L accounts begin with.
    closing : accounts into which the P&L is closed (本年利润): a voucher with one of them moves no profit of its month.
    lines : account code to revenue, to a kind of expense or to a name in ``alone``.
    kinds : the company's kinds of expense, which both the amoebas and the ledger record.
    alone : what finance alone records, with its label.
    """

    profit_and_loss: str
    closing: tuple[str, ...]
    lines: Mapping[str, str]
    kinds: Mapping[str, Label]
    alone: Mapping[str, Label]

    @property
    def labels(self) -> dict[str, Label]:
        """Every line in its order, with one for accounts that are not declared."""
        return {
            REVENUE: Label("对外收入", "External revenue"),
            **self.kinds,
            **self.alone,
            UNMAPPED: Label("未列入对照的科目", "Accounts that are not declared"),
        }


def ledger_accounts(
    content: Mapping[str, Any], kinds: Mapping[str, Label], *, place: str = "params/ledger_accounts.yaml"
) -> LedgerAccounts:
    """Read the declaration.

    Parameters
    ----------
    content : ``profit_and_loss``, ``closing``, ``recorded`` (line to accounts), ``finance_alone`` (name to words and
        accounts).
    kinds : the company's kinds of expense.

    Raises
    ------
    SettingError : an unknown line, an account twice or outside the P&L, a part that is missing.

    >>> declared = {"profit_and_loss": "6", "closing": ["4103"],
    ...     "recorded": {"revenue": ["6001"], "travel": ["6601.04"]},
    ...     "finance_alone": {"interest": {"zh": "利息", "en": "Interest", "accounts": ["6603"]}}}
    >>> ledger_accounts(declared, {"travel": Label("差旅费", "Travel")}).lines
    {'6001': 'revenue', '6601.04': 'travel', '6603': 'interest'}
    """
    _refuse_keys(content, {"profit_and_loss", "closing", "recorded", "finance_alone"}, place)
    prefix = str(content["profit_and_loss"])
    lines = [REVENUE, *kinds]
    unknown = sorted(set(content["recorded"]) - set(lines))
    if unknown:
        raise SettingError(
            f"There is no line {some(unknown)}", place=f"{place}, recorded", fix=f"choose from {', '.join(lines)}"
        )
    taken = sorted(set(content["finance_alone"]) & set(lines))
    if taken:
        raise SettingError(
            f"What the amoebas record cannot be finance's alone: {some(taken)}",
            place=f"{place}, finance_alone",
            fix="give it another name",
        )
    for name, entry in content["finance_alone"].items():
        _refuse_keys(entry, {"zh", "en", "accounts"}, f"{place}, finance_alone.{name}")
    declared = {line: list(accounts) for line, accounts in content["recorded"].items()}
    declared |= {name: list(entry["accounts"]) for name, entry in content["finance_alone"].items()}
    pairs = [(str(account), line) for line, accounts in declared.items() for account in accounts]
    codes = [account for account, _ in pairs]
    wrong = sorted({code for code in codes if codes.count(code) > 1 or not code.startswith(prefix)})
    if wrong:
        raise SettingError(
            f"Accounts stand twice or do not begin with {prefix}: {some(wrong)}",
            place=place,
            fix="give every account of the profit and loss one line",
        )
    alone = {name: Label(entry["zh"], entry["en"]) for name, entry in content["finance_alone"].items()}
    return LedgerAccounts(prefix, tuple(map(str, content["closing"])), dict(pairs), kinds, alone)


def _refuse_keys(content: Mapping[str, Any], wanted: set[str], place: str) -> None:
    off = sorted(set(content) ^ wanted)
    if off:
        raise SettingError(f"Unknown or missing: {some(off)}", place=place, fix=f"write {', '.join(sorted(wanted))}")
