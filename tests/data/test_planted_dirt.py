"""The dirt planted in the sample's exports is found again, each with its true value; see data/sample/README.md."""

from datetime import date
from pathlib import Path

import pytest

from bizlab.data import warehouse
from bizlab.data.cleaning.outlier_rules import outlier_rules
from bizlab.data.cleaning.outliers import judge
from bizlab.data.cleaning.quality import RULES
from bizlab.sample.planted.planted import planted
from bizlab.yaml_file import load_yaml

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def store():
    return warehouse.open_project(ROOT)


def lines(store, table, **where):
    frame = store.load(table)
    for column, value in where.items():
        frame = frame[frame[column] == value]
    return frame


def test_24_companies_stand_twice_and_become_one(store):
    merges = store.load("merges").query("table == 'customers'")
    assert merges["id"].tolist() == [f"{n:06d}" for n in range(3101, 3125)]
    assert set(merges["rule"]) == {"same_company_code", "same_company_name"}
    assert len(store.load("customers")) == 3000
    assert not set(store.load("orders")["customer_id"]) & set(merges["id"])


def test_six_credit_codes_have_a_wrong_check_character(store):
    assert len(lines(store, "warnings", rule="wrong_check_character")) == 6
    codes = store.load("customers").set_index("customer_id")["credit_code"]
    assert codes[["000101", "000562", "001027", "001503", "001977", "002448"]].isna().all()


def test_companies_that_look_like_another_are_listed_and_not_merged(store):
    reasons = store.load("duplicate_candidates").set_index(["customer_id", "other_id"])["reasons"]
    planted_pairs = {
        ("001122", "001096"): "name_one_character",
        ("000555", "000165"): "region_prefix",
        ("002049", "001503"): "code_one_character",
    }
    assert {pair: reasons[pair] for pair in planted_pairs} == planted_pairs
    assert {customer_id for pair in planted_pairs for customer_id in pair} <= set(
        store.load("customers")["customer_id"]
    )
    assert reasons.drop(list(planted_pairs)).unique().tolist() == ["name_one_character"]


def test_a_pair_that_was_decided_about_is_not_listed_again(store):
    """params/merges.yaml keeps 000664 and 002450 apart, whose names differ by one character."""
    pairs = store.load("duplicate_candidates")[["customer_id", "other_id"]].to_numpy().tolist()
    assert ["002450", "000664"] not in pairs
    assert ["000717", "000664"] in pairs


def test_the_merge_map_says_from_when_both_records_stood_in_the_books(store):
    mapped = store.load("merge_map").set_index("customer_id")
    assert mapped.index.tolist() == [f"{n:06d}" for n in range(3101, 3125)]
    assert mapped["decided_by"].unique().tolist() == ["automatic"]
    entered = store.load("customers").set_index("customer_id")["created_on"]
    assert (mapped["from_on"] > mapped["kept_id"].map(entered)).all()
    first = store.load("orders").groupby("customer_id")["ordered_on"].min()
    assert (mapped["kept_id"].map(first) < mapped["from_on"]).all()


def test_a_revenue_typed_in_yuan_and_two_odd_headcounts_stand_out_from_their_industries(store):
    rules = outlier_rules(load_yaml(ROOT / "params" / "outliers.yaml").content)
    judged = judge(store.scan, rules)
    flagged = judged.flagged.set_index(["check", "id"])
    revenue = flagged.loc[("revenue", "003055")]
    assert (revenue["value"], revenue["group"]) == (769_700_000_000, "paper")
    assert flagged["score"].abs().idxmax() == ("revenue_per_head", "003055")
    assert {("revenue_per_head", "000301"), ("revenue_per_head", "000302")} <= set(flagged.index)
    assert ("expected_sales", "GA0017") in flagged.index
    assert len(flagged) <= 2 * judged.checks["n_expected"].sum() + 4
    assert set(judged.not_judged["group"]) == {"M-PRO", "M-STD", "SV-INS"}


def test_odd_names_are_names_and_ids_keep_their_zeros(store):
    names = store.load("customers").set_index("customer_id")["name"]
    assert names[["000108", "000112", "000114", "000115"]].tolist() == [
        '=HYPERLINK("http://example.invalid","点这里")有限公司',
        "<script>alert(1)</script>有限公司",
        "NA",
        "None",
    ]


def test_numbers_as_people_typed_them(store):
    persons = store.load("customers").set_index("customer_id")["n_employees"]
    assert persons[["000301", "000302"]].tolist() == [2666, 2666]
    orders = store.load("orders").set_index("order_line_id")
    assert orders.loc["SO2609-00166-2", "amount_fen"] == 3_200_000


def test_rebates_in_brackets_are_negative(store):
    rebates = store.load("orders").query("quantity == 0")
    assert (len(rebates), int(rebates["amount_fen"].sum())) == (69, -38_976_600)


def test_two_dates_that_do_not_exist_and_one_id_with_two_contents_are_rejected(store):
    rejects = store.load("rejects")
    assert rejects[["table", "column", "text"]].to_numpy().tolist() == [
        ["contacts", "created_on", "2026-02-30"],
        ["contacts", "created_on", "2026/13/05"],
        ["contacts", "contact_id", "K00001"],
    ]
    assert set(rejects["rule"]) <= set(RULES)


def test_repeated_lines_and_a_file_delivered_twice_count_once(store):
    counts = store.load("merges").groupby(["table", "rule"]).size()
    assert counts["stage_events", "row_twice"] == 3
    assert counts["actual_lines", "file_twice"] == 142


def test_the_cut_file_shows_in_the_senders_total(store):
    (failed,) = [check for check in store.checks() if not check.passed]
    assert "actual_lines_2025.csv" in failed.key
    assert failed.difference == 28_000 - 2_801_411


def test_hidden_rows_count_and_are_reported(store):
    assert len(lines(store, "warnings", rule="hidden_row")) == 3
    paid = store.load("settlements").set_index("settlement_id")["amount_fen"]
    assert paid[["RC2601-00041", "RC2601-00042", "RC2601-00043"]].sum() == 3_609_120


def test_encodings_are_told_with_their_evidence(store):
    encodings = lines(store, "evidence", what="encoding").set_index("file")["value"]
    assert {Path(name).name: value for name, value in encodings.items()} == {
        "contacts_own.csv": "gb18030",
        "contacts_partner.csv": "big5",
        **{f"actual_lines_{name}.csv": "gb18030" for name in ("2024", "2024 (1)", "2025", "2026")},
    }


def test_no_date_of_mixed_writing_is_lost(store):
    orders = store.load("orders")
    assert len(orders) == 5236
    assert orders["ordered_on"].between("2024-11-01", "2026-10-31").all()
    assert store.load("headcount", as_of=date(2026, 10, 31))["counted_on"].notna().all()


def test_everything_planted_in_these_tables_has_a_test():
    """The answer key and the tests that look for it: a new item fails here until it is looked for."""
    behaviour = {
        "bgnbd-heavy",
        "bgnbd-light",
        "sbg-2025",
        "sbg-2026",
        "stage-hazards",
        "channel-factors",
        "stage-skips",
    }
    money = {"trade-seller-only", "trade-buyer-only", "trade-one-fen", "price-above", "price-mistyped-cost",
             "driver-zero", "hours-missing", "unit-moved", "unit-split", "over-budget-hidden", "budget-raised",
             "spend-without-plan", "plan-without-spend", "drift-settlement-south", "ledger-one-fen",
             "plan-missing"}  # fmt: skip
    dirt = {"duplicate-companies", "wrong-check-character", "odd-names", "leading-zeros", "typed-numbers",
            "brackets-negative", "dates-mixed", "dates-impossible", "key-conflict", "lines-repeated", "file-cut",
            "file-twice", "encodings", "hidden-rows", "look-alike-companies", "revenue-in-yuan",
            "confirmed-after-closing"}  # fmt: skip
    grading = {"application-wrong-code", "application-own-approval", "application-inflated", "application-special",
               "application-twice", "grade-a-idle", "grade-c-buys-like-a"}  # fmt: skip
    rules = {"rule-overlap", "rule-changed"}
    assert {item.code for item in planted()} == behaviour | money | dirt | grading | rules
