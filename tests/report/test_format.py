"""How values are written, in the words of finance."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizlab.labels import Label
from bizlab.report.format import cell_text, exact, spoken, spoken_change, table_scales, unit_word
from bizlab.report.shown import ShownColumn, Value
from bizlab.units.kinds import Unit

WAN = 10_000


def column(unit: Unit) -> ShownColumn:
    return ShownColumn("x", unit, Label("列", "Column"), words={"loss": Label("亏损", "Loss")})


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (123_456_789, Unit.FEN, "1,234,567.89"),
        (-5, Unit.FEN, "(0.05)"),
        (0, Unit.FEN, "0.00"),
        (455, Unit.MINUTES, "7.6"),
        (-90, Unit.MINUTES, "(1.5)"),
        (1_234, Unit.COUNT, "1,234"),
        (0.12345, Unit.RATE, "12.3"),
        (-0.05, Unit.RATE, "(5.0)"),
        (0.0002, Unit.RATE, "<0.1"),
        (13717.4, Unit.FEN_PER_HOUR, "137.17"),
        (None, Unit.FEN, "—"),
        ("2026-10-31T18:05:09", Unit.TIMESTAMP, "2026-10-31 18:05"),
        ("007", Unit.TEXT, "007"),
    ],
)
def test_cells(value: Value, unit: Unit, text: str):
    assert cell_text(value, column(unit)) == (text, text)


def test_codes_and_yes_no_are_words():
    assert cell_text("loss", column(Unit.CODE)) == ("亏损", "Loss")
    assert cell_text("other", column(Unit.CODE)) == ("other", "other")
    assert cell_text(False, column(Unit.BOOL)) == ("否", "No")


def test_large_amounts_stand_in_ten_thousands_and_say_so(results):
    assert table_scales(results.tables[0])[Unit.FEN] == WAN
    assert unit_word(Unit.FEN, scale=WAN) == ("万元", "RMB 10k")
    assert cell_text(1_234_567_890, column(Unit.FEN), scale=WAN).zh == "1,234.57"
    assert exact(1_234_567_890, Unit.FEN) == "¥12,345,678.90"


def test_nothing_but_zero_is_written_as_zero():
    assert cell_text(-1, column(Unit.FEN), scale=WAN).zh == "(<0.01)"


@settings(max_examples=60, deadline=None, derandomize=True)
@given(fen=st.integers(-(10**15), 10**15))
def test_money_is_what_decimal_arithmetic_says(fen: int):
    """Outside truth: the decimal module's half-up rounding and its own thousands separators."""
    yuan = f"{abs(Decimal(fen)) / 100:,.2f}"
    assert cell_text(fen, column(Unit.FEN)).zh == (f"({yuan})" if fen < 0 else yuan)
    wan = (abs(Decimal(fen)) / 1_000_000).quantize(Decimal("0.01"), ROUND_HALF_UP)
    if wan:
        assert cell_text(abs(fen), column(Unit.FEN), scale=WAN).zh == f"{wan:,.2f}"
    assert Decimal(exact(fen, Unit.FEN).replace("¥", "").replace(",", "").replace("−", "-")) * 100 == fen


@pytest.mark.parametrize(
    ("value", "unit", "zh", "en"),
    [
        (99_950, Unit.FEN, "999.50 元", "RMB 999.50"),
        (-123_456_700, Unit.FEN, "−123.46 万元", "−RMB 1.23 million"),
        (23_456_700_000, Unit.FEN, "2.35 亿元", "RMB 234.57 million"),
        (0.123, Unit.RATE, "12.3%", "12.3%"),
        (90, Unit.MINUTES, "1.5 小时", "1.5 h"),
        (3, Unit.DAYS, "3 天", "3 days"),
        (-3, Unit.COUNT, "−3", "−3"),
    ],
)
def test_in_a_sentence_a_figure_carries_its_unit(value: Value, unit: Unit, zh: str, en: str):
    assert spoken(value, column(unit)) == (zh, en)


def test_changes_carry_their_sign():
    assert spoken_change(100_000, 150_000, column(Unit.FEN)) == ("+500.00 元", "+RMB 500.00")
    assert spoken_change(0.40, 0.385, column(Unit.RATE)).en == "−1.5 points"
    assert spoken_change(1, None, column(Unit.FEN)).zh == "—"
