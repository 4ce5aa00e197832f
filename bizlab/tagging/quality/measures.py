"""What a tag is worth: how finely it divides customers, whether it holds still, what it says about an outcome."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from bizlab.contracts.columns import column, ratio, score, table, words
from bizlab.errors import DataError
from bizlab.labels import Label
from bizlab.statistics.binning import information_values
from bizlab.tagging.dictionary.dictionary import KEY, TAG, TIER, Tag
from bizlab.tagging.quality.comparable import NOT_COMPARABLE, not_comparable
from bizlab.tagging.quality.drift import VERDICTS, explained_by_chance, index_of_counts, stability_index, verdict_of
from bizlab.tagging.quality.lints import LINTS
from bizlab.tagging.quality.spread import doubts_about, effective_number
from bizlab.tagging.tags.snapshot import Snapshot
from bizlab.units.kinds import Unit

_FEWEST = 15
_BINS = 10
_SHUFFLES = 39
"""A rank of 2 among 40 is a test at the level of 5 % (Hope, Journal of the Royal Statistical Society B 30, 1968)."""
_SEED = 20261031

INFORMATION: dict[str, Label] = words(
    chance="不超出随机 | no more than chance",
    weak="弱 | weak",
    medium="中 | medium",
    strong="强 | strong",
    suspicious="先查是否泄漏 | look for leakage first",
)
_BANDS = {"suspicious": 0.5, "strong": 0.3, "medium": 0.1, "weak": 0.0}
"""From which information value on; Siddiqi, *Credit Risk Scorecards*, 2006, chapter 6."""

FINE = "fine"
ADVICE = words({FINE: "合适 | fine"}) | {
    code: LINTS[code][1] for code in ("constant", "too_coarse", "too_fine", "mostly_missing")
}
_NO_ENTROPY = words(continuous="连续数值,按分布看 | a number: see its distribution", nobody="没有值 | no values")
_NO_PSI = words(
    date="日期本身会移动 | dates move by themselves",
    too_few="样本过少 | too few",
    constant="取值单一 | one value for all",
    absent="参照期没有此标签 | not in the reference",
    no_reference="参照期尚未结束 | the reference period is not over",
)
STABILITY: dict[str, Label] = {**VERDICTS, **NOT_COMPARABLE}
_NO_IV = words(
    date="日期不直接作为特征 | dates are no feature by themselves",
    undefined="样本或取值不足 | too few customers or values",
)

TAG_MEASURES = table(
    "tag_measures",
    "标签的价值 | What tags are worth",
    "每个标签一行 | one row per tag",
    TAG,
    TIER,
    column("n_with_value", "有值 | With a value"),
    ratio(
        "entropy",
        "熵(比特) | Entropy (bits)",
        "−Σ p·log2 p,p为各值占比 | minus the sum of p log2 p over the shares of values",
        missing=_NO_ENTROPY,
    ),
    ratio(
        "n_effective",
        "有效取值数 | Effective number of values",
        "2的熵次方:同样均匀的取值数 | 2 to the entropy: as many values of equal share",
        missing=_NO_ENTROPY,
        unit=Unit.SCORE,
    ),
    ratio(
        "concentration_rate",
        "集中度 | Concentration",
        "Σ p²:随机两家取值相同的概率 | sum of p squared: chance that two companies agree",
        missing=_NO_ENTROPY,
    ),
    ratio(
        "psi",
        "稳定性指数PSI | PSI",
        "有值的企业与参照期末相比;类别逐值,数值按参照期十分位 | "
        "companies with a value against the end of the reference; categories by value, numbers by its tenths",
        missing=_NO_PSI,
    ),
    column("stability", "稳定性 | Stability", nullable=True, choices=STABILITY),
    ratio(
        "information_value",
        "信息值IV | Information value",
        "对此后是否采购的区分力,由最优分箱得出,因此毫无关系也大于零 | "
        "how it tells later buyers apart; from the best bins, so above zero even without any relation",
        missing=_NO_IV,
    ),
    score(
        "chance_value",
        "随机可达IV | Reached by chance",
        f"把结果打乱{_SHUFFLES}次所得信息值的第二大者:毫无关系时超过它的机会为5% | "
        f"second largest of {_SHUFFLES} values with outcomes shuffled; exceeded 5 % of times by no relation",
        nullable=True,
    ),
    column(
        "information",
        "区分力 | Tells apart",
        "超出随机者,按信息值的惯例分级 | of what exceeds chance, by the usual bands of the information value",
        nullable=True,
        choices=INFORMATION,
    ),
    column("advice", "粒度建议 | Granularity", choices=ADVICE),
    key="tag_id",
)


def tag_measures(
    now: Snapshot, *, reference: Snapshot | None, began: Mapping[str, date], earlier: Snapshot, outcome: pd.DataFrame
) -> pd.DataFrame:
    """Measure every tag.

    Parameters
    ----------
    now : the snapshot that is judged.
    reference : an older one that its distributions are compared with; None where there is none yet.
    began : the first day of each table of events (`first_days`), which decides what can be compared.
    earlier : one whose tags came before the outcome; nothing in it may know the outcome.
    outcome : ``customer_id`` and ``outcome`` (bool), for customers of ``earlier``.

    Returns
    -------
    `TAG_MEASURES`, in the order of the dictionary. A tag whose distribution moved for other reasons than the customers
    has that reason in place of a verdict.
    """
    known = earlier.frame.merge(outcome[[KEY, "outcome"]], on=KEY, validate="one_to_one")
    order = [np.random.default_rng([_SEED, number]).permutation(len(known)) for number in range(_SHUFFLES)]
    shuffled = [known["outcome"].astype(bool).iloc[places].reset_index(drop=True) for places in order]
    apart = {} if reference is None else not_comparable(reference, now, began)
    rows = [
        {
            "tag_id": tag.tag_id,
            "tier": tag.tier,
            "n_with_value": int(now.frame[tag.tag_id].notna().sum()),
            **_spread(tag, now),
            **_stability(tag, now, reference, level=0.05 / len(now.tags), apart=apart.get(tag.tag_id)),
            **_information(tag, known, shuffled),
            "advice": advice(tag, now),
        }
        for tag in now.tags
    ]
    return TAG_MEASURES.frame(rows)


def advice(tag: Tag, snapshot: Snapshot) -> str:
    """Whether a tag divides customers too coarsely to say anything or too finely to be used again."""
    return next((doubt.lint for doubt in doubts_about(tag, snapshot) if doubt.lint in ADVICE), FINE)


def _spread(tag: Tag, snapshot: Snapshot) -> dict[str, Any]:
    names = ("entropy", "n_effective", "concentration_rate")
    counts = snapshot.frame[tag.tag_id].value_counts().to_numpy("int64")
    reason = "continuous" if tag.type in {"number", "date"} else None if len(counts) else "nobody"
    if reason:
        return {f"{name}_reason": reason for name in names}
    number = effective_number(counts)
    return dict(zip(names, (math.log2(number), number, float(((counts / counts.sum()) ** 2).sum())), strict=True))


def _stability(
    tag: Tag, now: Snapshot, reference: Snapshot | None, *, level: float, apart: str | None
) -> dict[str, Any]:
    """The index against the reference; ``level`` is what chance may explain, ``apart`` why the two do not compare."""
    if reference is None or tag.tag_id not in reference.frame or tag.type == "date":
        reason = "date" if tag.type == "date" else "no_reference" if reference is None else "absent"
        return {"psi_reason": reason}
    before, after = reference.frame[tag.tag_id].dropna(), now.frame[tag.tag_id].dropna()
    if min(len(before), len(after)) < _FEWEST:
        return {"psi_reason": "too_few"}
    if tag.type == "number":
        psi, bins = stability_index(before.to_numpy("float64"), after.to_numpy("float64"), n_bins=_BINS)
    else:
        states = sorted({str(value) for values in (before, after) for value in values})
        counts = [values.astype("str").value_counts().reindex(states, fill_value=0) for values in (before, after)]
        psi, bins = index_of_counts(*(number.to_numpy("int64") for number in counts)), len(states)
    if bins == 1:
        return {"psi_reason": "constant"}
    verdict = verdict_of(psi, explained_by_chance(len(before), len(after), bins, level=level))
    return {"psi": psi, "stability": apart if apart and verdict != "stable" else verdict}


def _information(tag: Tag, known: pd.DataFrame, shuffled: Sequence[pd.Series[bool]]) -> dict[str, Any]:
    """The information value, what chance reaches, and what that comes to."""
    if tag.type == "date":
        return {"information_value_reason": "date"}
    values = known[tag.tag_id]
    values = values.astype("Float64").astype("float64") if tag.type == "number" else values.astype("str")
    try:
        outcomes = [known["outcome"].astype(bool), *shuffled]
        value, *by_chance = information_values(values, outcomes, feature=tag.tag_id)
    except DataError:
        return {"information_value_reason": "undefined"}
    chance = sorted(by_chance)[-2]
    band = next(code for code, least in _BANDS.items() if value >= least) if value > chance else "chance"
    return {"information_value": value, "chance_value": chance, "information": band}
