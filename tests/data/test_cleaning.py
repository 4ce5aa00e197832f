"""Every row of a file ends as kept, merged or rejected, with file, line, column, text and rule."""

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bizlab.data.account import account, control_of
from bizlab.data.cleaning import clean
from bizlab.data.quality import ACCOUNT
from bizlab.data.senders import manifest_files, read_manifests
from bizlab.data.sources import load_sources, read_table


def cleaned(folder, name, twins=None):
    sources = load_sources(folder)
    raw = read_table(folder, sources, name)
    manifests = read_manifests(folder, manifest_files(folder, sources))
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
    told = result.rejects[["line", "column", "text", "rule"]].to_numpy().tolist()
    assert told == [
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
