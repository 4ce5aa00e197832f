"""The stages as configuration: order, names, and what makes a company enter each of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr, ValidationError, model_validator

from bizlab.errors import SettingError
from bizlab.labels import Label

NEW = "new"
"""Stands for 'not known before' where a flow needs an origin."""
ALL = "all"
"""Stands for the sum over stages or segments."""
OVERALL = "overall"
"""Stands for the way from the cohort's stage to the sale, beside the single steps."""
_EXPLAINED = "the head of the file explains every key"
_RESERVED = frozenset({NEW, ALL, OVERALL})

Positive = Annotated[StrictInt, Field(ge=1)]
Days = Annotated[StrictInt, Field(ge=0)]
Text = Annotated[StrictStr, Field(min_length=1)]


class _Setting(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(_Setting):
    """A name in both languages."""

    zh: Text
    en: Text


class _Alternatives(_Setting):
    """Keys of which exactly one is given: those that may be missing."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        names = [name for name, field in type(self).model_fields.items() if field.default is None]
        if sum(getattr(self, name) is not None for name in names) != 1:
            raise ValueError(f"give exactly one of {', '.join(names)}")
        return self


class OrderFact(_Alternatives):
    """A day with orders: the nth such day, or every one from the nth."""

    nth: Positive | None = None
    from_nth: Positive | None = None
    product_lines: tuple[Text, ...] = ()


class SubscriptionFact(_Alternatives):
    """A subscription period that was signed, or that began."""

    period: Positive | None = None
    from_period: Positive | None = None
    day: Literal["signed", "starts"] = "signed"


class AfterFact(_Setting):
    """Some days after an earlier stage was entered by its facts."""

    stage: Text
    days: Days
    active: StrictBool = False


class InactiveFact(_Setting):
    """A time without orders and without a subscription."""

    days_without_order: Days
    days_without_subscription: Days


class Fact(_Alternatives):
    """One rule of the vocabulary."""

    order: OrderFact | None = None
    subscription: SubscriptionFact | None = None
    after: AfterFact | None = None
    inactive: InactiveFact | None = None

    @property
    def rule(self) -> OrderFact | SubscriptionFact | AfterFact | InactiveFact:
        """The one rule that is given."""
        rules = (self.order, self.subscription, self.after, self.inactive)
        return next(rule for rule in rules if rule is not None)


class Stage(_Setting):
    """A stage, or a state beside the stages."""

    id: Annotated[StrictStr, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    name: Words
    facts: tuple[Fact, ...] = ()
    within_days: Positive | None = None
    tolerance_days: Days | None = None
    may_stay: StrictBool = False

    @property
    def label(self) -> Label:
        return Label(self.name.zh, self.name.en)


class Stages(_Setting):
    """The whole configuration; ``params/stages.yaml`` explains each key."""

    unstaged: Text
    cohort: Text
    won: Text
    won_within_days: Positive
    tolerance_days: Days
    stages: Annotated[tuple[Stage, ...], Field(min_length=2)]
    states: tuple[Stage, ...] = ()

    @property
    def everything(self) -> tuple[Stage, ...]:
        """Stages in order, then the states: the order that breaks ties of a day."""
        return self.stages + self.states

    @property
    def labels(self) -> dict[str, Label]:
        """Names for the page, with the words that stand beside the stages."""
        return {stage.id: stage.label for stage in self.everything} | {
            NEW: Label("新进入", "New"),
            ALL: Label("合计", "Total"),
            OVERALL: Label("整体转化", "Overall"),
        }

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(stage.id for stage in self.everything)

    def number(self, stage: str) -> int:
        """Position in the order, from 1; states come after the last stage."""
        return self.ids.index(stage) + 1

    def tolerance(self, stage: Stage) -> int:
        return self.tolerance_days if stage.tolerance_days is None else stage.tolerance_days


def read_stages(raw: Mapping[str, Any], *, place: str = "params/stages.yaml") -> Stages:
    """Check the configuration of the lifecycle, and freeze it.

    Parameters
    ----------
    raw : the file as plain values.
    place : the file, for messages.

    Raises
    ------
    SettingError : an unknown key, a value that does not fit, an id given twice, a stage that does not exist, or an
        ``after`` that does not point to an earlier stage with facts (so that no rule can wait for itself).

    >>> name = {"zh": "线索", "en": "Lead"}
    >>> read_stages({"unstaged": "lead", "cohort": "lead", "won": "sold", "won_within_days": 90, "tolerance_days": 9,
    ...              "stages": [{"id": "lead", "name": name}, {"id": "won", "name": name}]}, place="stages.yaml")
    Traceback (most recent call last):
    bizlab.errors.SettingError: There is no stage 'sold'. Where: stages.yaml, key won. Fix: use one of lead, won.
    """
    try:
        stages = Stages.model_validate(raw)
    except ValidationError as fault:
        first = fault.errors()[0]
        problem, fix = _misfit(first)
        raise SettingError(problem, place=f"{place}, key {_path(first['loc'])}", fix=f"{fix}; {_EXPLAINED}") from fault
    for problem, key, fix in _faults(stages):
        raise SettingError(problem, place=f"{place}, key {key}", fix=fix)
    return stages


def _faults(stages: Stages) -> Iterator[tuple[str, str, str]]:
    ids = [stage.id for stage in stages.stages]
    for number, name in enumerate(stages.ids):
        key = f"{_place(stages, number)}.id"
        if name in _RESERVED:
            yield f"'{name}' has a meaning of its own in the tables", key, "choose another id"
        if name in stages.ids[:number]:
            yield f"The id '{name}' is given twice", key, "give every stage an id of its own"
    for key in ("unstaged", "cohort", "won"):
        if getattr(stages, key) not in ids:
            yield f"There is no stage '{getattr(stages, key)}'", key, f"use one of {', '.join(ids)}"
    if ids.index(stages.cohort) >= ids.index(stages.won):
        yield f"'{stages.won}' does not come after '{stages.cohort}'", "won", "put the stages in the order of the sale"
    for number, stage in enumerate(stages.everything):
        for n, fact in enumerate(stage.facts):
            yield from _fact_faults(stages, number, fact, f"{_place(stages, number)}.facts[{n}]")


def _fact_faults(stages: Stages, number: int, fact: Fact, place: str) -> Iterator[tuple[str, str, str]]:
    ids = [stage.id for stage in stages.stages]
    if fact.inactive is not None and number < len(ids):
        yield "Inactivity is not a stage", f"{place}.inactive", "move the rule to a state"
    if fact.after is None:
        return
    if fact.after.stage not in ids:
        yield f"There is no stage '{fact.after.stage}'", f"{place}.after.stage", f"use one of {', '.join(ids)}"
    elif ids.index(fact.after.stage) >= number:
        yield (
            f"'{stages.ids[number]}' waits for '{fact.after.stage}', which does not come before it: a cycle",
            f"{place}.after.stage",
            f"use a stage before it: {', '.join(ids[:number]) or 'there is none'}",
        )
    elif not stages.stages[ids.index(fact.after.stage)].facts:
        yield f"'{fact.after.stage}' has no facts to count from", f"{place}.after.stage", "use a stage with facts"


def _place(stages: Stages, number: int) -> str:
    n_stages = len(stages.stages)
    return f"stages[{number}]" if number < n_stages else f"states[{number - n_stages}]"


def _path(loc: tuple[int | str, ...]) -> str:
    """A key the way it is read in the file: ``stages[3].facts[0].order``."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc).lstrip(".") or "(the file)"


def _misfit(fault: Any) -> tuple[str, str]:
    """What is wrong with a value of the file, and the fix."""
    if fault["type"] == "extra_forbidden":
        return f"The key '{fault['loc'][-1]}' is unknown", "remove it or correct its spelling"
    if fault["type"] == "missing":
        return f"The key '{fault['loc'][-1]}' is missing", "correct the value"
    return f"{fault['msg'].removeprefix('Value error, ')}, but the file says {fault['input']!r}", "correct the value"
