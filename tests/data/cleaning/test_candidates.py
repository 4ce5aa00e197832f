"""Companies that may be one: listed with their reasons, never merged, and never each against each."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizlab.data.cleaning.candidates import duplicate_candidates, strongest_first
from bizlab.data.cleaning.decisions import Decisions
from bizlab.data.cleaning.merging import merge_map
from bizlab.data.cleaning.quality import DUPLICATE_CANDIDATES, REASONS
from bizlab.sample.company.companies import credit_codes
from bizlab.units.credit_code import credit_code_is_valid

STANDARD = "91350100M000100Y43"
OTHER = "91330106MA27XL0R1F"
COLUMNS = ["customer_id", "name", "written", "founded_on", "capital_fen", "industry", "region", "created_on"]


def companies(*rows, **facts):
    """Companies of name and credit code as written, entered one a day."""
    facts = {"founded_on": None, "capital_fen": None, "industry": "food", "region": "east"} | facts
    frame = pd.DataFrame(
        [
            {"customer_id": str(n), "name": name, "written": code, "created_on": pd.Timestamp(2025, 1, n)} | facts
            for n, (name, code) in enumerate(rows, 1)
        ],
        columns=COLUMNS,
    )
    valid = frame["written"].map(lambda code: credit_code_is_valid(str(code)))
    return frame.assign(credit_code=frame["written"].where(valid, None))


def pairs(frame, **decided):
    candidates = duplicate_candidates(frame, **({"merged": {}} | decided))
    assert DUPLICATE_CANDIDATES.verify(candidates) == []
    return candidates[["customer_id", "other_id", "reasons"]].to_numpy().tolist()


def reasons(one, other, **facts):
    listed = pairs(companies(one, other, **facts))
    assert len(listed) < 2
    return listed[0][2] if listed else None


def test_both_codes_of_these_tests_are_valid():
    assert credit_code_is_valid(STANDARD)
    assert credit_code_is_valid(OTHER)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (STANDARD[:-1] + "4", "code_one_character"),
        (STANDARD.replace("135", "315"), "code_one_character"),
        (STANDARD[:4] + STANDARD[5:], "code_one_character"),
        (STANDARD.lower().replace("m", "n"), "code_one_character"),
        (STANDARD.replace("9135", "1935").replace("43", "34"), None),
        (OTHER, None),
        (None, None),
    ],
)
def test_a_code_that_is_another_but_for_one_slip(written, reason):
    assert reasons(("云岭泵业有限公司", STANDARD), ("东海造纸有限公司", written)) == reason


def test_two_wrong_codes_that_agree():
    wrong = STANDARD[:-1] + "4"
    assert reasons(("云岭泵业有限公司", wrong), ("东海造纸有限公司", wrong)) == "same_wrong_code"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("云岭阀业有限公司", "name_one_character"),
        ("岭云泵业有限公司", "name_one_character"),
        ("云岭泵业集团股份有限公司", None),
        ("云岭大泵业公司", "name_one_character"),
        ("浙江省云岭泵业公司", "region_prefix"),
        ("杭州市云岭泵业公司", "region_prefix"),
        ("云岭二泵业公司", None),
        ("云岭泵业2公司", None),
    ],
)
def test_a_name_that_is_another_but_for_a_character_or_a_place(name, reason):
    """A number tells two plants apart; a slip in one of four characters does not."""
    assert reasons(("云岭泵业有限公司", None), (name, STANDARD)) == reason
    assert reasons((name, None), ("云岭泵业有限公司", None)) == reason


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ("浙江省杭州市云岭泵业公司", "浙江云岭泵业公司", "region_prefix"),
        ("杭州市云岭泵业公司", "浙江杭州市云岭泵业公司", "region_prefix"),
        ("浙江云岭泵业公司", "江苏云岭泵业公司", None),
        ("河南云岭泵业公司", "河北云岭泵业公司", None),
        ("甲乙丙公司", "甲乙丁公司", None),
    ],
)
def test_places_that_exclude_one_another_and_names_too_short_to_tell(one, other, reason):
    assert reasons((one, None), (other, None)) == reason


def test_one_character_tells_nothing_where_founding_days_differ():
    frame = companies(("云岭泵业有限公司", None), ("云岭阀业有限公司", None))
    days = pd.to_datetime(["2001-02-03", "2001-02-04"])
    assert pairs(frame.assign(founded_on=days)) == []
    assert pairs(frame.assign(founded_on=[days[0], pd.NaT])) == [["2", "1", "name_one_character"]]


def test_a_company_that_changed_its_name():
    facts = {"founded_on": pd.Timestamp("2001-02-03"), "capital_fen": 100}
    assert reasons(("云岭泵业有限公司", STANDARD), ("东海造纸有限公司", None), **facts) == "same_facts"
    assert reasons(("云岭泵业有限公司", STANDARD), ("东海造纸有限公司", OTHER), **facts) is None
    assert reasons(("云岭泵业有限公司", None), ("云岭阀业有限公司", None), **facts) == "name_one_character+same_facts"


def test_one_name_with_two_codes_is_listed_and_every_reason_of_a_pair_stands_in_one_row():
    frame = companies(("云岭泵业有限公司", STANDARD), ("云岭 泵业公司", OTHER), ("云岭泵业公司", None))
    assert pairs(frame) == [
        ["2", "1", "same_name_two_codes"],
        ["3", "1", "same_name_no_code"],
        ["3", "2", "same_name_no_code"],
    ]


def test_the_strongest_reason_comes_first():
    frame = companies(
        ("云岭泵业公司", None), ("云岭阀业公司", None), ("东海造纸", STANDARD), ("北辰水务", STANDARD[:-1] + "4")
    )
    candidates = duplicate_candidates(frame, merged={})
    assert candidates["reasons"].tolist() == ["name_one_character", "code_one_character"]
    assert strongest_first(candidates)["customer_id"].tolist() == ["4", "2"]
    assert strongest_first(candidates.head(0)).empty


def test_what_somebody_decided_is_no_candidate_again():
    """The decision was about a record that has been merged since; it holds for the company."""
    frame = companies(("云岭泵业有限公司", None), ("云岭泵业公司", None), ("云岭阀业有限公司", None))
    assert pairs(frame, merged={"2": "1"}) == [["3", "1", "name_one_character"]]
    assert pairs(frame, merged={"2": "1"}, apart=[frozenset("23")]) == []


def test_a_code_that_a_merged_record_brought_counts_for_the_company():
    frame = companies(("云岭泵业有限公司", None), ("云岭泵业公司", STANDARD), ("云岭阀业有限公司", OTHER))
    assert pairs(frame, merged={"2": "1"}) == []


def test_every_reason_has_words_alone_and_together():
    words = DUPLICATE_CANDIDATES["reasons"].choice_labels
    assert set(REASONS) <= set(words)
    assert words["region_prefix+same_facts"].en == f"{REASONS['region_prefix'].en}; {REASONS['same_facts'].en}"


CODES = credit_codes(np.random.default_rng(1), 3).tolist()


@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(
                ["云岭泵业公司", "云岭 泵业有限公司", "云岭阀业公司", "浙江云岭泵业公司", "岭云泵业公司", "NA"]
            ),
            st.sampled_from([None, *CODES, CODES[0][:-1] + "!", CODES[0][1:]]),
        ),
        max_size=9,
    ),
    data=st.data(),
)
@settings(max_examples=80, deadline=None, derandomize=True)
def test_each_pair_stands_once_between_kept_companies_whatever_the_order_of_rows(rows, data):
    frame = companies(*rows)
    mapped = merge_map(frame, Decisions())
    merged = dict(zip(mapped["customer_id"], mapped["kept_id"], strict=True))
    listed = pairs(frame, merged=merged)
    assert len({frozenset(pair[:2]) for pair in listed}) == len(listed)
    assert not set(merged) & {customer_id for pair in listed for customer_id in pair[:2]}
    assert all(int(later) > int(earlier) for later, earlier, _ in listed)
    shuffled = frame.iloc[data.draw(st.permutations(range(len(frame))))]
    assert pairs(shuffled, merged=merged) == listed
