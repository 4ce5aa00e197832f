"""Credit codes and company names."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizlab.credit_code import CHARACTERS, credit_code_is_valid
from bizlab.data.identity import name_core, same_companies, similar_companies


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


def test_a_record_without_a_code_does_not_join_two_companies_that_have_one_each():
    """Whichever was entered first: two codes are two companies, and nothing says which the third record means."""
    for days in (("01", "02", "03"), ("03", "01", "02"), ("02", "03", "01")):
        rows = zip("123", (None, "C1", "C2"), days, strict=True)
        frame = customers(*((n, "长城机械有限公司", code, f"2025-01-{day}") for n, code, day in rows))
        assert same_companies(frame).empty


@given(
    records=st.lists(
        st.tuples(
            st.sampled_from(["甲公司", "甲 有限公司", "乙公司", "乙（中国）公司", "丙公司"]),
            st.sampled_from([None, "C1", "C2", "C3"]),
            st.integers(1, 28),
        ),
        max_size=8,
    ),
    data=st.data(),
)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_merging_never_joins_two_codes_and_does_not_depend_on_the_order(records, data):
    frame = customers(*((str(n), name, code, f"2025-01-{day:02d}") for n, (name, code, day) in enumerate(records)))
    found = same_companies(frame)
    into = dict(zip(found["customer_id"], found["kept_id"], strict=True))
    ends = frame.assign(end=frame["customer_id"].replace(into))
    assert not set(into) & set(into.values())
    assert ends.groupby("end")["credit_code"].nunique().le(1).all()
    assert ends.dropna(subset="credit_code").groupby("credit_code")["end"].nunique().le(1).all()
    shuffled = frame.iloc[data.draw(st.permutations(range(len(frame))))]
    pd.testing.assert_frame_equal(same_companies(shuffled), found)


def test_a_prefix_that_is_the_whole_name_is_no_prefix():
    frame = customers(("1", "华联超市有限公司", None, "2025-01-01"), ("2", "上海市华联超市公司", None, "2025-01-02"))
    assert similar_companies(frame).to_dict("records") == [{"customer_id": "2", "other_id": "1"}]
