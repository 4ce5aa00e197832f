"""From lines to named columns: the header, the rows below it, the total lines among them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bizlab.contracts.table import Table
from bizlab.data.sources.config import SourceSettings
from bizlab.data.sources.sheet import Sheet
from bizlab.errors import SourceError, did_you_mean, some
from bizlab.units.parse import fold_width

TOTAL_WORDS = ("合计", "小计", "总计")
SEARCHED = 30
"""In so many lines from the top a header is looked for."""
Line = tuple[int, tuple[str, ...]]


@dataclass(frozen=True)
class Header:
    """Where the columns stand in a sheet.

    Parameters
    ----------
    columns : position of each contract column.
    across : position of each column that becomes rows, and the value it stands for.
    width : number of columns of the header, up to its last filled cell.
    n_lines : number of lines down to the header's last.
    """

    columns: Mapping[str, int]
    across: Mapping[int, str]
    width: int
    n_lines: int


@dataclass(frozen=True)
class Layout:
    """A sheet's header, its lines of data, and its total lines."""

    header: Header
    rows: tuple[Line, ...]
    totals: tuple[Line, ...]


def lay_out(sheet: Sheet, source: SourceSettings, contract: Table) -> Layout:
    """Find the header and sort the lines below it; see `find_header`."""
    header = find_header(sheet, source, contract)
    return Layout(header, *rows_and_totals(sheet.lines[header.n_lines :]))


def find_header(sheet: Sheet, source: SourceSettings, contract: Table) -> Header:
    """The header of a sheet, of which the first `SEARCHED` lines are enough, or as many as declared, and one more.

    Raises
    ------
    SourceError : no header is found, a column is missing or stands twice.
    """
    names = _names(source, contract)
    start, height = _header(sheet, source, names)
    header = _header_cells(sheet.lines, start, height)
    columns = _columns(header, names, sheet)
    values = {_folded(text): value for text, value in source.unpivot.headers.items()} if source.unpivot else {}
    across = {position: values[_folded(text)] for position, text in enumerate(header) if _folded(text) in values}
    _refuse_missing(columns, across, header, source, contract, sheet)
    width = max(position for position, text in enumerate(header, start=1) if text)
    return Header(columns, across, width, start + height)


def rows_and_totals(lines: Iterable[Line]) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """Lines of data and total lines; a line without text is neither."""
    filled = [line for line in lines if is_filled(line[1])]
    totals = tuple(line for line in filled if is_total(line[1]))
    return tuple(line for line in filled if not is_total(line[1])), totals


def _names(source: SourceSettings, contract: Table) -> dict[str, str]:
    """Every header text that names a column of the contract."""
    names = {_folded(text): column.name for column in contract.columns for text in (column.name, *column.label)}
    return names | {_folded(text): column for text, column in source.columns.items()}


def _header(sheet: Sheet, source: SourceSettings, names: Mapping[str, str]) -> tuple[int, int]:
    """The index of the header's first line and how many lines it has: one, or two where cells are merged."""
    across = {_folded(text) for text in source.unpivot.headers} if source.unpivot else set()
    starts = [source.header - 1] if source.header else range(min(SEARCHED, len(sheet.lines)))
    named = names.keys() | across
    scored = [
        (sum(_folded(cell) in named for cell in _header_cells(sheet.lines, start, height)), -height, -start)
        for start in starts
        for height in (1, 2)
        if start + height <= len(sheet.lines)
    ]
    n_named, height, start = max(scored, default=(0, -1, 0))
    if n_named == 0:
        raise SourceError(
            "No line holds the names of the table's columns",
            place=f"{sheet.place}, first {SEARCHED} lines",
            fix="declare 'header' and 'columns' for the table in params/sources.yaml",
        )
    return -start, -height


def _header_cells(lines: Sequence[Line], start: int, height: int) -> list[str]:
    upper = [cell.strip() for cell in lines[start][1]]
    if height == 1:
        return upper
    lower = [cell.strip() for cell in lines[start + 1][1]]
    upper += [""] * (len(lower) - len(upper))
    lower += [""] * (len(upper) - len(lower))
    return [a or b if a == b or not (a and b) else f"{a}/{b}" for a, b in zip(upper, lower, strict=True)]


def _columns(header: Sequence[str], names: Mapping[str, str], sheet: Sheet) -> dict[str, int]:
    columns: dict[str, int] = {}
    named = ((position, text, names[_folded(text)]) for position, text in enumerate(header) if _folded(text) in names)
    for position, text, column in named:
        if column in columns:
            raise SourceError(
                f"Two columns are named for {column}: '{header[columns[column]]}' and '{text}'",
                place=f"{sheet.place}, header",
                fix="rename one, or map the right one under 'columns' in params/sources.yaml",
            )
        columns[column] = position
    return columns


def _refuse_missing(
    columns: Mapping[str, int],
    across: Mapping[int, str],
    header: Sequence[str],
    source: SourceSettings,
    contract: Table,
    sheet: Sheet,
) -> None:
    given = set(columns) | set(source.constants)
    if source.unpivot and across:
        given |= {source.unpivot.into, source.unpivot.value}
    missing = [column for column in contract.columns if column.name not in given and not column.nullable]
    if missing:
        raise SourceError(
            f"Columns are missing: {some([f'{column.label.zh} ({column.name})' for column in missing])}",
            place=f"{sheet.place}, header: {some([text for text in header if text])}",
            fix=f"map the file's header under tables.{contract.name}.columns in params/sources.yaml; "
            + did_you_mean(missing[0].label.zh, filter(None, header)),
        )


def is_filled(cells: Sequence[str]) -> bool:
    """Whether a line holds any text."""
    return any(map(str.strip, cells))


def is_total(cells: Sequence[str]) -> bool:
    """Whether a line is a total line: its first text begins with 合计, 小计 or 总计."""
    first = next((cell.strip() for cell in cells if cell.strip()), "")
    return first.replace(" ", "").startswith(TOTAL_WORDS)


def _folded(text: str) -> str:
    return fold_width(text).replace(" ", "")
