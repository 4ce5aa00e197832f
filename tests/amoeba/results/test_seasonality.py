"""Seasonal indices against a published decomposition, and only where history allows."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.tsa.seasonal import seasonal_decompose

from bizlab.amoeba.results.seasonality import SEASONS, seasonal_index, seasons

PASSENGERS = """
112 118 132 129 121 135 148 148 136 119 104 118 115 126 141 135 125 149 170 170 158 133 114 140
145 150 178 163 172 178 199 199 184 162 146 166 171 180 193 181 183 218 230 242 209 191 172 194
196 196 236 235 229 243 264 272 237 211 180 201 204 188 235 227 234 264 302 293 259 229 203 229
242 233 267 269 270 315 364 347 312 274 237 278 284 277 317 313 318 374 413 405 355 306 271 306
315 301 356 348 355 422 465 467 404 347 305 336 340 318 362 348 363 435 491 505 404 359 310 337
360 342 406 396 420 472 548 559 463 407 362 405 417 391 419 461 472 535 622 606 508 461 390 432
"""
"""International airline passengers 1949 to 1960, in thousands (Box, Jenkins and Reinsel, series G)."""
PUBLISHED = [0.9102304, 0.8836253, 1.0073663, 0.9759060, 0.9813780, 1.1127758,
             1.2265555, 1.2199110, 1.0604919, 0.9217572, 0.8011781, 0.8988244]  # fmt: skip
"""``decompose(AirPassengers, type = "multiplicative")$figure`` of R."""


def months_of(values, first=1):
    n = range(first - 1, first - 1 + len(values))
    return pd.DataFrame(
        {"unit_id": "t", "month": [f"{2024 + one // 12}-{one % 12 + 1:02d}" for one in n], "sales_fen": values}
    )


def test_the_airline_passengers_have_the_published_seasonal_figure():
    pairs = seasonal_index([float(value) for value in PASSENGERS.split()])
    assert [index for index, _ in pairs] == pytest.approx(PUBLISHED, abs=5e-8)
    assert {n for _, n in pairs} == {11}


@given(st.lists(st.floats(1, 1e6), min_size=36, max_size=60))
@settings(deadline=None, max_examples=30)
def test_it_is_the_decomposition_of_statsmodels(values):
    expected = seasonal_decompose(values, model="multiplicative", period=12).seasonal[:12]
    assert [index for index, _ in seasonal_index(values)] == pytest.approx(expected.tolist())


@pytest.mark.parametrize("first", [1, 11])
def test_a_planted_season_is_found_again_in_its_month_with_one_observation_each(first):
    """November sells double, whatever month the history begins in."""
    values = [200 if (first + n - 1) % 12 == 10 else 100 for n in range(24)]
    index = seasons(months_of(values, first), ["t"]).set_index("month_of_year")
    assert index["index_rate"].idxmax() == "11"
    assert index.loc["11", "index_rate"] / index.loc["05", "index_rate"] == pytest.approx(2)
    assert index["n_observations"].tolist() == [1] * 12
    assert index["index_rate"].mean() == pytest.approx(1)


@pytest.mark.parametrize(("values", "reason"), [([5] * 23, "too_few"), ([], "too_few"), ([0] * 24, "not_positive")])
def test_where_history_does_not_allow_it_the_reason_stands(values, reason):
    index = seasons(months_of(values), ["t"])
    SEASONS.verify(index)
    assert index["index_rate"].isna().all()
    assert set(index["index_rate_reason"]) == {reason}
    assert set(index["n_observations"]) == {0}
    assert set(index["n_months"]) == {len(values)}
