"""The scorecard of silence: what it learns from, what it refuses, its points, bands and reasons."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bizlab.errors import SettingError
from bizlab.labels import Label
from bizlab.prediction.backtest import tasks
from bizlab.prediction.models.refusals import NotAvailableError
from bizlab.prediction.scorecards.bands import (
    BAND_CALIBRATION,
    BAND_STANDING,
    band_calibration,
    band_labels,
    band_standing,
    standing_checks,
    standing_findings,
)
from bizlab.prediction.scorecards.reasons import SCORED, reason_labels, scored
from bizlab.prediction.scorecards.settings import ScorecardSettings, parse_scorecard, printed_features, printed_labels
from bizlab.prediction.scorecards.silence_card import (
    CARD,
    CARD_FEATURES,
    CARD_LESSONS,
    fit_silence_scorecard,
    lesson_dates,
    reversed_findings,
)
from bizlab.sample.truth import generate
from bizlab.units.kinds import Unit
from bizlab.yaml_file import load_yaml

ROOT = Path(__file__).parents[3]
SETTINGS = ScorecardSettings(
    features=("recency_days", "overdue_fen"),
    n_lessons=2,
    base_points=500,
    base_odds=1,
    pdo=20,
    max_bins=4,
    min_share=0.05,
    min_cases=5,
    strength=100,
    n_bands=4,
)
TODAY, DAYS = date(2026, 8, 2), 90


def known(day):
    """400 customers of whom half ordered lately; nothing is overdue."""
    return pd.DataFrame(
        {"recency_days": [10.0, 200.0] * 200, "overdue_fen": 0.0}, index=[f"{at:03d}" for at in range(400)]
    )


def came(day):
    """Of those who ordered lately one in ten falls silent, of the others nine in ten."""
    silent = [(at // 2 % 10 == 0) if at % 2 == 0 else (at // 2 % 10 != 0) for at in range(400)]
    return pd.DataFrame({"customer_id": known(day).index, "outcome": silent})


@pytest.fixture(scope="module")
def card():
    return fit_silence_scorecard(known, came, SETTINGS, as_of=TODAY, horizon_days=DAYS)


def test_no_outcome_of_the_training_reaches_beyond_the_day(card):
    CARD_LESSONS.verify(card.lessons)
    assert card.lessons["lesson_on"].dt.date.tolist() == [TODAY - timedelta(days=180), TODAY - timedelta(days=90)]
    assert card.lessons["outcome_until_on"].max() == pd.Timestamp(TODAY)
    assert card.lessons[["n_customers", "n_silent", "n_stayed"]].to_numpy().tolist() == [[400, 200, 200]] * 2


def test_dates_that_do_not_look_back_on_a_year_of_records_are_left_out():
    days = {"horizon_days": 90, "n_lessons": 3}
    assert lesson_dates(TODAY, known_from=date(2024, 11, 1), **days)[0] == date(2025, 11, 5)
    assert lesson_dates(TODAY, known_from=date(2025, 3, 1), **days) == [date(2026, 5, 4)]
    with pytest.raises(NotAvailableError, match="no earlier date looks back"):
        lesson_dates(TODAY, known_from=date(2026, 1, 1), **days)


def test_points_are_those_of_the_planted_odds(card):
    """Nine to one for staying is 20 x log2(9) = 63.4 points above 500, one to nine as many below."""
    points = card.points(known(TODAY)).unique()
    assert sorted(points) == pytest.approx([500 - 20 * np.log2(9), 500 + 20 * np.log2(9)], abs=1)
    assert card.silence(known(TODAY)).unique() == pytest.approx([0.1, 0.9], abs=0.005)


def test_a_constant_feature_is_left_off_with_its_reason_and_the_rest_goes_on(card):
    assert card.left_out_table().to_numpy().tolist() == [["overdue_fen", "constant"]]
    assert card.used == ["recency_days"]
    CARD.verify(card.table())
    CARD_FEATURES.verify(card.features_table())


def test_a_feature_that_is_hardly_known_is_left_off():
    def hardly(day):
        return known(day).assign(overdue_fen=[1.0, 2.0, *[np.nan] * 398])

    assert fit_silence_scorecard(hardly, came, SETTINGS, as_of=TODAY, horizon_days=DAYS).left_out == {
        "overdue_fen": "too_few"
    }


def test_one_outcome_or_no_feature_is_not_available():
    def nobody(day):
        return came(day).assign(outcome=False)

    with pytest.raises(NotAvailableError) as refused:
        fit_silence_scorecard(known, nobody, SETTINGS, as_of=TODAY, horizon_days=DAYS)
    assert refused.value.reason == "one_class"
    with pytest.raises(NotAvailableError) as refused:
        fit_silence_scorecard(known, came, replace(SETTINGS, features=("overdue_fen",)), as_of=TODAY, horizon_days=DAYS)
    assert refused.value.reason == "no_feature"


def test_points_lost_against_the_mean_cancel_out_over_the_training(card):
    printed = card.table()
    assert (printed["lost_points"] * printed["n_rows"]).sum() == pytest.approx(0, abs=1e-6)
    assert printed.loc[0, "lost_points"] < 0 < printed.loc[1, "lost_points"]


def test_bands_hold_everybody_and_what_came_stands_beside_what_was_said(card):
    features, outcome = known(TODAY), came(TODAY).set_index("customer_id")["outcome"]
    result = band_calibration(card, features, outcome)
    BAND_CALIBRATION.verify(result)
    total = result.set_index("band").loc["total"]
    assert total[["n_customers", "n_silent", "n_stayed"]].tolist() == [400, 200, 200]
    assert total["n_expected"] == pytest.approx(200, abs=1)
    filled = result[(result["n_customers"] > 0) & ~result["is_total"]]
    assert filled["observed_rate"].tolist() == pytest.approx([0.9, 0.1])
    assert set(result["band"]) <= set(band_labels(card))
    empty = result[result["n_customers"] == 0]
    assert empty["observed_rate_reason"].eq("nobody").all()


def test_todays_bands_add_up_to_the_amount(card):
    features = known(TODAY).head(10)
    amounts = pd.Series(range(100, 1100, 100), index=features.index)
    standing = band_standing(card, features, amounts)
    BAND_STANDING.verify(standing)
    assert standing.iloc[-1][["n_customers", "amount_fen"]].tolist() == [10, 5500]
    assert standing["expected_loss_fen"].iloc[:-1].sum() == standing["expected_loss_fen"].iloc[-1]
    assert standing["expected_loss_fen"].iloc[-1] == pytest.approx(0.1 * 2500 + 0.9 * 3000, abs=20)
    assert all(check.passed for check in standing_checks(standing, 10, 5500))
    assert not any(check.passed for check in standing_checks(standing, 11, 5501))
    (finding,) = standing_findings(standing, material_fen=1_000_000)
    assert not finding.material


def test_reasons_name_the_bins_that_cost_most(card):
    customers = scored(card, known(TODAY).head(4), pd.Series(7, index=known(TODAY).index))
    SCORED.verify(customers)
    assert customers["customer_id"].tolist() == ["001", "003", "000", "002"]
    first, last = customers.iloc[0], customers.iloc[-1]
    assert (first["because_1"], first["lost_1"]) == ("recency_days:2", pytest.approx(first["lost_points"]))
    assert last[["because_1", "because_2"]].isna().all()
    words = reason_labels(card, {"recency_days": Label("距末单天数", "Days since")})
    assert words["recency_days:2"] == Label("距末单天数 ≥ 200", "Days since ≥ 200")
    assert words["recency_days:missing"].zh == "距末单天数 缺失"


def test_the_reason_that_costs_more_is_named_first():
    """Two independent features, the first of which tells far more."""
    rng = np.random.default_rng(7)
    stays = ~came(TODAY)["outcome"].to_numpy()
    both = pd.DataFrame(
        {"recency_days": 3 * stays + rng.normal(0, 1, 400), "overdue_fen": stays + rng.normal(0, 1, 400)},
        index=known(TODAY).index,
    ).round(1)
    made = fit_silence_scorecard(lambda day: both, came, SETTINGS, as_of=TODAY, horizon_days=DAYS)
    customers = scored(made, both, pd.Series(7, index=both.index))
    two = customers[customers["because_2"].notna()]
    assert len(two) > 50
    assert (two["lost_1"] >= two["lost_2"]).all()
    assert two["because_1"].str.startswith("recency_days:").mean() > 0.9
    assert (two["lost_1"] + two["lost_2"]).tolist() == pytest.approx(two["lost_points"].tolist())
    assert customers["because_3"].isna().all()


def test_a_coefficient_below_zero_is_marked_and_stated():
    """The second feature is a blurred copy of what disturbs the first, faintly tied to staying: it corrects the first,
    and its own bins say the contrary of its points.
    """
    rng = np.random.default_rng(5)
    stays = ~came(TODAY)["outcome"].to_numpy()
    disturbance = rng.normal(0, 1, 400)
    both = pd.DataFrame(
        {"recency_days": stays + 1.5 * disturbance, "overdue_fen": disturbance + 0.5 * stays}, index=known(TODAY).index
    ).round(1)
    table = fit_silence_scorecard(lambda day: both, came, SETTINGS, as_of=TODAY, horizon_days=DAYS).features_table()
    assert table["is_reversed"].tolist() == [False, True]
    (finding,) = reversed_findings(table)
    assert finding.refs["feature"].row == ("overdue_fen",)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"feature": []}, "'feature' is not known here"),
        ({"features": []}, "is not a list of features"),
        ({"features": ["a", "a"]}, "is not a list of features"),
        ({"pdo": "twenty"}, "'twenty' is not a number"),
        ({"n_lessons": 0}, "'0' is not a whole number"),
    ],
)
def test_settings_that_cannot_be_are_refused(change, match):
    config = dict(load_yaml(ROOT / "params" / "scorecard.yaml").content)
    assert parse_scorecard(config).n_lessons == 3
    with pytest.raises(SettingError, match=match):
        parse_scorecard(config | change)


def test_a_feature_that_is_no_number_is_refused():
    tags = pd.DataFrame({"recency_days": [1], "industry": ["food"]}, index=["a"])
    units = {"recency_days": Unit.DAYS, "industry": Unit.CODE}
    for name in ("industry", "n_visits"):
        with pytest.raises(SettingError, match=f"no tag '{name}' that is a number"):
            printed_features(tags, replace(SETTINGS, features=(name,)), units)
    names = {"recency_days": Label("天", "days"), "overdue_fen": Label("逾期", "Overdue")}
    result = printed_labels(SETTINGS, names, units | {"overdue_fen": Unit.FEN})
    assert result["overdue_fen"] == Label("逾期(万元)", "Overdue (10,000 yuan)")


def of_orders(company):
    """Features that are counted by hand from orders up to a date."""

    def features(day):
        people = company["customers"].query("created_on <= @day").set_index("customer_id")
        orders = company["orders"][company["orders"]["ordered_on"] <= pd.Timestamp(day)]
        lately = orders[orders["ordered_on"] > pd.Timestamp(day - timedelta(days=365))]
        result = pd.DataFrame(
            {
                "recency_days": (pd.Timestamp(day) - orders.groupby("customer_id")["ordered_on"].max()).dt.days,
                "overdue_fen": lately.groupby("customer_id")["order_id"].nunique(),
            }
        )
        return result.reindex(people.index).astype("float64")

    return features


def test_whatever_comes_later_moves_no_point_of_the_sample():
    """A card made on a day is the same if every later order is another one."""
    company = generate()
    later = company["orders"]["ordered_on"] > pd.Timestamp(TODAY)
    rng = np.random.default_rng(1)
    orders = company["orders"].copy()
    orders.loc[later, "customer_id"] = rng.permutation(orders.loc[later, "customer_id"].to_numpy())
    orders.loc[later, "ordered_on"] += pd.to_timedelta(rng.integers(1, 60, later.sum()), unit="D")
    within = {"segment": "recency_days", "horizon_days": DAYS, "observed_until": date(2026, 10, 31)}
    cards, outcomes = [], []
    for records in (company, company | {"orders": orders}):
        features = of_orders(records)
        task = tasks.churn(features, records["orders"], records["customers"], **within)
        made = fit_silence_scorecard(features, task.outcomes, SETTINGS, as_of=TODAY, horizon_days=DAYS)
        cards.append((made.table(), made.bounds, made.points(features(TODAY))))
        outcomes.append(task.outcomes(TODAY))
    pd.testing.assert_frame_equal(cards[0][0], cards[1][0])
    pd.testing.assert_series_equal(cards[0][2], cards[1][2])
    assert cards[0][1] == cards[1][1]
    assert not outcomes[0].equals(outcomes[1]), "the future was not moved: the test proves nothing"
