"""Where the cases of a rule hold, exactly: every input is cut at all bounds that the rule names.

Between two neighbouring bounds no condition changes its answer, so one value stands for the whole stretch, and a rule
is known everywhere once it is known in every combination of stretches (the cell argument of predicate abstraction:
Graf and Saidi, "Construction of abstract state graphs with PVS", CAV 1997; Kleene, *Introduction to
Metamathematics*, 1952, section 64, for the third truth value of what is missing).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bizlab.conditions.evaluate import truth
from bizlab.conditions.tree import AsOf, Operand, at, leaves, values_of
from bizlab.tagging.dictionary.dictionary import Dictionary, Tag
from bizlab.tagging.dictionary.rules import ADDITIVE, Aggregate, Cases, Peers, RatioOf
from bizlab.units.kinds import WHOLE, Unit

MOST_REGIONS = 200_000
"""Above so many combinations a rule is refused: about six inputs of seven stretches each, more than a person reads."""
FALSE, UNDECIDED, TRUE = 0, 1, 2
"""Ordered, so that 'and' is the smallest and 'or' the largest."""
_NEVER_MISSING = frozenset({*ADDITIVE, "count_distinct", "count_months"})
_COUNTS = frozenset({"count", "exists", "count_distinct", "count_months"})
_NEAR = range(-2, 3)
_OTHER = "\0"
_DAY_0 = np.datetime64("0001-01-01") - np.timedelta64(1, "D")
_ANY_DAY = date(2001, 1, 1)

Value: TypeAlias = int | float | str | bool | None


@dataclass(frozen=True)
class Stretch:
    """Values of one input that no condition tells apart: one of them (None: missing), and the stretch in words."""

    value: Value
    text: str


@dataclass(frozen=True)
class Block:
    """All combinations for one as-of date: the stretches of each input, and the truth of each case in each."""

    axes: tuple[tuple[Stretch, ...], ...]
    holds: NDArray[np.int8]


@dataclass(frozen=True)
class Regions:
    """A rule of cases over all regions that its inputs can be in.

    Parameters
    ----------
    blocks : one for each as-of date that the rule can tell apart; mostly one.
    """

    blocks: tuple[Block, ...]

    @cached_property
    def holds(self) -> NDArray[np.int8]:
        """One row per case, one column per region: `FALSE`, `UNDECIDED` or `TRUE`."""
        return np.concatenate([block.holds for block in self.blocks], axis=1)

    @cached_property
    def first(self) -> NDArray[np.int64]:
        """For each region the number of the case that gives the value; -1 where an undecided case stops before one
        holds; the number of cases where none holds."""
        n_cases, n_regions = self.holds.shape
        stops = self.holds != FALSE
        at = np.where(stops.any(axis=0), stops.argmax(axis=0), n_cases)
        ends = np.vstack([self.holds, np.full(n_regions, TRUE, dtype=np.int8)])[at, np.arange(n_regions)]
        return np.where(ends == TRUE, at, -1)

    def text(self, region: int) -> str:
        """A region as ``input > bound, input = value``."""
        for block in self.blocks:
            shape = tuple(len(axis) for axis in block.axes)
            if region < math.prod(shape):
                place = np.unravel_index(region, shape)
                return ", ".join(axis[int(i)].text for axis, i in zip(block.axes, place, strict=True))
            region -= math.prod(shape)
        raise IndexError(region)


def regions(dictionary: Dictionary, tag: Tag) -> Regions:
    """Cut the inputs of a rule of cases into regions and evaluate every case in each.

    A number is cut at every bound (points, and the open stretches between, empty ones left out where only whole
    numbers can be); a category into its values and 'other'; dates at every day named and at the as-of date, for every
    order these can stand in; and missing, where the input can be missing.

    Parameters
    ----------
    tag : its rule is a `Cases`.

    Raises
    ------
    SettingError : more than `MOST_REGIONS` combinations.
    """
    if not isinstance(tag.rule, Cases):
        raise TypeError(tag.tag_id)
    whens = [when for when, _ in tag.rule.cases]
    asked = [(leaf.name, value) for when in whens for leaf in leaves(when) for value in values_of(leaf)]
    by_name = {name: [value for read, value in asked if read == name] for name in tag.inputs}
    n_regions = 0
    blocks = []
    for as_of in _as_of_days([value for _, value in asked]):
        day = as_of or _ANY_DAY
        axes = tuple(_axis(dictionary, dictionary[name], values, as_of) for name, values in by_name.items())
        n_regions += math.prod(len(axis) for axis in axes)
        if n_regions > MOST_REGIONS:
            raise tag.spot.refuse(
                f"The rule splits its inputs into more than {MOST_REGIONS} regions ({n_regions} and more)",
                "judge a few inputs in a tag of their own first, and read that tag here",
            )
        places = np.indices([len(axis) for axis in axes]).reshape(len(axes), -1)
        frame = pd.DataFrame(
            {
                name: _column(axis, dictionary[name]).take(place).reset_index(drop=True)
                for name, axis, place in zip(by_name, axes, places, strict=True)
            }
        )
        answers = [truth(when, frame, as_of=day).astype("Int8") * TRUE for when in whens]
        blocks.append(Block(axes, np.stack([answer.fillna(UNDECIDED).to_numpy(dtype=np.int8) for answer in answers])))
    return Regions(tuple(blocks))


def may_be_missing(dictionary: Dictionary, tag: Tag) -> bool:
    """Whether a customer can be without a value of the tag, from its rule and those of its inputs."""
    match tag.rule:
        case Aggregate(measure=measure):
            return measure not in _NEVER_MISSING
        case Peers(by=by):
            return may_be_missing(dictionary, dictionary[by])
        case Cases(cases, otherwise):
            silent = otherwise is None or any(value is None for _, value in cases)
            return silent or any(may_be_missing(dictionary, dictionary[name]) for name in tag.inputs)
        case _:
            return True


def _as_of_days(values: Sequence[Operand]) -> list[date | None]:
    """Days on which ``as_of`` stands in every order to the days that are named; None where nobody asks for it."""
    shifts = {value.days for value in values if isinstance(value, AsOf)}
    if not shifts:
        return [None]
    named = {value.toordinal() for value in values if isinstance(value, date)}
    days = {day - shift + near for day in named for shift in shifts for near in _NEAR}
    possible = [day for day in sorted(days) if 0 < day <= date.max.toordinal() - max(shifts)]
    return [date.fromordinal(day) for day in possible] or [_ANY_DAY]


def _axis(dictionary: Dictionary, source: Tag, values: Sequence[Operand], as_of: date | None) -> tuple[Stretch, ...]:
    """The stretches of one input, missing first."""
    name = source.tag_id
    missing = [Stretch(None, f"{name} missing")] if may_be_missing(dictionary, source) else []
    if source.type == "flag":
        known = [Stretch(flag, f"{name} = {str(flag).lower()}") for flag in (False, True)]
    elif source.type == "category":
        known = _categories(source, values)
    else:
        known = _stretches(dictionary, source, values, as_of)
    return (*missing, *known)


def _column(axis: Sequence[Stretch], source: Tag) -> pd.Series[Any]:
    """One value of each stretch, in the type in which a snapshot holds the tag."""
    values: list[Any] = [stretch.value for stretch in axis]
    if source.type == "date":
        since = [np.datetime64("NaT") if day is None else _DAY_0 + np.timedelta64(day, "D") for day in values]
        return pd.Series(np.array(since, dtype="datetime64[us]"))
    return pd.Series(values, dtype=source.dtype)


def _categories(source: Tag, bounds: Sequence[Operand]) -> list[Stretch]:
    """Listed values, and any other where nothing keeps the values to the list."""
    if isinstance(source.rule, Cases):
        given = [value for _, value in source.rule.cases] + [source.rule.otherwise]
        values = [value for value in dict.fromkeys(given) if value is not None]
    else:
        values = list(dict.fromkeys([*source.words, *map(str, bounds)]))
    known = [Stretch(value, f"{source.tag_id} = {value}") for value in values]
    listed_only = not isinstance(source.rule, Aggregate) and bool(source.words)
    return known if listed_only else [*known, Stretch(_OTHER, f"{source.tag_id} = other")]


def _stretches(dictionary: Dictionary, source: Tag, values: Sequence[Operand], as_of: date | None) -> list[Stretch]:
    """Points where conditions change their answer, and what lies between them where a value can lie there."""
    whole = source.unit in WHOLE or source.type == "date"
    lowest = 0 if _never_negative(dictionary, source) else -math.inf
    is_past = source.type == "date" and isinstance(source.rule, Aggregate) and _is_past(dictionary, source.rule)
    highest = as_of.toordinal() if as_of is not None and is_past else math.inf
    in_order = sorted(values, key=lambda value: isinstance(value, AsOf))
    cuts = {_number(value, source, as_of): _shown(value, source) for value in in_order}
    cuts |= {0: _shown(0, source)} if lowest == 0 else {}
    cuts |= {highest: str(AsOf())} if highest < math.inf else {}
    stretches = []
    for low, high in pairwise([None, *sorted(cuts), None]):
        inside = _between(low, high, whole=whole)
        if inside is not None and lowest <= inside <= highest:
            stretches.append(Stretch(inside, _stretch_text(source.tag_id, low, high, cuts)))
        if high is not None and lowest <= high <= highest and (not whole or high == math.floor(high)):
            stretches.append(Stretch(high, f"{source.tag_id} = {cuts[high]}"))
    return stretches


def _between(low: float | None, high: float | None, *, whole: bool) -> int | float | None:
    """A value strictly between two bounds, None where there is none."""
    if low is None:
        if high is None:
            return 0
        return math.ceil(high) - 1 if whole else math.nextafter(high, -math.inf)
    near = math.floor(low) + 1 if whole else math.nextafter(low, math.inf)
    return near if high is None or near < high else None


def _stretch_text(name: str, low: float | None, high: float | None, shown: Mapping[float, str]) -> str:
    if low is None:
        return f"{name} any" if high is None else f"{name} < {shown[high]}"
    return f"{name} > {shown[low]}" if high is None else f"{shown[low]} < {name} < {shown[high]}"


def _shown(value: Operand, source: Tag) -> str:
    """A bound as a reader knows it: yuan, days, decimals."""
    if isinstance(value, int | float):
        return f"{value / 100:,.2f}" if source.unit is Unit.FEN else f"{float(value):g}"
    return str(value)


def _number(value: Operand, source: Tag, as_of: date | None) -> int | float:
    """A bound on the scale of the input, days as ordinals."""
    bound = at(value, as_of or _ANY_DAY)
    if isinstance(bound, date):
        return bound.toordinal()
    return bound if source.unit in WHOLE else float(bound)  # type: ignore[return-value]


def _never_negative(dictionary: Dictionary, tag: Tag) -> bool:
    match tag.rule:
        case Aggregate(measure="days_since"):
            return _is_past(dictionary, tag.rule)
        case Aggregate(measure=measure):
            return measure in _COUNTS
        case Peers(of=of):
            return dictionary[of].type == "flag" or _never_negative(dictionary, dictionary[of])
        case RatioOf(over, under):
            return all(_never_negative(dictionary, dictionary[name]) for name in (over, under))
        case _:
            return False


def _is_past(dictionary: Dictionary, rule: Aggregate) -> bool:
    """Whether the days that are taken cannot lie after the as-of date, because later rows are not read."""
    return rule.columns[:1] == (dictionary.tables[rule.table].occurred,)
