"""Values far from their peers are flagged; what cannot be judged is said."""

import narwhals as nw
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizlab.data.cleaning.outlier_rules import outlier_rules
from bizlab.data.cleaning.outliers import NOT_JUDGED, OUTLIER_CHECKS, OUTLIERS, judge, outlier_findings
from bizlab.report.sentences import Figures, statements
from bizlab.report.view import shown_table
from bizlab.tables import TABLES

PRICE = {"id": "unit_price", "name": {"zh": "单价(元)", "en": "Unit price (RMB)"}, "table": "orders",
         "value": "amount_fen", "per": "quantity", "by": "product_id", "scale": "linear"}  # fmt: skip


def rules(*, smallest_group=3, limit=3.5, **changed):
    return outlier_rules({"limit": limit, "smallest_group": smallest_group, "checks": [PRICE | changed]})


def orders(*lines):
    """Order lines of product, quantity and amount in yuan."""
    rows = [
        {
            "order_line_id": f"L{n}",
            "product_id": product,
            "quantity": quantity,
            "amount_fen": amount and round(amount * 100),
        }
        for n, (product, quantity, amount) in enumerate(lines, 1)
    ]
    frame = pd.DataFrame(rows, columns=["order_line_id", "product_id", "quantity", "amount_fen"])
    frame = frame.astype({"quantity": "Int64", "amount_fen": "Int64"})
    other = {name: None for name in TABLES["orders"].names if name not in frame}
    return lambda table: nw.from_native({"orders": frame.assign(**other)}[table]).lazy()


def judged(lines, **changed):
    outcome = judge(orders(*lines), rules(**changed))
    for frame, contract in zip(outcome, (OUTLIERS, OUTLIER_CHECKS, NOT_JUDGED), strict=True):
        assert all(check.passed for check in contract.verify(frame))
    return outcome


LENGTHS = (199.31, 199.53, 200.19, 200.82, 201.92, 201.95, 202.18, 245.57)
"""Masses of Tietjen and Moore (1979), as the NIST/SEMATECH e-Handbook gives them (1.3.5.17.1)."""


def test_the_published_masses_by_hand():
    """Median 201.37; deviations .55 .55 .58 .81 1.18 1.84 2.06 44.2, so MAD .995: score .6745 x 44.2 / .995 = 29.96."""
    outcome = judged([("S", 2, 2 * mass) for mass in LENGTHS])
    (row,) = outcome.flagged.to_dict("records")
    assert (row["id"], row["table"], row["column"], row["group"]) == ("L8", "orders", "amount_fen / quantity", "S")
    assert (row["value"], row["median"]) == (pytest.approx(245.57), pytest.approx(201.37))
    assert row["score"] == pytest.approx(0.6745 * 44.2 / 0.995)
    assert (row["lower"], row["upper"]) == pytest.approx((201.37 - 3.5 * 0.995 / 0.6745, 201.37 + 3.5 * 0.995 / 0.6745))


def test_on_a_log_scale_a_tenth_and_ten_times_lie_equally_far():
    prices = [90, 95, 100, 105, 110]
    outcome = judged([("S", 1, price) for price in (*prices, 10, 1000)], scale="log")
    assert sorted(outcome.flagged["id"]) == ["L6", "L7"]
    assert outcome.flagged["median"].tolist() == pytest.approx([100, 100])
    assert outcome.flagged["score"].sum() == pytest.approx(0)
    assert (outcome.flagged["lower"] * outcome.flagged["upper"]).tolist() == pytest.approx([10_000] * 2)


def test_what_cannot_be_judged_is_counted_and_says_why():
    """A list price without spread, a product sold twice, a rebate of no pieces, a gift, an amount that is missing."""
    listed = [*[("M", 1, 240)] * 4, ("M", 1, 2400)]
    outcome = judged([*listed, ("G", 1, 5), ("G", 1, 500), ("S", 0, -7), ("S", 1, 0), ("S", 1, None)], scale="log")
    assert outcome.flagged.empty
    assert outcome.not_judged[["group", "n_values", "why"]].to_numpy().tolist() == [
        ["G", 2, "too_few"],
        ["M", 5, "no_spread"],
    ]
    (row,) = outcome.checks.to_dict("records")
    assert (row["n_values"], row["n_judged"], row["n_undefined"], row["n_not_judged"]) == (10, 0, 3, 7)
    assert row["n_expected"] == 0


def test_prices_that_differ_by_rounding_alone_have_no_spread():
    outcome = judged([("M", 3 * n, 0.3 * 3 * n) for n in range(1, 30)])
    assert outcome.not_judged["why"].tolist() == ["no_spread"]


def test_as_many_normal_values_stand_out_as_are_expected_by_chance():
    """P(|Z| > 3.5) = 0.000465 (tables of the normal): 23 of 50,000; a Poisson count lies within four deviations."""
    normal = np.random.default_rng(7).normal(1000, 20, 50_000)
    (row,) = judged([("S", 1, price) for price in normal]).checks.to_dict("records")
    assert row["n_expected"] == pytest.approx(50_000 * 0.000465, rel=0.01)
    assert abs(row["n_flagged"] - row["n_expected"]) < 4 * row["n_expected"] ** 0.5


LINES = st.lists(st.tuples(st.sampled_from("SG"), st.integers(0, 3), st.integers(-5, 400)), max_size=25)


@given(lines=LINES, data=st.data(), scale=st.sampled_from(["log", "linear"]))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_the_order_of_rows_changes_nothing_and_every_row_is_accounted_for(lines, data, scale):
    outcome = judged(lines, scale=scale)
    ids = {f"L{n}": line for n, line in enumerate(lines, 1)}
    shuffled = data.draw(st.permutations(list(ids)))
    frame = (
        orders(*lines)("orders").collect("pandas").to_native().set_index("order_line_id").loc[shuffled].reset_index()
    )
    again = judge({"orders": nw.from_native(frame).lazy()}.__getitem__, rules(scale=scale))
    for statement, other in zip(outcome, again, strict=True):
        pd.testing.assert_frame_equal(statement, other)
    assert outcome.checks["n_values"].tolist() == [len(lines)]
    for row in outcome.flagged.to_dict("records"):
        assert row["value"] < row["lower"] or row["value"] > row["upper"]
        assert row["value"] == ids[row["id"]][2] / ids[row["id"]][1]


def test_the_farthest_value_is_told_with_its_median_and_the_count_with_what_chance_gives():
    outcome = judged([("S", 1, price) for price in LENGTHS])
    shown = [
        shown_table(outcome.flagged, OUTLIERS, key="outliers", names=rules().names()),
        shown_table(outcome.checks, OUTLIER_CHECKS, key="outlier_checks", names=rules().names()),
    ]
    sentences = [statement.text().en for statement in statements(outlier_findings(outcome, rules()), Figures(shown))]
    assert sentences == [
        "Unit price (RMB): L8 has 245.57 against a median of 201.37 of its peers; check unit and entry",
        "Unit price (RMB): 1 of 8 values stand out; about <0.01 would by chance alone",
    ]
    assert outlier_findings(judged([]), rules()) == []
