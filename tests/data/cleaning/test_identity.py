"""Credit codes and company names."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizlab.data.cleaning.identity import Placed, name_core, placed, written_code
from bizlab.units.credit_code import CHARACTERS, credit_code_is_valid


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


@pytest.mark.parametrize(
    ("name", "place", "rest"),
    [
        ("上海市华联超市有限公司", "上海", "华联超市"),
        ("华联超市有限公司", "", "华联超市"),
        ("广西壮族自治区南宁市青秀水务公司", "广西南宁", "青秀水务"),
        ("黑龙江北大荒粮油有限公司", "黑龙江", "北大荒粮油"),
        ("北京公司", "", "北京"),
    ],
)
def test_the_place_before_a_name(name, place, rest):
    """A place that is the whole name is the name."""
    assert placed(name_core(name)) == Placed(place, rest)


def test_a_code_in_small_letters_blanks_and_full_width_is_the_same_code():
    for typed in ("91350100m000100y43", "9135 0100 M000 100Y 43", "９１３５０１００Ｍ０００１００Ｙ４３"):
        assert credit_code_is_valid(written_code(typed))
