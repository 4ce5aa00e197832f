"""The dictionary is data, and a dictionary that cannot be is refused by name and place."""

import copy
import re

import pytest

from bizlab.conditions.tree import values_of
from bizlab.errors import SettingError
from bizlab.tagging import Layer, Tier, parse_dictionary
from bizlab.tagging.dictionary.rules import Aggregate, Cases
from bizlab.yaml_file import load_yaml


def with_tag(config, tag_id: str, **changes):
    """The dictionary of the project with one tag changed; None takes a part out."""
    changed = copy.deepcopy(config)
    tag = next(tag for tag in changed["tags"] if tag["id"] == tag_id)
    for name, value in changes.items():
        tag[name] = value
        if value is None:
            del tag[name]
    return changed


def refusal(config) -> str:
    with pytest.raises(SettingError) as caught:
        parse_dictionary(config)
    return str(caught.value)


def test_the_projects_dictionary_covers_all_tiers_and_all_three_layers(dictionary):
    places = {(tag.tier, tag.layer) for tag in dictionary.tags.values()}
    counted = {(tier, layer) for tier in (Tier.FACT, Tier.MODEL) for layer in Layer}
    assert places == counted | {(Tier.PREDICTION, Layer.ENTERPRISE)}
    assert len(dictionary.tags) >= 20


def test_every_tag_comes_after_what_it_reads(dictionary):
    place = {tag_id: number for number, tag_id in enumerate(dictionary.order)}
    assert all(place[read] < place[tag.tag_id] for tag in dictionary.tags.values() for read in tag.inputs)


def test_reading_leaves_the_configuration_as_it_was(config):
    before = copy.deepcopy(config)
    parse_dictionary(config)
    assert config == before


def test_a_circle_is_named_tag_by_tag(config):
    """size_class reads activity_stage, which reads size_class."""
    case = [{"when": {"activity_stage": "active"}, "then": "large"}]
    broken = with_tag(config, "size_class", inputs=["activity_stage"], rule={"cases": case})
    case = [{"when": {"size_class": "large"}, "then": "active"}]
    next(t for t in broken["tags"] if t["id"] == "activity_stage").update(inputs=["size_class"], rule={"cases": case})
    message = refusal(broken)
    assert "size_class -> activity_stage -> size_class" in message
    assert "tag 'size_class'" in message


def test_a_fact_that_reads_a_model_reaches_up(config):
    broken = with_tag(config, "industry_n_buyers", inputs=["has_ordered_12m", "size_class"])
    next(t for t in broken["tags"] if t["id"] == "industry_n_buyers")["rule"]["by"] = "size_class"
    message = refusal(broken)
    assert "The fact tag 'industry_n_buyers' reads the model tag 'size_class' of a higher tier" in message


@pytest.mark.parametrize(
    ("tag_id", "changes", "message"),
    [
        ("n_kp", {"id": "n_users"}, "The id 'n_users' is there twice. Where: tags, tag 'n_users'"),
        (
            "kp_rate",
            {"inputs": ["n_kp", "n_people"], "rule": {"ratio": ["n_kp", "n_people"]}},
            "'n_people' is not a tag",
        ),
        ("kp_rate", {"inputs": ["n_kp"]}, "reads 'n_contacts', which is no declared input"),
        ("kp_rate", {"inputs": ["n_kp", "n_contacts", "n_users"]}, "does not read the input 'n_users'"),
        ("value_grade", {"inputs": None}, "tag 'value_grade'. Fix: list the tags that the model reads"),
        ("n_kp", {"rule": {"table": "kontakts", "measure": "count"}}, "The table 'kontakts' is not declared"),
        ("n_kp", {"rule": {"table": "contacts", "measure": "cuont"}}, "'cuont' is not one of the choices"),
        ("n_kp", {"rule": {"table": "contacts", "measure": "sum"}}, "'sum' does not go with no column"),
        ("n_kp", {"rule": {"table": "contacts", "measure": "count", "windowdays": 3}}, "write 'window_days'"),
        ("n_kp", {"tier": "facts"}, "'facts' is not one of the choices"),
        ("last_paid_on", {"tier": "model"}, "A model tag is made of tags, not of a table"),
        ("size_class", {"tier": "fact"}, "A fact tag is counted, not judged"),
        ("overdue_fen", {"unit": "count"}, "does not show its unit 'count'"),
        ("last_paid_on", {"type": "flag"}, "does not show its unit 'bool'"),
        ("size_class", {"values": {"large": {"zh": "大", "en": "L"}}}, "The value 'medium' has no words"),
        ("n_kp", {"owner": {"zh": "销售"}}, "'en' is missing. Where: tags, tag 'n_kp'.owner"),
    ],
)
def test_what_cannot_be_is_refused_with_its_tag(config, tag_id, changes, message):
    assert message in refusal(with_tag(config, tag_id, **changes))


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ({"revenue_fen": {"min": 40_000_000_000}}, "The amount '40000000000' has no unit"),
        ({"revenue_fen": {"min": "四百万元"}}, "'四百万元' cannot be read: not a number"),
        ({"revenue_fen": {"at_least": 1}}, "'at_least' is not known here"),
        ({"revenue_fen": {}}, "is empty"),
        ({}, "is empty"),
    ],
)
def test_a_condition_that_cannot_be_read_is_refused_where_it_stands(config, condition, message):
    rule = {"cases": [{"when": condition, "then": "large"}]}
    text = refusal(with_tag(config, "size_class", inputs=["revenue_fen"], rule=rule))
    assert message in text
    assert "tag 'size_class'.rule.cases[0].when" in text


def test_amounts_are_written_with_their_unit(config):
    rule = parse_dictionary(config)["size_class"].rule
    assert isinstance(rule, Cases)
    assert list(values_of(rule.cases[0][0])) == [1000, 40_000 * 10_000 * 100]


def test_a_case_may_be_written_as_text(config):
    """The same rule in both forms is the same rule; the names and values of the text are those of the tags."""
    as_text = [
        {"when": "n_employees >= 1000 and revenue_fen >= 40000万元", "then": "large"},
        {"when": "“人员规模” ≥ 300 且 revenue_fen >= 2000万元", "then": "medium"},
        {"when": "n_employees >= 20 and revenue_fen >= 300万元", "then": "small"},
        {"otherwise": "micro"},
    ]
    changed = parse_dictionary(with_tag(config, "size_class", rule={"cases": as_text}))
    assert changed["size_class"].rule == parse_dictionary(config)["size_class"].rule


def test_a_mistake_in_the_file_is_told_with_its_line(pytestconfig, tmp_path):
    text = (pytestconfig.rootpath / "params" / "tags.yaml").read_text("utf-8")
    good = "{when: {n_employees: {min: 300}, revenue_fen: {min: 2000万元}}, then: medium}"
    line = text[: text.index(good)].count("\n") + 1
    for bad, place in (
        (good.replace("2000万元", "2000"), ", tag 'size_class'.rule.cases[1].when.revenue_fen.min. "),
        ('{when: "n_employes >= 300", then: medium}', ", tag 'size_class'.rule.cases[1].when, column 1:\n"),
    ):
        (tmp_path / "tags.yaml").write_text(text.replace(good, bad), "utf-8")
        message = refusal(load_yaml(tmp_path / "tags.yaml", shown="params/tags.yaml"))
        assert f"Where: params/tags.yaml, line {line}{place}" in message


def test_a_case_after_otherwise_is_never_reached(config):
    cases = [{"otherwise": "large"}, {"when": {"n_employees": 1}, "then": "micro"}]
    text = refusal(with_tag(config, "size_class", rule={"cases": cases}))
    assert re.search(r"never reached.*rule\.cases\[1\]", text)


def test_a_rule_can_be_read_aloud(dictionary):
    assert str(dictionary["n_kp"].rule) == "count(contacts) where role = kp"
    assert str(dictionary["kp_rate"].rule) == "n_kp / n_contacts"
    assert isinstance(dictionary["overdue_fen"].rule, Aggregate)
