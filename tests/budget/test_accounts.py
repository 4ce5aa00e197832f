"""The words of the domain and those of the exports are the same; the layers keep them apart."""

from __future__ import annotations

from bizlab.budget.accounts import ACCOUNT_WORDS, ACCOUNTS, NATURES
from bizlab.budget.versions import STATUS_WORDS
from bizlab.tables import TABLES


def test_the_accounts_are_those_of_the_exported_tables():
    assert {name: ACCOUNT_WORDS[name] for name in ACCOUNTS} == TABLES["budget_lines"]["account"].choice_labels


def test_the_statuses_are_those_of_the_exported_tables():
    assert TABLES["budget_versions"]["status"].choice_labels == STATUS_WORDS


def test_all_seven_accounts_of_the_budget_table_are_expenses():
    assert dict.fromkeys(TABLES["budget_lines"]["account"].choices, "expense") == NATURES
