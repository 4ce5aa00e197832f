"""From value added to the ledger's profit: every difference is explained, or it is named and placed."""

import sys
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizlab import amoeba
from bizlab.amoeba.results.accounts import ledger_accounts
from bizlab.amoeba.results.reconciliation import (
    LINE_BY_LINE,
    both_books,
    line_by_line,
    places,
    profit_bridge,
    reconciliation_checks,
    reconciliation_findings,
)
from bizlab.periods import Month
from bizlab.tables import TABLES

sys.path.insert(0, str(Path(__file__).parents[1]))
from companies import KINDS, company, records

OCTOBER = Month(2026, 10)
CODES = {kind: f"6601.{n:02d}" for n, kind in enumerate(KINDS, 1)}
ACCOUNTS = ledger_accounts(
    {
        "profit_and_loss": "6",
        "closing": ["4103"],
        "recorded": {"revenue": ["6001"]} | {kind: [code] for kind, code in CODES.items()},
        "finance_alone": {"interest": {"zh": "利息", "en": "Interest", "accounts": ["6603"]}},
    },
    KINDS,
)
INTEREST = 4_125_000


def ledger(rows):
    """The books of finance: every record a voucher of its own, and interest that no amoeba knows."""
    lines = []

    def book(day, code, unit, debit, credit):
        number = f"V{len(lines):04d}"
        counter = dict(account_code="1002", unit_id=None, debit_fen=credit, credit_fen=debit)
        for n, line in enumerate([dict(account_code=code, unit_id=unit, debit_fen=debit, credit_fen=credit), counter]):
            lines.append(
                line | dict(entry_id=f"{number}-{n}", voucher_id=number, posted_on=day, account_name="x", remark=None)
            )

    for row in rows["revenue_records"]:
        book(row["recorded_on"], "6001", row["unit_id"], 0, row["amount_fen"])
    for row in rows["expense_records"]:
        book(row["recorded_on"], CODES[row["kind"]], row["unit_id"], row["amount_fen"], 0)
    book(date(2026, 10, 31), "6603", None, INTEREST, 0)
    return TABLES["gl_entries"].conform(pd.DataFrame(lines))


def reconciled(rows, entries, *, labour=False, method="direct"):
    parts = amoeba.components(records(rows), month=OCTOBER, labour_in_expense=labour, method=method, daily=True)
    both = both_books([parts], entries, ACCOUNTS)
    steps = profit_bridge([parts], both, ACCOUNTS, period="month", labour_in_expense=labour)
    located = places(both, ACCOUNTS)
    checks = reconciliation_checks(steps, located, entries, parts)
    failed = {check.key.removeprefix("reconciliation."): check.difference for check in checks if not check.passed}
    return steps.set_index("step")["amount_fen"], located, failed, both


@pytest.mark.parametrize("labour", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_books_that_agree_leave_nothing_unexplained(seed, labour):
    """Profit counted plainly from the records: revenue less all expense, labour too, less interest."""
    rows = company(seed)
    amounts, located, failed, _ = reconciled(rows, ledger(rows), labour=labour, method="reciprocal")
    earned = sum(row["amount_fen"] for row in rows["revenue_records"])
    spent = sum(row["amount_fen"] for row in rows["expense_records"])
    assert amounts["ledger"] == amounts["explained"] == earned - spent - INTEREST
    assert (amounts["unexplained"], len(located), failed) == (0, 0, {})
    wages = sum(row["amount_fen"] for row in rows["expense_records"] if row["kind"] == "labour")
    assert amounts["labour"] == (0 if labour else -wages)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), place=st.integers(0, 10**6), fen=st.sampled_from([1, -1, 250]))
def test_a_fen_anywhere_in_the_ledger_is_found_and_placed(seed, place, fen):
    rows = company(seed)
    entries = ledger(rows)
    own = entries[entries["unit_id"].notna()]
    if own.empty:
        return
    hit = own.iloc[place % len(own)]
    side = "credit_fen" if hit["account_code"] == "6001" else "debit_fen"
    changed = entries.copy()
    changed.loc[changed["entry_id"] == hit["entry_id"], side] += fen
    amounts, located, failed, _ = reconciled(rows, changed)
    assert located[["unit_id", "day", "difference_fen"]].to_numpy().tolist() == [
        [hit["unit_id"], hit["posted_on"], fen],
    ]  # fmt: skip
    earned = 1 if side == "credit_fen" else -1
    assert amounts["unexplained"] == earned * fen
    assert failed == {"unexplained": -earned * fen, "vouchers": abs(fen)}


def test_an_account_that_is_not_declared_is_a_line_of_its_own():
    rows = company(2)
    entries = ledger(rows)
    stray = entries.iloc[0].to_dict() | dict(entry_id="S-0", voucher_id="S", posted_on=date(2026, 10, 9), unit_id="a1")
    stray |= dict(account_code="6711", debit_fen=900, credit_fen=0)
    counter = stray | dict(entry_id="S-1", account_code="1002", debit_fen=0, credit_fen=900)
    entries = TABLES["gl_entries"].conform(pd.concat([entries, pd.DataFrame([stray, counter])]))
    amounts, located, failed, both = reconciled(rows, entries)
    lines = line_by_line(both, ACCOUNTS, period="month").set_index("line")
    assert lines.loc["unmapped", ["amoeba_fen", "ledger_fen"]].tolist() == [0, 900]
    assert (amounts["unexplained"], located["line"].tolist(), failed) == (-900, ["unmapped"], {"unexplained": 900})


def test_closing_the_books_into_the_profit_of_the_year_moves_nothing():
    """结转本年利润: revenue is debited and expense credited to zero against 4103 on the last day of the month."""
    rows = company(9)
    entries = ledger(rows)
    own = entries[entries["account_code"].str.startswith("6")]
    back = own.rename(columns={"debit_fen": "credit_fen", "credit_fen": "debit_fen"}).assign(voucher_id="CLOSE")
    profit = int((own["credit_fen"] - own["debit_fen"]).sum())
    into = own.iloc[:1].assign(account_code="4103", debit_fen=0, credit_fen=profit, voucher_id="CLOSE")
    closed = pd.concat([back, into], ignore_index=True)
    closed = closed.assign(entry_id=[f"C-{n}" for n in closed.index], posted_on=pd.Timestamp("2026-10-31"))
    before, _, _, _ = reconciled(rows, entries)
    after, located, failed, _ = reconciled(rows, TABLES["gl_entries"].conform(pd.concat([entries, closed])))
    assert (after.to_dict(), len(located), failed) == (before.to_dict(), 0, {})


def test_a_record_in_no_sheet_is_explained_as_one_and_placed():
    rows = company(4)
    rows["expense_records"] = [
        *rows["expense_records"],
        dict(record_id="E-x", unit_id="x", kind="travel", recorded_on=date(2026, 10, 9), amount_fen=777),
    ]
    amounts, located, failed, _ = reconciled(rows, ledger(rows))
    assert (amounts["aside"], amounts["unexplained"], failed) == (-777, 0, {})
    assert located[["unit_id", "difference_fen"]].to_numpy().tolist() == [["x", 777]]


def test_a_month_without_a_ledger_is_all_unexplained():
    rows = company(5)
    amounts, _, failed, _ = reconciled(rows, TABLES["gl_entries"].empty())
    assert amounts["ledger"] == 0
    assert set(failed) == {"unexplained"}


def test_what_finance_alone_records_is_expected_to_differ():
    rows = company(6)
    _, _, _, both = reconciled(rows, ledger(rows))
    lines = line_by_line(both, ACCOUNTS, period="month")
    LINE_BY_LINE.conform(lines)
    assert lines.loc[lines["is_alone"], ["line", "ledger_fen"]].to_numpy().tolist() == [["interest", INTEREST]]
    assert lines.loc[~lines["is_alone"], "difference_fen"].eq(0).all()


def test_the_findings_name_the_place():
    rows = company(7)
    entries = ledger(rows)
    at = entries.index[entries["account_code"].eq("6601.04")][0]
    entries.loc[at, "debit_fen"] += 1
    parts = amoeba.components(records(rows), month=OCTOBER, daily=True)
    both = both_books([parts], entries, ACCOUNTS)
    steps = profit_bridge([parts], both, ACCOUNTS, period="month")
    findings = reconciliation_findings(steps, places(both, ACCOUNTS))
    assert findings[0].key == "reconciliation-unexplained"
    assert next(finding for finding in findings if finding.key.startswith("place-travel-")).material
