"""What a tag is worth: how finely it divides customers, whether it holds still, what it says about an outcome."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from bizlab.binning import information_value
from bizlab.contracts import Column, Table
from bizlab.errors import DataError
from bizlab.labels import Label
from bizlab.tagging.dictionary import KEY, Tag
from bizlab.tagging.drift import VERDICTS, explained_by_chance, index_of_counts, stability_index, verdict_of
from bizlab.tagging.lints import LINTS
from bizlab.tagging.quality import TIERS
from bizlab.tagging.snapshot import Snapshot
from bizlab.tagging.spread import doubts_about, effective_number
from bizlab.units import Unit

_FEWEST = 15
_BINS = 10

FINE = "fine"
ADVICE = {FINE: Label("合适", "fine")} | {
    code: LINTS[code][1] for code in ("constant", "too_coarse", "too_fine", "mostly_missing")
}
_NO_ENTROPY = {
    "continuous": Label("连续数值,按分布看", "a number: see its distribution"),
    "nobody": Label("没有值", "no values"),
}
_NO_PSI = {
    "date": Label("日期本身会移动", "dates move by themselves"),
    "too_few": Label("样本过少", "too few"),
    "constant": Label("参照期取值单一", "one value only in the reference"),
    "absent": Label("参照期没有此标签", "not in the reference"),
}
_NO_IV = {
    "date": Label("日期不直接作为特征", "dates are no feature by themselves"),
    "undefined": Label("样本或取值不足", "too few customers or values"),
}

TAG_MEASURES = Table(
    name="tag_measures",
    label=Label("标签的价值", "What tags are worth"),
    grain=Label("每个标签一行", "one row per tag"),
    columns=(
        Column("tag_id", Unit.CODE, Label("标签", "Tag")),
        Column("tier", Unit.CODE, Label("层级", "Tier"), False, tuple(TIERS), None, TIERS),
        Column("n_with_value", Unit.COUNT, Label("有值", "With a value")),
        Column(
            "entropy",
            Unit.SCORE,
            Label("熵(比特)", "Entropy (bits)"),
            nullable=True,
            definition=Label("−Σ p·log2 p,p为各值占比", "minus the sum of p log2 p over the shares of values"),
        ),
        Column("entropy_reason", Unit.CODE, Label("原因", "Reason"), nullable=True, choice_labels=_NO_ENTROPY),
        Column(
            "n_effective",
            Unit.SCORE,
            Label("有效取值数", "Effective number of values"),
            nullable=True,
            definition=Label("2的熵次方:同样均匀的取值数", "2 to the entropy: as many values of equal share"),
        ),
        Column("n_effective_reason", Unit.CODE, Label("原因", "Reason"), nullable=True, choice_labels=_NO_ENTROPY),
        Column(
            "concentration_rate",
            Unit.RATE,
            Label("集中度", "Concentration"),
            nullable=True,
            definition=Label("Σ p²:随机两家取值相同的概率", "sum of p squared: chance that two companies agree"),
        ),
        Column(
            "concentration_rate_reason", Unit.CODE, Label("原因", "Reason"), nullable=True, choice_labels=_NO_ENTROPY
        ),
        Column(
            "psi",
            Unit.SCORE,
            Label("稳定性指数PSI", "PSI"),
            nullable=True,
            definition=Label(
                "有值的企业与参照期末相比;类别逐值,数值按参照期十分位",
                "companies with a value against the end of the reference; categories by value, numbers by its tenths",
            ),
        ),
        Column("psi_reason", Unit.CODE, Label("原因", "Reason"), nullable=True, choice_labels=_NO_PSI),
        Column("stability", Unit.CODE, Label("稳定性", "Stability"), True, tuple(VERDICTS), None, VERDICTS),
        Column(
            "information_value",
            Unit.SCORE,
            Label("信息值IV", "Information value"),
            nullable=True,
            definition=Label(
                "对此后是否采购的区分力:低于0.02几乎没有,0.1至0.3中等,高于0.5先查是否泄漏",
                "how it tells later buyers apart: below 0.02 hardly, 0.1 to 0.3 medium, above 0.5 look for leakage",
            ),
        ),
        Column("information_value_reason", Unit.CODE, Label("原因", "Reason"), nullable=True, choice_labels=_NO_IV),
        Column("advice", Unit.CODE, Label("粒度建议", "Granularity"), False, tuple(ADVICE), None, ADVICE),
    ),
    key=("tag_id",),
)


def tag_measures(now: Snapshot, *, reference: Snapshot, earlier: Snapshot, outcome: pd.DataFrame) -> pd.DataFrame:
    """Measure every tag.

    Parameters
    ----------
    now : the snapshot that is judged.
    reference : an older one that its distributions are held against.
    earlier : one whose tags came before the outcome; nothing in it may know the outcome.
    outcome : ``customer_id`` and ``outcome`` (bool), for customers of ``earlier``.

    Returns
    -------
    `TAG_MEASURES`, in the order of the dictionary.
    """
    known = earlier.frame.merge(outcome[[KEY, "outcome"]], on=KEY, validate="one_to_one")
    rows = [
        {
            "tag_id": tag.tag_id,
            "tier": tag.tier,
            "n_with_value": int(now.frame[tag.tag_id].notna().sum()),
            **_spread(tag, now),
            **_stability(tag, now, reference, n_tags=len(now.tags)),
            **_information(tag, known),
            "advice": advice(tag, now),
        }
        for tag in now.tags
    ]
    return TAG_MEASURES.conform(pd.DataFrame(rows, columns=list(TAG_MEASURES.names)))


def advice(tag: Tag, snapshot: Snapshot) -> str:
    """Whether a tag divides customers too coarsely to say anything or too finely to be used again."""
    return next((doubt.lint for doubt in doubts_about(tag, snapshot) if doubt.lint in ADVICE), FINE)


def _spread(tag: Tag, snapshot: Snapshot) -> dict[str, Any]:
    names = ("entropy", "n_effective", "concentration_rate")
    counts = snapshot.frame[tag.tag_id].value_counts().to_numpy("int64")
    reason = "continuous" if tag.type in {"number", "date"} else None if len(counts) else "nobody"
    if reason:
        return {**dict.fromkeys(names), **{f"{name}_reason": reason for name in names}}
    number = effective_number(counts)
    found = (math.log2(number), number, float(((counts / counts.sum()) ** 2).sum()))
    return {**dict(zip(names, found, strict=True)), **{f"{name}_reason": None for name in names}}


def _stability(tag: Tag, now: Snapshot, reference: Snapshot, *, n_tags: int) -> dict[str, Any]:
    """The index against the reference; the level of chance is shared among all tags (Bonferroni)."""
    if tag.tag_id not in reference.frame:
        return {"psi": None, "psi_reason": "absent", "stability": None}
    if tag.type == "date":
        return {"psi": None, "psi_reason": "date", "stability": None}
    before, after = reference.frame[tag.tag_id], now.frame[tag.tag_id]
    if min(before.notna().sum(), after.notna().sum()) < _FEWEST:
        return {"psi": None, "psi_reason": "too_few", "stability": None}
    if tag.type == "number":
        old, new = (values.dropna().to_numpy("float64") for values in (before, after))
        psi, bins = stability_index(old, new, n_bins=_BINS)
    else:
        states = sorted({str(value) for values in (before, after) for value in values.dropna()})
        old, new = (values.dropna().astype("str") for values in (before, after))
        counts = [values.value_counts().reindex(states, fill_value=0).to_numpy("int64") for values in (old, new)]
        psi, bins = index_of_counts(*counts), len(states)
    if bins == 1:
        return {"psi": None, "psi_reason": "constant", "stability": None}
    critical = explained_by_chance(len(old), len(new), bins, level=0.05 / n_tags)
    return {"psi": psi, "psi_reason": None, "stability": verdict_of(psi, critical)}


def _information(tag: Tag, known: pd.DataFrame) -> dict[str, Any]:
    if tag.type == "date":
        return {"information_value": None, "information_value_reason": "date"}
    values = known[tag.tag_id]
    held = values.astype("Float64").astype("float64") if tag.type == "number" else values.astype("str")
    try:
        found = information_value(held, known["outcome"].astype(bool), feature=tag.tag_id)
    except DataError:
        return {"information_value": None, "information_value_reason": "undefined"}
    return {"information_value": found, "information_value_reason": None}
