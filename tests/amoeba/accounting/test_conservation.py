"""Nothing is lost between the units' records and the company's sheet."""

import sys
from pathlib import Path

import pytest

from bizlab import amoeba
from bizlab.periods import Month

sys.path.insert(0, str(Path(__file__).parents[1]))
from companies import company, records

OCTOBER = Month(2026, 10)


@pytest.mark.parametrize("seed", range(12))
def test_every_fen_and_minute_is_borne_by_an_amoeba_or_stays_with_a_department(seed):
    rows = company(seed)
    parts = amoeba.components(records(rows), month=OCTOBER)
    borne = amoeba.bearers(parts)
    assert all(check.passed for check in amoeba.BEARERS.verify(borne))
    assert [check.key for check in amoeba.component_checks(parts) if not check.passed] == []
    booked = sum(row["amount_fen"] for row in rows["expense_records"] if row["kind"] != "labour")
    assert borne["borne_fen"].sum() == booked
    assert borne["borne_minutes"].sum() == sum(row["minutes"] for row in rows["hour_records"])


def test_a_lost_fen_is_seen_by_the_identities():
    parts = amoeba.components(records(company(3)), month=OCTOBER)
    own = parts.own.copy()
    own.loc[0, "direct_expense_fen"] += 1
    failed = [check.key for check in amoeba.component_checks(parts._replace(own=own)) if not check.passed]
    assert failed == ["unit_hour.2026-10.value", "unit_hour.2026-10.borne_expense"]


def test_the_units_own_value_added_exceeds_the_companys_by_the_trades_that_differ():
    rows = company(5, one_sided=False)
    rows["internal_trades_sold"] = rows["internal_trades_sold"][1:]
    missing = rows["internal_trades_bought"][0]["amount_fen"]
    parts = amoeba.components(records(rows), month=OCTOBER)
    own = parts.own
    assert (own["internal_sales_fen"] - own["internal_purchases_fen"]).sum() == -missing
    assert all(check.passed for check in amoeba.component_checks(parts))


@pytest.mark.parametrize("seed", range(4))
def test_consistent_books_leave_no_internal_trade_at_company_level(seed):
    parts = amoeba.components(records(company(seed + 50, one_sided=False)), month=OCTOBER)
    top = parts.nodes.set_index("unit_id").loc["Y"]
    own = parts.own
    assert top[["internal_sales_fen", "internal_purchases_fen"]].tolist() == [0, 0]
    assert own["internal_sales_fen"].sum() == own["internal_purchases_fen"].sum()
