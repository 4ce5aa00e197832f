"""Credit codes and company names."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizlab.data.identity import CHARACTERS, credit_code_is_valid, name_core, same_companies


def test_the_example_of_the_national_standard():
    """GB 32100-2015 gives 91350100M000100Y43 as its worked example."""
    assert credit_code_is_valid("91350100M000100Y43")


@given(body=st.text(CHARACTERS, min_size=17, max_size=17), place=st.integers(0, 16), other=st.sampled_from(CHARACTERS))
@settings(deadline=None, derandomize=True, max_examples=60)
def test_every_code_has_one_check_character_and_no_single_typing_error_passes(body, place, other):
    valid = [body + char for char in CHARACTERS if credit_code_is_valid(body + char)]
    assert len(valid) == 1
    typed = valid[0][:place] + other + valid[0][place + 1 :]
    assert credit_code_is_valid(typed) == (typed == valid[0])


@pytest.mark.parametrize("code", ["", "91350100M000100Y4", "91350100M000100Y4I", "91350100m000100y43"])
def test_what_is_no_code_is_not_valid(code):
    assert not credit_code_is_valid(code)


def test_names_that_differ_in_writing_only():
    assert name_core("华泰Ａ１ 有限公司") == name_core("华泰a1有限责任公司")
    assert name_core("云岭泵业（中国）股份有限公司") == name_core("云岭泵业(中国)有限公司")
    assert name_core("云岭泵业有限公司") != name_core("云岭阀业有限公司")
    assert name_core("公司") == "公司"


def customers(*rows):
    frame = pd.DataFrame(rows, columns=["customer_id", "name", "credit_code", "created_on"])
    return frame.assign(created_on=pd.to_datetime(frame["created_on"]))


def test_the_record_entered_first_is_kept_whatever_the_order_of_rows():
    frame = customers(
        ("9", "甲有限公司", None, "2025-01-01"),
        ("1", "甲有限责任公司", "C1", "2025-03-01"),
        ("2", "另一个名字", "C1", "2025-04-01"),
        ("3", "乙公司", "C2", "2025-01-01"),
    )
    for ordered in (frame, frame.iloc[::-1]):
        assert same_companies(ordered).to_dict("records") == [
            {"customer_id": "1", "kept_id": "9", "reason": "name"},
            {"customer_id": "2", "kept_id": "9", "reason": "credit_code"},
        ]


def test_one_name_with_two_credit_codes_is_two_companies():
    frame = customers(("1", "长城机械有限公司", "C1", "2025-01-01"), ("2", "长城机械有限公司", "C2", "2025-02-01"))
    assert same_companies(frame).empty
