"""The words of the domain and those of the exports are the same; the layers keep them apart."""

from __future__ import annotations

from bizlab.budget.accounts import ACCOUNT_WORDS, ACCOUNTS, NATURES
from bizlab.budget.versions import STATUS_WORDS
from bizlab.data.tables import budget as exported


def test_the_accounts_are_those_of_the_exported_tables():
    assert list(ACCOUNTS) == list(exported.ACCOUNTS)
    assert {name: tuple(ACCOUNT_WORDS[name]) for name in ACCOUNTS} == exported.ACCOUNTS


def test_the_statuses_are_those_of_the_exported_tables():
    assert {name: tuple(words) for name, words in STATUS_WORDS.items()} == exported.STATUSES


def test_all_seven_accounts_of_the_budget_table_are_expenses():
    assert dict.fromkeys(exported.ACCOUNTS, "expense") == NATURES
