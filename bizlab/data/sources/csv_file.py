"""csv files as lines of texts."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from bizlab.data.sources.config import SourceSettings
from bizlab.data.sources.encoding import SAMPLE, decode, encoding_of, separator
from bizlab.data.sources.layout import Line
from bizlab.data.sources.sheet import Evidence, Sheet
from bizlab.errors import SourceError

_MARK = "\ufeff"


def read_csv(path: Path, source: SourceSettings, *, file: str) -> Sheet:
    """The lines of a csv file; see `csv_lines`."""
    lines, evidence = csv_lines(path, source, file=file)
    return Sheet(file, "", tuple(lines), evidence)


def csv_lines(path: Path, source: SourceSettings, *, file: str) -> tuple[Iterator[Line], tuple[Evidence, ...]]:
    """The lines of a csv file one after the other, and what was detected; the file is not held as a whole.

    Raises
    ------
    SourceError : the file is empty, its encoding or separator is not clear, or a quote never closes; the last, and
        bytes that do not fit a declared encoding, when the line is reached.
    """
    name, encoding = encoding_of(path, source.encoding, file=file)
    try:
        with _text(path, name) as stream:
            sample = stream.read(SAMPLE)
            if not sample.strip() and not (sample + stream.read()).strip():
                raise SourceError("The file is empty", place=file, fix="ask the sender for it again")
    except (UnicodeDecodeError, LookupError) as fault:
        raise _misread(path, name, file, fault) from fault
    mark, cut = separator(sample, source.separator, file=file)
    return _cut(path, name, mark, file), tuple(evidence for evidence in (encoding, cut) if evidence)


def _cut(path: Path, name: str, mark: str, file: str) -> Iterator[Line]:
    with _text(path, name) as stream:
        reader = csv.reader(stream, delimiter=mark, strict=True)
        begin = 1
        try:
            for cells in reader:
                yield begin, tuple(cells)
                begin = reader.line_num + 1
        except UnicodeDecodeError as fault:
            raise _misread(path, name, file, fault) from fault
        except csv.Error as fault:
            raise SourceError(
                f"The file cannot be cut into cells: {fault}",
                place=f"{file}, line {reader.line_num}",
                fix="look at the quotes there, or ask the sender for the file again",
            ) from fault


def _text(path: Path, name: str) -> TextIO:
    """The file as text behind its byte-order mark."""
    stream = path.open(encoding=name, newline="")
    if stream.read(1) != _MARK:
        stream.seek(0)
    return stream


def _misread(path: Path, name: str, file: str, fault: Exception) -> Exception:
    """What `decode` says of a file that cannot be read in an encoding."""
    try:
        decode(path.read_bytes(), name, file=file)
    except SourceError as said:
        return said
    return fault
