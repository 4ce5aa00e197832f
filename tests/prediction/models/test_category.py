"""The next product line: a planted concentration and half-life are found, and days count once whatever they hold."""

import math
from datetime import date

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest
from pandas.testing import assert_frame_equal
from tables import table

from bizlab.errors import DataError
from bizlab.prediction.backtest.evaluation import evaluate
from bizlab.prediction.models.category import (
    CATEGORY_PREFERENCE,
    CategoryPreference,
    days_after,
    fit_preference,
    hits,
    line_days,
    preference_table,
)
from bizlab.prediction.models.refusals import NotAvailableError

LINES = ("gateway", "sensor", "subscription")
SHARES = {True: [0.1, 0.2, 0.7], False: [0.3, 0.6, 0.1]}
NOW = date(2026, 6, 30)
TODAY = NOW.toordinal()


def planted(concentration, *, n=4000, seed=2, changed_days_ago=None):
    """Customers whose own shares are Dirichlet around their group's, 12 order days in two years, and the next one.

    With ``changed_days_ago`` every habit is drawn anew on that day, so that older days tell nothing.
    """
    rng = np.random.default_rng(seed)
    ids = np.array([f"c{i:04d}" for i in range(n)])
    groups = pd.Series(rng.random(n) < 0.5, index=ids)
    alphas = concentration * np.array([SHARES[g] for g in groups])
    new, old = (np.array([rng.dirichlet(a) for a in alphas]) for _ in range(2))
    ago = rng.integers(0, 730, (n, 12))
    lines = [
        [LINES[rng.choice(3, p=(old if changed_days_ago and d > changed_days_ago else new)[i])] for d in ago[i]]
        for i in range(n)
    ]
    before = pd.DataFrame(
        {"customer_id": np.repeat(ids, 12), "ordered_on": TODAY - ago.ravel(), "product_line": np.ravel(lines)}
    )
    before = before.drop_duplicates(["customer_id", "ordered_on"]).assign(share=1.0)
    then = [LINES[rng.choice(3, p=p)] for p in new]
    after = pd.DataFrame({"customer_id": ids, "ordered_on": TODAY + 5, "product_line": then, "share": 1.0})
    return before, after, groups


def fitted(before, after, groups):
    return fit_preference(before, after, groups, as_of=NOW, lines=LINES)


@pytest.mark.parametrize("concentration", [1.0, 8.0])
def test_a_planted_concentration_is_found(concentration):
    """Habits never change: no day should fade, and the concentration be the planted one, or the next on the grid."""
    model = fitted(*planted(concentration))
    assert model.half_life_days >= 730
    assert concentration / 2 <= model.concentration <= concentration * 2
    for group, shares in SHARES.items():
        assert model.shares.loc[group].tolist() == pytest.approx(shares, abs=0.04)


def test_days_fade_where_habits_change():
    model = fitted(*planted(1.0, changed_days_ago=120))
    assert model.half_life_days <= 180


def test_the_likelihood_is_that_of_the_next_day_by_a_loop():
    before, after, groups = planted(4.0, n=80)
    model = fitted(before, after, groups)
    total = 0.0
    for _, row in after.iterrows():
        mine = before[before["customer_id"] == row["customer_id"]]
        weights = 0.5 ** ((TODAY - mine["ordered_on"]) / model.half_life_days)
        own = weights[mine["product_line"] == row["product_line"]].sum()
        prior = model.shares.loc[groups[row["customer_id"]], row["product_line"]]
        chance = prior
        if math.isfinite(model.concentration):
            chance = (own + model.concentration * prior) / (weights.sum() + model.concentration)
        total += np.log(chance)
    assert model.log_likelihood == pytest.approx(total)


def test_customers_that_do_not_differ_get_the_shares_of_their_group():
    """Every customer draws from its group's shares: own days only add noise, so nearly all weight is the group's."""
    model = fitted(*planted(10_000.0))
    assert model.concentration >= 64


def test_it_beats_the_most_bought_line_of_the_segment_where_customers_differ():
    before, after, groups = planted(1.0, n=600)
    model = fitted(before, after, groups)
    named = preference_table(model, before, groups, pd.Series("A", index=groups.index), as_of=NOW)
    CATEGORY_PREFERENCE.verify(named)
    result = hits(named, after)
    assert evaluate(result["predicted"], result["baseline"], result["actual"], kind="count").verdict == "better"


def test_a_prediction_that_is_its_baseline_for_everybody_says_so():
    names = {"customer_id": [f"c{i}" for i in range(60)], "preferred_line": "sensor", "segment_line": "sensor"}
    then = pd.DataFrame({"customer_id": names["customer_id"], "product_line": ["sensor", "gateway"] * 30})
    result = hits(pd.DataFrame(names), then)
    assert evaluate(result["predicted"], result["baseline"], result["actual"], kind="count").verdict == "same"


def test_a_preference_by_hand():
    """A day of sensor and gateway 90 days ago weighs half, a sensor day today 1: own 1.25 sensor, 0.25 gateway;
    with concentration 2 and shares 0.1 / 0.2 / 0.7 sensor has (1.25 + 0.4) / 3.5, subscription 1.4 / 3.5."""
    shares = pd.DataFrame(SHARES, index=list(LINES)).T
    model = CategoryPreference(LINES, shares, shares.loc[True], 2.0, 90.0, 0.0, 1)
    days = pd.DataFrame(
        {
            "customer_id": "a",
            "ordered_on": [TODAY - 90, TODAY - 90, TODAY],
            "product_line": ["sensor", "gateway", "sensor"],
            "share": [0.5, 0.5, 1.0],
        }
    )
    result = model.probabilities(days, pd.Series({"a": True, "new": True}), as_of=NOW)
    assert result.loc["a"].tolist() == pytest.approx([0.45 / 3.5, 1.65 / 3.5, 1.4 / 3.5])
    assert result.loc["new"].isna().all()
    named = preference_table(model, days, pd.Series({"a": None}), pd.Series({"a": "A"}), as_of=NOW).iloc[0]
    assert (named["preferred_line"], named["n_days"], named["segment_line"]) == ("sensor", 2, "sensor")


def test_what_cannot_be_learnt_is_refused():
    before, after, groups = planted(1.0, n=60)
    with pytest.raises(NotAvailableError, match="20 customers that bought again"):
        fitted(before, after.head(20), groups)
    with pytest.raises(NotAvailableError, match="0 customers that bought again"):
        fitted(before.head(0), after, groups)
    with pytest.raises(DataError, match="two groups"):
        fitted(before, after, pd.concat([groups, groups.head(1)]))
    with pytest.raises(DataError, match="does not know: drone"):
        fitted(before.assign(product_line="drone"), after, groups)


ORDERS = table("""
| customer_id | ordered_on | product_line |
|---|---|---|
| a | 2026-06-01 | sensor |
| a | 2026-06-01 | sensor |
| a | 2026-06-01 | gateway |
| a | 2026-06-30 | sensor |
| b | 2026-07-01 | sensor |
| b | 2026-07-31 | gateway |
| c | 2026-06-05 |  |
""").assign(product_line=lambda f: f["product_line"].where(f["product_line"] != ""))


@pytest.mark.parametrize("engine", [lambda f: f, pl.from_pandas, lambda f: duckdb.connect().from_df(f)])
def test_a_day_counts_once_and_only_in_its_time(engine):
    before = line_days(engine(ORDERS), as_of=NOW)
    assert before[["product_line", "share"]].to_numpy().tolist() == [["gateway", 0.5], ["sensor", 0.5], ["sensor", 1]]
    within = {"as_of": NOW, "horizon_days": 30, "observed_until": date(2026, 7, 30)}
    assert days_after(engine(ORDERS), **within)[["customer_id", "product_line"]].to_numpy().tolist() == [
        ["b", "sensor"]
    ]
    with pytest.raises(NotAvailableError, match="horizon ends on 2026-07-30"):
        days_after(engine(ORDERS), **(within | {"observed_until": date(2026, 7, 29)}))


def test_nothing_is_changed_and_the_order_of_rows_is_nothing(unchanged):
    before, after, groups = planted(4.0, n=100)
    segments = pd.Series("A", index=groups.index)
    with unchanged(before):
        first = preference_table(fitted(before, after, groups), before, groups, segments, as_of=NOW)
    mixed = before.sample(frac=1, random_state=1)
    model = fitted(mixed, after.sample(frac=1, random_state=3), groups.sample(frac=1, random_state=2))
    assert_frame_equal(first, preference_table(model, mixed, groups, segments, as_of=NOW))
