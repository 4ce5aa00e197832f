"""Backtests: nothing later than the origin reaches a prediction, and one that is no better says so."""

from datetime import date, timedelta
from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal, assert_series_equal

from bizlab.errors import DataError, SettingError
from bizlab.labels import Label
from bizlab.prediction.backtest.backtest import Prediction, backtest, segment_rate, trained
from bizlab.prediction.backtest.calibration import CALIBRATION, calibration_findings
from bizlab.prediction.backtest.table import BACKTEST, backtest_findings, backtest_table, calibration_table, words
from bizlab.prediction.models.classifier import TagClassifier
from bizlab.prediction.models.outcomes import bought
from bizlab.prediction.models.refusals import NotAvailableError

HORIZON = 60
OBSERVED = date(2026, 10, 31)
ORIGINS = [date(2026, 5, 31), date(2026, 8, 31)]
PURCHASE = Prediction(
    "purchase", Label("复购", "Purchase"), "probability", "segment_rate", Label("同类比率", "rate of the segment")
)


def history(n: int = 240, *, seed: int = 7) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Customers who order at a rate of their own, between never and fortnightly, for two years."""
    rng = np.random.default_rng(seed)
    ids = [f"c{i:03d}" for i in range(n)]
    rate = rng.gamma(0.7, 1 / 90, n)
    days = [np.flatnonzero(rng.random(730) < r) for r in rate]
    orders = pd.DataFrame({"customer_id": np.repeat(ids, [len(d) for d in days]), "day": np.concatenate(days)})
    orders["ordered_on"] = pd.Timestamp("2024-11-01") + pd.to_timedelta(orders["day"], unit="D")
    people = pd.DataFrame({"customer_id": ids, "created_on": pd.Timestamp("2024-11-01")})
    people["region"] = rng.choice(["east", "south"], n)
    return orders[["customer_id", "ordered_on"]], people


ORDERS, PEOPLE = history()


def features(orders: pd.DataFrame, as_of: date) -> pd.DataFrame:
    past = orders[orders["ordered_on"] <= pd.Timestamp(as_of)]
    by = past.groupby("customer_id")["ordered_on"]
    frame = pd.DataFrame({"n_orders": by.size(), "recency_days": (pd.Timestamp(as_of) - by.max()).dt.days})
    frame = frame.reindex(PEOPLE["customer_id"])
    return frame.assign(n_orders=frame["n_orders"].fillna(0), region=PEOPLE["region"].to_numpy())


def outcomes(orders: pd.DataFrame, as_of: date) -> pd.DataFrame:
    return bought(orders, PEOPLE, as_of=as_of, horizon_days=HORIZON, observed_until=OBSERVED)


def model(orders: pd.DataFrame, **changes):
    fit = changes.get("fit", lambda x, y: TagClassifier(min_events=5).fit(x, y))
    return trained(partial(features, orders), partial(outcomes, orders), horizon_days=HORIZON, fit=fit)


def rate(orders: pd.DataFrame, segment: str | None = "region"):
    return segment_rate(partial(features, orders), partial(outcomes, orders), horizon_days=HORIZON, segment=segment)


def run(orders: pd.DataFrame = ORDERS, **changes):
    given = {"predict": model(orders), "baseline": rate(orders), "outcomes": partial(outcomes, orders)}
    return backtest(PURCHASE, **(given | {"origins": ORIGINS, "horizon_days": HORIZON} | changes))


@pytest.fixture(scope="module")
def result():
    return run()


def test_habits_beat_the_rate_of_the_region(result):
    evaluation = result.evaluation()
    assert evaluation.verdict == "better"
    assert evaluation.auc.value > 0.7
    assert evaluation.predicted_mean > evaluation.actual_mean
    assert result.statement == Label(
        "复购:优于基准(同类比率);预测偏多",
        "Purchase: Better than the baseline (rate of the segment); predicts too many",
    )


def test_one_row_per_origin_and_one_for_all(result):
    table = backtest_table([result])
    assert all(check.passed for check in BACKTEST.verify(table))
    assert table["origin"].tolist() == ["2026-05-31", "2026-08-31", "pooled"]
    assert table["n_cases"].tolist() == [240, 240, 480]
    assert table["n_customers"].tolist() == [240, 240, 240]
    assert table["model_loss"].iloc[2] == pytest.approx(table["model_loss"].iloc[:2].mean())
    assert set(table["measure"]) == {"brier"}
    assert set(backtest_table([result], measure="log_loss")["measure"]) == {"log_loss"}
    assert set(words([result])) == {"purchase", "segment_rate"}


def test_a_baseline_compared_with_itself_is_the_same():
    result = run(predict=rate(ORDERS))
    assert result.evaluation().verdict == "same"
    assert "每例都与基准相同" in result.statement.zh
    assert "The same as the baseline in every case" in result.statement.en


def test_the_baseline_is_the_rate_of_the_horizon_that_has_just_ended():
    """Counted by a loop: of the customers of a region, who ordered in the 60 days up to the origin."""
    origin = ORIGINS[1]
    start, end = pd.Timestamp(origin - timedelta(days=HORIZON)), pd.Timestamp(origin)
    buyers = set(ORDERS.loc[(ORDERS["ordered_on"] > start) & (ORDERS["ordered_on"] <= end), "customer_id"])
    east = PEOPLE.loc[PEOPLE["region"] == "east", "customer_id"]
    result = rate(ORDERS)(origin)
    assert result[east].unique().tolist() == pytest.approx([np.mean([c in buyers for c in east])])
    assert rate(ORDERS, None)(origin).unique().tolist() == pytest.approx([len(buyers) / 240])


def test_a_segment_never_seen_before_gets_the_rate_of_all():
    def with_new(as_of: date) -> pd.DataFrame:
        frame = features(ORDERS, as_of)
        return frame if as_of < ORIGINS[0] else frame.assign(region=["north", None, *frame["region"][2:]])

    predict = segment_rate(with_new, partial(outcomes, ORDERS), horizon_days=HORIZON, segment="region")
    overall = rate(ORDERS, None)(ORIGINS[0]).iloc[0]
    assert predict(ORIGINS[0]).iloc[:2].tolist() == pytest.approx([overall, overall])


@settings(max_examples=8, deadline=None, derandomize=True)
@given(st.integers(0, 10_000), st.sampled_from(ORIGINS))
def test_nothing_after_the_origin_reaches_a_prediction(seed, origin):
    """Every later order is moved, given to someone else or dropped, and new ones are made up."""
    rng = np.random.default_rng(seed)
    later = ORDERS["ordered_on"] > pd.Timestamp(origin)
    moved = ORDERS[later].sample(frac=rng.uniform(0, 2), replace=True, random_state=seed)
    moved = moved.assign(
        customer_id=rng.permutation(moved["customer_id"].to_numpy()),
        ordered_on=pd.Timestamp(origin) + pd.to_timedelta(rng.integers(1, 400, len(moved)), unit="D"),
    )
    changed = pd.concat([moved, ORDERS[~later]], ignore_index=True)
    assert_series_equal(model(changed)(origin), model(ORDERS)(origin))
    assert_series_equal(rate(changed)(origin), rate(ORDERS)(origin))


def test_an_order_on_the_origin_itself_does_reach_it():
    """The property above would hold for a model that looks at nothing."""
    origin = ORIGINS[0]
    new = pd.DataFrame({"customer_id": ["c001"], "ordered_on": [pd.Timestamp(origin)]})
    changed = model(pd.concat([ORDERS, new], ignore_index=True))(origin)
    assert changed["c001"] != model(ORDERS)(origin)["c001"]


def test_an_origin_that_cannot_be_done_is_refused_by_name_and_the_others_go_on():
    result = run(origins=[*ORIGINS, date(2026, 9, 30)])
    row = backtest_table([result]).iloc[2]
    assert (row["verdict"], row["refusal"], row["n_at_risk"]) == ("not_available", "not_observed", 0)
    assert "2026-11-29" in result.refused[date(2026, 9, 30)].message
    assert backtest_table([result]).iloc[3]["n_origins"] == 2
    assert result.evaluation().verdict == "better"


def test_a_model_that_refuses_says_why():
    def refuse(x, y):
        raise NotAvailableError("3 events", reason="too_few_events", place="model", fix="wait")

    result = run(predict=model(ORDERS, fit=refuse))
    assert backtest_table([result])["refusal"].tolist() == ["too_few_events"] * 3
    assert "训练期发生数太少" in result.statement.zh
    BACKTEST.verify(backtest_table([result]))


def test_customers_without_a_prediction_are_counted_and_left_out():
    result = run(predict=lambda as_of: model(ORDERS)(as_of).iloc[40:])
    table = backtest_table([result])
    assert table["n_without"].tolist() == [40, 40, 80]
    assert table["n_cases"].tolist() == [200, 200, 400]


def test_expected_counts_go_the_same_way():
    """Planted rates known to the model; the baseline is last year's count of the same days."""
    rng = np.random.default_rng(5)
    ids, mean = [f"c{i}" for i in range(300)], rng.gamma(1, 2, 300)
    counts = {day: pd.DataFrame({"customer_id": ids, "outcome": rng.poisson(mean)}) for day in ORIGINS}
    last_year = {day: pd.Series(rng.poisson(mean), index=ids) for day in ORIGINS}
    expected = Prediction("n_orders", Label("订单数", "Orders"), "count", "last_year", Label("去年同期", "last year"))
    result = backtest(
        expected,
        predict=lambda _: pd.Series(mean, index=ids),
        baseline=last_year.__getitem__,
        outcomes=counts.__getitem__,
        origins=ORIGINS,
        horizon_days=HORIZON,
    )
    table = backtest_table([result, run()])
    assert result.evaluation().verdict == "better"
    assert table["measure"].tolist() == ["absolute_error"] * 3 + ["brier"] * 3
    assert table["auc_reason"].iloc[0] == "not_ranked"


def test_the_same_seed_gives_the_same_table():
    assert_frame_equal(backtest_table([run()]), backtest_table([run()]))


def test_settings_and_data_that_cannot_be_are_refused():
    for origins in ([], ORIGINS[::-1], ORIGINS[:1] * 2):
        with pytest.raises(SettingError, match="do not rise"):
            run(origins=origins)
    with pytest.raises(DataError, match="predictions hold a customer twice"):
        run(predict=lambda as_of: pd.concat([rate(ORDERS)(as_of)] * 2))
    short = trained(lambda day: features(ORDERS, day).iloc[1:], partial(outcomes, ORDERS), horizon_days=60, fit=None)
    with pytest.raises(DataError, match=r"1 customers at risk have no features.*c000"):
        short(ORIGINS[0])


def test_findings_say_why_there_is_no_verdict_and_when_too_many_are_predicted(result):
    none = run(origins=[date(2026, 12, 1)])
    table = backtest_table([result, none])
    refused, judged = (backtest_findings(table[table["is_total"]].iloc[[at]])[0] for at in (1, 0))
    assert list(refused.refs) == ["prediction", "verdict", "refusal", "n_cases"]
    assert judged.refs["baseline"].path == "backtest[purchase,pooled].baseline"
    calibrated = calibration_table([result])
    CALIBRATION.verify(calibrated)
    (off,) = calibration_findings(calibrated)
    assert off.material
    assert off.refs["verdict"].path == "calibrated[purchase].verdict"
    assert calibrated["verdict"].tolist() == ["too_many"]
