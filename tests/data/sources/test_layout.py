"""Headers are found where exports put them, and total lines are not taken for data."""

import pytest

from bizlab.data.sources.config import SourceSettings
from bizlab.data.sources.layout import lay_out
from bizlab.data.sources.sheet import Sheet
from bizlab.errors import SourceError
from bizlab.tables import TABLES

INTAKE = TABLES["order_intake"]


def sheet(*rows):
    return Sheet("f.xlsx", "S", tuple((number, tuple(row)) for number, row in enumerate(rows, start=1)))


def settings(**more):
    return SourceSettings(files="f.xlsx", format="excel", **more)


def test_title_rows_above_and_total_lines_among_the_rows():
    layout = lay_out(
        sheet(
            ["承接订单 2026年10月", "", "", ""],
            ["", "", "", ""],
            ["记录编号", "单元编号", "承接日期", "金额"],
            ["R1", "A", "2026-10-01", "5"],
            ["小 计", "", "", "5"],
            ["", "", "", ""],
            ["R2", "A", "2026-10-02", "7"],
            ["合计", "", "", "12"],
        ),
        settings(),
        INTAKE,
    )
    assert layout.header.columns == {"record_id": 0, "unit_id": 1, "received_on": 2, "amount_fen": 3}
    assert [number for number, _ in layout.rows] == [4, 7]
    assert [number for number, _ in layout.totals] == [5, 8]


def test_a_header_of_two_merged_rows_is_joined():
    layout = lay_out(
        sheet(
            ["订单", "订单", "日期", "金额(元)"],
            ["编号", "巴", "日期", "金额"],
            ["R1", "A", "2026-10-01", "5"],
        ),
        settings(
            columns={
                "订单/编号": "record_id",
                "订单/巴": "unit_id",
                "日期": "received_on",
                "金额(元)/金额": "amount_fen",
            }
        ),
        INTAKE,
    )
    assert layout.header.columns["unit_id"] == 1
    assert len(layout.rows) == 1


def test_full_width_and_english_headers_are_the_same_header():
    layout = lay_out(
        sheet(["Record id", "单元编号 ", "承接日期", "ａｍｏｕｎｔ＿ｆｅｎ"], ["1", "A", "x", "5"]), settings(), INTAKE
    )
    assert layout.header.columns["amount_fen"] == 3


def test_blank_cells_right_of_the_header_do_not_widen_the_table():
    header = ["record_id", "unit_id", "received_on", "amount_fen", "", ""]
    assert lay_out(sheet(header, ["R1", "A", "2026-10-01", "5"]), settings(), INTAKE).header.width == 4


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([["记录编号", "单元编号", "承接日期", "金额合计"]], r"missing: 金额 \(amount_fen\).*write '金额合计'"),
        ([["记录编号", "record_id", "单元编号", "承接日期", "金额"]], "Two columns are named for record_id"),
        ([["a", "b"], ["1", "2"]], "No line holds the names"),
    ],
)
def test_a_header_that_cannot_be_used_names_what_is_wrong(rows, message):
    with pytest.raises(SourceError, match=message):
        lay_out(sheet(*rows), settings(), INTAKE)
