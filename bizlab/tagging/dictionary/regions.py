"""Where the cases of a rule hold, exactly: every input is cut at all bounds that the rule names.

Between two neighbouring bounds no condition changes its answer, so one value stands for the whole stretch, and a rule
is known everywhere once it is known in every combination of stretches (the cell argument of predicate abstraction:
Graf and Saidi, "Construction of abstract state graphs with PVS", CAV 1997; Kleene, *Introduction to
Metamathematics*, 1952, section 64, for the third truth value of what is missing).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bizlab.errors import SettingError
from bizlab.tagging.dictionary.dictionary import Dictionary, Tag
from bizlab.tagging.dictionary.reading import Spot
from bizlab.tagging.dictionary.rules import ADDITIVE, AS_OF, Aggregate, Cases, Condition, Peers, RatioOf, When
from bizlab.units.kinds import WHOLE, Unit

MOST_REGIONS = 200_000
"""Above so many combinations a rule is refused: about six inputs of seven stretches each, more than a person reads."""
FALSE, UNDECIDED, TRUE = 0, 1, 2
"""Ordered, so that 'and' is the smallest and 'or' the largest."""
_NEVER_MISSING = frozenset({*ADDITIVE, "count_distinct", "count_months"})
_COUNTS = frozenset({"count", "exists", "count_distinct", "count_months"})
_NEAR = range(-2, 3)
_OTHER = "\0"
_ANY_DAY = date(2001, 1, 1).toordinal()

Value: TypeAlias = Fraction | str | None


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
    SettingError : more than `MOST_REGIONS` combinations, or a comparison that the type of the input does not allow.
    """
    if not isinstance(tag.rule, Cases):
        raise TypeError(tag.tag_id)
    conditions = [c for when, _ in tag.rule.cases for all_of in when.alternatives for c in all_of]
    by_name = {name: [c for c in conditions if c.name == name] for name in tag.inputs}
    names_as_of = any(c.value == AS_OF for c in conditions)
    days = {part.toordinal() for c in conditions for part in _parts(c) if isinstance(part, date)}
    as_of_days: list[int | None] = [None]
    if names_as_of:
        as_of_days = [*sorted({day + near for day in days for near in _NEAR} or {_ANY_DAY})]
    n_regions = 0
    blocks = []
    for day in as_of_days:
        axes = tuple(_axis(dictionary, tag, dictionary[name], asked, day) for name, asked in by_name.items())
        n_regions += math.prod(len(axis) for axis in axes)
        if n_regions > MOST_REGIONS:
            raise _too_many(tag, n_regions)
        holds = [_holds(when, tuple(by_name), axes, day) for when, _ in tag.rule.cases]
        blocks.append(Block(axes, np.stack(holds)))
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


def _too_many(tag: Tag, n_regions: int) -> SettingError:
    return Spot(tag.place).refuse(
        f"The rule splits its inputs into more than {MOST_REGIONS} regions ({n_regions} and more)",
        "judge a few inputs in a tag of their own first, and read that tag here",
    )


def _parts(condition: Condition) -> Iterable[Any]:
    return condition.value if isinstance(condition.value, tuple) else (condition.value,)


def _axis(
    dictionary: Dictionary, tag: Tag, source: Tag, conditions: Sequence[Condition], day: int | None
) -> tuple[Stretch, ...]:
    """The stretches of one input, missing first."""
    bounds = [part for c in conditions if c.operator != "missing" for part in _parts(c)]
    _refuse_mismatch(tag, source, conditions, bounds)
    name = source.tag_id
    missing = [Stretch(None, f"{name} missing")] if may_be_missing(dictionary, source) else []
    if source.type == "flag":
        known = [Stretch(Fraction(flag), f"{name} = {str(bool(flag)).lower()}") for flag in (0, 1)]
    elif source.type == "category":
        known = _categories(source, bounds)
    else:
        points = {Fraction(_number(part, day)) for part in bounds}
        known = _stretches(dictionary, source, points, day)
    return (*missing, *known)


def _refuse_mismatch(tag: Tag, source: Tag, conditions: Sequence[Condition], bounds: Sequence[Any]) -> None:
    kinds: dict[str, tuple[type, ...]] = {"number": (int, float), "category": (str,), "flag": (bool,), "date": (date,)}
    fits = all(isinstance(b, kinds[source.type]) or (source.type == "date" and b == AS_OF) for b in bounds)
    fits &= source.type != "number" or not any(isinstance(b, bool) or not math.isfinite(b) for b in bounds)
    ordered = source.type in {"number", "date"} or all(c.operator in {"is", "in", "missing"} for c in conditions)
    if not fits or not ordered:
        shown = " and ".join(str(c) for c in conditions)
        raise (
            Spot(tag.place)
            .at("rule")
            .refuse(
                f"The {source.type} tag '{source.tag_id}' cannot be compared like this: {shown}",
                "compare numbers with numbers, dates with dates, and ask of a category or flag only 'is' and 'in'",
            )
        )


def _categories(source: Tag, bounds: Sequence[Any]) -> list[Stretch]:
    """Listed values, and any other where nothing keeps the values to the list."""
    if isinstance(source.rule, Cases):
        given = [value for _, value in source.rule.cases] + [source.rule.otherwise]
        values = [value for value in dict.fromkeys(given) if value is not None]
    else:
        values = list(dict.fromkeys([*source.words, *bounds]))
    known = [Stretch(value, f"{source.tag_id} = {value}") for value in values]
    listed_only = not isinstance(source.rule, Aggregate) and bool(source.words)
    return known if listed_only else [*known, Stretch(_OTHER, f"{source.tag_id} = other")]


def _stretches(dictionary: Dictionary, source: Tag, points: set[Fraction], day: int | None) -> list[Stretch]:
    whole = source.unit in WHOLE or source.type == "date"
    lowest = Fraction(0) if _never_negative(dictionary, source) else None
    highest = Fraction(day) if day is not None and _never_later(dictionary, source) else None
    cuts = sorted(points | ({lowest} - {None}) | ({highest} - {None}))  # type: ignore[type-var]
    shown = {cut: _shown(cut, source, day) for cut in cuts if cut is not None}
    edges: list[Fraction | None] = [None, *cuts, None]
    found = []
    for low, high in pairwise(edges):
        inside = _between(low, high, whole)
        if inside is not None:
            found.append((inside, _stretch_text(source.tag_id, low, high, shown)))
        if high is not None and (not whole or high.denominator == 1):
            found.append((high, f"{source.tag_id} = {shown[high]}"))
    return [
        Stretch(value, text)
        for value, text in found
        if (lowest is None or value >= lowest) and (highest is None or value <= highest)
    ]


def _between(low: Fraction | None, high: Fraction | None, whole: bool) -> Fraction | None:
    """A value strictly between two bounds, None where there is none."""
    if low is None or high is None:
        if low is not None:
            return Fraction(math.floor(low) + 1)
        return Fraction(0) if high is None else Fraction(math.ceil(high) - 1)
    if not whole:
        return (low + high) / 2
    next_whole = Fraction(math.floor(low) + 1)
    return next_whole if next_whole < high else None


def _stretch_text(name: str, low: Fraction | None, high: Fraction | None, shown: dict[Fraction, str]) -> str:
    if low is None:
        return f"{name} any" if high is None else f"{name} < {shown[high]}"
    return f"{name} > {shown[low]}" if high is None else f"{shown[low]} < {name} < {shown[high]}"


def _shown(value: Fraction, source: Tag, day: int | None) -> str:
    """A bound as a reader knows it: yuan, days, decimals."""
    if source.type == "date":
        return AS_OF if value == day else date.fromordinal(int(value)).isoformat()
    return f"{float(value) / 100:,.2f}" if source.unit is Unit.FEN else f"{float(value):g}"


def _number(value: Any, day: int | None) -> Any:
    if value == AS_OF:
        return day
    return value.toordinal() if isinstance(value, date) else value


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


def _never_later(dictionary: Dictionary, tag: Tag) -> bool:
    """A date that cannot lie after the as-of date, because later rows are not read."""
    rule = tag.rule
    return tag.type == "date" and isinstance(rule, Aggregate) and _is_past(dictionary, rule)


def _is_past(dictionary: Dictionary, rule: Aggregate) -> bool:
    return rule.columns[:1] == (dictionary.tables[rule.table].occurred,)


def _holds(
    when: When, names: tuple[str, ...], axes: tuple[tuple[Stretch, ...], ...], day: int | None
) -> NDArray[np.int8]:
    """Truth of a condition in every combination, flat in the order of the axes."""
    shape = tuple(len(axis) for axis in axes)
    found = np.full(shape, FALSE, dtype=np.int8)
    for all_of in when.alternatives:
        every = np.full(shape, TRUE, dtype=np.int8)
        for condition in all_of:
            number = names.index(condition.name)
            asked = np.array([_truth(condition, stretch.value, day) for stretch in axes[number]], dtype=np.int8)
            along = [1] * len(axes)
            along[number] = len(asked)
            every = np.minimum(every, asked.reshape(along))
        found = np.maximum(found, every)
    return found.reshape(-1)


def _truth(condition: Condition, value: Value, day: int | None) -> int:
    if condition.operator == "missing":
        return TRUE if (value is None) == condition.value else FALSE
    if value is None:
        return UNDECIDED
    bounds: list[Any] = [p if isinstance(value, str) else Fraction(_number(p, day)) for p in _parts(condition)]
    held: Any = value
    answers = {
        "min": held >= bounds[0],
        "max": held <= bounds[0],
        "above": held > bounds[0],
        "below": held < bounds[0],
        "is": held == bounds[0],
        "in": held in bounds,
    }
    return TRUE if answers[condition.operator] else FALSE
