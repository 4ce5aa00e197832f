"""How segments overlap: every customer in one combination, pairs by Jaccard."""

from itertools import product

import pytest
from hypothesis import given, settings
from segment_company import SEGMENTS, STATES, random_membership

from bizlab.labels import Label
from bizlab.tagging.segments.overlap import (
    SEGMENT_INTERSECTIONS,
    SEGMENT_PAIRS,
    combination_labels,
    overlap_checks,
    segment_intersections,
    segment_pairs,
)
from bizlab.tagging.segments.segments import segment_sizes


def test_every_customer_stands_in_one_combination(members):
    """c1 is in all three; c2 slows only; c3 and c5 are top only and open for subscribed; c4 is in none, and open."""
    combinations = segment_intersections(members)
    SEGMENT_INTERSECTIONS.verify(combinations)
    assert combinations.to_numpy().tolist() == [
        ["top", 1, 2, 2, 200_00],
        ["slowing", 1, 1, 0, 300_00],
        ["slowing+top+subscribed", 3, 1, 0, 500_00],
        ["none", 0, 1, 1, 0],
    ]
    words = combination_labels(members, combinations)
    assert words["slowing+top+subscribed"] == Label("放缓 + 高价值 + 订阅", "Slowing + Top + Subscribed")
    assert all(check.passed for check in overlap_checks(members, combinations))


def test_a_lost_combination_is_noticed(members):
    combinations = segment_intersections(members)
    off = {check.key for check in overlap_checks(members, combinations.iloc[1:]) if not check.passed}
    assert off == {"segments.combinations", "segments.top"}


@settings(max_examples=60, deadline=None)
@given(states=STATES)
def test_overlaps_are_those_of_plain_sets(states):
    members = random_membership(states)
    ids = [segment.segment_id for segment in SEGMENTS]
    answers = {segment_id: [row[place] for row in states] for place, segment_id in enumerate(ids)}
    inside = {segment_id: {n for n, is_in in enumerate(own) if is_in} for segment_id, own in answers.items()}
    decided = {key: {n for n, is_in in enumerate(own) if is_in is not None} for key, own in answers.items()}
    combined = segment_intersections(members).set_index("combination")
    for chosen in product([True, False], repeat=3):
        name = "+".join(segment_id for segment_id, is_in in zip(ids, chosen, strict=True) if is_in) or "none"
        exactly = {
            n
            for n in range(len(states))
            if all((n in inside[segment_id]) == is_in for segment_id, is_in in zip(ids, chosen, strict=True))
        }
        assert (int(combined.loc[name, "n_customers"]) if name in combined.index else 0) == len(exactly)
        if exactly:
            assert combined.loc[name, "amount_fen"] == sum(n * 7 for n in exactly)
    pairs = segment_pairs(members)
    assert all(check.passed for check in SEGMENT_PAIRS.verify(pairs))
    for row in pairs.to_dict("records"):
        both_known = decided[row["first_id"]] & decided[row["second_id"]]
        a, b = inside[row["first_id"]] & both_known, inside[row["second_id"]] & both_known
        assert row["n_both"] == len(a & b)
        if a | b:
            assert row["jaccard_rate"] == pytest.approx(len(a & b) / len(a | b))
        else:
            assert row["jaccard_rate_reason"] == "both_empty"
    sizes = segment_sizes(members).set_index("segment_id")
    assert sizes["n_members"].to_dict() == {segment_id: len(inside[segment_id]) for segment_id in ids}
