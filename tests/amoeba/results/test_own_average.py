"""A unit against the average of its own past months."""

import sys
from datetime import date
from pathlib import Path

import pytest

from bizlab import amoeba
from bizlab.amoeba.results.own_average import average_findings, past_months
from bizlab.periods import Month

sys.path.insert(0, str(Path(__file__).parents[1]))
from companies import company, records

SALES = [(6, 1), (7, 10), (8, 200), (9, 3_000), (10, 40_000)]


@pytest.fixture(scope="module")
def parts():
    """June to October: a1 sells, and somebody in it works ten hours in each month but September."""
    rows = company(0) | {name: [] for name in ("allocation_rules", "drivers", "expense_records")}
    rows |= {"internal_trades_sold": [], "internal_trades_bought": []}
    rows["revenue_records"] = [
        dict(record_id=f"R{n}", unit_id="a1", kind="product", recorded_on=date(2026, month, 8), amount_fen=amount)
        for n, (month, amount) in enumerate(SALES)
    ]
    rows["hour_records"] = [
        dict(person_id="p", unit_id="a1", worked_on=date(2026, month, 8), kind="normal", minutes=600)
        for month in (6, 7, 8, 10)
    ]
    return [amoeba.components(records(rows), month=Month(2026, month)) for month, _ in SALES]


def test_a_unit_is_compared_with_the_months_in_which_it_was_open(parts):
    """`gone` was closed on 30 September, `new` opened in October; sales of a1 come up to A and the company."""
    three = past_months(parts, most=3).set_index("unit_id")
    assert three.loc[["a1", "A", "Y", "gone", "b1"], "external_sales_fen"].tolist() == [3_210, 3_210, 3_210, 0, 0]
    assert set(three["n_months"]) == {3}
    assert "new" not in three.index
    assert past_months(parts).set_index("unit_id").loc["Y", ["external_sales_fen", "n_months"]].tolist() == [3_211, 4]
    assert past_months(parts[-1:]).empty
    up_to_october = past_months([*parts, parts[-1]]).set_index("unit_id")["n_months"]
    assert up_to_october[["Y", "gone", "new"]].tolist() == [5, 4, 1]


def test_the_finding_names_the_line_that_did_most_and_the_money_in_the_month(parts):
    """Average of four months: 802.75 fen in 7.5 hours. October: 40,000 in 10. More sales did it, longer hours did not.

    F went from 107.03 to 4,000.00 fen an hour; over 10 hours that is 38,929.7 fen.
    """
    sheet = amoeba.unit_hour_sheet(parts[-1:], period="month")
    bridged = amoeba.bridge(sheet, past_months(parts), basis="average")
    assert all(check.passed for check in amoeba.bridge_checks(bridged, sheet, past_months(parts)))
    findings = {finding.key: finding for finding in average_findings(bridged)}
    assert sorted(findings) == ["average-A", "average-Y", "average-a1"], "the others have no hours, so no F"
    one = findings["average-a1"]
    assert one.refs["largest"].row == ("average", "a1", "external_sales_fen")
    assert one.direction == "good"
    assert one.weight == pytest.approx(38_929.7)
