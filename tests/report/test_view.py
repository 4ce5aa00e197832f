"""Frames become frozen tables."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizlab.contracts.column import Column
from bizlab.contracts.table import Identity, Table
from bizlab.errors import ContractError
from bizlab.labels import Label
from bizlab.report import codec
from bizlab.report.shown import ShownTable, Source
from bizlab.report.view import figures, shown_table
from bizlab.units.kinds import Unit

WHY = {"no_hours": Label("无工时", "no hours")}
CONTRACT = Table(
    name="unit_hour",
    label=Label("核算表", "Sheet"),
    grain=Label("每个巴每月一行", "one row per unit and month"),
    key=("unit_id", "on"),
    columns=(
        Column("unit_id", Unit.CODE, Label("巴", "Unit")),
        Column("on", Unit.DATE, Label("日期", "Date")),
        Column("net_fen", Unit.FEN, Label("净额", "Net"), nullable=True),
        Column("per_hour", Unit.FEN_PER_HOUR, Label("单位时间收益", "Value per hour"), nullable=True),
        Column("per_hour_reason", Unit.CODE, Label("原因", "Reason"), nullable=True, choice_labels=WHY),
        Column("is_total", Unit.BOOL, Label("合计", "Total")),
        Column("depth", Unit.COUNT, Label("层", "Depth")),
    ),
    identities=(Identity("net_fen = net_fen", Label("同", "same")),),
)


def sheet() -> pd.DataFrame:
    return CONTRACT.conform(
        pd.DataFrame(
            {
                "unit_id": ["YF", "QA"],
                "on": pd.to_datetime(["2026-10-31", "2026-10-31"]),
                "net_fen": [125, None],
                "per_hour": [12.5, None],
                "per_hour_reason": [None, "no_hours"],
                "is_total": [True, False],
                "depth": [0, 1],
            }
        )
    )


def test_a_frame_is_frozen_with_plain_values(unchanged):
    frame = sheet()
    with unchanged(frame):
        shown = shown_table(frame, CONTRACT, key="sheet", names={"unit_id": {"YF": Label("云帆", "Yunfan")}})
    assert shown.rows == (("YF", "2026-10-31", 125, 12.5), ("QA", "2026-10-31", None, None))
    assert [type(value) for value in shown.rows[0]] == [str, str, int, float]
    assert shown.reasons == {(1, "per_hour"): WHY["no_hours"]}
    assert shown.totals == {0}
    assert shown.depths == (0, 1)
    assert shown.columns[0].words == {"YF": Label("云帆", "Yunfan")}
    assert shown.subtotals == {"net_fen"}


def test_a_reason_is_worded_by_the_names_given_for_it():
    """A card holds the reasons of many tags, which its contract cannot list; readers still see words, no codes."""
    words = {"no_hours": Label("没有打卡", "nobody clocked in")}
    shown = shown_table(sheet(), CONTRACT, key="sheet", names={"per_hour_reason": words})
    assert shown.reasons == {(1, "per_hour"): words["no_hours"]}


def test_steering_columns_are_not_shown():
    shown = shown_table(sheet(), CONTRACT, key="sheet")
    assert [column.name for column in shown.columns] == ["unit_id", "on", "net_fen", "per_hour"]


def test_figures_are_named_after_key_columns_even_if_those_are_left_out():
    shown = shown_table(sheet(), CONTRACT, key="sheet", columns=["net_fen"])
    assert [tuple(figure) for figure in figures(shown)] == [
        ("sheet[YF,2026-10-31].net_fen", 125, Unit.FEN),
        ("sheet[QA,2026-10-31].net_fen", None, Unit.FEN),
    ]


def test_an_unknown_column_is_refused_by_name():
    with pytest.raises(ContractError, match="nett_fen"):
        shown_table(sheet(), CONTRACT, key="sheet", columns=["nett_fen"])


def test_an_infinite_ratio_is_refused():
    with pytest.raises(ContractError, match="infinite"):
        shown_table(sheet().assign(per_hour=[float("inf"), 1.0]), CONTRACT, key="sheet")


def test_two_rows_that_would_share_a_figure_name_are_refused():
    codes = Table(
        "pairs",
        Label("对", "Pairs"),
        Label("每对一行", "one row per pair"),
        tuple(Column(name, Unit.CODE, Label(name, name)) for name in ("a", "b")),
        ("a", "b"),
    )
    frame = pd.DataFrame({"a": ["x,y", "x"], "b": ["z", "y,z"]})
    with pytest.raises(ContractError, match="x,y,z"):
        shown_table(frame, codes, key="pairs")


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    name=st.text(max_size=12),
    fen=st.none() | st.integers(-(10**17), 10**17),
    rate=st.none() | st.floats(allow_nan=False, allow_infinity=False),
)
def test_any_table_survives_json(name: str, fen: int | None, rate: float | None):
    frame = (
        sheet()
        .head(1)
        .assign(
            unit_id=name,
            net_fen=pd.array([fen], dtype="Int64"),
            per_hour=pd.Series([rate], dtype="float64"),
        )
    )
    shown = shown_table(frame, CONTRACT, key="sheet", sources=(Source("orders", 3),))
    assert codec.shown_of(ShownTable, json.loads(json.dumps(codec.plain(shown)))) == shown
