"""Accounts of a budget: the nature of each, and the columns that every budget table (BUD-1) shares.

Which accounts there are is the company's list: functions take them as a mapping, in the order of its budget table.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import pandas as pd

from bizlab.contracts.columns import column
from bizlab.errors import DataError, some
from bizlab.labels import Label

Nature = Literal["expense", "revenue"]
"""Above budget is adverse for an expense, favourable for revenue."""

TOTAL = "total"
TOTAL_WORDS = Label("总金额", "Total")
PLACE = ["owner_id", "account"]

ACCOUNT = column("account", "科目 | Account", words={TOTAL: TOTAL_WORDS}, refers="budget_accounts")
OWNER = column("owner_id", "责任单元 | Owner", words={TOTAL: TOTAL_WORDS}, refers="units")
IS_TOTAL = column("is_total", "是否合计 | Is a total")


def refuse_unknown(lines: pd.DataFrame, accounts: Mapping[str, Nature], *, place: str) -> None:
    """Stop where lines stand on an account that is not among those given: it would be in no figure.

    Raises
    ------
    DataError : there is one; its nature, expense or revenue, is not known either.
    """
    unknown = sorted(set(lines["account"]) - set(accounts))
    if unknown:
        raise DataError(
            f"It is not known whether {some(unknown)} is expense or revenue",
            place=f"table {place}, column account",
            fix="give it with its nature among the accounts",
        )
