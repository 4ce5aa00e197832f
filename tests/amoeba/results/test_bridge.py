"""The change of value added per hour by its lines: by hand, without a residual, alike in both directions."""

from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizlab.amoeba.accounting.consolidation import MINUTES
from bizlab.amoeba.results import bridge as bridges
from bizlab.amoeba.results.bridge import BRIDGE, bridge, bridge_checks

KINDS = ("direct_material_fen", "direct_travel_fen")
VALUE = tuple(name for name in bridges.VALUE if name != "direct_expense_fen") + KINDS
LINES = (*VALUE, *MINUTES)


def sheet(**lines):
    return pd.DataFrame({name: [lines.get(name, 0)] for name in LINES} | {"unit_id": ["t"]})


def sign(name):
    return 1 if name.endswith("sales_fen") else -1


def effects(now, before):
    return bridge(now, before).set_index("line")["effect_per_hour"]


def test_a_month_worked_out_by_hand():
    """C 900 yuan in 10 hours, then 1,200 yuan in 15: F falls from 90 to 80 yuan an hour.

    Sales of 400 more at the mean of 1/10 and 1/15 hours bring 33.33; 100 more of expense take 8.33; 5 more hours take
    5 / 150 of the mean value of 1,050, that is 35.
    """
    before = sheet(external_sales_fen=100_000, direct_travel_fen=10_000, normal_minutes=600)
    now = sheet(external_sales_fen=140_000, direct_travel_fen=20_000, normal_minutes=600, overtime_minutes=300)
    by_line = effects(now, before)
    assert by_line["external_sales_fen"] == pytest.approx(3333.33, abs=0.01)
    assert by_line["direct_travel_fen"] == pytest.approx(-833.33, abs=0.01)
    assert by_line["overtime_minutes"] == pytest.approx(-3500, abs=0.01)
    assert by_line["total"] == -1000
    assert all(check.passed for check in bridge_checks(bridge(now, before), now, before))


def test_where_f_is_not_defined_there_is_no_effect_but_a_reason():
    worked, idle = sheet(external_sales_fen=5, normal_minutes=60), sheet(external_sales_fen=5)
    assert set(bridge(worked, idle)["effect_per_hour_reason"]) == {"not_then"}
    assert set(bridge(idle, worked)["effect_per_hour_reason"]) == {"not_now"}
    assert bridge(idle, worked)["effect_per_hour"].isna().all()
    assert set(bridge(worked, worked.assign(unit_id="other"))["effect_per_hour_reason"]) == {"not_then"}


months = st.fixed_dictionaries(
    {name: st.integers(-(10**9), 10**9) for name in VALUE} | {name: st.integers(0, 10**5) for name in MINUTES}
)


@settings(deadline=None, max_examples=100)
@given(months, months)
def test_nothing_is_left_over_and_the_way_back_is_the_way_there(one, other):
    before, now = sheet(**one), sheet(**other)
    bridged = bridge(now, before)
    BRIDGE.verify(bridged)
    assert all(check.passed for check in bridge_checks(bridged, now, before))
    back = effects(before, now)
    there = effects(now, before)
    if there.notna().all():
        exact = {name: other[name] * sign(name) for name in VALUE}
        f_now = Fraction(sum(exact.values()) * 60, sum(other[name] for name in MINUTES))
        f_then = Fraction(sum(one[name] * sign(name) for name in VALUE) * 60, sum(one[name] for name in MINUTES))
        assert there["total"] == pytest.approx(float(f_now - f_then), abs=0.006)
        assert (there + back).abs().max() <= 0.02, "rounding alone"


def test_planting_a_fen_anywhere_moves_the_line_it_was_planted_in():
    before = sheet(external_sales_fen=100_000, normal_minutes=60)
    for name in VALUE:
        now = before.assign(**{name: before[name] + 100})
        moved = effects(now, before).drop("total")
        assert moved[moved != 0].index.tolist() == [name]


def test_an_average_of_three_months_worked_out_by_hand():
    """Three months of 900, 1,000 and 1,100 yuan in 10 hours each: F of their sums is 100 yuan an hour.

    This month 1,300 yuan in 10 hours: 30 more, all of it from sales.
    """
    before = sheet(external_sales_fen=300_000, normal_minutes=1800).assign(n_months=3)
    now = sheet(external_sales_fen=130_000, normal_minutes=600)
    bridged = bridge(now, before, basis="average")
    shown = bridged.set_index("line").loc[["external_sales_fen", "normal_minutes", "total"]]
    assert shown["effect_per_hour"].tolist() == [3000, 0, 3000]
    assert shown["before_fen"].tolist()[:1] == [100_000]
    assert shown["before_minutes"].tolist()[1:2] == [600]
    assert shown["n_months"].tolist() == [3, 3, 3]


@settings(deadline=None, max_examples=100)
@given(months, st.lists(months, min_size=1, max_size=12))
def test_the_average_month_is_the_months_sums_against_as_many_times_this_month(one, past):
    """F knows no scale: one month against the average of n is n times that month against the sum of n, in whole fen."""
    now, n = sheet(**one), len(past)
    sums = sheet(**{name: sum(month[name] for month in past) for name in LINES})
    bridged = bridge(now, sums.assign(n_months=n), basis="average")
    scaled = bridge(now.assign(**{name: now[name] * n for name in LINES}), sums, basis="average")
    pd.testing.assert_series_equal(bridged["effect_per_hour"], scaled["effect_per_hour"])
    assert all(check.passed for check in bridge_checks(bridged, now, sums.assign(n_months=n)))
    BRIDGE.verify(bridged)
