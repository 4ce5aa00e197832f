"""Texts that differ by one slip, found without comparing each with each."""

from itertools import combinations

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from bizlab.data.cleaning.neighbours import LARGEST_GROUP, near_pairs, pairs_within, slip


def damerau(one, other):
    """Distance with inserted, left-out, replaced and swapped characters, by the textbook table (optimal alignment)."""
    table = {(i, 0): i for i in range(len(one) + 1)} | {(0, j): j for j in range(len(other) + 1)}
    for i, left in enumerate(one, 1):
        for j, right in enumerate(other, 1):
            table[i, j] = min(table[i - 1, j] + 1, table[i, j - 1] + 1, table[i - 1, j - 1] + (left != right))
            if i > 1 and j > 1 and left == other[j - 2] and one[i - 2] == right:
                table[i, j] = min(table[i, j], table[i - 2, j - 2] + 1)
    return table[len(one), len(other)]


@given(texts=st.lists(st.text("甲乙丙", max_size=5), max_size=10))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_exactly_the_pairs_at_distance_one_are_found(texts):
    known = sorted(set(texts))
    expected = [list(pair) for pair in combinations(known, 2) if damerau(*pair) == 1]
    assert near_pairs(texts, around=texts).to_numpy().tolist() == expected
    some = known[::2]
    near = near_pairs(texts, around=some).to_numpy().tolist()
    assert near == [pair for pair in expected if set(pair) & set(some)]


def test_what_was_slipped():
    assert slip("云岭泵业", "岭云泵业") == ("云岭", "岭云")
    assert slip("aab", "ab") == ("a", "")
    assert slip("云岭", "云岭") is None


def test_a_large_group_is_paired_with_its_first_only():
    keys = pd.Series(["x"] * (LARGEST_GROUP + 1) + ["y"] * 3, index=range(LARGEST_GROUP + 4))
    pairs = pairs_within(keys)
    assert len(pairs) == LARGEST_GROUP + 3
    assert set(pairs["one"]) == {0, LARGEST_GROUP + 1, LARGEST_GROUP + 2}


def test_of_many_texts_with_one_shortening_the_smallest_stands_for_all():
    texts = [f"云岭{chr(0x4E00 + number)}" for number in range(LARGEST_GROUP + 1)]
    assert len(near_pairs(texts[:-1], around=texts[:-1])) == LARGEST_GROUP * (LARGEST_GROUP - 1) // 2
    assert set(near_pairs(texts, around=texts)["one"]) == {texts[0]}
