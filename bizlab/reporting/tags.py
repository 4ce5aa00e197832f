"""The tags of all customers on a date, as every report and command computes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from bizlab import customers, tagging
from bizlab.data.snapshots import keep_snapshot
from bizlab.data.warehouse import Warehouse
from bizlab.periods import Month
from bizlab.reporting import settings
from bizlab.reporting.parameters import Parameters
from bizlab.tagging.migration import Moment

TAG_TABLES = ("customers", "contacts", "orders", "settlements", "subscriptions")
"""The input tables that tags are counted from."""
HISTORY = Path("history") / "tags"
"""Where the tags of every month that was run are kept."""
Scan = Callable[[str], Any]
Config = Callable[[str], Mapping[str, Any]]


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
    """The models that the dictionary names, fitted on the reference period of the parameters."""
    end = customers.reference_end(params.grade_reference)
    reference = tagging.customer_facts(dictionary.on(end), tables, as_of=end)
    grading = customers.parse_grading(config("grading"))
    return {"value_grade": customers.fit_value_grade(reference.frame, grading, weighting=params.value_weighting)}


def keep_tags(project: Path, params: Parameters, store: Warehouse, *, report: Callable[[str], None]) -> None:
    """Keep the month's tags as they were first published; say where today's differ from those kept before.

    Parameters
    ----------
    report : takes a line of progress.
    """
    month = Month.parse(params.month)

    def scan(name: str) -> Any:
        return store.scan(name, as_of=month.last, known_by=params.known_by)

    def config(name: str) -> Mapping[str, Any]:
        return settings.config(project, name)

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
