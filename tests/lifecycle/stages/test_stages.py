"""The configuration of the stages: what it gives, and what it refuses with the key that is wrong."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from bizlab.errors import SettingError
from bizlab.lifecycle import read_stages


def test_the_ten_nodes_stand_in_their_order_with_the_states_beside_them(stages):
    assert stages.ids == (
        "traffic", "lead", "nurturing", "mql", "sql", "converted", "onboarding", "growth", "repurchase", "renewal",
        "lost", "churned",
    )  # fmt: skip
    assert stages.labels["mql"].zh == "市场认可线索"
    assert stages.number("traffic") == 1
    assert stages.number("churned") == 12


def _with(raw: dict[str, Any], path: list[Any], value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(raw)
    at = changed
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return changed


@pytest.mark.parametrize(
    ("path", "value", "place", "problem"),
    [
        (["chort"], "lead", "key chort", "'chort' is unknown"),
        (["stages", 5, "fact"], [], "key stages[5].fact", "'fact' is unknown"),
        (["stages", 5, "facts"], [{"order": {"nth": 1, "line": []}}], "stages[5].facts[0].order.line", "unknown"),
        (
            ["stages", 5, "facts"],
            [{"order": {"nth": 1, "from_nth": 2}}],
            "stages[5].facts[0].order",
            "exactly one of nth, from_nth",
        ),
        (["stages", 5, "facts"], [{}], "stages[5].facts[0]", "exactly one"),
        (
            ["stages", 9, "facts"],
            [{"subscription": {}}],
            "stages[9].facts[0].subscription",
            "exactly one of period, from_period",
        ),
        (["stages", 0, "within_days"], "21", "stages[0].within_days", "'21'"),
        (["stages", 0, "within_days"], True, "stages[0].within_days", "True"),
        (["cohort"], "leads", "key cohort", "no stage 'leads'"),
        (["won"], "traffic", "key won", "does not come after"),
        (["stages", 3, "id"], "lead", "stages[3].id", "given twice"),
        (["states", 0, "id"], "sql", "states[0].id", "given twice"),
        (["states", 0, "id"], "all", "states[0].id", "meaning of its own"),
        (
            ["stages", 7, "facts"],
            [{"after": {"stage": "won", "days": 9}}],
            "stages[7].facts[0].after.stage",
            "no stage",
        ),
        (["stages", 7, "facts"], [{"after": {"stage": "growth", "days": 9}}], "after.stage", "a cycle"),
        (["stages", 6, "facts"], [{"after": {"stage": "growth", "days": 9}}], "stages[6].facts[0].after", "a cycle"),
        (["stages", 7, "facts"], [{"after": {"stage": "lead", "days": 9}}], "after.stage", "no facts to count from"),
        (
            ["stages", 7, "facts"],
            [{"inactive": {"days_without_order": 1, "days_without_subscription": 1}}],
            "stages[7].facts[0].inactive",
            "not a stage",
        ),
    ],
)
def test_a_wrong_setting_is_refused_with_file_and_key(raw, path, value, place, problem):
    with pytest.raises(SettingError) as refused:
        read_stages(_with(raw, path, value), place="params/stages.yaml")
    assert refused.value.place.startswith("params/stages.yaml, key ")
    assert place in refused.value.place
    assert problem in refused.value.problem


def test_a_missing_key_is_named(raw):
    changed = copy.deepcopy(raw)
    del changed["won"]
    with pytest.raises(SettingError, match="The key 'won' is missing"):
        read_stages(changed)
