"""The card of one customer and the way down from a tag to its rows, on the company that one can count by hand."""

from datetime import date

import pandas as pd
import pytest

from bizlab.errors import DataError, SettingError
from bizlab.labels import Label
from bizlab.tagging import Tier
from bizlab.tagging.tags import card
from bizlab.tagging.tags.explain import steps
from bizlab.tagging.tags.facts import rows_behind
from bizlab.tagging.tags.models import snapshot


class Fixed:
    """A value grade that is the same for all who order."""

    reasons = {"not_buying": Label("未采购", "not buying")}  # noqa: RUF012

    def __call__(self, inputs):
        value = inputs["has_ordered_12m"].map({True: "A", False: None}).astype("str")
        why = pd.Series("not_buying", index=inputs.index, dtype="str").where(value.isna())
        return pd.DataFrame({"value": value, "value_reason": why})

    def because(self, inputs):
        return Label("固定", f"fixed over {len(inputs.columns)} inputs")


MODELS = {"value_grade": Fixed()}


@pytest.fixture
def months(dictionary, tables):
    ends = (date(2026, 8, 31), date(2026, 9, 30), date(2026, 10, 31))
    return [snapshot(dictionary, tables, as_of=end, models=MODELS) for end in ends]


def test_a_tag_is_followed_down_to_its_facts(months):
    way = steps(months[-1], "001", "activity_stage", models=MODELS)
    assert [(step.depth, step.tag.tag_id, step.value.en) for step in way] == [
        (0, "activity_stage", "Active"),
        (1, "recency_days", "0 days"),
    ]
    assert way[0].because == Label("recency_days <= 90", "recency_days <= 90")


def test_each_level_of_a_deep_tag_stands_under_the_one_it_feeds(months):
    way = [(step.depth, step.tag.tag_id) for step in steps(months[-1], "001", "industry_stage", models=MODELS)]
    assert way == [
        (0, "industry_stage"), (1, "industry_penetration_rate"), (2, "industry_n_buyers"), (3, "has_ordered_12m"),
        (3, "industry"), (2, "industry_n_companies"), (3, "is_in_market"), (3, "industry"),
    ]  # fmt: skip


def test_a_case_that_cannot_be_decided_is_named(months):
    step = steps(months[-1], "003", "size_class", models=MODELS)[0]
    assert step.value is None
    assert step.because.en == "cannot be decided: n_employees >= 300 and revenue_fen >= 2000万元"


def test_a_model_gives_its_own_account(months):
    assert steps(months[-1], "001", "value_grade", models=MODELS)[0].because.en == "fixed over 4 inputs"


def test_the_rows_behind_a_fact_are_those_it_counted(dictionary, tables):
    rows = rows_behind(dictionary, tables, "order_amount_12m_fen", customer_id="001", as_of=date(2026, 10, 31))
    assert rows["order_line_id"].tolist() == ["2-1", "2-2", "3-1"]
    assert rows_behind(dictionary, tables, "kp_rate", customer_id="001", as_of=date(2026, 10, 31)).empty


def test_the_card_tells_since_when_and_what_changed(months):
    seen = card.card(months, "002", models=MODELS, rules={"n_orders": Label("数一数", "count them")})
    card.CARD_TAGS.verify(seen.tags)
    card.CARD_HISTORY.verify(seen.history)
    tags = seen.tags.set_index("tag_id")
    assert (tags.loc["n_orders", "value"], tags.loc["n_orders", "since"]) == ("1", "2026-09")
    assert seen.words[tags.loc["n_orders", "rule"]] == Label("数一数", "count them")
    changes = seen.history.set_index(["tag_id", "month"])[["value_before", "value"]]
    assert changes.loc["activity_stage", "2026-09"].tolist() == ["(没有订单)", "活跃"]
    assert seen.words["(没有订单)"].en == "(no orders)"
    assert "n_orders" not in set(seen.history["tag_id"])


def test_every_tag_of_the_dictionary_is_on_the_card(months, dictionary):
    seen = card.card(months, "001", models=MODELS, rules={})
    computed = {tag.tag_id for tag in dictionary.tags.values() if tag.tier is not Tier.PREDICTION}
    assert set(seen.tags["tag_id"]) == computed
    assert (seen.tags["value"].notna() ^ seen.tags["value_reason"].notna()).all()


def test_months_before_a_customer_was_known_are_no_change(months):
    seen = card.card(months, "003", models=MODELS, rules={})
    assert seen.history.empty
    assert set(seen.tags["since"]) == {"2026-10"}, "so since the customer is known"


def test_findings_of_the_card_tell_the_latest_month_of_changes(months):
    seen = card.card(months, "002", models=MODELS, rules={})
    findings = card.card_findings(seen.history)
    assert {ref.row[1] for finding in findings for ref in finding.refs.values()} == {seen.history["month"].max()}


def test_who_is_not_known_has_no_card(months):
    with pytest.raises(DataError, match="no customer '004'"):
        card.card(months, "004", models=MODELS, rules={})
    with pytest.raises(SettingError, match="no tag 'nothing'"):
        steps(months[-1], "001", "nothing", models=MODELS)
