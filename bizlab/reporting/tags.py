"""The tags of all customers on a date, as every report and command computes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from bizlab import customers, tagging
from bizlab.customers.grading.stored import stored_model
from bizlab.data.snapshots import keep_snapshot
from bizlab.data.warehouse import Warehouse
from bizlab.periods import Month
from bizlab.reporting import settings
from bizlab.reporting.parameters import Parameters
from bizlab.tagging.quality.migration import Moment

TAG_TABLES = ("customers", "contacts", "orders", "settlements", "subscriptions")
"""The input tables that tags are counted from."""
HISTORY = Path("history") / "tags"
"""Where the tags of every month that was run are kept."""
Scan = Callable[[str], Any]


class Config(Protocol):
    """A file of ``params/`` by its name, as a plain mapping; empty where it is optional and absent."""

    def __call__(self, name: str, *, optional: bool = False) -> Mapping[str, Any]: ...


VALUE_GRADE = "models/value_grade"
"""The file of fitted value grades that are kept."""


def tags_as_of(scan: Scan, config: Config, params: Parameters, *, dates: Sequence[date]) -> list[Moment]:
    """Fact and model tags of every customer as of some dates, each under the rules that were in force on it.

    The models are fitted once, on the reference period.

    Parameters
    ----------
    scan : an input table by its name, lazily.
    config : a file of ``params/`` by its name.
    """
    tables = {name: scan(name) for name in TAG_TABLES}
    dictionary = tagging.parse_dictionary(config("tags"))
    models = tag_models(tables, dictionary, config, params)
    return [Moment(tagging.snapshot(dictionary.on(day), tables, as_of=day, models=models), models) for day in dates]


def tag_models(
    tables: Mapping[str, Any], dictionary: tagging.Dictionary, config: Config, params: Parameters
) -> dict[str, tagging.TagModel]:
    """The models that the dictionary names: as they were fitted and kept, else fitted on the reference period now."""
    grading = customers.parse_grading(config("grading"))
    kept = stored_model(
        config(VALUE_GRADE, optional=True).get("versions", []),
        grading,
        weighting=params.value_weighting,
        reference=params.grade_reference,
    )
    return {"value_grade": kept or fitted_value_grade(tables, dictionary, config, params)}


def fitted_value_grade(
    tables: Mapping[str, Any], dictionary: tagging.Dictionary, config: Config, params: Parameters
) -> customers.ValueGradeModel:
    """The value grade fitted on the reference period as its data are now."""
    end = customers.reference_end(params.grade_reference)
    reference = tagging.customer_facts(dictionary.on(end), tables, as_of=end)
    grading = customers.parse_grading(config("grading"))
    return customers.fit_value_grade(reference.frame, grading, weighting=params.value_weighting)


def keep_tags(project: Path, params: Parameters, store: Warehouse, *, report: Callable[[str], None]) -> None:
    """Keep the month's tags as they were first published; say where today's differ from those kept before.

    Parameters
    ----------
    report : takes a line of progress.
    """
    month = Month.parse(params.month)

    def scan(name: str) -> Any:
        return store.scan(name, as_of=month.last, known_by=params.known_by)

    config = partial(settings.config, project)
    frame = tags_as_of(scan, config, params, dates=[month.last])[0].snapshot.frame
    about = {"as_of": month.last.isoformat(), "known_by": str(params.known_by or ""), "seal": store.seal}
    kept = keep_snapshot(project / HISTORY, params.month, frame, key=tagging.KEY, about=about)
    place = kept.path.relative_to(project).as_posix()
    if kept.is_new:
        report(f"tags of {params.month} kept: {place}")
    elif not kept.differences.empty:
        worst = kept.differences.sort_values("n_rows", ascending=False).iloc[0]
        report(
            f"tags of {params.month} stay as kept in {place}; computed today they differ in "
            f"{len(kept.differences)} columns, most in {worst['column']} ({worst['n_rows']} customers, such as "
            f"{worst['example']}: kept {worst['kept']}, now {worst['now']})"
        )
