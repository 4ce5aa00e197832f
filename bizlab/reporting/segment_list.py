"""What ``bizlab segment`` writes: the members of a segment in a month, decided as the notebook of the tags decides."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from bizlab import tagging
from bizlab.errors import SettingError
from bizlab.labels import Lang
from bizlab.report.shown import ShownTable
from bizlab.report.view import shown_table
from bizlab.report.workbooks.export import csv_bytes, xlsx_bytes
from bizlab.reporting.parameters import Parameters
from bizlab.reporting.run import refuse_empty_month
from bizlab.reporting.session import Run
from bizlab.tagging.segments.logic import tags_of
from bizlab.tagging.segments.members import member_list
from bizlab.tagging.segments.operands import Written, tag_named
from bizlab.tagging.segments.segments import membership, parse_segments, segment_named

ANALYSIS = "customer_tags"
_WRITERS = {".csv": csv_bytes, ".xlsx": xlsx_bytes}


class SegmentList(NamedTuple):
    """The list, and how many customers could not be decided and are therefore not in it."""

    table: ShownTable
    n_undecided: int


def segment_list(project: Path, params: Parameters, segment_id: str, *, columns: Sequence[str] | None) -> SegmentList:
    """Compute the tags of a month and list who is in a segment.

    Parameters
    ----------
    project : folder of the project; ``params/tags.yaml``, ``grading.yaml`` and ``segments.yaml`` are read.
    columns : tags to list, by id or by name; by default those of the segment's condition.

    Raises
    ------
    BizlabError : no such segment or tag, a month without rows, an input that cannot be read.
    """
    run = Run(ANALYSIS, project, params)
    tags = tagging.parse_dictionary(run.config("tags"))
    segment = segment_named(parse_segments(run.config("segments"), tags), segment_id)
    asked = tags_of(segment.expression) if columns is None else columns
    chosen = [tag_named(name, tags, Written(name, "columns of the list"), 0).tag_id for name in asked]
    refuse_empty_month(run.warehouse, params)
    (moment,) = run.tags(run.as_of)
    decided = membership((segment,), moment.snapshot)
    listed = member_list(decided, segment_id, names=run.names("customers"), tags=chosen)
    table = shown_table(listed.frame, listed.contract, key=segment_id)
    return SegmentList(table, int(decided.frame[segment_id].isna().sum()))


def write_list(table: ShownTable, path: Path, *, lang: Lang) -> None:
    """Write a list as its file's ending says, in one step: a file that is there stays whole until the new one is.

    Raises
    ------
    SettingError : neither .csv nor .xlsx, or a folder that does not exist.
    """
    refuse_path(path)
    content = _WRITERS[path.suffix.lower()](table, lang=lang)
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def refuse_path(path: Path) -> None:
    """Refuse a file that could not be written, before anything is computed.

    Raises
    ------
    SettingError : neither .csv nor .xlsx, or a folder that does not exist.
    """
    if path.suffix.lower() not in _WRITERS:
        raise SettingError(
            f"'{path.name}' is neither .csv nor .xlsx", place="--to", way_out="name a file such as list.csv"
        )
    if path.is_dir() or not path.parent.is_dir():
        raise SettingError(f"'{path}' cannot be a file", place="--to", way_out="name a file in a folder that exists")
