"""What tells the members of a segment from all other customers, tag by tag."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bizlab.conditions.evaluate import truth
from bizlab.conditions.tree import Condition, names_of
from bizlab.contracts.columns import code, column, ratio, reason, score, table, words
from bizlab.contracts.finding import Finding
from bizlab.contracts.says import says
from bizlab.contracts.table import Table
from bizlab.exact import round_half_up
from bizlab.labels import Label
from bizlab.statistics.proportions import adjust, compare_proportions
from bizlab.tagging.dictionary.dictionary import TAG, Dictionary, Tag
from bizlab.tagging.segments.dominance import cliffs_delta
from bizlab.tagging.segments.segments import SEGMENT, Membership
from bizlab.units.kinds import Unit

YES = "yes"
_EMPTY = Label.of("一方没有有值的企业 | one side has no company with a value")
_NO_TEST = words(empty=_EMPTY, defining="该标签与客群条件同源,不作检验 | made of the same as the condition: not tested")
_NO_MEDIAN = words(
    empty=_EMPTY, is_amount="金额见金额列 | an amount: see the column of amounts", is_number="不是金额 | not an amount"
)
_DEFINING = column(
    "is_defining",
    "与条件同源 | Of the condition",
    "在条件中,或由条件的标签推出,或为其输入:差异由条件造成,不作检验 | "
    "in the condition, made of its tags, or one of their inputs: it differs by choice and is not tested",
)
_IN = column("n_in", "客群中有值 | With a value in it")
_REST = column("n_rest", "其余中有值 | With a value in the rest")

_P = "Holm 校正,族为本客群画像的全部检验 | Holm's adjustment over all tests of the segment's profile"
_TESTS = (
    score("p_value", "p 值 | p value", nullable=True),
    *ratio("p_adjusted", "校正 p 值 | Adjusted p", _P, missing=_NO_TEST),
    _DEFINING,
)

SEGMENT_SHARES = table(
    "segment_shares",
    "客群画像:类别 | Profile: categories",
    "每个客群、标签取值一行 | one row per segment and value of a tag",
    SEGMENT,
    code("trait", "特征 | Trait"),
    TAG,
    _IN,
    _REST,
    ratio("in_rate", "客群占比 | Share in it", missing=_NO_TEST),
    ratio("rest_rate", "其余占比 | Share in the rest", missing=_NO_TEST),
    ratio("difference_rate", "差异 | Difference", "客群占比 − 其余占比 | first less second", missing=_NO_TEST),
    column("lower_rate", "差异下限 | Lower limit", "Newcombe 第10法 | Newcombe's method 10", nullable=True),
    column("upper_rate", "差异上限 | Upper limit", "Newcombe 第10法 | Newcombe's method 10", nullable=True),
    _TESTS,
    key="segment_id trait",
)

_DELTA = "Cliff δ:随机一家客群企业的值大于其余企业的概率减去小于的概率 | chance to be larger less chance to be smaller"
SEGMENT_MEDIANS = table(
    "segment_medians",
    "客群画像:数值 | Profile: numbers",
    "每个客群、数值标签一行 | one row per segment and number tag",
    SEGMENT,
    TAG,
    _IN,
    _REST,
    ratio("in_median", "客群中位数 | Median in it", missing=_NO_MEDIAN),
    ratio("rest_median", "其余中位数 | Median in the rest", missing=_NO_MEDIAN),
    column("in_median_fen", "客群中位数(金额) | Median in it (amount)", nullable=True),
    reason("in_median_fen", _NO_MEDIAN),
    column("rest_median_fen", "其余中位数(金额) | Median in the rest (amount)", nullable=True),
    reason("rest_median_fen", _NO_MEDIAN),
    ratio("delta", "Cliff δ | Cliff's delta", _DELTA, missing=_NO_TEST),
    score("lower", "δ 下限 | Lower limit", nullable=True),
    score("upper", "δ 上限 | Upper limit", nullable=True),
    _TESTS,
    key="segment_id tag_id",
)


LEVEL = 0.05
"""Below this adjusted p a trait is worth a sentence."""


class Profile(NamedTuple):
    """A segment against the rest: `SEGMENT_SHARES` of categories and flags, `SEGMENT_MEDIANS` of numbers."""

    shares: pd.DataFrame
    medians: pd.DataFrame


class _Sides(NamedTuple):
    """Which customers are members, and which are known not to be."""

    inside: NDArray[np.bool_]
    rest: NDArray[np.bool_]


def segment_profile(
    membership: Membership,
    segment_id: str,
    *,
    among: Condition | None = None,
    tags: Sequence[str] | None = None,
    confidence: float = 0.95,
) -> Profile:
    """Compare the members of a segment with the customers who are known not to be in it.

    A category's or flag's share is compared by `compare_proportions` (Newcombe's interval), a number's values by
    `cliffs_delta` (Mann-Whitney); only customers with a value count, and who is undecided is on neither side. The
    p-values of both tables are one family for Holm's adjustment. A tag of the segment's own condition differs because
    it was chosen so, and so do the tags it is made of and those made of it: they are shown, marked, and not tested.
    Dates are left out.

    Parameters
    ----------
    among : compare only customers for whom this holds, such as those who buy; by default all. Where most customers
        never bought anything, a segment of buyers differs from all others by buying, and by little else that shows.
    tags : the tags to compare; by default all categories, flags and numbers of the snapshot.
    confidence : level of the intervals.

    Returns
    -------
    Both tables, the strongest first: by the size of the difference, of delta.

    Raises
    ------
    SettingError : no such segment, or no such tag.
    """
    snapshot = membership.snapshot
    segment = membership[segment_id]
    holds = membership.frame[segment_id]
    if among is not None:
        compared = truth(among, snapshot.frame, as_of=snapshot.as_of).fillna(False).to_numpy(dtype=bool)
        holds = holds.where(compared)
    sides = _Sides(holds.fillna(False).to_numpy(dtype=bool), (~holds).fillna(False).to_numpy(dtype=bool))
    chosen = snapshot.tags if tags is None else [snapshot.dictionary[tag_id] for tag_id in tags]
    defining = _same_origin(names_of(segment.expression), snapshot.dictionary)
    shares: list[dict[str, Any]] = []
    medians: list[dict[str, Any]] = []
    for tag in chosen:
        values, is_defining = snapshot.frame[tag.tag_id], tag.tag_id in defining
        if tag.type in {"category", "flag"}:
            rows = _shares(tag, values, sides, confidence)
            shares += [row | _tested(row, is_defining, "difference_rate") for row in rows]
        elif tag.type == "number":
            row = _median(tag, values, sides, confidence)
            medians.append(row | _tested(row, is_defining, "delta"))
    tests = [*shares, *medians]
    for row, p in zip(tests, adjust([row["p_value"] for row in tests]), strict=True):
        row["p_adjusted"] = p
    return Profile(
        _strongest(shares, "difference_rate", segment_id, SEGMENT_SHARES),
        _strongest(medians, "delta", segment_id, SEGMENT_MEDIANS),
    )


def trait_labels(dictionary: Dictionary) -> dict[str, Label]:
    """The words of the column ``trait`` of `SEGMENT_SHARES`."""
    labels = {}
    for tag in dictionary.tags.values():
        for value, label in tag.words.items():
            labels[_trait(tag, value)] = Label(f"{tag.name.zh}:{label.zh}", f"{tag.name.en}: {label.en}")
        if tag.type == "flag":
            labels[_trait(tag, YES)] = tag.name
    return labels


def _same_origin(tags: Sequence[str], dictionary: Dictionary) -> set[str]:
    """The tags, whatever they are made of, and whatever is made of them."""
    above, below = set(tags), set(tags)
    for tag_id in dictionary.order:
        if above & set(dictionary[tag_id].inputs):
            above.add(tag_id)
    for tag_id in reversed(dictionary.order):
        if tag_id in below:
            below |= set(dictionary[tag_id].inputs)
    return above | below


def _trait(tag: Tag, value: str) -> str:
    return f"{tag.tag_id}={value}"


def _shares(tag: Tag, values: pd.Series[Any], sides: _Sides, confidence: float) -> Iterator[dict[str, Any]]:
    known = values.notna().to_numpy()
    inside, rest = known & sides.inside, known & sides.rest
    n_in, n_rest = int(inside.sum()), int(rest.sum())
    traits = [YES] if tag.type == "flag" else list(tag.words) or sorted(values.dropna().unique())
    for value in traits:
        has = (values.eq(True if tag.type == "flag" else value)).fillna(False).to_numpy(dtype=bool)
        first, second = (int((has & inside).sum()), n_in), (int((has & rest).sum()), n_rest)
        comparison = compare_proportions(first, second, confidence=confidence)
        yield {
            "trait": _trait(tag, value),
            "tag_id": tag.tag_id,
            "n_in": n_in,
            "n_rest": n_rest,
            "in_rate": first[0] / n_in if n_in else None,
            "in_rate_reason": None if n_in else "empty",
            "rest_rate": second[0] / n_rest if n_rest else None,
            "rest_rate_reason": None if n_rest else "empty",
            "difference_rate": comparison.difference,
            "lower_rate": comparison.lower,
            "upper_rate": comparison.upper,
            "p_value": comparison.p_value,
        }


def _median(tag: Tag, values: pd.Series[Any], sides: _Sides, confidence: float) -> dict[str, Any]:
    first, second = values[sides.inside].dropna(), values[sides.rest].dropna()
    delta = cliffs_delta(first.to_numpy(dtype=np.float64), second.to_numpy(dtype=np.float64), confidence=confidence)
    row: dict[str, Any] = {"tag_id": tag.tag_id, "n_in": len(first), "n_rest": len(second), **delta._asdict()}
    is_amount = tag.unit is Unit.FEN
    fitting, other, reason = ("_fen", "", "is_amount") if is_amount else ("", "_fen", "is_number")
    for side, values_of_side in (("in", first), ("rest", second)):
        middle = _middle(values_of_side, tag)
        row[f"{side}_median{fitting}"] = middle
        row[f"{side}_median{fitting}_reason"] = "empty" if middle is None else None
        row[f"{side}_median{other}_reason"] = reason
    return row


def _middle(values: pd.Series[Any], tag: Tag) -> float | int | None:
    """The median; an amount half way between two fen is rounded half up."""
    if values.empty:
        return None
    ordered = sorted(values)
    low, high = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    if tag.unit is Unit.FEN:
        return round_half_up(Fraction(int(low) + int(high), 2))
    return (float(low) + float(high)) / 2


def _tested(row: dict[str, Any], is_defining: bool, effect: str) -> dict[str, Any]:
    is_empty = math.isnan(row[effect])
    return {
        f"{effect}_reason": "empty" if is_empty else None,
        "p_value": math.nan if is_defining else row["p_value"],
        "p_adjusted_reason": "defining" if is_defining else "empty" if is_empty else None,
        "is_defining": is_defining,
    }


def _strongest(rows: list[dict[str, Any]], effect: str, segment_id: str, contract: Table) -> pd.DataFrame:
    frame = pd.DataFrame([{"segment_id": segment_id, **row} for row in rows], columns=list(contract.names))
    order = frame[effect].astype("float64").abs().sort_values(ascending=False, kind="stable", na_position="last").index
    return contract.conform(frame.loc[order])


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
    return [
        says(
            row,
            SEGMENT_SHARES,
            "「{segment_id}」最突出的特征是「{trait}」:有此标签值的{n_in}家中占{in_rate},所比较的其余企业{n_rest}家中占{rest_rate},"
            "相差{difference_rate}(区间 {lower_rate} 至 {upper_rate})。 | "
            "What most marks '{segment_id}' is '{trait}': {in_rate} of its {n_in} companies with a value, against "
            "{rest_rate} of {n_rest} others compared, a difference of {difference_rate} "
            "(interval {lower_rate} to {upper_rate}).",
            key=f"segment.{segment_id}.trait",
            table=key,
            weight=abs(float(row["difference_rate"])),
            basis="Holm 校正 p = {p_adjusted},检验不含与条件同源的标签 | "
            "Holm's adjusted p = {p_adjusted}, tags of the condition left out",
        )
        for row in profile.shares[profile.shares["p_adjusted"] < LEVEL].head(1).to_dict("records")
    ]
