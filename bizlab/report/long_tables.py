"""Tables too long to be shown whole: which rows are, and which are added because a finding rests on them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any, TextIO

import numpy as np
import pandas as pd

from bizlab.contracts.says import row_key
from bizlab.contracts.table import Table
from bizlab.labels import Lang
from bizlab.report.grid import slug
from bizlab.report.shown import ShownTable, Whole
from bizlab.report.view import shown_table
from bizlab.report.workbooks.export import write_csv

FOLDER = "tables"
"""Where the files of long tables stand, beside the page."""
_AT_ONCE, _MOST_TOTALS = 50_000, 50


@dataclass(frozen=True)
class LongTable:
    """A table of which a part is shown.

    Parameters
    ----------
    frame : all rows; satisfies ``contract``.
    rows : numbers of the rows that are shown, from the top down.
    file : the CSV of all rows, as the page links it.
    how : what else `shown_table` is given: key, title, names and so on.
    """

    frame: pd.DataFrame
    contract: Table
    rows: tuple[int, ...]
    file: str
    how: dict[str, Any]

    def shown(self) -> ShownTable:
        """The part as it is shown."""
        whole = Whole(len(self.frame), self.file)
        return shown_table(self.frame.iloc[list(self.rows)], self.contract, whole=whole, **self.how)

    def with_rows(self, keys: Collection[tuple[str, ...]]) -> LongTable:
        """The same with the rows of these keys shown too; a key that no row has is passed over."""
        wanted, found, start = set(keys), set(self.rows), 0
        while wanted and start < len(self.frame):
            records = self.frame[list(self.contract.key)].iloc[start : start + _AT_ONCE].to_dict("records")
            for row, record in enumerate(records, start):
                parts = row_key(record, self.contract)
                if parts in wanted:
                    found.add(row)
                    wanted.remove(parts)
            start += _AT_ONCE
        return replace(self, rows=tuple(sorted(found)))

    def write(self, file: TextIO, *, lang: Lang) -> None:
        """Write all rows as CSV; see `write_csv`."""
        names, columns = self.how.get("names"), self.how.get("columns")
        write_csv(file, self.frame, self.contract, lang=lang, names=names, columns=columns)


def long_table(frame: pd.DataFrame, contract: Table, *, page: str, most_rows: int, **how: Any) -> LongTable | None:
    """The table with its first rows shown, and the last totals below them; None where it is not longer than that.

    Parameters
    ----------
    page : name of the page's files.
    how : what `shown_table` is given.
    """
    if len(frame) <= most_rows:
        return None
    # The copy is lazy: it keeps what was shown, whatever the notebook does with its frame later.
    return LongTable(
        frame.copy(deep=False), contract, first_rows(frame, most_rows), file_of(page, str(how["key"])), how
    )


def first_rows(frame: pd.DataFrame, most_rows: int) -> tuple[int, ...]:
    """The numbers of the first rows, and of the last rows below them that are totals, at most 50.

    >>> first_rows(pd.DataFrame({"is_total": [False, False, False, True, False, True]}), 2)
    (0, 1, 3, 5)
    """
    below = np.flatnonzero(frame["is_total"].fillna(False).to_numpy(bool)) if "is_total" in frame else np.array([], int)
    totals = below[below >= most_rows][-_MOST_TOTALS:]
    return (*range(min(most_rows, len(frame))), *totals.tolist())


def file_of(page: str, key: str) -> str:
    """The name of a long table's file, from the page's and the table's own.

    >>> file_of("13_daily_records", "lines"), file_of("13_daily_records", "记录/明细")
    ('tables/13_daily_records.lines.csv', 'tables/13_daily_records.xa3b55f4e5dbd.csv')
    """
    return f"{FOLDER}/{page}.{slug(key)}.csv"
