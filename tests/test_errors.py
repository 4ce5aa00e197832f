"""An error is one paragraph: what, where, and the fix."""

import pytest

from bizlab.errors import BizlabError, SettingError, did_you_mean, some


def test_the_message_names_problem_place_and_fix():
    error = SettingError("Unknown key 'mont'.", place="params/base.yaml, line 3", fix="write month")
    assert str(error) == "Unknown key 'mont'. Where: params/base.yaml, line 3. Fix: write month."
    assert error.exit_code == 2
    with pytest.raises(BizlabError):
        raise error


def test_long_lists_are_cut_and_counted():
    assert some(list("abcdefg")) == "a, b, c, d, e and 2 more"


def test_a_name_that_does_not_exist_gets_the_nearest_or_the_choices():
    assert did_you_mean("regoin", ["industry", "region"]) == "write 'region'"
    assert did_you_mean(12, ["industry", "region"]) == "choose from industry, region"
    assert did_you_mean("x", (f"customer {number}" for number in range(90))).endswith("customer 29 and 60 more")
