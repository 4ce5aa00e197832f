"""Category preference: a planted concentration is found, and nobody without orders has a preference."""

from datetime import date

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from scipy.optimize import minimize_scalar
from scipy.stats import dirichlet_multinomial
from tables import table

from bizlab.errors import DataError
from bizlab.prediction.category import (
    CATEGORY_PREFERENCE,
    fit_preference,
    hits,
    line_counts,
    lines_after,
    preference_table,
)
from bizlab.prediction.evaluation import evaluate
from bizlab.prediction.refusals import NotAvailableError

LINES = ["gateway", "sensor", "subscription"]
SHARES = {"A": [0.2, 0.7, 0.1], "B": [0.3, 0.3, 0.4]}


def planted(concentration: float, *, n: int = 1500, seed: int = 2) -> tuple[pd.DataFrame, pd.Series, np.ndarray]:
    """Customers whose own shares are Dirichlet around their segment's, and the counts of 1 to 12 orders."""
    rng = np.random.default_rng(seed)
    ids = [f"c{i:04d}" for i in range(n)]
    segments = pd.Series(rng.choice(["A", "B"], n), index=ids)
    own = np.array([rng.dirichlet(concentration * np.array(SHARES[s])) for s in segments])
    drawn = np.array([rng.multinomial(rng.integers(1, 13), p) for p in own])
    wide = pd.DataFrame(drawn, index=pd.Index(ids, name="customer_id"), columns=LINES)
    long = wide.reset_index().melt("customer_id", var_name="product_line", value_name="n_orders")
    return long[long["n_orders"] > 0].reset_index(drop=True), segments, own


@pytest.mark.parametrize("concentration", [0.5, 4.0, 20.0])
def test_a_planted_concentration_is_found(concentration):
    counts, segments, _ = planted(concentration)
    model = fit_preference(counts, segments)
    low, high = model.fit.interval("concentration", confidence=0.999)
    assert low < concentration < high
    assert high / low < 3
    for segment, shares in SHARES.items():
        assert model.shares.loc[segment].tolist() == pytest.approx(shares, abs=0.06)


def test_the_maximum_is_that_of_the_distribution_itself():
    """The likelihood from scipy's Dirichlet-multinomial, searched along a line."""
    counts, segments, _ = planted(4.0, n=200)
    model = fit_preference(counts, segments)
    wide = counts.pivot_table(index="customer_id", columns="product_line", values="n_orders", fill_value=0)
    prior = model.shares.loc[segments[wide.index]].to_numpy()

    def minus(log_a):
        rows = zip(wide.to_numpy(dtype=int), prior, strict=True)
        return -sum(dirichlet_multinomial(np.exp(log_a) * m, int(x.sum())).logpmf(x) for x, m in rows)

    best = minimize_scalar(minus, bounds=(-1, 4), method="bounded", options={"xatol": 1e-5}).x
    assert model.concentration == pytest.approx(np.exp(best), rel=1e-3)


def test_it_beats_the_most_bought_line_of_the_segment_where_customers_differ():
    counts, segments, own = planted(1.0)
    model = fit_preference(counts, segments)
    table_ = preference_table(model, counts, segments)
    rng = np.random.default_rng(9)
    following = [LINES[rng.choice(3, p=p)] for p in own]
    then = pd.DataFrame({"customer_id": segments.index, "product_line": following, "n_orders": 1})
    found = hits(table_, then)
    verdict = evaluate(found["predicted"], found["baseline"], found["actual"], kind="count")
    assert verdict.verdict == "better"
    named = np.array([LINES.index(line) for line in table_["preferred_line"]])
    assert verdict.model_loss == pytest.approx(1 - own[np.arange(len(own)), named].mean(), abs=0.03)
    shrunk = model.probabilities(counts, segments)
    wide = counts.pivot_table(index="customer_id", columns="product_line", values="n_orders", fill_value=0)
    raw = wide.div(wide.sum(axis=1), axis=0)
    errors = [((p.loc[segments.index].to_numpy() - own) ** 2).mean() for p in (shrunk, raw, model.plain(segments))]
    assert errors[0] < min(errors[1:])


def test_customers_who_do_not_differ_get_their_segments_shares():
    """All draw from the segment's shares themselves: more alike than any concentration would make them."""
    rng = np.random.default_rng(1)
    ids = [f"c{i}" for i in range(300)]
    counts = pd.DataFrame({"customer_id": np.repeat(ids, 2), "product_line": ["x", "y"] * 300, "n_orders": 5})
    segments = pd.Series(rng.choice(["A", "B"], 300), index=ids)
    model = fit_preference(counts, segments)
    assert np.isinf(model.concentration)
    assert model.fit is None
    assert model.probabilities(counts, segments).to_numpy().ravel().tolist() == pytest.approx([0.5] * 600)


def test_a_preference_by_hand():
    """Own 3 sensor and 1 gateway, segment 0.2 / 0.7 / 0.1, concentration 4: sensor (3 + 2.8) / 8 = 0.725."""
    counts, segments, _ = planted(4.0)
    model = fit_preference(counts, segments)
    by_hand = type(model)(
        model.lines, pd.DataFrame(SHARES, index=LINES).T, model.overall, 4.0, model.fit, model.n_customers
    )
    mine = pd.DataFrame({"customer_id": "k", "product_line": ["sensor", "gateway"], "n_orders": [3, 1]})
    found = by_hand.probabilities(mine, pd.Series({"k": "A"}))
    assert found.loc["k"].tolist() == pytest.approx([1.8 / 8, 5.8 / 8, 0.4 / 8])
    row = preference_table(by_hand, mine, pd.Series({"k": "B"})).iloc[0]
    assert (row["preferred_line"], row["segment_line"], row["n_orders"]) == ("sensor", "subscription", 4)
    assert row["preferred_rate"] == pytest.approx(4.2 / 8)


def test_without_orders_there_is_no_preference_and_without_a_segment_all_customers_stand_in():
    counts, segments, _ = planted(4.0, n=200)
    model = fit_preference(counts, segments)
    asked = pd.Series({"newcomer": "A", segments.index[0]: None, segments.index[1]: "C"})
    found = preference_table(model, counts, asked).set_index("customer_id")
    CATEGORY_PREFERENCE.verify(found.reset_index())
    assert found.loc["newcomer", ["preferred_line_reason", "preferred_rate_reason"]].tolist() == ["no_orders"] * 2
    assert found.loc["newcomer"].isna()[["preferred_line", "preferred_rate"]].all()
    assert found.loc["newcomer", "segment_line"] == "sensor"
    assert found["n_orders"].iloc[0] == 0
    assert found["segment_rate"].iloc[1:].tolist() == pytest.approx([model.overall.max()] * 2)
    assert found["preferred_line"].iloc[1:].notna().all()


def test_one_order_each_shows_no_preference():
    ids = [f"c{i}" for i in range(60)]
    once = pd.DataFrame({"customer_id": ids, "product_line": ["x", "y"] * 30, "n_orders": 1})
    segments = pd.Series("A", index=ids)
    with pytest.raises(NotAvailableError, match="0 customers with two orders"):
        fit_preference(once, segments)
    with pytest.raises(NotAvailableError, match="1 product lines"):
        fit_preference(once.assign(product_line="x", n_orders=3), segments)
    with pytest.raises(DataError, match="ran away"):
        fit_preference(once.assign(n_orders=3), segments)
    with pytest.raises(DataError, match=r"two segments.*c0"):
        fit_preference(once, pd.concat([segments, segments.head(1)]))


def test_a_line_that_came_later_is_refused():
    counts, segments, _ = planted(4.0, n=100)
    model = fit_preference(counts, segments)
    with pytest.raises(DataError, match="does not know: drone"):
        model.probabilities(counts.assign(product_line="drone"), segments)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 30), min_size=3, max_size=3), st.sampled_from(["A", "B", None]))
def test_probabilities_stand_between_the_segment_and_the_customer(own, segment):
    model = MODEL
    mine = pd.DataFrame({"customer_id": "k", "product_line": LINES, "n_orders": own})
    asked = pd.Series({"k": segment}, dtype=object)
    found = model.probabilities(mine[mine["n_orders"] > 0], asked).loc["k"]
    if not sum(own):
        assert found.isna().all()
        return
    plain = model.plain(asked).loc["k"]
    shares = np.array(own) / sum(own)
    assert found.sum() == pytest.approx(1)
    assert ((found > np.minimum(plain, shares) - 1e-12) & (found < np.maximum(plain, shares) + 1e-12)).all()


MODEL = fit_preference(*planted(4.0, n=300)[:2])

ORDERS = table("""
| customer_id | order_id | ordered_on | product_line |
|---|---|---|---|
| a | 1 | 2026-06-01 | sensor |
| a | 1 | 2026-06-01 | sensor |
| a | 1 | 2026-06-01 | gateway |
| a | 2 | 2026-06-30 | sensor |
| b | 3 | 2026-07-01 | sensor |
| b | 4 | 2026-07-31 | gateway |
| c | 5 | 2026-06-05 |  |
""").assign(product_line=lambda f: f["product_line"].where(f["product_line"] != ""))


@pytest.mark.parametrize("engine", [lambda f: f, pl.from_pandas, lambda f: duckdb.connect().from_df(f)])
def test_a_line_counts_once_an_order_and_only_in_its_time(engine):
    before = line_counts(engine(ORDERS), as_of=date(2026, 6, 30))
    assert before.to_numpy().tolist() == [["a", "gateway", 1], ["a", "sensor", 2]]
    within = {"as_of": date(2026, 6, 30), "horizon_days": 30, "observed_until": date(2026, 7, 30)}
    assert lines_after(engine(ORDERS), **within).to_numpy().tolist() == [["b", "sensor", 1]]
    with pytest.raises(NotAvailableError, match="horizon ends on 2026-07-30"):
        lines_after(engine(ORDERS), **(within | {"observed_until": date(2026, 7, 29)}))


def test_nothing_is_changed_and_the_order_of_rows_is_nothing(unchanged):
    counts, segments, _ = planted(4.0, n=100)
    with unchanged(counts):
        first = preference_table(fit_preference(counts, segments), counts, segments)
    mixed = counts.sample(frac=1, random_state=1)
    second = preference_table(fit_preference(mixed, segments.sample(frac=1, random_state=2)), mixed, segments)
    assert_frame_equal(first, second)
