"""Settings, reference period, and the grade as a tag."""

import copy
from dataclasses import replace

import pytest

from bizlab.customers import GRADE_FEATURES, fit_value_grade, grade_features, parse_grading, reference_end
from bizlab.errors import SettingError

FEATURES = {
    "quantity": {"tag": "q", "better": "higher", "weight": 0.25},
    "amount": {"tag": "a", "better": "higher", "weight": 0.5},
    "settlement": {"tag": "s", "better": "lower", "weight": 0.25},
}
CIRCLE = {"amount over quantity": 3, "settlement over amount": 3, "quantity over settlement": 3}
CONFIG = {"features": FEATURES, "grades": {"A": 0.4, "B": 0.6}}


def test_who_bought_nothing_and_who_paid_nothing_have_a_reason_and_no_grade(model, reference):
    result = model(reference).set_index(reference["customer_id"])
    assert result.loc["001", "value"] == "A"
    assert result.loc["008", "value"] == "D"
    assert result.loc["009"].fillna("-").tolist() == ["-", "unpaid"]
    assert result.loc["010"].fillna("-").tolist() == ["-", "not_buying"]
    assert set(result["value_reason"].dropna()) <= set(model.reasons)


def test_a_later_month_is_graded_by_the_reference(model, market):
    later = market(
        """
        | customer_id | has_ordered_12m | order_quantity_12m | order_amount_12m_fen | settlement_days | overdue_fen |
        | 001         | 1               | 5                  | 50000                | 70              | 0           |
        | 008         | 1               | 500                | 5000000              | 10              | 0           |
        """
    )
    assert model(later)["value"].tolist() == ["D", "A"]


def test_fitting_changes_nothing_in_the_reference(reference, grading, unchanged):
    with unchanged(reference):
        fit_value_grade(reference, grading, weighting="entropy")(reference)


def test_the_features_are_shown_with_the_weights_in_force(model, reference, grading):
    shown = grade_features(model)
    GRADE_FEATURES.verify(shown)
    assert shown["weight_rate"].tolist() == [0.25, 0.5, 0.25]
    assert shown["n_reference"].tolist() == [8, 8, 8]
    entropy = grade_features(fit_value_grade(reference, grading, weighting="entropy"))
    assert entropy["weight_rate"].sum() == pytest.approx(1)


def test_weights_that_do_not_total_are_refused(reference, grading):
    config = copy.deepcopy(CONFIG)
    config["features"]["amount"]["weight"] = 0.6
    for role, tag in zip(FEATURES, grading.features, strict=True):
        config["features"][role]["tag"] = tag
    with pytest.raises(SettingError, match=r"The weights total 1\.1, not 1"):
        fit_value_grade(reference, parse_grading(config), weighting="given")


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (
            ("features", "amount", "better"),
            "bigger",
            "'bigger' is not one of the choices. Where: params/grading.yaml, features.amount.better",
        ),
        (
            ("features", "amount", "weight"),
            "half",
            "'half' is not a number. Where: params/grading.yaml, features.amount.weight",
        ),
        (
            ("features", "amount", "wieght"),
            1,
            "'wieght' is not known here. Where: params/grading.yaml, features.amount",
        ),
        (("grades",), {"A": 1}, "fewer than two grades"),
        (("cuts",), {}, "'cuts' is not known here"),
        (("comparisons",), {}, "'quantity' and 'amount' are not compared. Where: params/grading.yaml, comparisons"),
        (("comparisons",), CIRCLE, "'quantity' is 0.333 times 'amount', which is 0.333 times 'settlement'"),
    ],
)
def test_settings_are_read_strictly(path, value, message):
    config = copy.deepcopy(CONFIG)
    place = config
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    with pytest.raises(SettingError) as caught:
        parse_grading(config)
    assert message in str(caught.value)


def test_a_feature_that_is_no_tag_is_named(reference):
    with pytest.raises(SettingError, match="The value grade reads 'q', which is not among its inputs"):
        fit_value_grade(reference, parse_grading(CONFIG), weighting="given")


def test_the_reference_must_be_as_long_as_what_is_graded():
    assert reference_end(("2025-03", "2026-02")).isoformat() == "2026-02-28"
    with pytest.raises(SettingError, match="2024-11 to 2026-10 is not 12 months long"):
        reference_end(("2024-11", "2026-10"))


def test_the_companys_comparisons_are_weights(reference, grading):
    """Amount counts most, then settlement, then quantity, as the comparisons in the file say."""
    shown = grade_features(fit_value_grade(reference, grading, weighting="ahp"))
    weights = dict(zip(("quantity", "amount", "settlement"), shown["weight_rate"], strict=True))
    assert weights["amount"] > weights["settlement"] > weights["quantity"]
    assert sum(weights.values()) == pytest.approx(1)


def test_ahp_without_comparisons_is_refused(reference, grading):
    with pytest.raises(SettingError, match="needs comparisons of the features, and there are none"):
        fit_value_grade(reference, replace(grading, comparisons=None), weighting="ahp")
