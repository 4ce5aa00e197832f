"""The declaration of the ledger's accounts."""

import copy

import pytest

from bizlab.amoeba.results.accounts import ledger_accounts
from bizlab.errors import SettingError
from bizlab.labels import Label

KINDS = {"travel": Label("差旅费", "Travel"), "energy": Label("水电能源", "Energy")}

DECLARED = {
    "profit_and_loss": "6",
    "closing": ["4103"],
    "recorded": {"revenue": ["6001", "6051"], "travel": ["6601.04"]},
    "finance_alone": {"interest": {"zh": "利息", "en": "Interest", "accounts": ["6603"]}},
}


def test_every_account_has_one_line():
    accounts = ledger_accounts(DECLARED, KINDS)
    assert accounts.lines == {"6001": "revenue", "6051": "revenue", "6601.04": "travel", "6603": "interest"}
    assert list(accounts.labels) == ["revenue", "travel", "energy", "interest", "unmapped"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda declared: declared["recorded"].update(trvel=["6602"]), r"no line trvel.*choose from revenue"),
        (lambda declared: declared["recorded"].update(energy=["6001"]), r"stand twice.*6001"),
        (lambda declared: declared["recorded"].update(energy=["1122"]), r"do not begin with 6: 1122"),
        (lambda declared: declared.pop("finance_alone"), r"Unknown or missing: finance_alone"),
        (lambda declared: declared["finance_alone"]["interest"].pop("en"), r"missing: en.*finance_alone\.interest"),
    ],
)
def test_a_slip_is_refused_with_its_place(change, message):
    declared = copy.deepcopy(DECLARED)
    change(declared)
    with pytest.raises(SettingError, match=message):
        ledger_accounts(declared, KINDS)
