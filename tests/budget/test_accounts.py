"""What stands on an account that is not given would be in no figure: it is refused."""

import pandas as pd
import pytest
from budget_accounts import ACCOUNTS

from bizlab.budget import budget_table, movement, outlook, variance
from bizlab.errors import DataError
from bizlab.periods import Month

MARCH = Month(2026, 3)
MONTHS = [f"2026-{number:02d}" for number in range(1, 13)]
LINES = pd.DataFrame(
    {"version_id": "B1", "account": "grants", "owner_id": "SA-E", "month": MONTHS, "amount_fen": [100] * 12}
)
BY_MONTH = pd.DataFrame(
    {"month": "2026-03", "owner_id": "SA-E", "account": ["travel", "grants"], "budget_fen": 100, "actual_fen": 90}
)


@pytest.mark.parametrize(
    "figures",
    [
        lambda: variance(BY_MONTH, month=MARCH, materiality_rate=0.05, materiality_fen=10, accounts=ACCOUNTS),
        lambda: movement(BY_MONTH, month=MARCH, accounts=ACCOUNTS),
        lambda: outlook(BY_MONTH, LINES, version_id="B1", month=MARCH, accounts=ACCOUNTS),
        lambda: budget_table(LINES, version_id="B1", accounts=ACCOUNTS),
    ],
    ids=["variance", "movement", "outlook", "budget_table"],
)
def test_an_account_that_is_not_given_is_refused(figures):
    with pytest.raises(DataError, match="not known whether grants is expense or revenue"):
        figures()
