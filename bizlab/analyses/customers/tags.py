"""The tags of all customers on a date, as every page and command computes them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from bizlab.analyses.customers import tag_steps
from bizlab.data.snapshots import keep_snapshot
from bizlab.run.session import Run
from bizlab.tagging.dictionary.dictionary import KEY, parse_dictionary
from bizlab.tagging.quality.migration import Moment
from bizlab.tagging.tags.snapshot import Snapshot

HISTORY = Path("history") / "tags"
"""Where the tags of every month that was run are kept."""


def tags_of(run: Run, *dates: date) -> list[Moment]:
    """Fact and model tags of every customer as of some days of the month or before it.

    Each under the rules that were in force on it; the models are fitted once, on the reference period. What was
    recorded after the parameter ``known_by`` is not read: a month can be replayed as it was known.

    Raises
    ------
    SettingError : a day after the month, which the run may not see.
    """
    dictionary = parse_dictionary(run.config("tags"))
    models = {"value_grade": run.step(tag_steps.value_grade, as_of=tag_steps.graded_on(run))}
    return [Moment(Snapshot(dictionary.on(day), day, *tag_steps.tags_on(run, day)), models) for day in dates]


def keep_tags(run: Run, report: Callable[[str], None]) -> None:
    """Keep the month's tags as they were first published; report where today's differ from those kept before."""
    frame = tags_of(run, run.as_of)[0].snapshot.frame
    about = {"as_of": run.as_of.isoformat(), "known_by": str(run.params.known_by or ""), "seal": run.warehouse.seal}
    month = str(run.month)
    kept = keep_snapshot(run.project / HISTORY, month, frame, key=KEY, about=about)
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
