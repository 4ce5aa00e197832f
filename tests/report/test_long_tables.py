"""Of a table too long to be shown: its first rows and totals, rows that findings rest on, and all rows as CSV."""

import csv
import io
import resource
import sys

import numpy as np
import pandas as pd
import pytest

from bizlab.contracts.columns import code, column, table, words
from bizlab.report.display import show_table
from bizlab.report.grid import grid
from bizlab.report.long_tables import first_rows, long_table
from bizlab.report.shown import Whole
from bizlab.report.view import shown_table
from bizlab.report.workbooks.export import csv_bytes

LINES = table(
    "lines",
    "明细 | Lines",
    "每笔一行 | one row per line",
    code("line_id", "编号 | Id"),
    column("kind", "类别 | Kind", choices=words(new="新增 | New", total="合计 | Total")),
    column("booked_on", "日期 | Day", nullable=True),
    column("amount_fen", "金额 | Amount"),
    column("worked_minutes", "工时 | Time", nullable=True),
    column("share_rate", "占比 | Share", nullable=True),
    column("is_total", "合计 | Total"),
    key="line_id",
)
RAW = pd.DataFrame(
    {
        "line_id": ["L1", "L2", "=L3", "L4", "all"],
        "kind": ["new", "new", "new", "new", "total"],
        "booked_on": pd.to_datetime(["2026-10-05", None, "2026-10-07", "2026-10-08", None]),
        "amount_fen": [100, -2_50, 0, 7, -1_43],
        "worked_minutes": pd.array([30, None, 0, 455, 485], dtype="Int64"),
        "share_rate": [0.25, None, 0.0, 1 / 3, None],
        "is_total": [False, False, False, False, True],
    }
)
FRAME = LINES.conform(RAW)


def cut(most_rows, frame=FRAME, **how):
    return long_table(frame, LINES, page="03_page", most_rows=most_rows, key="lines", **how)


def test_a_table_within_the_limit_is_no_long_one():
    assert cut(5) is None
    assert cut(4) is not None


def test_the_first_rows_and_the_totals_below_them_are_shown_and_the_count_is_of_all():
    shown = cut(2).shown()
    assert shown.row_keys == (("L1",), ("L2",), ("all",))
    assert shown.totals == {2}
    assert shown.whole == Whole(5, "tables/03_page.lines.csv")
    assert (grid(shown).n_rows, grid(shown).n_shown) == (5, 3)
    assert grid(shown, most_rows=1).n_shown == 2, "the total stays where a page lists fewer rows"


def test_a_total_among_the_first_rows_stands_once_and_of_many_the_last_stand():
    assert first_rows(FRAME, 5) == (0, 1, 2, 3, 4)
    assert first_rows(pd.DataFrame({"is_total": [True] * 200}), 10) == (*range(10), *range(150, 200))
    assert first_rows(pd.DataFrame({"a": range(9)}), 3) == (0, 1, 2)


def test_rows_that_are_asked_for_stand_among_the_others_in_their_order():
    longer = cut(1).with_rows([("L4",), ("nobody",)])
    assert longer.shown().row_keys == (("L1",), ("L4",), ("all",))


def test_what_a_notebook_does_to_its_frame_later_changes_nothing():
    frame = FRAME.copy()
    long = cut(1, frame)
    frame.loc[3, "amount_fen"] = 999
    frame["kind"] = "total"
    assert long.with_rows([("L4",)]).shown().rows[1][3] == 7


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("columns", [None, ["amount_fen", "line_id", "kind"]])
def test_the_file_says_of_all_rows_what_the_page_would_say(lang, columns):
    """Fields as `csv_bytes` writes them, which is tested by itself: heads with units, words for codes, no formula."""
    file = io.StringIO()
    cut(2, columns=columns).write(file, lang=lang)
    assert file.getvalue().encode() == csv_bytes(shown_table(FRAME, LINES, key="lines", columns=columns), lang=lang)
    assert file.getvalue().startswith("\ufeff")


def test_the_lab_says_how_many_rows_there_are_and_where():
    displayed = show_table(cut(2).shown(), lang="zh")
    for text in (displayed.html, displayed.text):
        assert "本页列出 3 行，共 5 行；全部见 tables/03_page.lines.csv" in text
    assert displayed.data["object"]["whole"] == {"n_rows": 5, "file": "tables/03_page.lines.csv"}


@pytest.mark.prove
@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is counted in other units elsewhere")
def test_a_frame_of_more_rows_than_a_worksheet_holds_costs_no_memory_of_its_own(tmp_path):
    n = 1_200_000
    numbers = np.arange(n)
    frame = LINES.conform(
        pd.DataFrame(
            {
                "line_id": [f"L{number:07d}" for number in numbers],
                "kind": "new",
                "booked_on": pd.Timestamp("2026-10-01") + pd.to_timedelta(numbers % 31, "D"),
                "amount_fen": numbers * 7919 % 1_000_003 - 500_000,
                "worked_minutes": pd.array(numbers % 600, dtype="Int64"),
                "share_rate": numbers / n,
                "is_total": numbers == n - 1,
            }
        )
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with (tmp_path / "lines.csv").open("w", encoding="utf-8", newline="") as file:
        cut(2_000, frame).write(file, lang="zh")
    shown = cut(2_000, frame).with_rows([(f"L{n - 5:07d}",)]).shown()
    grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    with (tmp_path / "lines.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        total_fen = sum(round(float(row["金额 (元)"]) * 100) for row in rows)
    assert (len(shown.rows), shown.n_rows) == (2_002, n)
    assert total_fen == int(frame["amount_fen"].sum())
    assert grown_mb < 400
