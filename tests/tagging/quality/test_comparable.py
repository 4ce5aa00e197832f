"""What moved for other reasons than the customers: a shared value, another rule, a longer history."""

from datetime import date

import pandas as pd
import pytest

from bizlab.tagging import parse_dictionary
from bizlab.tagging.quality.comparable import first_days, not_comparable
from bizlab.tagging.tags.models import snapshot

WORDS = {"zh": "词", "en": "word"}
FIXED = {"definition": WORDS, "name": WORDS, "layer": "enterprise", "refresh": "-", "owner": WORDS}
THEN, NOW = date(2025, 10, 31), date(2026, 10, 31)


def fact(name, kind="number", unit="count", **rule):
    return {**FIXED, "id": name, "tier": "fact", "type": kind, **({"unit": unit} if kind == "number" else {}), **rule}


def model(name, read, versions):
    return {**FIXED, "id": name, "tier": "model", "type": "category", "inputs": [read],
            "values": {"high": WORDS, "low": WORDS}, "versions": versions}  # fmt: skip


def cut(bound, begin):
    cases = [{"when": {"recent": {"min": bound}}, "then": "high"}, {"otherwise": "low"}]
    return {"from": begin, "rule": {"cases": cases}, "note": WORDS}


@pytest.fixture
def dictionary():
    industry = {"values": {"a": WORDS, "b": WORDS}, "rule": {"table": "customers", "measure": "value", "column": "ind"}}
    tags = [
        fact("industry", "category", **industry),
        fact("is_known", "flag", rule={"table": "customers", "measure": "exists"}),
        fact("peers", inputs=["is_known", "industry"], rule={"peers": "is_known", "by": "industry"}),
        fact("ever", rule={"table": "orders", "measure": "count"}),
        fact("recent", rule={"table": "orders", "measure": "count", "window_days": 365}),
        fact("last", unit="days", rule={"table": "orders", "measure": "days_since", "column": "on"}),
        fact("running", rule={"table": "orders", "measure": "count", "where": {"until": {"min": "as_of"}}}),
        model("kept", "recent", [cut(5, "2020-01-01")]),
        model("tightened", "recent", [cut(5, "2020-01-01"), cut(9, "2026-07-01")]),
    ]
    uses = {"customers": {"occurred": "created", "empty": WORDS}, "orders": {"occurred": "on", "empty": WORDS}}
    return parse_dictionary({"tables": uses, "tags": tags})


def tables(first):
    on = pd.to_datetime([first, "2025-09-01", "2026-10-01"])
    orders = {"customer_id": ["a", "b", "a"], "on": on, "until": pd.to_datetime("2027-01-01")}
    people = {"customer_id": ["a", "b"], "ind": ["a", "b"], "created": pd.Timestamp("2010-01-01")}
    return {"customers": pd.DataFrame(people), "orders": pd.DataFrame(orders)}


def reasons(dictionary, first):
    frames = tables(first)
    then, now = (snapshot(dictionary.on(day), frames, as_of=day, models={}) for day in (THEN, NOW))
    return not_comparable(then, now, first_days(dictionary, frames))


def test_each_reason_is_told_of_the_tags_it_concerns(dictionary):
    codes = reasons(dictionary, "2024-11-04")
    assert codes == {"peers": "by_group", "tightened": "rule_changed", "ever": "history", "last": "history"}


def test_a_long_history_compares(dictionary):
    assert reasons(dictionary, "2014-11-04") == {"peers": "by_group", "tightened": "rule_changed"}


def test_the_first_day_is_that_of_the_events(dictionary):
    assert first_days(dictionary, tables("2024-11-04")) == {"orders": date(2024, 11, 4)}
