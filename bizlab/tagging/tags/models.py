"""Model tags: fact tags composed by rules, first match, or by a named model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Protocol

import pandas as pd

from bizlab.conditions.evaluate import truth, undecided_by
from bizlab.conditions.tree import names_of
from bizlab.errors import ContractError, some
from bizlab.labels import Label
from bizlab.tagging.dictionary.dictionary import KEY, Reason, Tag, Tier
from bizlab.tagging.dictionary.rules import Cases, Named, RatioOf
from bizlab.tagging.tags.facts import customer_facts, ratio_of
from bizlab.tagging.tags.snapshot import Snapshot, reason_column


class TagModel(Protocol):
    """A fitted model that gives a tag its value; estimators of other packages are handed over as one.

    Calling it with the tag's inputs (one row per customer, in the tag's order of inputs) gives a frame of the same
    rows with ``value`` and ``value_reason``; ``reasons`` has the words of every reason it may give; ``because`` says
    of one row how the value came about.
    """

    @property
    def reasons(self) -> Mapping[str, Label]: ...

    def __call__(self, inputs: pd.DataFrame) -> pd.DataFrame: ...

    def because(self, inputs: pd.DataFrame) -> Label: ...


def customer_tags(facts: Snapshot, *, models: Mapping[str, TagModel]) -> Snapshot:
    """Add the model tags to a snapshot of fact tags.

    A rule whose condition cannot be decided because an input is missing gives no value, and the input's reason:
    10 people make a micro company whatever its revenue, 500 people and no revenue make no class at all (Kleene's
    three-valued logic).

    Parameters
    ----------
    facts : as `customer_facts` made it.
    models : the named models that the dictionary asks for, fitted.

    Returns
    -------
    A new snapshot, one row per customer, with the model tags beside the fact tags.

    Raises
    ------
    SettingError : a named model is not at hand.
    ContractError : a model gave a value that the dictionary does not list.
    """
    frame, reasons = facts.frame.copy(deep=False), dict(facts.reasons)
    for tag in facts.dictionary.of_tier(Tier.MODEL):
        if isinstance(tag.rule, Named):
            words = _model(tag, tag.rule.model, models).reasons
            reasons |= {code: Reason(label, is_known=True) for code, label in words.items()}
        values, why = value_of(tag, frame, as_of=facts.as_of, models=models)
        frame[tag.tag_id] = values.astype(tag.dtype)
        frame[f"{tag.tag_id}_reason"] = why
        refuse_unlisted(tag, frame)
    return replace(facts, frame=frame, reasons=reasons)


def value_of(
    tag: Tag, frame: pd.DataFrame, *, as_of: date, models: Mapping[str, TagModel]
) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """One model tag of every row, from its inputs alone.

    Parameters
    ----------
    frame : one row per customer: for every input its column and ``<input>_reason``.

    Returns
    -------
    Values, and the reason where there is none.
    """
    match tag.rule:
        case Cases():
            return _first_match(tag.rule, frame, as_of)
        case RatioOf(over, under):
            return ratio_of(over, under, frame)
        case Named(name):
            given = _model(tag, name, models)(frame[list(tag.inputs)].copy())
            return given["value"], reason_column(given["value"], given["value_reason"])
    raise TypeError(tag.tag_id)


def snapshot(dictionary: Any, tables: Mapping[str, Any], *, as_of: date, models: Mapping[str, TagModel]) -> Snapshot:
    """Fact and model tags of every customer on a date: `customer_facts`, then `customer_tags`."""
    return customer_tags(customer_facts(dictionary, tables, as_of=as_of), models=models)


def _first_match(rule: Cases, frame: pd.DataFrame, as_of: date) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """The value of the first case that holds; where an open one comes before it, why the input of that is missing."""
    values = pd.Series(None, index=frame.index, dtype="str")
    why = pd.Series("no_case", index=frame.index, dtype="str")
    left = pd.Series(True, index=frame.index)
    for when, value in rule.cases:
        answer = truth(when, frame, as_of=as_of)
        taken, unknown = left & answer.fillna(False).astype(bool), left & answer.isna()
        values = values if value is None else values.mask(taken, value)
        why = why.mask(taken, "not_applicable")
        if unknown.any():
            wanting = undecided_by(when, frame, as_of=as_of)
            for name in names_of(when):
                why = why.mask(unknown & wanting.eq(name), frame[f"{name}_reason"])
        left &= ~answer.fillna(True).astype(bool)
    if rule.otherwise is not None:
        values = values.mask(left, rule.otherwise)
    return values, reason_column(values, why)


def _model(tag: Tag, name: str, models: Mapping[str, TagModel]) -> TagModel:
    if name not in models:
        fix = f"hand it over under this name; there are {some(sorted(models)) or 'none'}"
        raise tag.spot.at("rule").at("model").refuse(f"The model '{name}' is not at hand", fix)
    return models[name]


def refuse_unlisted(tag: Tag, frame: pd.DataFrame) -> None:
    """Refuse values of a tag that its dictionary entry does not list."""
    if not tag.words:
        return
    outside = frame[tag.tag_id].notna() & ~frame[tag.tag_id].isin(tag.words)
    if outside.any():
        unlisted = sorted(set(frame.loc[outside, tag.tag_id]))
        raise ContractError(
            f"The tag has values that its dictionary entry does not list: {some(unlisted)}",
            place=f"{tag.spot.place}, customers {some(list(frame.loc[outside, KEY]))}",
            fix="list them under 'values' with their words",
        )
