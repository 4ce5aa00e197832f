"""Trends of amoebas: planted slopes found again, wild months without weight, a direction only where there is one."""

import pandas as pd
import pytest

from bizlab.amoeba.results.trend import TREND, trend, trend_finding
from bizlab.report.sentences import Figures, statements
from bizlab.report.view import shown_table
from bizlab.statistics.robust import theil_sen

MONTHS = [f"{2025 + n // 12}-{n % 12 + 1:02d}" for n in range(24)]
WOBBLE = [3.0, -2.0, 1.0, -3.0, 2.0, -1.0] * 4


def rows_of(unit_id, values, months=MONTHS, measure="value_per_hour"):
    return pd.DataFrame({"unit_id": unit_id, "month": months[: len(values)], measure: values})


def test_a_planted_slope_is_found_again_whatever_two_months_did():
    values = [100 + 5 * n + wobble for n, wobble in enumerate(WOBBLE)]
    values[7] = values[20] = 10_000.0
    trends = trend(rows_of("t", values), "value_per_hour").iloc[0]
    assert trends["slope"] == pytest.approx(5, abs=0.3)
    assert trends["slope_lower"] < 5 < trends["slope_upper"]
    assert trends["direction"] == "rising"


def test_a_missing_month_stretches_no_slope():
    """Ten more a month: the month without a value is passed over, its neighbours lie two steps apart."""
    values = [10.0 * n for n in range(12)]
    values[5] = float("nan")
    trends = trend(rows_of("t", values), "value_per_hour").iloc[0]
    assert (trends["slope"], trends["n_months"], trends["direction"]) == (10, 11, "rising")


def test_where_there_is_no_direction_the_reason_stands():
    up, down = ([one + slope * n for n, one in enumerate(WOBBLE)] for slope in (0.01, -0.01))
    rows = pd.concat([rows_of("wobble", up), rows_of("sag", down), rows_of("new", [1.0] * 7)])
    trends = trend(rows, "value_per_hour").set_index("unit_id")
    assert trends["direction"].to_dict() == {"wobble": "open", "sag": "open", "new": "too_few"}
    assert trends.loc["sag", "slope"] < 0
    assert pd.isna(trends.loc["new", "slope"])
    assert trends.loc["new", "slope_reason"] == "too_few"
    assert trend_finding(trends.reset_index(), "wobble", "value_per_hour") == []


def test_the_level_of_the_interval_is_an_argument():
    rows = rows_of("t", [100 + 5 * n + wobble for n, wobble in enumerate(WOBBLE)])
    wide, narrow = (trend(rows, "value_per_hour", confidence=level).iloc[0] for level in (0.99, 0.5))
    assert wide["slope_lower"] < narrow["slope_lower"] < narrow["slope_upper"] < wide["slope_upper"]
    assert narrow["slope_lower"] == theil_sen(rows["value_per_hour"], range(24), confidence=0.5).lower


@pytest.mark.parametrize(("sign", "direction"), [(1, "good"), (-1, "bad")])
def test_the_finding_names_slope_and_interval(sign, direction):
    values = [sign * 0.01 * n for n in range(12)]
    trends = trend(rows_of("t", values, measure="net_margin_rate"), "net_margin_rate")
    shown = [shown_table(trends, TREND["net_margin_rate"], key="trend_net_margin_rate")]
    heading = statements(trend_finding(trends, "t", "net_margin_rate"), Figures(shown))
    assert [sentence.direction for sentence in heading] == [direction]
    assert f"{'−' if sign < 0 else ''}1.0% a month (points) over 12 months" in heading[0].text().en
