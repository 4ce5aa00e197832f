"""Tags whose values say too little, too much, or what another tag says already, on one date.

Thresholds are conventions, stated here with their reasons, and only point a reader to where to look.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bizlab.tagging.dictionary.dictionary import Tag
from bizlab.tagging.dictionary.rules import Aggregate
from bizlab.tagging.tags.snapshot import Snapshot
from bizlab.units.kinds import Unit

FEWEST = 30
"""Below so many companies with a value nothing is said of their spread: one company would move it by 3 %."""
MOST_MISSING = 0.5
"""From here on the usual company that the tag applies to has no value, and every average is of the unusual ones."""
COARSE_SHARE = 0.95
"""One value above this share: the usual level at which a predictor is dropped as near-zero variance (19 to 1)."""
COARSE_NUMBER = 1.1
"""Effective number of values below this: as if hardly more than one value were in use."""
FINE_NUMBER = 30
"""More values than this fit neither a table nor a chart that is read at a glance."""
FINE_COMPANIES = 20
"""Fewer companies than this per effective value: a share of one group moves by more than 5 points with one company."""
SAME_SHARE = 0.99
"""Two tags that agree, or are known, for more than this share of companies differ by single cases only."""
SAME_BEYOND_CHANCE = 0.9
"""Cohen's kappa above which agreement is more than two rare values being rare together (0.81: 'almost perfect')."""
SAME_RANKS = 0.999
"""Spearman's rank correlation above which two numbers order companies alike: no model can use both."""
SAME_INFORMATION = 0.99
"""Mutual information over the larger entropy above which either value gives the other away."""
COMPARED_FIRST = 5_000
"""So many companies, evenly spaced, sort out the pairs that differ; the rest are compared over all companies."""
_LATEST = frozenset({"max", "value", "days_since", "years_since"})


class Doubt(NamedTuple):
    """One doubt about a tag, with the companies it concerns."""

    tag_id: str
    lint: str
    place: str
    evidence: str
    n_customers: int | None


def spread_doubts(snapshot: Snapshot) -> Iterator[Doubt]:
    """What the values of a snapshot say about its tags, then about pairs of tags."""
    for tag in snapshot.tags:
        yield from doubts_about(tag, snapshot)
    yield from near_duplicates(snapshot)


def effective_number(counts: NDArray[np.int64]) -> float:
    """How many equally frequent values would be as varied: the exponential of the entropy.

    Hill, "Diversity and evenness: a unifying notation and its consequences", Ecology 54 (1973) 427-432, order 1.

    >>> effective_number(np.array([25, 25, 25, 25])), effective_number(np.array([10, 0]))
    (4.0, 1.0)
    """
    shares = counts[counts > 0] / counts.sum()
    return float(np.exp(-(shares * np.log(shares)).sum()).round(12))


def near_duplicates(snapshot: Snapshot) -> Iterator[Doubt]:
    """Pairs of tags that say almost the same; never a tag and what it is made of, nor two readings of one column.

    Agreement: the same value, or neither has one, for more than 99 % of companies and beyond chance (Cohen, "A
    coefficient of agreement for nominal scales", 1960). Numbers and dates: Spearman's rank correlation. Categories and
    flags: mutual information over the larger of both entropies, which is 1 only if each gives the other away
    (Kvalseth, "Entropy and correlation: some comments", 1987). Numbers and categories are not compared.
    """
    step = max(1, len(snapshot.frame) // COMPARED_FIRST)
    values = {tag.tag_id: _values(snapshot.frame[tag.tag_id], tag) for tag in snapshot.tags}
    tags = [tag for tag in snapshot.tags if _varies(values[tag.tag_id])]
    below = {tag.tag_id: snapshot.dictionary.below(tag.tag_id) for tag in tags}
    for first, second in combinations(tags, 2):
        if first.tag_id in below[second.tag_id] or second.tag_id in below[first.tag_id] or _same_source(first, second):
            continue
        if _ordered(first) != _ordered(second):
            continue
        pair = values[first.tag_id], values[second.tag_id]
        if step > 1 and _likeness(pair[0][::step], pair[1][::step], first, second) is None:
            continue
        likeness = _likeness(*pair, first, second)
        if likeness is not None:
            n = int((~np.isnan(pair[0]) & ~np.isnan(pair[1])).sum())
            yield Doubt(second.tag_id, "near_duplicate", first.tag_id, likeness, n)


def doubts_about(tag: Tag, snapshot: Snapshot) -> Iterator[Doubt]:
    """What the values of one tag alone give rise to doubt about; nothing where fewer than 30 have one."""
    values = snapshot.frame[tag.tag_id].dropna()
    reasons = snapshot.frame[f"{tag.tag_id}_reason"].dropna()
    unknown = int((~reasons.map(lambda code: snapshot.reasons[code].is_known).astype(bool)).sum())
    applies = len(values) + unknown
    if applies >= FEWEST and unknown / applies > MOST_MISSING:
        yield Doubt(tag.tag_id, "mostly_missing", "values", f"{unknown} / {applies}", unknown)
    if len(values) < FEWEST:
        return
    counts = values.value_counts()
    most, number = int(counts.max()), effective_number(counts.to_numpy(dtype=np.int64))
    is_category = tag.type == "category"
    if len(counts) == 1:
        yield Doubt(tag.tag_id, "constant", "values", _shown(counts.index[0], tag), most)
    elif most / len(values) > COARSE_SHARE or (is_category and number < COARSE_NUMBER):
        yield Doubt(tag.tag_id, "too_coarse", "values", f"{_shown(counts.index[0], tag)}: {most} / {len(values)}", most)
    elif is_category and (number > len(values) / FINE_COMPANIES or len(counts) > FINE_NUMBER):
        evidence = f"{len(counts)} / {number:.1f} / {len(values)}"
        yield Doubt(tag.tag_id, "too_fine", "values", evidence, len(values))
    for value in tag.words:
        if value not in counts.index:
            yield Doubt(tag.tag_id, "unused_value", value, f"0 / {len(values)}", 0)


def _varies(values: NDArray[np.float64]) -> bool:
    known = values[~np.isnan(values)]
    return len(known) >= FEWEST and bool(known.min() < known.max())


def _shown(value: object, tag: Tag) -> str:
    """A value as a reader knows it: in words, in yuan."""
    if tag.unit is Unit.FEN:
        return f"{int(str(value)) / 100:,.2f}"
    return " / ".join(tag.words[str(value)]) if value in tag.words else str(value).removesuffix(" 00:00:00")


def _same_source(first: Tag, second: Tag) -> bool:
    """Two readings of one figure by declaration: the latest day, and the days since it."""
    rules = [tag.rule for tag in (first, second) if isinstance(tag.rule, Aggregate) and tag.rule.measure in _LATEST]
    sources = {(rule.table, rule.columns, rule.where, rule.window_days) for rule in rules}
    return len(rules) == 2 and len(sources) == 1


def _ordered(tag: Tag) -> bool:
    return tag.type in {"number", "date"}


def _values(values: pd.Series[Any], tag: Tag) -> NDArray[np.float64]:
    """Values as numbers, missing as NaN; categories as hashes of their text, so that equal words stay equal."""
    if tag.type == "date":
        values = (values - pd.Timestamp(0)).dt.days
    if tag.type == "category":
        codes = pd.util.hash_array(values.astype("object").fillna("").to_numpy(), categorize=True) >> np.uint64(11)
        hashed: NDArray[np.float64] = np.where(values.notna(), codes.astype(np.float64), np.nan)
        return hashed
    numbers: NDArray[np.float64] = values.astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
    return numbers


def _likeness(left: NDArray[np.float64], right: NDArray[np.float64], first: Tag, second: Tag) -> str | None:
    """How alike two tags are, in one figure, where they are alike enough to doubt."""
    known, both = ~np.isnan(left) | ~np.isnan(right), ~np.isnan(left) & ~np.isnan(right)
    if both.sum() < FEWEST or both.sum() <= SAME_SHARE * known.sum():
        return None
    left, right = left[both], right[both]
    equal = float((left == right).mean())
    if first.type == second.type and equal > SAME_SHARE and _kappa(equal, left, right) > SAME_BEYOND_CHANCE:
        return f"= {equal:.2%}"
    if _ordered(first):
        rho = pd.Series(left).rank().corr(pd.Series(right).rank())
        return f"rho = {rho:.5f}" if abs(rho) > SAME_RANKS else None
    shared = _information(left, right)
    return f"I / H = {shared:.4f}" if shared > SAME_INFORMATION else None


def _kappa(equal: float, left: NDArray[np.float64], right: NDArray[np.float64]) -> float:
    values, codes = np.unique(np.concatenate([left, right]), return_inverse=True)
    shares = [np.bincount(part, minlength=len(values)) / len(left) for part in np.split(codes, 2)]
    chance = float(shares[0] @ shares[1])
    return 0.0 if chance == 1.0 else (equal - chance) / (1 - chance)


def _information(left: NDArray[np.float64], right: NDArray[np.float64]) -> float:
    """Mutual information over the larger entropy; 0 where one of the two is constant."""
    first, second = (np.unique(part, return_inverse=True)[1] for part in (left, right))
    pairs = first * (int(second.max()) + 1) + second
    own, other, joint = (np.log(effective_number(np.bincount(codes))) for codes in (first, second, pairs))
    return float((own + other - joint) / max(own, other)) if min(own, other) > 0 else 0.0
