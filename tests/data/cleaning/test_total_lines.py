"""A total line must be the sum of rows that it can cover."""

import pytest

from bizlab.data.cleaning.total_lines import differing_totals
from bizlab.data.sources.config import load_sources
from bizlab.data.sources.read import read_table


@pytest.mark.parametrize(
    ("lines", "differing"),
    [
        ("R1,A,2026-10-01,5\n小计,,,5\nR2,A,2026-10-01,7\n小计,,,7\n合计,,,12", []),
        ("R1,A,2026-10-01,5\n小计,,,5\nR2,A,2026-10-01,7\n小计,,,12\n总计,,,12", []),
        ("R1,A,2026-10-01,5\n小计,,,6\nR2,A,2026-10-01,7\n合计,,,11.99", [3, 5]),
        ("合计,,,5\nR1,A,2026-10-01,5", [2]),
        ("R1,A,2026-10-01,5\n合计,,,", []),
        ("R1,A,2026-10-01,5\n合计,,,#N/A", [3]),
        ("R1,A,2026-10-01,5\n合计,,,#UNCALCULATED", []),
        ("R1,A,2026-10-01,(5)\n合计,,,-5", []),
    ],
    ids=[
        "each its own rows",
        "running",
        "off",
        "above its rows",
        "states nothing",
        "in error",
        "not calculated yet",
        "negative",
    ],
)
def test_total_lines_and_the_rows_above_them(project, lines, differing):
    folder = project(intake=f"记录编号,单元编号,承接日期,金额\n{lines}\n")
    raw = read_table(folder, load_sources(folder), "order_intake")
    assert differing_totals(raw, "amount_fen")["_line"].tolist() == differing


def test_lines_of_two_files_are_not_added_together(project):
    text = "记录编号,单元编号,承接日期,金额\n{},A,2026-10-01,5\n合计,,,5\n"
    folder = project(intake=text.format("R1"), intake2=text.format("R2"))
    raw = read_table(folder, load_sources(folder), "order_intake")
    assert len(raw.totals) == 2
    assert differing_totals(raw, "amount_fen").empty
