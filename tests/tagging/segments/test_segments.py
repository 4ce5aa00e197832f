"""Segments: who is in them, who entered or left, findings, lists."""

from datetime import date

import pytest
from hypothesis import given, settings
from segment_company import AS_OF, COMPANY, NAME, SEGMENTS, STATES, TAGS, planted, random_membership, snapshot_of

from bizlab.conditions.text import read_condition
from bizlab.errors import ContractError, SettingError
from bizlab.labels import Label
from bizlab.report.sentences import Figures
from bizlab.report.view import shown_table
from bizlab.tagging import parse_dictionary
from bizlab.tagging.dictionary.dictionary import REASONS
from bizlab.tagging.segments.changes import (
    SEGMENT_CHANGES,
    SEGMENT_MOVED,
    change_findings,
    segment_changes,
    segment_moved,
)
from bizlab.tagging.segments.members import member_list
from bizlab.tagging.segments.profile import SEGMENT_SHARES, segment_profile, trait_findings, trait_labels
from bizlab.tagging.segments.segments import (
    SEGMENT_SIZES,
    SEGMENT_UNDECIDED,
    membership,
    parse_segments,
    segment_sizes,
    segment_undecided,
    size_findings,
)
from bizlab.tagging.tags.snapshot import Snapshot
from bizlab.yaml_file import load_yaml


def entry(**changed):
    return {"id": "a", "name": NAME, "owner": NAME, "expression": "has_subscription"} | changed


@pytest.mark.parametrize(
    ("entries", "problem", "place"),
    [
        ([entry(expression="recncy_days > 1")], "There is no 'recncy_days'", "segment 'a', column 1"),
        ([entry(), entry()], "is there twice", "segment 'a'"),
        ([entry(id="A b")], "cannot be an id", "segment 'A b'"),
        ([entry(id="a+b")], "cannot be an id", "segment 'a+b'"),
        ([entry(id="customer_id")], "cannot be an id", "segment 'customer_id'"),
        ([entry(expresion="x")], "'expresion' is not known", "segment 'a'"),
        ([entry(name={"zh": "名"})], "'en' is missing", "segment 'a'.name"),
        ([{"name": NAME}], "is not a text", "segments[0].id"),
        ("a", "not a list", "segments"),
    ],
)
def test_a_segment_that_cannot_be_read_is_refused_with_its_file_and_id(entries, problem, place):
    with pytest.raises(SettingError) as refused:
        parse_segments({"segments": entries}, TAGS)
    assert problem in refused.value.problem
    assert refused.value.place.startswith("params/segments.yaml")
    assert place in refused.value.place


def test_the_project_s_own_segments_read_and_stand_in_both_languages(pytestconfig):
    params = pytestconfig.rootpath / "params"
    tags = parse_dictionary(load_yaml(params / "tags.yaml").content)
    segments = parse_segments(load_yaml(params / "segments.yaml").content, tags)
    assert len(segments) == 5
    for segment in segments:
        assert read_condition(str(segment.expression), tags.fields) == segment.expression
        assert segment.name.zh != segment.name.en


def test_members_not_members_and_undecided_add_up_to_all(members):
    sizes = segment_sizes(members)
    counted = ["n_customers", "n_members", "n_outside", "n_undecided", "n_unknown", "n_not_applicable", "amount_fen"]
    assert sizes[counted].to_numpy().tolist() == [
        [5, 2, 1, 2, 2, 0, 800_00],
        [5, 3, 1, 1, 1, 0, 700_00],
        [5, 1, 2, 2, 2, 0, 500_00],
    ]
    assert sizes["member_rate"].tolist() == pytest.approx([2 / 3, 3 / 4, 1 / 3])
    assert sizes["amount_rate"].tolist() == pytest.approx([0.8, 0.7, 0.5])
    assert all(check.passed for check in SEGMENT_SIZES.verify(sizes))


def test_undecided_tells_the_tag_the_reason_and_what_does_not_apply():
    away = membership(SEGMENTS, snapshot_of(COMPANY, why="not_applicable"))
    because = segment_undecided(away)
    SEGMENT_UNDECIDED.verify(because)
    assert because.to_numpy().tolist() == [
        ["slowing", "recency_days", "not_applicable", 2],
        ["top", "value_grade", "not_applicable", 1],
        ["subscribed", "has_subscription", "not_applicable", 2],
    ]
    assert segment_sizes(away)["n_not_applicable"].tolist() == [2, 1, 2]


def test_of_nobody_there_is_no_share_but_a_reason():
    nobody = membership(SEGMENTS, snapshot_of([("c4", 0, None, 1, None, None)]))
    sizes = segment_sizes(nobody)
    assert sizes["member_rate"].isna().all()
    assert sizes["member_rate_reason"].tolist() == ["nobody_decided"] * 3
    assert sizes["amount_rate_reason"].tolist() == ["no_amount"] * 3
    SEGMENT_SIZES.verify(segment_sizes(membership(SEGMENTS, snapshot_of([]))))


def test_a_tag_that_was_not_computed_is_refused(members):
    less = Snapshot(TAGS, AS_OF, members.snapshot.frame.drop(columns="recency_days"), REASONS, ())
    with pytest.raises(SettingError, match="'recency_days' was not computed"):
        membership(SEGMENTS, less)
    with pytest.raises(SettingError, match="is not an amount"):
        segment_sizes(members, amount="n_staff")
    with pytest.raises(SettingError, match="There is no segment 'slow'"):
        segment_profile(members, "slow")


def test_who_entered_and_left_is_told_with_what_it_was():
    before = membership(SEGMENTS, snapshot_of(COMPANY, as_of=date(2026, 9, 30)))
    later = [
        ("c1", 500_00, 20, 10, "A", True),
        ("c2", 250_00, 150, 20, "B", False),
        ("c4", 0, 95, 40, None, False),
        ("c5", 0, None, 50, None, None),
        ("c6", 900_00, 91, 5, "A", None),
    ]
    now = membership(SEGMENTS, snapshot_of(later))
    moved = segment_moved(before, now)
    SEGMENT_MOVED.verify(moved)
    rows = moved[["segment_id", "customer_id", "movement", "was", "is_now"]].to_numpy().tolist()
    assert rows == [
        ["slowing", "c6", "entered", "unknown", "member"],
        ["slowing", "c4", "entered", "undecided", "member"],
        ["slowing", "c1", "left", "member", "outside"],
        ["top", "c6", "entered", "unknown", "member"],
        ["top", "c3", "left", "member", "unknown"],
        ["top", "c5", "left", "member", "undecided"],
    ]
    changes = segment_changes(before, now, moved)
    assert all(check.passed for check in SEGMENT_CHANGES.verify(changes))
    assert changes.to_numpy().tolist() == [
        ["slowing", 2, 2, 1, 3, 900_00, 500_00],
        ["top", 3, 1, 2, 2, 900_00, 200_00],
        ["subscribed", 1, 0, 0, 1, 0, 0],
    ]
    short = segment_changes(before, now, moved.iloc[1:])
    assert [check.passed for check in SEGMENT_CHANGES.verify(short)] == [False]


@settings(max_examples=40, deadline=None)
@given(before=STATES, now=STATES)
def test_changes_always_lead_from_one_count_to_the_other(before, now):
    first, second = random_membership(before), random_membership(now)
    moved = segment_moved(first, second)
    changes = segment_changes(first, second, moved)
    assert all(check.passed for check in SEGMENT_CHANGES.verify(changes))
    back = segment_changes(second, first, segment_moved(second, first))
    assert back["n_entered"].tolist() == changes["n_left"].tolist()


def test_two_dates_decided_by_different_files_are_not_compared(members):
    with pytest.raises(ContractError, match="different segments"):
        segment_moved(membership(SEGMENTS[:1], members.snapshot), members)


def test_findings_rest_on_shown_figures():
    members = planted()
    sizes, profile = segment_sizes(members), segment_profile(members, "slowing")
    empty = membership(SEGMENTS, snapshot_of([], as_of=date(2026, 9, 30)))
    changes = segment_changes(empty, members, segment_moved(empty, members))
    names, traits = {"segment_id": members.labels}, {"trait": trait_labels(TAGS), "segment_id": members.labels}
    shown = [
        shown_table(sizes, SEGMENT_SIZES, key="segments", names=names),
        shown_table(changes, SEGMENT_CHANGES, key="segment_changes", names=names),
        shown_table(profile.shares, SEGMENT_SHARES, key="profile", names=traits),
    ]
    findings = [
        *size_findings(sizes),
        *change_findings(changes, material_fen=1),
        *trait_findings(profile, "slowing", key="profile"),
    ]
    figures = Figures(shown)
    for finding in findings:
        for ref in finding.refs.values():
            figures.find(ref)
        named = {*finding.refs}
        assert all(f"{{{name}}}" in finding.text.zh + str(finding.basis) for name in named)
    assert {finding.key for finding in findings} >= {"segment.top", "segment.top.change", "segment.slowing.trait"}
    material = {finding.key: finding.material for finding in findings}
    assert (material["segment.top"], material["segment.top.change"]) == (False, True)
    (trait,) = trait_findings(profile, "slowing", key="profile")
    assert trait.refs["trait"].row == ("slowing", "has_subscription=yes")
    assert {"n_in", "n_rest"} <= trait.refs.keys(), "a share says of how many, and against how many"


def test_a_list_holds_the_members_largest_first_and_no_one_undecided(members, unchanged):
    names = {"c1": Label("甲", "甲"), "c3": Label("丙", "丙")}
    with unchanged(members.snapshot.frame, members.frame):
        listed = member_list(members, "top", names=names, tags=["value_grade", "recency_days"])
    assert listed.frame["customer_id"].tolist() == ["c1", "c3", "c5"]
    assert listed.frame["name"].tolist()[:2] == ["甲", "丙"]
    assert listed.frame["name"].isna().tolist() == [False, False, True]
    table = shown_table(listed.frame, listed.contract, key="top")
    assert [column.name for column in table.columns] == [
        "customer_id", "name", "segment", "value_grade", "recency_days",
    ]  # fmt: skip
    assert table.reasons[2, "recency_days"] == REASONS["not_recorded"].label
    with pytest.raises(SettingError, match="no tag 'colour'"):
        member_list(members, "top", names=names, tags=["colour"])
    with pytest.raises(SettingError, match="named twice"):
        member_list(members, "top", names=names, tags=["n_staff", "n_staff"])
