"""Coverage with reasons, the long table, and the dictionary as a table."""

from datetime import date

import pytest

from bizlab.tagging import (
    TAG_DICTIONARY,
    TAG_MISSING,
    TAG_SUMMARY,
    customer_facts,
    dictionary_table,
    missing_reasons,
    owners,
    tag_summary,
)


@pytest.fixture
def facts(dictionary, tables):
    return customer_facts(dictionary, tables, as_of=date(2026, 10, 31))


def test_coverage_leaves_out_whom_a_tag_does_not_apply_to(facts):
    """Of three companies two have ordered; one has paid; revenue is recorded for one, unknown for two."""
    summary = tag_summary(facts).set_index("tag_id")
    columns = ["n_customers", "n_with_value", "n_missing", "n_not_applicable", "n_unknown"]
    assert summary.loc["last_order_on", columns].tolist() == [3, 2, 1, 1, 0]
    assert summary.loc["settlement_days", columns].tolist() == [3, 1, 2, 2, 0]
    assert summary.loc["revenue_fen", columns].tolist() == [3, 1, 2, 0, 2]
    rates = summary.loc[["last_order_on", "revenue_fen"], "coverage_rate"].tolist()
    assert rates == pytest.approx([1.0, 1 / 3])


def test_the_most_frequent_value_is_shown_in_words(facts):
    summary = tag_summary(facts).set_index("tag_id")
    assert summary.loc["industry", ["n_distinct", "top_value"]].tolist() == [2, "电力能源 | Power"]
    assert summary.loc["revenue_fen", "top_value"] == "50,000,000,000.00"


def test_every_missing_value_is_counted_under_one_reason(facts):
    summary, missing = tag_summary(facts), missing_reasons(facts)
    counted = missing.groupby("tag_id")["n_customers"].sum().reindex(summary["tag_id"], fill_value=0)
    assert counted.tolist() == summary["n_missing"].tolist()
    assert TAG_MISSING.verify(missing) == []


def test_the_identities_of_the_summary_hold(facts):
    assert all(check.passed for check in TAG_SUMMARY.verify(tag_summary(facts)))


def test_a_snapshot_can_be_shown_under_a_contract_of_its_own(facts):
    contract = facts.contract(["revenue_fen", "region"])
    assert contract.verify(facts.frame) == []
    assert contract["revenue_fen_reason"].choice_labels["not_recorded"].zh == "资料未填"


def test_the_dictionary_as_a_table_has_words_for_all_it_names(dictionary):
    shown = dictionary_table(dictionary)
    TAG_DICTIONARY.verify(shown)
    assert set(shown["tag_id"]) == set(dictionary.labels) == set(dictionary.definitions)
    assert set(shown["owner"]) == set(owners(dictionary))
