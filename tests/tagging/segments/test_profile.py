"""What tells a segment from the rest: a planted difference, tags of the condition, comparable customers."""

import numpy as np
import pytest
from segment_company import SEGMENTS, TAGS, planted, snapshot_of

from bizlab.conditions.text import read_condition
from bizlab.statistics.proportions import adjust, newcombe_interval
from bizlab.tagging.segments.profile import SEGMENT_MEDIANS, SEGMENT_SHARES, segment_profile, trait_findings
from bizlab.tagging.segments.segments import membership


def test_a_profile_finds_what_was_planted_and_leaves_chance_alone():
    members = planted()
    profile = segment_profile(members, "slowing")
    SEGMENT_SHARES.verify(profile.shares)
    SEGMENT_MEDIANS.verify(profile.medians)
    shares = profile.shares.set_index("trait")
    inside = members.frame["slowing"].fillna(False).astype(bool)
    rest = (~members.frame["slowing"]).fillna(False).astype(bool)
    subscribed = members.snapshot.frame["has_subscription"].astype(bool)
    first, second = (int(subscribed[inside].sum()), int(inside.sum())), (int(subscribed[rest].sum()), int(rest.sum()))
    row = shares.loc["has_subscription=yes"]
    assert (row["n_in"], row["n_rest"]) == (first[1], second[1])
    assert first[1] + second[1] < len(members.frame)
    assert row["difference_rate"] == pytest.approx(first[0] / first[1] - second[0] / second[1])
    assert (row["lower_rate"], row["upper_rate"]) == pytest.approx(tuple(newcombe_interval(first, second)))
    assert row["p_adjusted"] < 0.001
    assert shares.loc["value_grade=A", "p_adjusted"] > 0.05
    medians = profile.medians.set_index("tag_id")
    staff = members.snapshot.frame["n_staff"].astype(float)
    assert medians.loc["n_staff", "in_median"] == np.median(staff[inside])
    assert medians.loc["n_staff", "lower"] > 0.5
    amounts = members.snapshot.frame["order_amount_12m_fen"].astype("int64")
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
    members = planted()
    subscribers = segment_profile(members, "slowing", among=read_condition("has_subscription", TAGS.fields))
    frame, holds = members.snapshot.frame, members.frame["slowing"]
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
