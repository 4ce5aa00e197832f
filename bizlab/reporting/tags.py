"""The tags of all customers on a date, as every report and command computes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from bizlab import customers, tagging
from bizlab.reporting.parameters import Parameters
from bizlab.tagging.migration import Moment

TAG_TABLES = ("customers", "contacts", "orders", "settlements", "subscriptions")
"""The input tables that tags are counted from."""
Scan = Callable[[str], Any]
Config = Callable[[str], Mapping[str, Any]]


def tags_as_of(scan: Scan, config: Config, params: Parameters, *, as_of: date) -> Moment:
    """Fact and model tags of every customer as of a date, with the models fitted on the reference period.

    Parameters
    ----------
    scan : an input table by its name, lazily.
    config : a file of ``params/`` by its name.
    """
    tables = {name: scan(name) for name in TAG_TABLES}
    dictionary = tagging.parse_dictionary(config("tags"))
    models = tag_models(tables, dictionary, config, params)
    return Moment(tagging.snapshot(dictionary, tables, as_of=as_of, models=models), models)


def tag_models(
    tables: Mapping[str, Any], dictionary: tagging.Dictionary, config: Config, params: Parameters
) -> dict[str, tagging.TagModel]:
    """The models that the dictionary names, fitted on the reference period of the parameters."""
    reference = tagging.customer_facts(dictionary, tables, as_of=customers.reference_end(params.grade_reference))
    grading = customers.parse_grading(config("grading"))
    return {"value_grade": customers.fit_value_grade(reference.frame, grading, weighting=params.value_weighting)}
