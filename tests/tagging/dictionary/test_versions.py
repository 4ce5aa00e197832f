"""Rules with a first day: the right one on every date, and what moves because a rule did."""

import copy
from datetime import date, timedelta

import pandas as pd
import pytest

from bizlab.errors import SettingError
from bizlab.tagging import customer_facts, customer_tags, parse_dictionary
from bizlab.tagging.dictionary.rules import Cases
from bizlab.tagging.dictionary.versions import (
    TAG_RULE_CHANGES,
    TAG_VERSIONS,
    changed_rules,
    version_notes,
    version_table,
)

TIGHTENED = date(2026, 7, 1)
NOTE = {"zh": "说明", "en": "why"}


def bound(dictionary) -> int:
    """The days up to which a payment is a little late."""
    rule = dictionary["settlement_behaviour"].rule
    assert isinstance(rule, Cases)
    return rule.cases[1][0].value


def with_versions(config, tag_id, *versions, **changes):
    changed = copy.deepcopy(config)
    tag = next(tag for tag in changed["tags"] if tag["id"] == tag_id)
    rule = tag.pop("rule", None)
    tag["versions"] = [{"note": NOTE, "rule": rule, **version} for version in versions]
    tag.update(changes)
    return changed


def without_models(dictionary_config):
    """Without the tag of the named model, which tests of rules need not fit."""
    changed = copy.deepcopy(dictionary_config)
    changed["tags"] = [tag for tag in changed["tags"] if tag["id"] != "value_grade"]
    return changed


def test_the_planted_change_holds_from_its_day(config):
    """data/sample/README.md, rule-changed: 30 days until 2026-06-30, 15 from 2026-07-01, and 15 if nobody asks."""
    assert bound(parse_dictionary(config)) == 15
    assert bound(parse_dictionary(config, on=TIGHTENED)) == 15
    assert bound(parse_dictionary(config, on=TIGHTENED - timedelta(days=1))) == 30
    assert bound(parse_dictionary(config).on(date(2026, 6, 30)).on(date(2026, 10, 31))) == 15


def test_a_customer_may_move_because_the_rule_did(config, tables):
    """001 paid 5 days late on average (test_facts); a bound of 4 days, valid from November, makes it slow."""
    late = {"when": {"late_days": {"max": 0}}, "then": "prompt"}

    def rule(days):
        return {"cases": [late, {"when": {"late_days": {"max": days}}, "then": "late"}, {"otherwise": "slow"}]}

    changed = with_versions(
        without_models(config),
        "settlement_behaviour",
        {"from": date(2020, 1, 1), "rule": rule(15)},
        {"from": date(2026, 10, 31), "rule": rule(4)},
    )
    dictionary, as_of = parse_dictionary(changed), date(2026, 10, 31)
    old = dictionary.on(as_of - timedelta(days=1))
    values = [customer_tags(customer_facts(d, tables, as_of=as_of), models={}).frame for d in (old, dictionary)]
    assert [frame["settlement_behaviour"][0] for frame in values] == ["late", "slow"]
    assert changed_rules(old, dictionary)["tag_id"].tolist() == ["settlement_behaviour"]


def test_without_versions_every_day_has_the_same_dictionary(config):
    dictionary = parse_dictionary(config)
    assert changed_rules(dictionary, dictionary).empty
    assert changed_rules(dictionary.on(date(2026, 9, 30)), dictionary.on(date(2026, 10, 31))).empty


def test_a_change_below_is_told_from_a_change_of_ones_own(config):
    """The window of orders is cut to 180 days and, on the same day, penetration is judged anew."""
    shorter = {"table": "orders", "measure": "exists", "window_days": 180}
    first = {"from": date(2020, 1, 1)}
    changed = with_versions(config, "has_ordered_12m", first, {"from": TIGHTENED, "rule": shorter})
    cases = {"cases": [{"when": {"industry_penetration_rate": {"min": 0.1}}, "then": "deep"}, {"otherwise": "new"}]}
    changed = with_versions(changed, "industry_stage", first, {"from": TIGHTENED, "rule": cases})
    dictionary = parse_dictionary(changed)
    changes = changed_rules(dictionary.on(date(2026, 6, 30)), dictionary)
    TAG_RULE_CHANGES.verify(changes)
    concerned = {(r.tag_id, r.change, None if pd.isna(r.through) else r.through) for r in changes.itertuples()}
    assert concerned == {
        ("conversion_rate", "input", "has_ordered_12m"),
        ("has_ordered_12m", "own", None),
        ("industry_n_buyers", "input", "has_ordered_12m"),
        ("industry_penetration_rate", "input", "has_ordered_12m"),
        ("industry_stage", "both", "has_ordered_12m"),
        ("value_grade", "input", "has_ordered_12m"),
        ("settlement_behaviour", "own", None),
    }
    row = changes.set_index("tag_id").loc["has_ordered_12m"]
    assert (row["rule_before"], row["rule_after"]) == ("exists(orders), last 365 days", "exists(orders), last 180 days")


def test_tags_that_come_and_go(config):
    fewer = copy.deepcopy(config)
    fewer["tags"] = [tag for tag in fewer["tags"] if tag["id"] != "kp_rate"]
    before, after = parse_dictionary(fewer), parse_dictionary(config)
    assert changed_rules(before, after)[["tag_id", "change"]].to_numpy().tolist() == [["kp_rate", "added"]]
    assert changed_rules(after, before)[["tag_id", "change"]].to_numpy().tolist() == [["kp_rate", "removed"]]


def test_another_date_column_of_a_table_is_another_rule(config):
    moved = copy.deepcopy(config)
    moved["tables"]["subscriptions"]["occurred"] = "starts_on"
    changes = changed_rules(parse_dictionary(config), parse_dictionary(moved))
    assert "n_subscription_periods" in set(changes["tag_id"])


def test_a_version_may_read_other_tags_than_the_next(config):
    cases = {"cases": [{"when": {"n_orders": {"min": 1}}, "then": "active"}, {"otherwise": "lapsed"}]}
    old = {"from": date(2020, 1, 1), "rule": cases, "inputs": ["n_orders"]}
    dictionary = parse_dictionary(with_versions(config, "activity_stage", old, {"from": TIGHTENED}))
    assert dictionary["activity_stage"].inputs == ("recency_days",)
    earlier = dictionary.on(date(2026, 6, 30))
    assert earlier["activity_stage"].inputs == ("n_orders",)
    assert earlier.order.index("n_orders") < earlier.order.index("activity_stage")


def test_the_table_of_versions_has_no_day_twice_and_none_left_out(dictionary):
    shown = version_table(dictionary)
    TAG_VERSIONS.verify(shown)
    assert shown["until_on"].tolist()[0] == pd.Timestamp("2026-06-30")
    assert pd.isna(shown["until_on"].tolist()[1])
    assert [version_notes(dictionary)[note].en[:5] for note in shown["note"]] == ["First", "Tight"]


@pytest.mark.parametrize(
    ("versions", "message"),
    [
        ([{"from": TIGHTENED}, {"from": TIGHTENED}], "does not begin after the one before it, from 2026-07-01"),
        ([{"from": TIGHTENED}, {"from": date(2026, 1, 1)}], "order versions by their first day"),
        ([{"from": "soon"}], "'soon' is not a date. Where: tags, tag 'n_kp'.versions[0].from"),
        ([], "There are no versions. Where: tags, tag 'n_kp'.versions"),
        ([{"from": TIGHTENED, "till": TIGHTENED}], "'till' is not known here"),
        ([{"from": TIGHTENED, "note": None}], "'None' is not a mapping. Where: tags, tag 'n_kp'.versions[0].note"),
        ([{"from": TIGHTENED, "rule": {"peers": "n_users", "by": "region"}}], "reads 'n_users', which is no declared"),
        ([{"from": TIGHTENED, "rule": {"table": "contakts", "measure": "count"}}, {"from": date(2026, 8, 1)}],
         "The table 'contakts' is not declared"),
    ],
)  # fmt: skip
def test_versions_that_cannot_be_are_refused_where_they_stand(config, versions, message):
    with pytest.raises(SettingError) as caught:
        parse_dictionary(with_versions(config, "n_kp", *versions))
    assert message in str(caught.value)


def test_dates_are_read_as_written_in_the_file(config):
    """The files of the project keep dates as texts: 2026-07-01 there is the first of July here."""
    cases = {"cases": [{"when": {"last_paid_on": {"min": "2026-07-01"}}, "then": "prompt"}, {"otherwise": "slow"}]}
    changed = copy.deepcopy(config)
    tag = next(tag for tag in changed["tags"] if tag["id"] == "settlement_behaviour")
    tag |= {"inputs": ["last_paid_on"], "versions": [{"from": "2020-01-01", "rule": cases, "note": NOTE}]}
    rule = parse_dictionary(changed)["settlement_behaviour"].rule
    assert isinstance(rule, Cases)
    assert rule.cases[0][0].value == TIGHTENED
    cases["cases"][0]["when"]["last_paid_on"]["min"] = "2026-02-30"
    with pytest.raises(SettingError, match=r"'2026-02-30' is not a date\. Where: .*cases\[0\].when.last_paid_on.min"):
        parse_dictionary(changed)


def test_a_tag_has_a_rule_or_versions_and_not_both(config):
    changed = with_versions(config, "n_kp", {"from": TIGHTENED}, rule={"table": "contacts", "measure": "count"})
    with pytest.raises(SettingError, match="'rule' is not known here"):
        parse_dictionary(changed)


def test_a_day_before_the_first_version_has_no_rule(config):
    with pytest.raises(SettingError, match="no rule for 2019-12-31: the first version holds from 2020-01-01"):
        parse_dictionary(config, on=date(2019, 12, 31))


def test_a_circle_that_held_only_once_is_refused_too(config):
    cases = {"cases": [{"when": {"size_class": "large"}, "then": "active"}]}
    old = {"from": date(2020, 1, 1), "rule": cases, "inputs": ["size_class"]}
    changed = with_versions(config, "activity_stage", old, {"from": TIGHTENED})
    case = {"cases": [{"when": {"activity_stage": "active"}, "then": "large"}]}
    changed = with_versions(changed, "size_class", {"from": date(2020, 1, 1)}, {"from": date(2026, 8, 1)})
    tag = next(t for t in changed["tags"] if t["id"] == "size_class")
    tag["versions"][0] |= {"rule": case, "inputs": ["activity_stage"]}
    with pytest.raises(SettingError, match="read each other in a circle"):
        parse_dictionary(changed)
