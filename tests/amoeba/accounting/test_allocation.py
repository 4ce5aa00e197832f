"""Allocation by the direct method, to the fen."""

from math import lcm

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shares import final_shares
from tables import table

from bizlab import amoeba
from bizlab.amoeba.accounting.placement import by_span
from bizlab.amoeba.accounting.sharing import METHODS
from bizlab.errors import DataError
from bizlab.exact import apportion
from bizlab.periods import Month
from bizlab.tables import TABLES

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
RESULTS = """
| month   | rule_id | from_unit_id | pool    | scope      | driver | basis | n_receivers | n_zero | n_closed | expense_fen | minutes | outcome   |
| 2026-10 | R1      | A            | expense | department | area   | given | 3           | 1      | 0        | 100         | 0       | allocated |
| 2026-10 | R2      | B            | expense | department | area   | given | 2           | 2      | 0        | 0           | 0       | no_driver |
| 2026-10 | R3      | C            | hours   | department | area   |       | 0           | 0      | 0        | 0           | 0       | no_values |
| 2026-10 | R4      | D            | hours   | department | area   | given | 1           | 0      | 1        | 0           | 60      | allocated |
| 2026-10 | R5      | E            | hours   | department | area   | given | 2           | 2      | 0        | 0           | 0       | nothing   |
"""  # noqa: E501
OCTOBER = Month(2026, 10)


def allocate(rules=RULES, value=1, month=OCTOBER):
    frames = table(rules, TABLES["allocation_rules"]), table(DRIVERS.format(value), TABLES["drivers"])
    return amoeba.allocate(*frames, table(POOLS), month=month)


def test_a_hundred_yuan_by_one_and_two_parts():
    """100.00 at 1 to 2 is 33.33 and 66.67; the receiver with a driver of zero bears nothing."""
    trace, results, _ = allocate()
    expense = trace[trace["rule_id"] == "R1"].set_index("to_unit_id")["expense_fen"]
    assert expense.to_dict() == {"a": 3333, "b": 6667, "c": 0}
    by_rule = results.set_index("rule_id")
    assert by_rule.loc["R1", ["n_receivers", "n_zero", "expense_fen", "minutes", "outcome"]].tolist() == [
        3, 1, 10000, 0, "allocated",
    ]  # fmt: skip
    assert by_rule.loc["R2", "minutes"] == 480
    assert "R0" not in by_rule.index


def test_what_no_driver_takes_stays_where_it_is():
    trace, results, _ = allocate(value=0)
    assert trace[trace["rule_id"] == "R2"].empty
    assert results.set_index("rule_id").loc["R2", ["minutes", "outcome"]].tolist() == [0, "no_driver"]


def test_a_month_without_drivers_allocates_nothing_and_says_so():
    _, results, _ = allocate(month=Month(2026, 8))
    assert set(results["outcome"]) == {"no_values"}


def test_areas_hold_until_they_are_measured_again_and_hours_are_those_of_the_month():
    """In November nobody has measured: the areas of October are in force, the hours of October are not."""
    by_month = {}
    for month in (Month(2026, 9), OCTOBER, Month(2026, 11)):
        trace, results, _ = allocate(month=month)
        expense = trace[trace["rule_id"] == "R1"].set_index("to_unit_id")["expense_fen"]
        versions = results.set_index("rule_id")["version"]
        by_month[str(month)] = expense.to_dict(), versions["R1"], versions.isna()["R2"]
    october = {"a": 3333, "b": 6667, "c": 0}
    assert by_month["2026-09"] == ({"a": 10000}, "2026-09", True)
    assert by_month["2026-10"] == (october, "2026-10", False)
    assert by_month["2026-11"] == (october, "2026-10", True)


def test_areas_of_an_older_rule_are_not_those_of_the_rule_that_took_its_number():
    begun = RULES.replace("area   | 2026-01-01", "area   | 2026-11-01")
    _, results, _ = allocate(begun, month=Month(2026, 11))
    assert results.set_index("rule_id").loc["R1", "outcome"] == "no_values"


def test_one_pool_cannot_be_given_twice():
    with pytest.raises(DataError, match=r"Two rules give the same pool: R0, R1.*2026-10"):
        allocate(RULES.replace("2025-12-31", "          "))


def test_a_negative_driver_is_listed_and_nothing_moves():
    trace, results, _ = allocate(value=-1)
    assert trace[trace["rule_id"] == "R2"].empty
    assert results.set_index("rule_id").loc["R2", "outcome"] == "negative"


def test_a_published_exercise_by_the_direct_method():
    """Maintenance 5,000 by machine-hours 1,000 to 3,000, personnel 12,000 by labor-hours 500 to 2,000.

    Use of one service department by the other is ignored. Numbers and answer (3,650 and 13,350 in all) as
    published with its working at wizedu.com, question 504212, a variant of "University Printers" (Lanen, Anderson
    and Maher, Fundamentals of Cost Accounting, LO 11-2).
    """
    rules = table("""
        | rule_id | from_unit_id | pool    | scope      | driver | valid_from | valid_to |
        | M       | maintenance  | expense | department | hours  | 2026-01-01 |          |
        | P       | personnel    | expense | department | hours  | 2026-01-01 |          |
        """, TABLES["allocation_rules"])  # fmt: skip
    drivers = table("""
        | rule_id | unit_id    | month   | value |
        | M       | printing   | 2026-10 | 1000  |
        | M       | developing | 2026-10 | 3000  |
        | P       | printing   | 2026-10 | 500   |
        | P       | developing | 2026-10 | 2000  |
        """, TABLES["drivers"])  # fmt: skip
    pools = table("""
        | unit_id     | expense_fen | minutes |
        | maintenance | 500000      | 0       |
        | personnel   | 1200000     | 0       |
        """)  # fmt: skip
    trace = amoeba.allocate(rules, drivers, pools, month=OCTOBER).trace
    traced = trace.pivot_table(index="to_unit_id", columns="rule_id", values="expense_fen", aggfunc="sum")
    assert traced.loc["printing"].tolist() == [125_000, 240_000]
    assert traced.loc["developing"].tolist() == [375_000, 960_000]
    assert trace.groupby("to_unit_id")["expense_fen"].sum().to_dict() == {"developing": 1_335_000, "printing": 365_000}


@given(
    st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=4),
    st.lists(st.integers(0, 10**6), min_size=1, max_size=6).filter(any),
)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_what_was_booked_in_a_span_arrives_in_it_and_every_receiver_gets_its_part(booked, weights):
    parts = apportion(sum(booked), weights)
    spans = by_span(parts, weights, booked)
    assert [sum(amounts) for amounts in spans] == booked
    assert [sum(amounts) for amounts in zip(*spans, strict=True)] == parts


@st.composite
def served(draw):
    """What each of some units gives to some of them, and what they booked."""
    units = st.sampled_from("abcdefg")
    values = st.dictionaries(units, st.sampled_from([0, 0, 1, 2, 340, 10**6, 3 * 10**15]), min_size=1)
    weights = draw(st.dictionaries(units, values.filter(lambda to: any(to.values())), min_size=1, max_size=5))
    return weights, {giver: draw(st.sampled_from([0, 1, -7, 10_001, 10**12])) for giver in weights}


@given(served(), st.sampled_from(list(METHODS)), st.sampled_from(["expense", "hours"]))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_the_trace_rule_by_rule_in_fractions(company, method, pool):
    """Receivers and bearers of each rule, whose parts and rates are those of the exact shares one by one."""
    weights, booked = company
    rules = pd.DataFrame({"rule_id": [f"R{giver}" for giver in weights], "from_unit_id": list(weights), "pool": pool})
    rules = rules.assign(scope="sbu", driver="area", valid_from="2026-01-01", valid_to=None)
    values = [(f"R{giver}", unit, "2026-10", value) for giver, to in weights.items() for unit, value in to.items()]
    drivers = pd.DataFrame(values, columns=["rule_id", "unit_id", "month", "value"])
    pools = pd.DataFrame({"unit_id": list(booked), "expense_fen": booked.values(), "minutes": booked.values()})
    frames = TABLES["allocation_rules"].conform(rules), TABLES["drivers"].conform(drivers), pools
    order = sorted(weights, key=lambda giver: (-abs(booked[giver]), giver))
    expected = []
    for giver, share in sorted(final_shares(weights, method=method, order=order).items()):
        to, whole = weights[giver], lcm(*(rate.denominator for rate in share.values()))
        units = sorted(to.keys() | share.keys())
        parts = apportion(booked[giver], [int(share.get(unit, 0) * whole) for unit in units])
        if booked[giver] and share != {giver: 1}:
            for unit, part in zip(units, parts, strict=True):
                expected.append((giver, unit, to.get(unit, 0), float(share.get(unit, 0)), part))
    trace = amoeba.allocate(*frames, month=OCTOBER, method=method).trace
    amount, other = ("expense_fen", "minutes") if pool == "expense" else ("minutes", "expense_fen")
    columns = ["from_unit_id", "to_unit_id", "value", "share_rate", amount]
    assert list(trace[columns].itertuples(index=False, name=None)) == expected
    assert not trace[other].any()


def test_fixed_shares_that_do_not_total_a_hundred_percent_give_nothing():
    """94 and 1 percent: the missing 5 are nobody's decision to spread over the others."""
    rules = RULES.replace("department | area ", "department | fixed")
    drivers = DRIVERS.format(1).replace("| b       | 2026-10 | 2 ", "| b       | 2026-10 | {}")
    for share, outcome, gone in ((99, "allocated", 10000), (94, "not_whole", 0), (100, "not_whole", 0)):
        frames = table(rules, TABLES["allocation_rules"]), table(drivers.format(share), TABLES["drivers"])
        allocation = amoeba.allocate(*frames, table(POOLS), month=OCTOBER).results.set_index("rule_id")
        assert allocation.loc["R1", ["outcome", "expense_fen"]].tolist() == [outcome, gone]


def test_rules_that_passed_over_someone_or_gave_nothing():
    findings = amoeba.rule_findings(table(RESULTS, amoeba.RULE_RESULTS))
    assert [(finding.key, finding.material) for finding in findings] == [
        ("driver-R1", False),
        ("unallocated-R2", True),
        ("unallocated-R3", True),
        ("closed-R4", False),
    ]
