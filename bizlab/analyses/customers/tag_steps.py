"""What pages and commands on customers share: tags of a day and the value grade behind them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

import pandas as pd

from bizlab.contracts.check import Check
from bizlab.customers.grading.grades import ValueGradeModel, fit_value_grade, parse_grading, reference_end
from bizlab.customers.grading.stored import stored_model
from bizlab.run.kept.step import Given, step
from bizlab.tagging.dictionary.dictionary import Reason, parse_dictionary
from bizlab.tagging.tags.facts import customer_facts
from bizlab.tagging.tags.models import snapshot

TAG_TABLES = ("customers", "contacts", "orders", "settlements", "subscriptions")
"""The input tables that tags are counted from."""
VALUE_GRADE = "models/value_grade"
"""The file of fitted value grades that are kept."""
_GRADED_BY = ("value_weighting", "grade_reference")


class TagValues(NamedTuple):
    """Fact and model tags of every customer on a day, the words of their reasons, and what had to add up."""

    frame: pd.DataFrame
    reasons: Mapping[str, Reason]
    checks: tuple[Check, ...]


@step(tables=TAG_TABLES, config=("tags", "grading", VALUE_GRADE), parameters=_GRADED_BY)
def value_grade(given: Given) -> ValueGradeModel:
    """The value grade as it was fitted and kept, else as it is fitted now."""
    return kept_value_grade(given) or fitted_value_grade(given)


def kept_value_grade(given: Given) -> ValueGradeModel | None:
    """The value grade as it was fitted and kept for this weighting and reference period; None where it was not."""
    weighting, reference = (given.parameter(name) for name in _GRADED_BY)
    versions = given.config(VALUE_GRADE, optional=True).get("versions", [])
    return stored_model(versions, parse_grading(given.config("grading")), weighting=weighting, reference=reference)


def fitted_value_grade(given: Given) -> ValueGradeModel:
    """The value grade fitted on the reference period by today's records of it."""
    weighting, reference = (given.parameter(name) for name in _GRADED_BY)
    end, tables = reference_end(reference), {name: given.scan(name) for name in TAG_TABLES}
    facts = customer_facts(parse_dictionary(given.config("tags")).on(end), tables, as_of=end)
    return fit_value_grade(facts.frame, parse_grading(given.config("grading")), weighting=weighting)


@step(tables=TAG_TABLES, config=("tags",), parameters=_GRADED_BY, uses=(value_grade,))
def tags(given: Given, *, graded_on: date) -> TagValues:
    """Fact and model tags under the rules that were in force on the day; the value grade by what was known later."""
    tables = {name: given.scan(name) for name in TAG_TABLES}
    rules = parse_dictionary(given.config("tags")).on(given.as_of)
    made = snapshot(rules, tables, as_of=given.as_of, models={"value_grade": given.step(value_grade, as_of=graded_on)})
    return TagValues(made.frame, made.reasons, made.checks)


def graded_on(given: Given) -> date:
    """The day by whose records the value grade is fitted, where it is not kept: the end of its reference period."""
    return min(reference_end(given.parameter("grade_reference")), given.as_of)


def tags_on(given: Given, day: date) -> TagValues:
    """The tags of a day up to the one of which tables are given."""
    return given.step(tags, as_of=day, graded_on=graded_on(given))
