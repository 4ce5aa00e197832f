"""Three methods of allocation side by side."""

import sys
from pathlib import Path

import pytest
from tables import table

from bizlab import amoeba
from bizlab.amoeba.results.methods import SIDE_BY_SIDE, by_each_method, method_checks, method_findings, side_by_side
from bizlab.periods import Month
from bizlab.tables import TABLES

sys.path.insert(0, str(Path(__file__).parents[1]))
from companies import company, records

OCTOBER = Month(2026, 10)
UNITS = """
| unit_id | name_zh | name_en | level      | is_amoeba | opened_on  |
| Y       | 公司    | Y       | company    | true      | 2020-01-01 |
| PM      | 维修    | PM      | department | false     | 2020-01-01 |
| IS      | 信息    | IS      | department | false     | 2020-01-01 |
| MA      | 机加工  | MA      | team       | true      | 2020-01-01 |
| AS      | 装配    | AS      | team       | true      | 2020-01-01 |
"""
PARENTS = """
| unit_id | parent_id | valid_from |
| PM      | Y         | 2020-01-01 |
| IS      | Y         | 2020-01-01 |
| MA      | Y         | 2020-01-01 |
| AS      | Y         | 2020-01-01 |
"""
RULES = """
| rule_id | from_unit_id | pool    | scope | driver | valid_from |
| P       | PM           | expense | sbu   | hours  | 2020-01-01 |
| I       | IS           | expense | sbu   | hours  | 2020-01-01 |
"""
DRIVERS = """
| rule_id | unit_id | month   | value |
| P       | IS      | 2026-10 | 1600  |
| P       | MA      | 2026-10 | 2400  |
| P       | AS      | 2026-10 | 4000  |
| I       | PM      | 2026-10 | 200   |
| I       | MA      | 2026-10 | 1600  |
| I       | AS      | 2026-10 | 200   |
"""
EXPENSE = """
| record_id | unit_id | kind  | recorded_on | amount_fen |
| 1         | PM      | other | 2026-10-08  | 630000000  |
| 2         | IS      | other | 2026-10-08  | 145215000  |
"""


def castleford():
    """Castleford Engineering (Horngren, Datar and Rajan, *Cost Accounting*, chapter 15): plant maintenance and IS."""
    frames = {name: TABLES[name].empty() for name in amoeba.INPUTS}
    given = {"units": UNITS, "unit_parents": PARENTS, "allocation_rules": RULES, "drivers": DRIVERS}
    given |= {"expense_records": EXPENSE}
    frames |= {name: table(text, TABLES[name]) for name, text in given.items()}
    return amoeba.Records(**frames, natures={"other": "period_expense"})


def test_the_textbooks_company_comes_out_by_all_three_methods():
    """Exhibits 15-5 to 15-7 of the 14th edition: costs after allocation of 7,653,300, 8,300,800 and 8,187,025 for
    machining, 4,000,000 of them its own; the book rounds to 50 dollars."""
    rows = side_by_side(by_each_method(castleford(), month=OCTOBER, order=["PM", "IS"])).set_index("unit_id")
    columns = ["direct_fen", "step_down_fen", "reciprocal_fen"]
    machining, assembly = (rows.loc[unit, columns].to_numpy(dtype=float) / 100 for unit in ("MA", "AS"))
    assert machining == pytest.approx([3_653_300, 4_300_800, 4_187_025], abs=50)
    assert machining + assembly == pytest.approx([7_752_150] * 3, abs=0)
    assert rows.loc["Y", "spread_fen"] == 0


@pytest.mark.parametrize("seed", range(10))
def test_the_company_is_the_same_by_every_method_and_everybody_who_receives_is_shown(seed):
    months = by_each_method(records(company(seed)), month=OCTOBER)
    rows = side_by_side(months)
    SIDE_BY_SIDE.conform(rows)
    assert [check.key for check in method_checks(months) if not check.passed] == []
    for method, parts in months.items():
        own = parts.own.set_index("unit_id")
        received = own["department_expense_fen"] + own["sbu_expense_fen"]
        assert set(received[received != 0].index) <= set(rows["unit_id"])
        assert received.sum() == parts.allocation.trace["expense_fen"].sum(), method


def test_a_fen_that_a_method_loses_is_seen():
    months = by_each_method(castleford(), month=OCTOBER)
    nodes = months["reciprocal"].nodes.copy()
    nodes.loc[0, "sbu_expense_fen"] += 1
    lost = dict(months) | {"reciprocal": months["reciprocal"]._replace(nodes=nodes)}
    assert [check.key for check in method_checks(lost) if not check.passed] == ["methods.reciprocal.value_added_fen"]


def test_the_unit_that_the_method_matters_most_to_is_named():
    rows = side_by_side(by_each_method(castleford(), month=OCTOBER, order=["PM", "IS"]))
    (finding,) = method_findings(rows)
    assert finding.refs["unit_id"].row == (rows.set_index("unit_id")["spread_fen"].drop("Y").idxmax(),)
    assert method_findings(rows.head(0)) == []
