"""``bizlab segment NAME --to FILE``: the members of a segment in a month, decided as the page of the tags decides."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from bizlab import tagging
from bizlab.analyses.customers.tags import tags_of
from bizlab.cli import DONE
from bizlab.cli.options import latest_month_options, run_of
from bizlab.conditions.text import read_name
from bizlab.conditions.tree import names_of
from bizlab.errors import SettingError
from bizlab.labels import Lang
from bizlab.report.shown import ShownTable
from bizlab.report.view import shown_table
from bizlab.report.workbooks.export import csv_bytes, xlsx_bytes
from bizlab.run.month import refuse_empty_month
from bizlab.run.session import Run
from bizlab.tagging.segments.members import member_list
from bizlab.tagging.segments.segments import membership, parse_segments, segment_named

_WRITERS = {".csv": csv_bytes, ".xlsx": xlsx_bytes}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("segment", metavar="SEGMENT", help="id of params/segments.yaml")
    parser.add_argument("--to", type=Path, metavar="FILE", required=True, help="file to write, .csv or .xlsx")
    parser.add_argument(
        "--columns", metavar="TAGS", help="tags to list, separated by commas (default: its condition's)"
    )
    latest_month_options(parser)


def command(options: argparse.Namespace) -> int:
    refuse_path(options.to)
    run = run_of(options, "customer_tags")
    columns = None if options.columns is None else [name.strip() for name in options.columns.split(",") if name.strip()]
    listed = segment_list(run, options.segment, columns=columns)
    write_list(listed.table, options.to, lang=run.params.lang)
    print(f"{options.to}: {len(listed.table.rows):,} members of '{options.segment}' as of {run.month}")
    if listed.n_undecided:
        print(f"{listed.n_undecided:,} customers are undecided for want of a tag and not in the list")
    return DONE


class SegmentList(NamedTuple):
    """The list, and how many customers could not be decided and are therefore not in it."""

    table: ShownTable
    n_undecided: int


def segment_list(run: Run, segment_id: str, *, columns: Sequence[str] | None) -> SegmentList:
    """Compute the tags of a month and list who is in a segment.

    Parameters
    ----------
    run : of a page with the parameters of tags.
    columns : tags to list, by id or by name; by default those of the segment's condition.

    Raises
    ------
    BizlabError : no such segment or tag, a month without rows, an input that cannot be read.
    """
    tags = tagging.parse_dictionary(run.config("tags"))
    segment = segment_named(parse_segments(run.config("segments"), tags), segment_id)
    asked = names_of(segment.expression) if columns is None else columns
    chosen = [read_name(name, tags.fields, place="columns of the list").name for name in asked]
    refuse_empty_month(run.warehouse, run.month)
    (moment,) = tags_of(run, run.as_of)
    decided = membership((segment,), moment.snapshot)
    listed = member_list(decided, segment_id, names=run.names("customers"), tags=chosen)
    table = shown_table(listed.frame, listed.contract, key=segment_id)
    return SegmentList(table, int(decided.frame[segment_id].isna().sum()))


def write_list(table: ShownTable, path: Path, *, lang: Lang) -> None:
    """Write a list as its file's ending says, in one step: a file that is there stays whole until the new one is."""
    refuse_path(path)
    content = _WRITERS[path.suffix.lower()](table, lang=lang)
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def refuse_path(path: Path) -> None:
    """Refuse a file that could not be written, before anything is computed: of another kind, or in no folder."""
    if path.suffix.lower() not in _WRITERS:
        raise SettingError(f"'{path.name}' is neither .csv nor .xlsx", place="--to", fix="name a file such as list.csv")
    if path.is_dir() or not path.parent.is_dir():
        raise SettingError(f"'{path}' cannot be a file", place="--to", fix="name a file in a folder that exists")
