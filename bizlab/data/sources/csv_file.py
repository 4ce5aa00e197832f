"""csv files as lines of texts."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from bizlab.data.sources.config import SourceSettings
from bizlab.data.sources.encoding import decode, separator
from bizlab.data.sources.sheet import Sheet
from bizlab.errors import SourceError


def read_csv(path: Path, source: SourceSettings, *, file: str) -> Sheet:
    """The lines of a csv file.

    Raises
    ------
    SourceError : the file is empty, its encoding or separator is not clear, or a quote never closes.
    """
    text, encoding = decode(path.read_bytes(), source.encoding, file=file)
    if not text.strip():
        raise SourceError("The file is empty", place=file, fix="ask the sender for it again")
    mark, cut = separator(text, source.separator, file=file)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    lines: list[tuple[int, tuple[str, ...]]] = []
    try:
        begin = 1
        for cells in reader:
            lines.append((begin, tuple(cells)))
            begin = reader.line_num + 1
    except csv.Error as fault:
        raise SourceError(
            f"The file cannot be cut into cells: {fault}",
            place=f"{file}, line {reader.line_num}",
            fix="look at the quotes there, or ask the sender for the file again",
        ) from fault
    return Sheet(file, "", tuple(lines), tuple(evidence for evidence in (encoding, cut) if evidence))
