"""Conditions as a configuration file writes them: the same tree as from text, and mistakes with file and line."""

from datetime import date, datetime

import pytest
from drawn import FIELDS

from bizlab.conditions.mapping import read_mapping
from bizlab.conditions.text import read_condition
from bizlab.conditions.tree import AsOf, Compare, Holds, Not
from bizlab.configuration import Spot
from bizlab.errors import SettingError
from bizlab.yaml_file import load_yaml


@pytest.mark.parametrize(
    ("mapping", "text"),
    [
        ({"recency_days": {"above": 90}}, "recency_days > 90"),
        ({"recency_days": {"min": 30, "below": 90}}, "recency_days >= 30 and recency_days < 90"),
        ({"overdue_fen": {"max": "5万元"}, "region": "east"}, "overdue_fen <= 5万元 and region = east"),
        ({"overdue_fen": 0}, "overdue_fen = 0元"),
        ({"kp_rate": {"min": "20%"}}, "kp_rate >= 20%"),
        ({"kp_rate": {"min": 0.2}}, "kp_rate >= 20%"),
        ({"value_grade": {"in": ["A", "B级"]}}, "value_grade in (A, B)"),
        ({"n_orders": {"in": [0, 3, 3]}}, "n_orders in (0, 3)"),
        ({"first_order_on": {"below": "2026-01-01"}}, "first_order_on < 2026-01-01"),
        ({"first_order_on": {"is": date(2026, 1, 1)}}, "first_order_on = 2026-01-01"),
        ({"first_order_on": {"max": "as_of"}}, "first_order_on <= as_of"),
        ({"has_subscription": True}, "has_subscription"),
        ({"has_subscription": {"is": False}}, "not has_subscription"),
        ({"rating": {"missing": True}}, "rating missing"),
        ({"rating": {"missing": False}}, "rating not missing"),
        ({"any": [{"rating": 5}, {"rating": 1, "n_orders": {"min": 1}}]}, "rating = 5 or rating = 1 and n_orders >= 1"),
        ({"any": {"rating": 5}}, "rating = 5"),
        ("last_order_on < as_of - 90d or rating missing", "last_order_on < as_of - 90d or rating missing"),
    ],
)
def test_a_mapping_and_a_text_say_the_same(mapping, text):
    assert read_mapping(mapping, Spot("rule"), FIELDS) == read_condition(text, FIELDS)


@pytest.mark.parametrize(
    ("mapping", "condition"),
    [
        ({"role": "kp"}, Compare("role", "=", "kp")),
        ({"month": {"min": "2026-01"}}, Compare("month", ">=", "2026-01")),
        ({"until": {"min": "as_of"}}, Compare("until", ">=", AsOf())),
        ({"due_on": {"below": "as_of"}}, Compare("due_on", "<", AsOf())),
        ({"quantity": {"below": 2.5}}, Compare("quantity", "<", 2.5)),
        ({"is_paid": False}, Not(Holds("is_paid"))),
    ],
)
def test_a_column_that_nobody_describes_is_known_by_its_name_and_value(mapping, condition):
    assert read_mapping(mapping, Spot("rule"), {}) == condition


@pytest.mark.parametrize(
    ("mapping", "problem", "at"),
    [
        ({}, "is empty", "when"),
        ({"any": []}, "is empty", "when.any"),
        ({"any": [{"rating": 1}, {}]}, "is empty", "when.any[1]"),
        ({"rating": {}}, "is empty", "when.rating"),
        ({"rating": {"at_least": 1}}, "'at_least' is not known", "when.rating"),
        ({"rating": {"missing": "no"}}, "neither true nor false", "when.rating.missing"),
        ({"rating": {"in": 3}}, "'in' takes a list", "when.rating.in"),
        ({"rating": {"min": float("inf")}}, "larger than any value", "when.rating.min"),
        ({"kp_rate": {"min": 20}}, "lies above 1", "when.kp_rate.min"),
        ({"rating": {"min": True}}, "cannot be compared with 'True'", "when.rating.min"),
        ({"rating": "many"}, "cannot be read", "when.rating"),
        ({"overdue_fen": {"min": 5_000_000}}, "has no unit", "when.overdue_fen.min"),
        ({"value_grade": 3}, "is a category and cannot be compared with '3'", "when.value_grade"),
        ({"value_grade": {"in": ["A", "E"]}}, "'E' is not a value", "when.value_grade.in"),
        ({"value_grade": {"min": "A"}}, "has no order for '>='", "when.value_grade.min"),
        ({"has_subscription": {"above": False}}, "has no order for '>'", "when.has_subscription.above"),
        ({"has_subscription": {"in": [True]}}, "cannot be compared with a list", "when.has_subscription.in"),
        ({"first_order_on": {"min": "2026-02-30"}}, "is not a date", "when.first_order_on.min"),
        ({"first_order_on": datetime(2026, 1, 1, 8)}, "is a date and cannot be compared", "when.first_order_on"),
        (["rating"], "is not a mapping", "when"),
    ],
)
def test_what_cannot_be_is_refused_where_it_stands(mapping, problem, at):
    with pytest.raises(SettingError) as refused:
        read_mapping(mapping, Spot("rule", "when"), FIELDS)
    assert problem in refused.value.problem
    assert refused.value.place == f"rule, {at}"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("rules:\n- when:\n    rating:\n      min: 3\n      max: '５x'\n", "p.yaml, line 5, rules[0].when.rating.max"),
        ("rules:\n- when: ratng > 3\n", "p.yaml, line 2, rules[0].when, column 1:\n  ratng > 3\n  ^"),
    ],
)
def test_a_mistake_in_a_file_is_told_with_its_line(tmp_path, text, place):
    (tmp_path / "p.yaml").write_text(text, "utf-8")
    file = load_yaml(tmp_path / "p.yaml", shown="p.yaml")
    spot = Spot("p.yaml", source=file).at("rules").at(0).at("when")
    with pytest.raises(SettingError) as refused:
        read_mapping(file["rules"][0]["when"], spot, FIELDS)
    assert refused.value.place == place
