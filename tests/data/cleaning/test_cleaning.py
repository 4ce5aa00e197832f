"""Every row of a file ends as kept, merged or rejected, with file, line, column, text and rule."""

from datetime import date

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bizlab.data.cleaning.account import account, control_of
from bizlab.data.cleaning.cleaning import clean
from bizlab.data.cleaning.decisions import Decision, Decisions
from bizlab.data.cleaning.quality import ACCOUNT, MERGES, REJECTS
from bizlab.data.cleaning.senders import manifest_files, read_manifests
from bizlab.data.sources.config import load_sources
from bizlab.data.sources.read import read_table


def cleaned(folder, name, twins=None):
    sources = load_sources(folder)
    raw = read_table(folder, sources, name)
    manifests = read_manifests(folder, manifest_files(folder, sources), sources.contracts)
    result = clean(raw, twins or {}, control_of(raw, manifests))
    return result, account(raw, result, manifests)


def test_the_worked_account_of_a_messy_form(project):
    """Seven lines: two kept, one merged, four rejected; what they add up to closes to the fen."""
    result, accounts = cleaned(project(), "order_intake")
    assert result.kept[["record_id", "amount_fen"]].to_numpy().tolist() == [
        ["R1", 100050],
        ["R2", -20000],
        ["R3", 3200000],
    ]
    rejected = result.rejects[["line", "column", "text", "rule"]].to_numpy().tolist()
    assert rejected == [
        [5, "record_id", "R1", "key_conflict"],
        [7, "received_on", "2026-02-30", "not a date in the declared formats"],
        [8, "amount_fen", "0.005", "finer than one fen"],
    ]
    assert result.merges[["line", "id", "rule"]].to_numpy().tolist() == [[4, "R2", "row_twice"]]
    assert result.warnings[["line", "rule"]].to_numpy().tolist() == [[9, "total_line_differs"]]
    (row,) = accounts.to_dict("records")
    assert (row["n_in"], row["n_kept"], row["n_merged"], row["n_rejected"]) == (7, 3, 1, 3)
    assert (row["total_in"], row["total_kept"], row["total_merged"], row["total_rejected"]) == (
        3_261_250, 3_280_050, -20_000, 1_200,
    )  # fmt: skip


def test_one_company_entered_twice_is_merged_and_a_wrong_code_is_set_missing(project):
    result, _ = cleaned(project(), "customers")
    assert result.kept["customer_id"].tolist() == ["000001", "000003", "000004"]
    assert result.kept["name"].tolist()[-1] == "NA"
    assert pd.isna(result.kept["credit_code"][1])
    assert result.warnings[["line", "text", "rule"]].to_numpy().tolist() == [
        [4, "91350100M000100Y44", "wrong_check_character"]
    ]
    assert result.merges[["id", "kept_id", "rule"]].to_numpy().tolist() == [["000002", "000001", "same_company_name"]]
    assert result.kept["region"].tolist() == ["east", "south", "east"]


def test_a_file_delivered_twice_counts_once(project):
    text = "记录编号,单元编号,承接日期,金额\nR1,A,2026-10-01,5\n"
    result, accounts = cleaned(
        project(intake=text, **{"intake (1)": text}), "order_intake", {"in/intake (1).csv": "in/intake.csv"}
    )
    assert len(result.kept) == 1
    assert result.merges["rule"].tolist() == ["file_twice"]
    assert accounts["n_kept"].tolist() == [0, 1]


def test_a_later_record_may_supersede_an_earlier_one_where_that_is_declared(project):
    folder = project()
    settings_file = folder / "params" / "sources.yaml"
    text = settings_file.read_text("utf-8").replace("files: intake*.csv", "files: intake*.csv\n    prefer: last")
    settings_file.write_text(text, encoding="utf-8")
    result, _ = cleaned(folder, "order_intake")
    assert result.kept.set_index("record_id")["amount_fen"]["R1"] == 700
    assert "superseded" in result.merges["rule"].tolist()


def test_a_line_with_too_few_cells_is_rejected(project):
    text = "记录编号,单元编号,承接日期,金额\nR1,A,2026-10-01,5\nR2,A,2026-10-02\n"
    result, _ = cleaned(project(intake=text), "order_intake")
    assert result.rejects[["line", "rule"]].to_numpy().tolist() == [[3, "short_line"]]


CELLS = st.tuples(
    st.sampled_from(["R1", "R2", "R3", "R4", ""]),
    st.sampled_from(["A", "B", ""]),
    st.sampled_from(["2026-10-01", "2026-10-32", "46300", ""]),
    st.sampled_from(["5", "5.00", "(7)", "3.2万", "x", "-", "", "0.001"]),
)


@given(rows=st.lists(CELLS, max_size=12))
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_comes_in_the_account_closes(project, rows):
    lines = [
        ",".join(("记录编号", "单元编号", "承接日期", "金额")),
        *(",".join(row) for row in rows),
        "R9,A,2026-10-09,1",
    ]
    result, accounts = cleaned(project(intake="\n".join(lines)), "order_intake")
    assert all(check.passed for check in ACCOUNT.verify(accounts))
    filled = sum(any(row) for row in rows) + 1
    assert int(accounts["n_in"].sum()) == filled
    assert len(result.kept) + len(result.merges) + len(result.rejects) == filled
    assert not result.kept["record_id"].duplicated().any()


@pytest.mark.parametrize("name", ["order_intake", "customers"])
def test_what_is_kept_satisfies_the_contract(project, name):
    result, _ = cleaned(project(), name)
    assert result.contract.verify(result.kept) == []


HEADER = "记录编号,单元编号,承接日期,金额\n"


@pytest.mark.parametrize(
    ("line", "column", "text", "rule"),
    [
        ("R1,A,2026-10-01,1,000.50", "", "R1 | A | 2026-10-01 | 1", "long_line"),
        ("R1,A,2026-10-01,99999999999999999999", "amount_fen", "99999999999999999999", "more than fifteen digits"),
        ("R1,#N/A,2026-10-01,5", "unit_id", "#N/A", "formula_error"),
        ("R1,A,2026-10-01,#UNCALCULATED", "amount_fen", "#UNCALCULATED", "formula_error"),
        ("R1,A,2026-10-01,--5", "amount_fen", "--5", "not a number"),
    ],
)
def test_a_row_that_cannot_be_read_is_rejected_alone(project, line, column, text, rule):
    result, accounts = cleaned(project(intake=f"{HEADER}{line}\nR2,A,2026-10-01,5\n"), "order_intake")
    assert result.rejects[["line", "column", "text", "rule"]].to_numpy().tolist() == [[2, column, text, rule]]
    assert accounts["total_kept"].tolist() == [500]
    assert all(check.passed for check in ACCOUNT.verify(accounts))


def test_an_export_without_rows_is_an_account_of_nothing(project):
    result, accounts = cleaned(project(intake=HEADER), "order_intake")
    assert result.kept.empty
    assert accounts[["n_in", "total_in"]].to_numpy().tolist() == [[0, 0]]


def test_equal_files_of_two_tables_are_no_second_delivery(project):
    """Seller and buyer may export the same trades in the same layout: neither side may vanish."""
    text = "记录编号,单元编号,承接日期,金额\nR1,A,2026-10-01,5\n"
    result, _ = cleaned(project(intake=text), "order_intake", {"in/intake.csv": "in/elsewhere.csv"})
    assert len(result.kept) == 1


def test_a_value_that_comes_back_is_the_last_one_where_the_last_counts(project):
    folder = project(intake=HEADER + "R1,A,2026-10-01,1\nR1,A,2026-10-01,2\nR1,A,2026-10-01,1\n")
    settings_file = folder / "params" / "sources.yaml"
    text = settings_file.read_text("utf-8").replace("files: intake*.csv", "files: intake*.csv\n    prefer: last")
    settings_file.write_text(text, encoding="utf-8")
    result, _ = cleaned(folder, "order_intake")
    assert result.kept["amount_fen"].tolist() == [100]
    assert result.merges[["line", "rule"]].to_numpy().tolist() == [[2, "row_twice"], [3, "superseded"]]


def test_months_across_are_told_apart_in_rejects_and_merges(project):
    sources = """
exports: in
tables:
  budget_lines:
    files: "budget*.csv"
    format: csv
    unpivot: {into: month, value: amount_fen, headers: {1月: "2026-01", 2月: "2026-02"}}
"""
    budget = "版本,科目,责任单元,1月,2月\nB1,差旅费用,SA,1,2\nB1,乱写,SA,1,2\n"
    folder = project(sources, budget=budget, **{"budget (1)": budget})
    result, _ = cleaned(folder, "budget_lines", {"in/budget (1).csv": "in/budget.csv"})
    assert REJECTS.verify(REJECTS.conform(result.rejects)) == []
    assert MERGES.verify(MERGES.conform(result.merges)) == []
    assert result.rejects["column"].tolist() == ["account 2026-01", "account 2026-02"] * 2


def test_a_company_named_with_its_province_is_pointed_out_and_kept(project):
    lines = ("1,云岭泵业有限公司,,food,east,CH1,2025-01-01", "2,浙江省杭州市云岭泵业公司,,food,east,CH1,2025-02-01")
    text = "\n".join(("customer_id,name,credit_code,industry,region,channel_id,created_on", *lines))
    result, _ = cleaned(project(customers=text), "customers")
    assert len(result.kept) == 2
    assert result.duplicate_candidates[["customer_id", "other_id", "reasons"]].to_numpy().tolist() == [
        ["2", "1", "region_prefix"]
    ]


def test_cleaning_leaves_the_raw_texts_as_they_were(project, unchanged):
    folder = project()
    for name in ("customers", "order_intake"):
        raw = read_table(folder, load_sources(folder), name)
        with unchanged(raw.rows, raw.totals):
            account(raw, clean(raw, {}, control_of(raw, {})), {})


@given(order=st.permutations(range(6)))
@settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_order_of_rows_does_not_matter(project, order):
    """Where one key has one content, what is kept and what the account says is the same in any order."""
    lines = [
        "R1,A,2026-10-01,1",
        "R1,A,2026-10-01,1",
        "R2,A,2026-10-02,(7)",
        "R3,A,x,2",
        "R4,B,2026-10-01,３.２万",
        ",,,9",
    ]
    result, accounts = cleaned(project(intake=HEADER + "\n".join(lines[i] for i in order)), "order_intake")
    kept = result.kept.sort_values("record_id")[["record_id", "amount_fen"]].to_numpy().tolist()
    assert kept == [["R1", 100], ["R2", -700], ["R4", 3_200_000]]
    assert accounts.iloc[0][["n_in", "n_kept", "n_merged", "n_rejected"]].tolist() == [6, 3, 1, 2]
    assert accounts.iloc[0][["total_kept", "total_merged", "total_rejected"]].tolist() == [3_199_400, 100, 1_100]


COMPANIES = st.tuples(
    st.integers(3, 9),
    st.sampled_from(["云岭泵业公司", "云岭 泵业有限公司", "云岭阀业公司", "东海造纸"]),
    st.sampled_from(["", "91350100M000100Y43", "91350100M000100Y44", "９１３５０１００ｍ０００１００ｙ４３"]),
    st.integers(0, 2),
)


@given(rows=st.lists(COMPANIES, max_size=9), decided=st.permutations("123"))
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_account_closes_whatever_companies_stand_twice_and_whatever_is_decided(project, rows, decided):
    """Of three companies two are merged by decision, and one of them is kept apart from the third."""
    rows = [(1, "云岭泵业公司", "", 1), (2, "北辰水务公司", "", 1), (3, "云岭泵业公司", "", 1), *rows]
    header = "customer_id,name,credit_code,industry,region,channel_id,created_on,注册资本"
    lines = [f"{n},{name},{code},food,east,CH1,2025-01-0{n},{capital}" for n, name, code, capital in rows]
    folder = project(customers="\n".join((header, *lines)))
    raw = read_table(folder, load_sources(folder), "customers")
    one, two, three = decided
    merge, apart = (Decision(*pair, date(2026, 1, 1), "王芳", "", "") for pair in ((one, two), (two, three)))
    result = clean(raw, {}, "capital_fen", Decisions((merge,), (apart,)))
    accounts = account(raw, result, {})
    assert all(check.passed for check in ACCOUNT.verify(accounts))
    assert len(result.kept) + len(result.merges) + len(result.rejects) == len(rows)
    became = dict(zip(result.merge_map["customer_id"], result.merge_map["kept_id"], strict=True))
    kept = set(result.kept["customer_id"])
    assert set(became.values()) <= kept
    assert not set(became) & kept
    assert became.get(one, one) == became.get(two, two) != became.get(three, three)
    assert {*result.duplicate_candidates["customer_id"], *result.duplicate_candidates["other_id"]} <= kept
