"""What the segments of a month say, as findings."""

from __future__ import annotations

import pandas as pd

from bizlab.contracts.finding import Finding, Ref
from bizlab.labels import Label
from bizlab.tagging.segments.profile import Profile

LEVEL = 0.05
"""Below this adjusted p a trait is told."""


def size_findings(sizes: pd.DataFrame, *, key: str = "segments") -> list[Finding]:
    """How large every segment is that has members.

    Parameters
    ----------
    sizes : `SEGMENT_SIZES`.
    key : the name under which the notebook shows the table.

    Returns
    -------
    One finding per segment with members, none material: a size is no news, a change is. ``weight`` is the amount of
    its members in fen.
    """
    text = Label(
        "「{segment}」有{n}家企业,占可判定企业的{rate},近12个月采购金额{amount}",
        "'{segment}' has {n} companies, {rate} of those that can be decided, with {amount} in 12 months",
    )
    also_open = Label(";另有{open}家无法判定。", "; {open} more are undecided.")
    columns = {
        "segment": "segment_id",
        "n": "n_members",
        "rate": "member_rate",
        "amount": "amount_fen",
        "open": "n_undecided",
    }
    basis = Label("缺失的标签不作否定", "a missing tag is not taken for no")
    found = []
    for row in sizes[sizes["n_members"] > 0].to_dict("records"):
        segment_id, amount = str(row["segment_id"]), int(row["amount_fen"])
        is_open = int(row["n_undecided"]) > 0
        end = also_open if is_open else Label("。", ".")
        told = Label(text.zh + end.zh, text.en + end.en)
        refs = {name: Ref(key, (segment_id,), column) for name, column in columns.items() if name != "open" or is_open}
        found.append(Finding(f"segment.{segment_id}", told, refs, "neutral", False, float(amount), basis))
    return found


def change_findings(changes: pd.DataFrame, *, material_fen: int, key: str = "segment_changes") -> list[Finding]:
    """Who entered and left every segment that changed.

    Parameters
    ----------
    changes : `SEGMENT_CHANGES`.

    Returns
    -------
    One finding per segment that anyone entered or left; ``weight`` is the larger of the two amounts in fen. Whether
    it is good news depends on the segment, so it is neither.
    """
    text = Label(
        "「{segment}」由{before}家变为{now}家:进入{entered}家({entered_fen}),离开{left}家({left_fen})。",
        "'{segment}' went from {before} companies to {now}: {entered} entered ({entered_fen}), "
        "{left} left ({left_fen}).",
    )
    columns = {
        "segment": "segment_id",
        "before": "n_before",
        "now": "n_now",
        "entered": "n_entered",
        "entered_fen": "entered_fen",
        "left": "n_left",
        "left_fen": "left_fen",
    }
    basis = Label("与上期末相比,条件相同", "against the date before, by the same condition")
    found = []
    for row in changes[(changes["n_entered"] > 0) | (changes["n_left"] > 0)].to_dict("records"):
        segment_id, amount = str(row["segment_id"]), max(int(row["entered_fen"]), int(row["left_fen"]))
        refs = {name: Ref(key, (segment_id,), column) for name, column in columns.items()}
        is_material = amount >= material_fen
        found.append(Finding(f"segment.{segment_id}.change", text, refs, "neutral", is_material, float(amount), basis))
    return found


def trait_findings(profile: Profile, segment_id: str, *, key: str) -> list[Finding]:
    """The category that most tells a segment from the rest, beyond its own condition and beyond chance.

    Parameters
    ----------
    profile : `segment_profile` of the segment.
    key : the name under which the notebook shows ``profile.shares``.

    Returns
    -------
    One finding, or none where no tested trait has an adjusted p below ``LEVEL``; ``weight`` is the difference.
    """
    told = profile.shares[profile.shares["p_adjusted"] < LEVEL]
    if told.empty:
        return []
    trait, difference = str(told.iloc[0]["trait"]), float(told.iloc[0]["difference_rate"])
    text = Label(
        "「{segment}」最突出的特征是「{trait}」:有此标签值的{n_in}家中占{inside},所比较的其余企业{n_rest}家中占{rest},"
        "相差{difference}(区间 {lower} 至 {upper})。",
        "What most marks '{segment}' is '{trait}': {inside} of its {n_in} companies with a value, against {rest} of "
        "{n_rest} others compared, a difference of {difference} (interval {lower} to {upper}).",
    )
    columns = {
        "segment": "segment_id",
        "trait": "trait",
        "inside": "in_rate",
        "n_in": "n_in",
        "rest": "rest_rate",
        "n_rest": "n_rest",
        "difference": "difference_rate",
        "lower": "lower_rate",
        "upper": "upper_rate",
        "p": "p_adjusted",
    }
    refs = {name: Ref(key, (segment_id, trait), column) for name, column in columns.items()}
    basis = Label(
        "Holm 校正 p = {p},检验不含与条件同源的标签", "Holm's adjusted p = {p}, tags of the condition left out"
    )
    return [Finding(f"segment.{segment_id}.trait", text, refs, "neutral", False, abs(difference), basis)]
