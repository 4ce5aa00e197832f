"""Weight of evidence, information value and optimal monotone bins."""

import math
from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import entropy

from bizlab.errors import DataError, SettingError
from bizlab.statistics.binning import BINS, bin_categories, bin_numeric, evidence, information_value
from bizlab.statistics.monotone import Limits
from bizlab.statistics.pieces import PREBINS

FREE = Limits(max_bins=4, min_share=0, min_cases=1)


def brute_force(values, outcome, limits):
    """The best information value over every set of cuts, from the formulas of the textbook."""
    values, outcome = np.asarray(values, float), np.asarray(outcome)
    present = ~np.isnan(values)
    distinct = np.unique(values[present])
    best = -math.inf
    for n_cuts in range(min(limits.max_bins, len(distinct))):
        for cuts in combinations(distinct[1:], n_cuts):
            edges = [-math.inf, *cuts, math.inf]
            bins = [present & (values >= low) & (values < high) for low, high in pairwise(edges)]
            cells = [(int(outcome[rows].sum()), int((1 - outcome[rows]).sum())) for rows in bins]
            odds = [(yes + 0.5) / (no + 0.5) for yes, no in cells]
            steps = np.diff(odds)
            enough = all(min(cell) >= limits.min_cases for cell in cells)
            large = all(rows.sum() >= limits.min_share * present.sum() for rows in bins)
            if not (enough and large and (np.all(steps > 1e-12) or np.all(steps < -1e-12))):
                continue
            if not present.all():
                cells.append((int(outcome[~present].sum()), int((1 - outcome[~present]).sum())))
            p, q = np.array(cells, float).T + 0.5
            best = max(best, entropy(p, q) + entropy(q, p))
    return best


def sample(seed, n, n_distinct, missing=0.0):
    rng = np.random.default_rng(seed)
    values = rng.integers(0, n_distinct, n).astype(float)
    outcome = (rng.random(n) < 1 / (1 + np.exp(1.5 - 0.5 * values + 0.4 * np.sin(3 * values)))).astype(int)
    values[rng.random(n) < missing] = np.nan
    return values, outcome


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("missing", [0.0, 0.2])
@pytest.mark.parametrize("limits", [FREE, Limits(max_bins=5, min_share=0.1, min_cases=2), Limits(2, 0.3, 0)])
def test_no_other_set_of_cuts_holds_more_information(seed, missing, limits):
    values, outcome = sample(seed, 60, 8, missing)
    bins = bin_numeric(values, outcome, feature="days", limits=limits)
    assert bins.information_value == pytest.approx(brute_force(values, outcome, limits), abs=1e-12)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    rows=st.lists(st.tuples(st.sampled_from([None, 1, 2, 3, 5, 8]), st.booleans()), min_size=4, max_size=25).filter(
        lambda rows: (
            len({value for value, _ in rows}) > 1
            and len({happened for value, happened in rows if value is not None}) == 2
        )
    )
)
def test_small_data_of_any_kind_agree_with_every_set_of_cuts(rows):
    values = [math.nan if value is None else value for value, _ in rows]
    outcome = [int(happened) for _, happened in rows]
    bins = bin_numeric(values, outcome, feature="days", limits=FREE)
    assert bins.information_value == pytest.approx(brute_force(values, outcome, FREE), abs=1e-12)
    BINS.verify(bins.table)
    assert bins.table["n_rows"].sum() == len(rows)
    assert bins.table["n_events"].sum() == sum(outcome)
    assert bins.information_value == pytest.approx(bins.table["iv"].sum())
    assert (bins.table["iv"] >= 0).all()


def test_the_bin_of_missing_values_counts_when_halves_are_added():
    """Two binnings so close that half a case too few in the totals would choose the other."""
    values = [1] * 5 + [2] * 5 + [3] * 5 + [None] * 4
    outcome = [1] + [0] * 4 + [1] * 2 + [0] * 3 + [1] * 4 + [0] + [1] * 4
    limits = Limits(max_bins=4, min_share=0, min_cases=0)
    bins = bin_numeric(values, outcome, feature="days", limits=limits)
    assert bins.information_value == pytest.approx(brute_force(values, outcome, limits), abs=1e-12)


def test_evidence_by_hand():
    """Three quarters of one class against a quarter of the other: ln 3 each way, and (0.75 - 0.25) ln 3 twice."""
    woe, parts = evidence([3_000_000, 1_000_000], [1_000_000, 3_000_000])
    assert woe == pytest.approx([math.log(3), -math.log(3)], rel=1e-5)
    assert parts.sum() == pytest.approx(2 * 0.5 * math.log(3), rel=1e-5)


def test_half_a_case_keeps_a_bin_without_events_finite():
    woe, parts = evidence([0, 4], [4, 4])
    assert woe[0] == pytest.approx(math.log((0.5 / 5) / (4.5 / 9)))
    assert parts.sum() == pytest.approx((0.1 - 0.5) * math.log(0.2) + (0.9 - 0.5) * math.log(1.8))


def test_turning_the_outcome_round_turns_the_sign_and_keeps_the_information():
    values, outcome = sample(3, 200, 10)
    binning = bin_numeric(values, outcome, feature="days")
    turned = bin_numeric(values, 1 - outcome, feature="days")
    assert binning.cuts == turned.cuts
    assert binning.table["woe"].tolist() == pytest.approx((-turned.table["woe"]).tolist())
    assert binning.information_value == pytest.approx(turned.information_value)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10_000), scale=st.sampled_from([0.001, 1.0, 300.0]), power=st.sampled_from([1, 3]))
def test_only_the_order_of_the_values_counts(seed, scale, power):
    values, outcome = sample(seed, 80, 12)
    if len(set(outcome)) < 2:
        return
    binning = bin_numeric(values, outcome, feature="days", limits=FREE)
    scaled = bin_numeric((values * scale) ** power, outcome, feature="days", limits=FREE)
    assert binning.bin_of(values).tolist() == scaled.bin_of((values * scale) ** power).tolist()


def test_a_planted_step_is_found():
    """Customers who settle within 30 days renew nine times in ten, the others one time in five."""
    rng = np.random.default_rng(7)
    days = rng.permutation(np.arange(1, 1201) % 60).astype(float)
    renewed = (rng.random(1200) < np.where(days < 30, 0.9, 0.2)).astype(int)
    bins = bin_numeric(days, renewed, feature="settlement_days", limits=Limits(max_bins=2))
    assert bins.cuts[0] == pytest.approx(30, abs=2)
    assert bins.table["event_rate"].tolist()[:2] == pytest.approx([0.9, 0.2], abs=0.05)


def test_bins_are_monotone_and_keep_their_limits_beyond_the_prebins():
    rng = np.random.default_rng(11)
    values = np.concatenate([np.zeros(1000), rng.lognormal(3, 1, 4000)])
    outcome = (rng.random(5000) < 0.1 + 0.6 * (values > 20) + 0.2 * (values == 0)).astype(int)
    assert len(np.unique(values)) > PREBINS
    binning = bin_numeric(values, outcome, feature="amount", limits=Limits(max_bins=5, min_share=0.1))
    bins = binning.table.iloc[:-1]
    assert len(bins) <= 5
    assert bins["n_rows"].min() >= 500
    assert bins["woe"].is_monotonic_increasing or bins["woe"].is_monotonic_decreasing
    assert binning.bin_of(values).tolist() == np.searchsorted(binning.cuts, values, side="right").tolist()


def test_missing_values_have_a_bin_of_their_own_outside_the_trend():
    values = [1, 1, 1, 1, 2, 2, 2, 2, None, None, None]
    outcome = [0, 0, 0, 1, 0, 1, 1, 1, 1, 1, 1]
    bins = bin_numeric(values, outcome, feature="days", limits=FREE)
    assert bins.cuts == (2.0,)
    assert bins.table.set_index("bin").loc["missing", ["n_rows", "n_events"]].tolist() == [3, 3]
    assert bins.woe_of([None])[0] == bins.table["woe"].iloc[-1] > bins.woe_of([2])[0]


def test_a_missing_value_that_the_fit_never_saw_is_no_evidence():
    bins = bin_numeric([1, 1, 2, 2], [0, 1, 1, 1], feature="days", limits=Limits(min_cases=0))
    assert bins.woe_of([None]).tolist() == [0.0]
    assert bins.table["event_rate_reason"].tolist()[-1] == "empty"
    assert math.isnan(bins.table["event_rate"].iloc[-1])


def test_categories_stand_in_order_of_their_rate_and_rare_ones_are_pooled():
    industry = ["steel"] * 100 + ["trade"] * 100 + ["food"] * 100 + ["zinc"] * 3 + ["tin"] * 4
    outcome = [1] * 20 + [0] * 80 + [1] * 22 + [0] * 78 + [1] * 70 + [0] * 30 + [1, 0, 0] + [1, 1, 0, 0]
    bins = bin_categories(industry, outcome, feature="industry", limits=Limits(max_bins=2))
    assert [set(group) for group in bins.groups] == [{"steel", "trade", "tin", "zinc"}, {"food"}]
    assert bins.bin_of(["food", "steel", "zinc", "lead", None]).tolist() == [1, 0, 0, 0, 2]
    assert bins.table["n_rows"].tolist() == [207, 100, 0]


def test_a_category_never_seen_is_no_evidence_where_none_was_rare():
    bins = bin_categories(["a", "b"] * 50, [1, 0, 0, 1] * 25, feature="region")
    assert bins.bin_of(["c"]).tolist() == [-1]
    assert bins.woe_of(["c"]).tolist() == [0.0]


def test_kinds_of_features_share_one_scale():
    """A flag, a code and a number that split the rows alike have the same information value."""
    rng = np.random.default_rng(5)
    flag = pd.Series(rng.random(300) < 0.4)
    outcome = (rng.random(300) < np.where(flag, 0.7, 0.3)).astype(int)
    values = {
        information_value(kind, outcome, feature="contract")
        for kind in (flag, flag.map({True: "yes", False: "no"}), flag.astype("Int64"), flag.astype(float))
    }
    assert max(values) - min(values) < 1e-12
    assert max(values) > 0.3


def test_a_feature_that_gives_the_outcome_away_has_the_most_information():
    """A leak, such as a date filled in only after the event, must stand out; bins of one outcome only are allowed."""
    rng = np.random.default_rng(8)
    outcome = np.arange(200) % 2
    leak, hint = outcome + rng.random(200) / 2, outcome + rng.normal(size=200)
    assert information_value(leak, outcome, feature="leak") > 5
    assert 0.3 < information_value(hint, outcome, feature="hint") < 3


def test_a_feature_that_says_nothing_has_hardly_any_information():
    rng = np.random.default_rng(2)
    value = information_value(rng.normal(size=5000), rng.integers(0, 2, 5000), feature="noise")
    assert 0 <= value < 0.02


def test_the_input_is_not_changed():
    values, outcome = pd.Series([1.0, 2.0, np.nan, 1.0] * 5), pd.Series([1, 0, 1, 0] * 5)
    before = values.copy(), outcome.copy()
    bin_numeric(values, outcome, feature="days", limits=FREE)
    pd.testing.assert_series_equal(values, before[0])
    pd.testing.assert_series_equal(outcome, before[1])


@pytest.mark.parametrize(
    ("values", "outcome", "message"),
    [
        ([4.0] * 20, [0, 1] * 10, "The feature is the same in all rows. Where: feature days, 20 rows, 10 events"),
        ([math.nan] * 20, [0, 1] * 10, "The feature is the same in all rows. Where: feature days"),
        (range(20), [1] * 20, "All rows have the same outcome: there is only one class. Where: feature days"),
        (range(6), [0, 1] * 3, "3 events and 3 non-events have a value, fewer than the 5 of a bin"),
        (range(4), [0, 1, 2, None], "4 outcomes for 4 rows, 2 of them neither 0 nor 1"),
        ([1, 2, math.inf, 4], [0, 1, 0, 1], "A value is infinite. Where: feature days"),
        (["many", "few"], [0, 1], "Not all values are numbers"),
    ],
)
def test_what_cannot_be_binned_is_refused_by_name(values, outcome, message):
    with pytest.raises(DataError) as caught:
        bin_numeric(values, outcome, feature="days", limits=Limits(min_cases=5))
    assert message in str(caught.value)


def test_a_category_that_never_varies_is_refused():
    with pytest.raises(DataError, match="The feature is the same in all rows"):
        bin_categories(["north"] * 20, [0, 1] * 10, feature="region")


def test_limits_that_cannot_be_are_refused():
    with pytest.raises(SettingError, match="Bins cannot be limited to 0"):
        Limits(max_bins=0)
