"""Allocation by the direct method, to the fen."""

import pytest
from tables import table

from bizlab import amoeba
from bizlab.data.tables import TABLES
from bizlab.errors import DataError
from bizlab.periods import Month

RULES = """
| rule_id | from_unit_id | pool    | scope      | driver | valid_from | valid_to   |
| R1      | office       | expense | department | area   | 2026-01-01 |            |
| R2      | office       | hours   | department | hours  | 2026-01-01 |            |
| R0      | office       | expense | department | fixed  | 2025-01-01 | 2025-12-31 |
"""
DRIVERS = """
| rule_id | unit_id | month   | value |
| R1      | c       | 2026-10 | 0     |
| R1      | a       | 2026-10 | 1     |
| R1      | b       | 2026-10 | 2     |
| R1      | a       | 2026-09 | 9     |
| R2      | a       | 2026-10 | {}    |
"""
POOLS = """
| unit_id | expense_fen | minutes |
| office  | 10000       | 480     |
| a       | 555         | 60      |
"""
OCTOBER = Month(2026, 10)


def allocate(rules=RULES, value=1, month=OCTOBER):
    frames = table(rules, TABLES["allocation_rules"]), table(DRIVERS.format(value), TABLES["drivers"])
    return amoeba.allocate(*frames, table(POOLS), month=month)


def test_a_hundred_yuan_by_one_and_two_parts():
    """100.00 at 1 to 2 is 33.33 and 66.67; the receiver with a driver of zero bears nothing."""
    trace, results = allocate()
    expense = trace[trace["rule_id"] == "R1"].set_index("to_unit_id")["expense_fen"]
    assert expense.to_dict() == {"a": 3333, "b": 6667, "c": 0}
    told = results.set_index("rule_id")
    assert told.loc["R1", ["n_receivers", "n_zero", "expense_fen", "minutes", "outcome"]].tolist() == [
        3, 1, 10000, 0, "allocated",
    ]  # fmt: skip
    assert told.loc["R2", "minutes"] == 480
    assert "R0" not in told.index


def test_what_no_driver_takes_stays_where_it_is():
    trace, results = allocate(value=0)
    assert trace[trace["rule_id"] == "R2"].empty
    assert results.set_index("rule_id").loc["R2", ["minutes", "outcome"]].tolist() == [0, "no_driver"]


def test_a_month_without_drivers_allocates_nothing_and_says_so():
    _, results = allocate(month=Month(2026, 8))
    assert set(results["outcome"]) == {"no_driver"}


def test_one_pool_cannot_be_given_twice():
    with pytest.raises(DataError, match=r"Two rules give the same pool: R0, R1.*2026-10"):
        allocate(RULES.replace("2025-12-31", "          "))
