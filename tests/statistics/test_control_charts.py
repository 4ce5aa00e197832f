"""Control charts for single values against what is published about them, and what must hold for any values."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizlab.statistics.control_charts import BASE, FEWEST, RULES, completed, false_alarms, individuals_limits, judged

FLOW_RATE = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]


def test_the_handbooks_flow_rate_has_the_published_limits():
    """NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.2: ten batches, mean moving range 1.8778."""
    limits = individuals_limits(FLOW_RATE)
    assert limits.centre == pytest.approx(50.81)
    assert limits.mean_range == pytest.approx(1.8778, abs=5e-5)
    assert (limits.lower, limits.upper) == pytest.approx((45.8159, 55.8041), abs=5e-5)


def test_four_rules_together_give_a_false_alarm_every_91_75_values():
    """Champ and Woodall, Exact results for Shewhart control charts with supplementary runs rules, Technometrics 29
    (1987): in control, limits known, the four rules have an average run length of 91.75; one value alone 370.4."""
    rows = np.random.default_rng(7).standard_normal((5000, 1500))
    fired = np.stack([completed(rows[:, max(0, n - 7) : n + 1]) for n in range(1500)], axis=1)
    first = np.argmax(fired.any(axis=2), axis=1) + 1
    assert first.mean() == pytest.approx(91.75, abs=4)
    assert fired[:, :, 0].mean() == pytest.approx(1 / 370.4, rel=0.03)


@pytest.mark.parametrize(
    ("deviations", "rule"),
    [
        ([0.2, 3.1], "beyond_limits"),
        ([2.1, 0.3, 2.2], "two_of_three"),
        ([1.1, 1.2, -0.5, 1.3, 1.4], "four_of_five"),
        ([0.1, 0.2, 0.3, 0.4, 0.1, 0.2, 0.3, 0.1], "eight_in_a_row"),
        ([2.1, 0.3, -2.2], None),
        ([1.1, 1.2, 1.3, 1.4, 0.5], None),
        ([-0.1, *[0.1] * 7], None),
        ([3.0], None),
    ],
)
@pytest.mark.parametrize("sign", [1, -1])
def test_each_rule_by_an_example_of_its_own(deviations, rule, sign):
    fired = completed(sign * np.array(deviations))
    assert [name for name, fires in zip(RULES, fired, strict=True) if fires] == ([rule] if rule else [])


def test_a_value_is_judged_by_earlier_ones_and_the_base_is_kept():
    values = [5.0, 6.0] * 6 + [5.5, 30.0, 5.5]
    verdicts = judged(values)
    assert [verdict.n_base for verdict in verdicts] == [0] * FEWEST + list(range(FEWEST, BASE)) + [BASE] * 3
    assert [verdict.limits for verdict in verdicts[:FEWEST]] == [None] * FEWEST
    assert verdicts[13].rule == "beyond_limits"
    assert verdicts[13].is_above
    assert verdicts[14].limits == individuals_limits(values[:BASE]), "the wild value is no part of the base"


def test_a_run_counts_the_values_on_one_side_up_to_the_value():
    values = [*[5.0, 6.0] * 6, 5.0, 6.0, 7.0, 6.0, 5.5]
    assert [verdict.run for verdict in judged(values)[-5:]] == [1, 1, 2, 3, 0], "5.5 is the centre itself"


def test_a_base_without_variation_judges_nothing():
    verdicts = judged([4.0] * 9 + [100.0])
    assert verdicts[-1].limits.sigma == 0
    assert verdicts[-1].rule is None


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=10, max_size=30),
    st.lists(st.floats(-1e6, 1e6), max_size=5),
)
@settings(deadline=None, max_examples=60)
def test_what_comes_later_changes_no_verdict(values, later):
    assert judged(values) == judged(values + later)[: len(values)]


def test_chance_is_counted_under_the_same_procedure():
    """What the simulation says, counted with `judged` itself on other values."""
    rates = false_alarms(16)
    assert rates[:FEWEST] == [0.0] * FEWEST
    rows = np.random.default_rng(11).normal(50, 3, (3000, 16))
    fired = np.mean([[verdict.rule is not None for verdict in judged(row)] for row in rows], axis=0)
    assert fired == pytest.approx(rates, abs=0.012)
    assert false_alarms(16) == rates


def test_one_value_gives_no_limits():
    with pytest.raises(ValueError, match="one moving range"):
        individuals_limits([5.0])
