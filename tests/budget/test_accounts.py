"""The words of the domain and those of the exports are the same; the layers keep them apart."""

from __future__ import annotations

from pathlib import Path

from bizlab.budget.accounts import ACCOUNT_WORDS, ACCOUNTS, NATURES
from bizlab.budget.versions import STATUS_WORDS
from bizlab.tables import TABLES, project_lists

ROOT = Path(__file__).parents[2]
LISTED = project_lists(ROOT)["budget_accounts"]


def test_the_accounts_are_those_of_the_exported_tables():
    assert {name: ACCOUNT_WORDS[name] for name in ACCOUNTS} == LISTED.words


def test_the_statuses_are_those_of_the_exported_tables():
    assert TABLES["budget_versions"]["status"].choice_labels == STATUS_WORDS


def test_all_seven_accounts_of_the_budget_table_are_expenses():
    assert LISTED.each("nature") == NATURES
