"""Segments: who is in them, how they overlap, what tells them apart, and who entered or left."""

from datetime import date
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizlab.data.yaml_file import load_yaml
from bizlab.errors import ContractError, SettingError
from bizlab.labels import Label
from bizlab.reporting.sentences import Figures
from bizlab.reporting.view import shown_table
from bizlab.statistics import adjust, newcombe_interval
from bizlab.tagging import parse_dictionary
from bizlab.tagging.dictionary import REASONS
from bizlab.tagging.dominance import cliffs_delta
from bizlab.tagging.expressions import parse_expression
from bizlab.tagging.overlap import (
    SEGMENT_INTERSECTIONS,
    SEGMENT_PAIRS,
    combination_labels,
    overlap_checks,
    segment_intersections,
    segment_pairs,
)
from bizlab.tagging.segment_changes import SEGMENT_CHANGES, SEGMENT_MOVED, segment_changes, segment_moved
from bizlab.tagging.segment_findings import change_findings, size_findings, trait_findings
from bizlab.tagging.segment_members import member_list
from bizlab.tagging.segment_profile import SEGMENT_MEDIANS, SEGMENT_SHARES, segment_profile, trait_labels
from bizlab.tagging.segments import (
    SEGMENT_SIZES,
    SEGMENT_UNDECIDED,
    membership,
    parse_segments,
    segment_sizes,
    segment_undecided,
)
from bizlab.tagging.snapshot import Snapshot

AS_OF = date(2026, 10, 31)
NAME = {"zh": "名", "en": "name"}


def fact(tag_id, kind, unit=None, **more):
    """An entry of a dictionary; how a tag is counted plays no part here."""
    rule = {"table": "customers", "measure": "value", "column": tag_id}
    entry = {"id": tag_id, "name": {"zh": f"标签{tag_id}", "en": f"tag {tag_id}"}, "definition": NAME, "type": kind,
             "tier": "fact", "layer": "enterprise", "rule": rule, "refresh": "monthly", "owner": NAME}  # fmt: skip
    return entry | ({"unit": unit} if unit else {}) | more


GRADES = {code: {"zh": f"{code}级", "en": f"Grade {code}"} for code in "AB"}
CASES = {"cases": [{"when": {"recency_days": {"max": 90}}, "then": "A"}, {"otherwise": "B"}]}
TAGS = parse_dictionary(
    {
        "tables": {"customers": {"occurred": "created_on", "empty": {"zh": "无", "en": "none"}}},
        "tags": [
            fact("order_amount_12m_fen", "number", "fen"),
            fact("recency_days", "number", "days"),
            fact("n_staff", "number", "count"),
            fact("value_grade", "category", values=GRADES),
            fact("has_subscription", "flag"),
            fact("pace", "category", values=GRADES, tier="model", inputs=["recency_days"], rule=CASES),
        ],
    }
)
KINDS = {"order_amount_12m_fen": "Int64", "recency_days": "Int64", "n_staff": "Int64", "value_grade": "str",
         "has_subscription": "boolean", "pace": "str"}  # fmt: skip


def snapshot_of(rows, *, as_of=AS_OF, why="not_recorded"):
    """A snapshot from (id, amount in fen, recency, staff, grade, subscribed); a missing value has one reason."""
    frame = pd.DataFrame(rows, columns=["customer_id", *list(KINDS)[:-1]])
    frame["pace"] = [None if pd.isna(days) else "A" if days <= 90 else "B" for days in frame["recency_days"]]
    frame = frame.astype(KINDS | {"customer_id": "str"})
    for tag in KINDS:
        frame[f"{tag}_reason"] = pd.Series(why, index=frame.index, dtype="str").where(frame[tag].isna())
    return Snapshot(TAGS, as_of, frame, REASONS, ())


COMPANY = [
    ("c1", 500_00, 100, 10, "A", True),
    ("c2", 300_00, 120, 20, "B", False),
    ("c3", 200_00, 10, 30, "A", None),
    ("c4", 0, None, 40, None, False),
    ("c5", 0, None, 50, "A", None),
]
SEGMENTS = parse_segments(
    {
        "segments": [
            {
                "id": "slowing",
                "name": {"zh": "放缓", "en": "Slowing"},
                "owner": NAME,
                "expression": "recency_days > 90",
            },
            {"id": "top", "name": {"zh": "高价值", "en": "Top"}, "owner": NAME, "expression": "value_grade = A"},
            {
                "id": "subscribed",
                "name": {"zh": "订阅", "en": "Subscribed"},
                "owner": NAME,
                "expression": "has_subscription",
            },
        ]
    },
    TAGS,
)


@pytest.fixture
def members():
    return membership(SEGMENTS, snapshot_of(COMPANY))


def entry(**changed):
    return {"id": "a", "name": NAME, "owner": NAME, "expression": "has_subscription"} | changed


@pytest.mark.parametrize(
    ("entries", "problem", "place"),
    [
        ([entry(expression="recncy_days > 1")], "no tag 'recncy_days'", "segment 'a', column 1"),
        ([entry(), entry()], "is there twice", "segment 'a'"),
        ([entry(id="A b")], "cannot be an id", "segment 'A b'"),
        ([entry(id="a+b")], "cannot be an id", "segment 'a+b'"),
        ([entry(id="customer_id")], "cannot be an id", "segment 'customer_id'"),
        ([entry(expresion="x")], "'expresion' is not known", "segment 'a'"),
        ([entry(name={"zh": "名"})], "'en' is missing", "segment 'a'.name"),
        ([{"name": NAME}], "is no text", "segments[0].id"),
        ("a", "no list", "segments"),
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
    found = parse_segments(load_yaml(params / "segments.yaml").content, tags)
    assert len(found) == 5
    for segment in found:
        assert parse_expression(str(segment.expression), tags) == segment.expression
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
    with pytest.raises(SettingError, match="is no amount"):
        segment_sizes(members, amount="n_staff")
    with pytest.raises(SettingError, match="There is no segment 'slow'"):
        segment_profile(members, "slow")


def test_every_customer_stands_in_one_combination(members):
    """c1 is in all three; c2 slows only; c3 and c5 are top only and open for subscribed; c4 is in none, and open."""
    found = segment_intersections(members)
    SEGMENT_INTERSECTIONS.verify(found)
    assert found.to_numpy().tolist() == [
        ["top", 1, 2, 2, 200_00],
        ["slowing", 1, 1, 0, 300_00],
        ["slowing+top+subscribed", 3, 1, 0, 500_00],
        ["none", 0, 1, 1, 0],
    ]
    words = combination_labels(members, found)
    assert words["slowing+top+subscribed"] == Label("放缓 + 高价值 + 订阅", "Slowing + Top + Subscribed")
    assert all(check.passed for check in overlap_checks(members, found))


def test_a_lost_combination_is_noticed(members):
    found = segment_intersections(members)
    off = {check.key for check in overlap_checks(members, found.iloc[1:]) if not check.passed}
    assert off == {"segments.combinations", "segments.top"}


STATES = st.lists(st.tuples(*[st.sampled_from([True, False, None])] * 3), max_size=25)


def random_membership(states):
    """Membership with given states: yes, no or open for each of the three segments."""
    rows = [
        (f"c{n:03d}", n * 7, None if a is None else 100 if a else 1, 1, None if b is None else "A" if b else "B", c)
        for n, (a, b, c) in enumerate(states)
    ]
    return membership(SEGMENTS, snapshot_of(rows))


@settings(max_examples=60, deadline=None)
@given(states=STATES)
def test_overlaps_are_those_of_plain_sets(states):
    found = random_membership(states)
    ids = [segment.segment_id for segment in SEGMENTS]
    inside = {one: {n for n, row in enumerate(states) if row[place] is True} for place, one in enumerate(ids)}
    decided = {one: {n for n, row in enumerate(states) if row[place] is not None} for place, one in enumerate(ids)}
    combined = segment_intersections(found).set_index("combination")
    for chosen in product([True, False], repeat=3):
        name = "+".join(one for one, is_in in zip(ids, chosen, strict=True) if is_in) or "none"
        exactly = {
            n
            for n in range(len(states))
            if all((n in inside[one]) == is_in for one, is_in in zip(ids, chosen, strict=True))
        }
        assert (int(combined.loc[name, "n_customers"]) if name in combined.index else 0) == len(exactly)
        if exactly:
            assert combined.loc[name, "amount_fen"] == sum(n * 7 for n in exactly)
    pairs = segment_pairs(found)
    assert all(check.passed for check in SEGMENT_PAIRS.verify(pairs))
    for row in pairs.to_dict("records"):
        both_known = decided[row["first_id"]] & decided[row["second_id"]]
        a, b = inside[row["first_id"]] & both_known, inside[row["second_id"]] & both_known
        assert row["n_both"] == len(a & b)
        if a | b:
            assert row["jaccard_rate"] == pytest.approx(len(a & b) / len(a | b))
        else:
            assert row["jaccard_rate_reason"] == "both_empty"
    sizes = segment_sizes(found).set_index("segment_id")
    assert sizes["n_members"].to_dict() == {one: len(inside[one]) for one in ids}


def test_cliff_s_delta_is_the_published_one():
    """The worked example of the R package effsize (cliff.delta, unbiased variance, Student's t)."""
    treatment = np.array([10.0, 10, 20, 20, 20, 30, 30, 30, 40, 50])
    control = np.array([10.0, 20, 30, 40, 40, 50])
    found = cliffs_delta(treatment, control)
    assert found[:3] == pytest.approx((-0.25, -0.7265846, 0.3890062), abs=1e-7)


SAMPLES = st.lists(st.integers(-3, 3), min_size=1, max_size=12).map(lambda values: np.array(values, dtype=np.float64))


@settings(max_examples=100, deadline=None)
@given(first=SAMPLES, second=SAMPLES)
def test_delta_is_that_of_the_table_of_all_pairs_and_of_mann_whitney(first, second):
    from scipy.stats import mannwhitneyu

    signs = np.sign(first[:, None] - second[None, :])
    found, turned = cliffs_delta(first, second), cliffs_delta(second, first)
    assert found.delta == pytest.approx(signs.mean())
    u = mannwhitneyu(first, second, method="asymptotic").statistic if len({*first, *second}) > 1 else None
    if u is not None:
        assert found.delta == pytest.approx(2 * u / (len(first) * len(second)) - 1)
    assert turned.delta == pytest.approx(-found.delta)
    assert turned.p_value == pytest.approx(found.p_value)
    if min(len(first), len(second)) < 5:
        assert np.isnan([found.lower, found.upper]).all()
    else:
        assert -1 <= found.lower <= found.delta <= found.upper <= 1
        assert (turned.lower, turned.upper) == pytest.approx((-found.upper, -found.lower))


def test_the_interval_covers_a_known_delta():
    """Exponential values against those of twice the mean: P(X > Y) is 1/3, delta -1/3; 95 % within chance."""
    rng = np.random.default_rng(20261031)
    hits = 0
    for _ in range(400):
        found = cliffs_delta(rng.exponential(1, 25), rng.exponential(2, 40))
        hits += found.lower <= -1 / 3 <= found.upper
    assert 0.92 <= hits / 400 <= 0.98


def test_groups_apart_have_a_limit_short_of_certainty():
    found = cliffs_delta(np.arange(10, 16, dtype=float), np.arange(6, dtype=float))
    assert (found.delta, found.upper) == (1, 1)
    assert 0.5 < found.lower < 1


def planted(n=400):
    """A market in which the slowing have more staff and are seldom subscribed; grades are dealt out by chance."""
    rng = np.random.default_rng(7)
    rows = []
    for number in range(n):
        slow = number % 4 == 0
        days = None if number % 10 == 9 else 120 if slow else 30
        staff = int(rng.integers(60, 100) if slow else rng.integers(1, 70))
        rows.append(
            (
                f"c{number:03d}",
                100 * number,
                days,
                staff,
                "AB"[rng.integers(2)],
                bool(rng.random() < (0.1 if slow else 0.6)),
            )
        )
    return membership(SEGMENTS, snapshot_of(rows))


def test_a_profile_finds_what_was_planted_and_leaves_chance_alone():
    found = planted()
    profile = segment_profile(found, "slowing")
    SEGMENT_SHARES.verify(profile.shares)
    SEGMENT_MEDIANS.verify(profile.medians)
    shares = profile.shares.set_index("trait")
    inside = found.frame["slowing"].fillna(False).astype(bool)
    rest = (~found.frame["slowing"]).fillna(False).astype(bool)
    subscribed = found.snapshot.frame["has_subscription"].astype(bool)
    first, second = (int(subscribed[inside].sum()), int(inside.sum())), (int(subscribed[rest].sum()), int(rest.sum()))
    row = shares.loc["has_subscription=yes"]
    assert (row["n_in"], row["n_rest"]) == (first[1], second[1])
    assert first[1] + second[1] < len(found.frame)
    assert row["difference_rate"] == pytest.approx(first[0] / first[1] - second[0] / second[1])
    assert (row["lower_rate"], row["upper_rate"]) == pytest.approx(tuple(newcombe_interval(first, second)))
    assert row["p_adjusted"] < 0.001
    assert shares.loc["value_grade=A", "p_adjusted"] > 0.05
    medians = profile.medians.set_index("tag_id")
    staff = found.snapshot.frame["n_staff"].astype(float)
    assert medians.loc["n_staff", "in_median"] == np.median(staff[inside])
    assert medians.loc["n_staff", "lower"] > 0.5
    amounts = found.snapshot.frame["order_amount_12m_fen"].astype("int64")
    assert medians.loc["order_amount_12m_fen", "in_median_fen"] == np.median(amounts[inside])
    assert medians.loc["order_amount_12m_fen", "in_median_reason"] == "is_amount"


def test_tags_of_the_condition_are_shown_and_not_tested_and_the_rest_is_one_family():
    profile = segment_profile(planted(), "slowing")
    both = [*profile.shares.to_dict("records"), *profile.medians.to_dict("records")]
    marked = {row["tag_id"] for row in both if row["is_defining"]}
    assert marked == {"recency_days", "pace"}
    assert all(
        np.isnan(row["p_value"]) and row["p_adjusted_reason"] == "defining" for row in both if row["is_defining"]
    )
    assert [row["p_adjusted"] for row in both] == pytest.approx(adjust([row["p_value"] for row in both]), nan_ok=True)
    strengths = profile.shares["difference_rate"].abs().tolist()
    assert strengths == sorted(strengths, reverse=True)


def test_a_profile_among_some_leaves_all_others_out():
    found = planted()
    subscribers = segment_profile(found, "slowing", among=parse_expression("has_subscription", TAGS))
    frame, holds = found.snapshot.frame, found.frame["slowing"]
    base = frame["has_subscription"].astype(bool)
    medians = subscribers.medians.set_index("tag_id")
    assert medians.loc["n_staff", "n_in"] == int((base & holds.fillna(False)).sum())
    assert medians.loc["n_staff", "n_rest"] == int((base & (~holds).fillna(False)).sum())
    assert medians.loc["n_staff", "rest_median"] == np.median(frame.loc[base & (~holds).fillna(False), "n_staff"])
    shares = subscribers.shares.set_index("trait")
    assert shares.loc["has_subscription=yes", ["in_rate", "rest_rate", "p_value"]].tolist() == [1, 1, 1]


def test_a_segment_of_nobody_has_a_profile_of_reasons(members):
    nobody = membership(SEGMENTS, snapshot_of([("a", 1, 1, 1, "B", False), ("b", 2, 2, None, None, False)]))
    profile = segment_profile(nobody, "slowing", tags=["value_grade", "n_staff"])
    assert profile.shares["in_rate"].isna().all()
    assert set(profile.shares["difference_rate_reason"]) == {"empty"}
    assert profile.medians["in_median_reason"].tolist() == ["empty"]
    assert profile.medians["delta_reason"].tolist() == ["empty"]
    assert trait_findings(profile, "slowing", key="profile") == []


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
    told = moved[["segment_id", "customer_id", "movement", "was", "is_now"]].to_numpy().tolist()
    assert told == [
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
    found = planted()
    sizes, profile = segment_sizes(found), segment_profile(found, "slowing")
    empty = membership(SEGMENTS, snapshot_of([], as_of=date(2026, 9, 30)))
    changes = segment_changes(empty, found, segment_moved(empty, found))
    names, traits = {"segment_id": found.labels}, {"trait": trait_labels(TAGS), "segment_id": found.labels}
    shown = [
        shown_table(sizes, SEGMENT_SIZES, key="segments", names=names),
        shown_table(changes, SEGMENT_CHANGES, key="segment_changes", names=names),
        shown_table(profile.shares, SEGMENT_SHARES, key="profile", names=traits),
    ]
    findings = [
        *size_findings(sizes, material_fen=10**9),
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
