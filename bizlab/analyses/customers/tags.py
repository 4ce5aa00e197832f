"""The tags of all customers on a date, as every page and command computes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from bizlab import customers, tagging
from bizlab.customers.grading.stored import stored_model
from bizlab.data.snapshots import keep_snapshot
from bizlab.errors import SettingError, some
from bizlab.run.session import Run
from bizlab.tagging.quality.migration import Moment

TAG_TABLES = ("customers", "contacts", "orders", "settlements", "subscriptions")
"""The input tables that tags are counted from."""
HISTORY = Path("history") / "tags"
"""Where the tags of every month that was run are kept."""
VALUE_GRADE = "models/value_grade"
"""The file of fitted value grades that are kept."""


def tags_of(run: Run, *dates: date) -> list[Moment]:
    """Fact and model tags of every customer as of some days of the month or before it.

    Each under the rules that were in force on it; the models are fitted once, on the reference period. What was
    recorded after the parameter ``known_by`` is not read: a month can be replayed as it was known.

    Raises
    ------
    SettingError : a day after the month, which the run may not see.
    """
    late = [day.isoformat() for day in dates if day > run.as_of]
    if late:
        raise SettingError(
            f"The tags of {some(late)} lie after the month",
            place=f"run of {run.month}",
            fix=f"ask for days up to {run.as_of}, or open a later month",
        )
    tables = {name: run.scan(name) for name in TAG_TABLES}
    dictionary = tagging.parse_dictionary(run.config("tags"))
    models = {"value_grade": kept_value_grade(run) or fitted_value_grade(run, tables, dictionary)}
    return [Moment(tagging.snapshot(dictionary.on(day), tables, as_of=day, models=models), models) for day in dates]


def kept_value_grade(run: Run) -> customers.ValueGradeModel | None:
    """The value grade as it was fitted and kept for this weighting and reference period; None where it was not."""
    versions = run.config(VALUE_GRADE, optional=True).get("versions", [])
    grading = customers.parse_grading(run.config("grading"))
    weighting, reference = run.params.value_weighting, run.params.grade_reference
    return stored_model(versions, grading, weighting=weighting, reference=reference)


def fitted_value_grade(
    run: Run, tables: Mapping[str, Any], dictionary: tagging.Dictionary
) -> customers.ValueGradeModel:
    """The value grade fitted on the reference period as its data are now."""
    end = customers.reference_end(run.params.grade_reference)
    reference = tagging.customer_facts(dictionary.on(end), tables, as_of=end)
    grading = customers.parse_grading(run.config("grading"))
    return customers.fit_value_grade(reference.frame, grading, weighting=run.params.value_weighting)


def keep_tags(run: Run, report: Callable[[str], None]) -> None:
    """Keep the month's tags as they were first published; report where today's differ from those kept before."""
    frame = tags_of(run, run.as_of)[0].snapshot.frame
    about = {"as_of": run.as_of.isoformat(), "known_by": str(run.params.known_by or ""), "seal": run.warehouse.seal}
    month = str(run.month)
    kept = keep_snapshot(run.project / HISTORY, month, frame, key=tagging.KEY, about=about)
    place = kept.path.relative_to(run.project).as_posix()
    if kept.is_new:
        report(f"tags of {month} kept: {place}")
    elif not kept.differences.empty:
        worst = kept.differences.sort_values("n_rows", ascending=False).iloc[0]
        report(
            f"tags of {month} stay as kept in {place}; computed today they differ in "
            f"{len(kept.differences)} columns, most in {worst['column']} ({worst['n_rows']} customers, such as "
            f"{worst['example']}: kept {worst['kept']}, now {worst['now']})"
        )
