"""The tasks as a month runs them, on the sample's true tables: planted truths, and a future that is moved."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from bizlab.errors import ContractError
from bizlab.prediction.backtest import tasks
from bizlab.prediction.backtest.category import category_backtest, next_lines
from bizlab.prediction.backtest.latest import LATEST_TOTALS, latest_totals
from bizlab.prediction.backtest.table import words
from bizlab.prediction.models.buying import NAMES, fit_buying
from bizlab.prediction.models.purchases import repeat_purchases
from bizlab.sample.planted.truths import HEAVY, PURCHASES
from bizlab.sample.truth import generate

WEEKS_A_MONTH = 30.4375 / 7
ORIGIN, DAYS, END = date(2026, 5, 4), 90, date(2026, 10, 31)


@pytest.fixture(scope="module")
def company():
    tables = generate()
    orders = tables["orders"]
    return tables | {"hardware": orders[orders["product_line"].isin(["sensor", "gateway"])]}


def features(company):
    """What an analyst would count by hand as of a date: orders so far, days since the latest, contacts."""

    def known(day):
        people = company["customers"].query("created_on <= @day").set_index("customer_id")
        orders = company["orders"][company["orders"]["ordered_on"] <= pd.Timestamp(day)].groupby("customer_id")
        contacts = company["contacts"][company["contacts"]["created_on"] <= pd.Timestamp(day)]
        recency = (pd.Timestamp(day) - orders["ordered_on"].max()).dt.days
        return pd.DataFrame(
            {
                "n_orders": orders["order_id"].nunique().reindex(people.index, fill_value=0),
                "recency_days": recency.reindex(people.index).astype("float64"),
                "n_contacts": contacts.groupby("customer_id").size().reindex(people.index, fill_value=0),
                "industry": people["industry"],
                "stage": pd.cut(recency.reindex(people.index), [-1, 90, 180, 10_000], labels=["a", "b", "c"]).astype(
                    "str"
                ),
            }
        )

    return known


def made(company):
    known, within = features(company), {"horizon_days": DAYS, "observed_until": END}
    people = (company["orders"], company["customers"])
    return {
        "conversion": tasks.conversion(known, *people, segment="n_contacts", **within),
        "churn": tasks.churn(known, *people, segment="stage", **within),
        "purchases": tasks.purchases(company["hardware"], **within),
        "spending": tasks.spending(company["hardware"], **within),
        "renewal": tasks.renewal(company["subscriptions"], **within),
    }


def moved_after(company, day):
    """The same company until a day; from then on every event is another one."""
    rng = np.random.default_rng(1)
    orders, subscriptions = company["orders"].copy(), company["subscriptions"].copy()
    later = orders["ordered_on"] > pd.Timestamp(day)
    orders.loc[later, "ordered_on"] += pd.to_timedelta(rng.integers(1, 60, later.sum()), unit="D")
    orders.loc[later, "amount_fen"] = rng.permutation(orders.loc[later, "amount_fen"].to_numpy()) * 3
    orders.loc[later, "customer_id"] = rng.permutation(orders.loc[later, "customer_id"].to_numpy())
    subscriptions = subscriptions[
        (subscriptions["signed_on"] <= pd.Timestamp(day)) | (rng.random(len(subscriptions)) < 0.5)
    ]
    contacts = company["contacts"][company["contacts"]["created_on"] <= pd.Timestamp(day)]
    hardware = orders[orders["product_line"].isin(["sensor", "gateway"])]
    return company | {"orders": orders, "subscriptions": subscriptions, "contacts": contacts, "hardware": hardware}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("conversion", marks=pytest.mark.prove),
        pytest.param("churn", marks=pytest.mark.prove),
        "purchases",
        "spending",
        "renewal",
    ],
)
def test_whatever_comes_later_changes_no_prediction(company, name):
    other = made(moved_after(company, ORIGIN))[name]
    task = made(company)[name]
    pd.testing.assert_series_equal(other.predict(ORIGIN), task.predict(ORIGIN))
    pd.testing.assert_series_equal(other.baseline(ORIGIN), task.baseline(ORIGIN))
    assert not other.outcomes(ORIGIN).equals(task.outcomes(ORIGIN)), "the future was not moved: the test proves nothing"


@pytest.mark.parametrize("segment", ["heavy", "light"])
def test_planted_purchase_and_drop_out_rates_lie_within_the_intervals(company, segment):
    heavy = company["customers"].set_index("customer_id")["industry"].isin(HEAVY)
    own = company["hardware"][company["hardware"]["customer_id"].map(heavy) == (segment == "heavy")]
    fit = fit_buying(repeat_purchases(own, as_of=END)).fit
    truth = PURCHASES[segment]
    for name in NAMES:
        limits = fit.interval(name, confidence=0.99)
        planted = getattr(truth, name) * (WEEKS_A_MONTH if name == "alpha" else 1)
        assert limits.lower <= planted <= limits.upper, name


def test_purchases_and_renewals_beat_their_baselines_on_the_sample(company):
    origins = [END - timedelta(days=DAYS * back) for back in (3, 2, 1)]
    result = made(company)
    for name in ("purchases", "spending"):
        assert result[name].backtest(origins).evaluation().verdict == "better", name
    renewal = tasks.renewal(company["subscriptions"], horizon_days=2 * DAYS, observed_until=END)
    assert renewal.backtest([day - timedelta(days=DAYS) for day in origins]).evaluation().verdict in {
        "better",
        "no_better",
    }


def test_a_horizon_that_is_not_over_is_refused_and_the_others_go_on(company):
    result = made(company)["purchases"].backtest([ORIGIN, END - timedelta(days=10)])
    assert [reason.reason for reason in result.refused.values()] == ["not_observed"]
    assert set(result.n_at_risk) == {ORIGIN}


def test_renewals_fall_due_after_the_early_signers_and_before_the_end_of_the_grace(company):
    origin = date(2026, 3, 31)
    task = tasks.renewal(company["subscriptions"], horizon_days=120, observed_until=END)
    due = task.outcomes(origin).set_index("customer_id")["outcome"]
    periods = company["subscriptions"].query("signed_on <= @origin")
    last = periods.groupby("subscription_id")["ends_on"].max().loc[due.index]
    assert last.min() > pd.Timestamp("2026-04-30")
    assert last.max() <= pd.Timestamp("2026-06-29")
    before, after = (
        signed.groupby("subscription_id")["period_no"].max().loc[due.index]
        for signed in (periods, company["subscriptions"])
    )
    assert (due == (after > before)).all()


def test_a_renewal_entered_under_a_skipped_number_is_a_renewal():
    """60 subscriptions renew; one of them is entered as period 3, and has no history of its own from then on."""
    periods = pd.DataFrame(
        [(f"S{i:02}", no, start, end, signed) for i in range(60) for no, start, end, signed in (
            (1, "2026-01-01", "2026-03-31", "2025-12-20"), (2 + (i == 0), "2026-04-01", "2026-06-30", "2026-03-25"))],
        columns=["subscription_id", "period_no", "starts_on", "ends_on", "signed_on"],
    ).assign(customer_id="000101")  # fmt: skip
    days = ["starts_on", "ends_on", "signed_on"]
    task = tasks.renewal(
        periods.astype(dict.fromkeys(days, "datetime64[us]")), horizon_days=90, observed_until=date(2026, 5, 31)
    )
    came = task.outcomes(date(2026, 2, 15))
    assert len(came) == 60
    assert came["outcome"].all()


def test_what_ends_within_a_month_is_neither_predicted_nor_tested(company):
    task = made(company)["renewal"]
    predicted, tested = task.predict(ORIGIN).index, task.outcomes(ORIGIN)["customer_id"]
    periods = company["subscriptions"][company["subscriptions"]["signed_on"] <= pd.Timestamp(ORIGIN)]
    ends = periods.groupby("subscription_id")["ends_on"].max()
    assert set(predicted) == set(ends.index[ends > pd.Timestamp(ORIGIN + timedelta(days=30))])
    assert set(tested) <= set(predicted)


def lines_known(company):
    """As of a date, for every company whether a subscription runs, and its industry."""

    def known(day):
        then, periods = pd.Timestamp(day), company["subscriptions"]
        runs = (periods["signed_on"] <= then) & (periods["starts_on"] <= then) & (periods["ends_on"] >= then)
        people = company["customers"].set_index("customer_id")
        return pd.DataFrame(
            {"group": people.index.isin(periods.loc[runs, "customer_id"]), "segment": people["industry"]}
        )

    return known


def test_named_lines_are_counted_as_hits_among_those_who_bought(company):
    result = category_backtest(
        company["orders"], lines_known(company), origins=[ORIGIN], horizon_days=DAYS, observed_until=END
    )
    assert set(result.cases["predicted"]) | set(result.cases["baseline"]) <= {0.0, 1.0}
    assert result.n_at_risk[ORIGIN] == len(result.cases)
    assert result.evaluation().model_loss == pytest.approx(1 - result.cases["predicted"].mean())
    assert result.evaluation().verdict == "better"
    assert result.cases["predicted"].mean() > 0.8


def test_what_comes_later_names_no_other_line(company):
    named = [
        next_lines(records["orders"], lines_known(records), as_of=ORIGIN, horizon_days=DAYS)
        for records in (company, moved_after(company, ORIGIN))
    ]
    pd.testing.assert_frame_equal(*named)


def test_the_latest_totals_are_sums_over_the_latest_date(company):
    origins = [END - timedelta(days=2 * DAYS), END - timedelta(days=DAYS)]
    test = made(company)["purchases"].backtest(origins)
    totals = latest_totals([test])
    LATEST_TOTALS.verify(totals)
    last = test.cases[test.cases["origin_on"] == pd.Timestamp(origins[-1])]
    assert totals.loc[0, ["expected", "actual", "n_compared"]].tolist() == pytest.approx(
        [last["predicted"].sum(), last["actual"].sum(), len(last)]
    )


def test_no_two_predictions_or_baselines_share_a_code(company):
    tests = [task.backtest([ORIGIN]) for name, task in made(company).items() if name in {"purchases", "renewal"}]
    assert len(words(tests)) == 4
    other = replace(tests[1], prediction=replace(tests[1].prediction, baseline_key=tests[0].prediction.baseline_key))
    with pytest.raises(ContractError, match="stands for two things"):
        words([tests[0], other])
    keys = [task.prediction.baseline_key for task in made(company).values() if task.prediction.kind == "probability"]
    assert len(keys) == len(set(keys))


def test_amounts_are_yuan_in_prediction_baseline_and_outcome(company):
    """Mean actual, predicted and baseline stand side by side: one unit, and it is the one that the label names."""
    task = made(company)["spending"]
    orders = company["hardware"]
    later = orders[
        (orders["ordered_on"] > pd.Timestamp(ORIGIN))
        & (orders["ordered_on"] <= pd.Timestamp(ORIGIN + timedelta(days=DAYS)))
    ]
    known = set(orders.loc[orders["ordered_on"] <= pd.Timestamp(ORIGIN), "customer_id"])
    came = task.outcomes(ORIGIN)["outcome"].sum()
    assert came == pytest.approx(later.loc[later["customer_id"].isin(known), "amount_fen"].sum() / 100, rel=0.01)
    assert task.prediction.label.en.endswith("(yuan)")
    assert 0.5 < task.predict(ORIGIN).sum() / came < 2
    assert 0.5 < task.baseline(ORIGIN).sum() / came < 3
