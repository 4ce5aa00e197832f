"""Texts of exports become whole numbers and dates, or name the rule they break."""

from datetime import date, datetime
from decimal import Decimal
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizlab.units.kinds import Unit
from bizlab.units.parse import (
    parse_bool,
    parse_date,
    parse_fen,
    parse_month,
    parse_number,
    parse_rate,
    parse_timestamp,
    parse_whole,
)


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("2,666", 266600),
        ("２６６６", 266600),
        ("3.2万", 3200000),
        ("(1,250.50)", -125050),
        ("（250.5）", -25050),
        ("-0.01", -1),
        ("12.30-", -1230),
        ("¥1,000.00", 100000),
        ("8元", 800),
        ("1.2亿", 12_000_000_000),
    ],
)
def test_money_as_people_write_it(text, fen):
    assert parse_fen(text) == fen


@pytest.mark.parametrize("text", ["", "-", "1,23", "1.2.3", "--5", "(-5)", "12a", "NaN", "1e5", "０x10", "三百"])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(ValueError, match=r"not a number|minus"):
        parse_number(text)


def test_money_finer_than_a_fen_is_refused_and_not_rounded():
    with pytest.raises(ValueError, match="finer than one fen"):
        parse_fen("0.005")
    assert parse_fen("0.000001", unit="万元") == 1


@given(fen=st.integers(-(10**13), 10**13))
@settings(deadline=None, derandomize=True)
def test_every_amount_survives_being_written_and_read(fen):
    yuan = Decimal(fen) / 100
    assert parse_fen(f"{yuan:,.2f}") == fen
    assert parse_fen(f"{Decimal(fen) / 1_000_000:.6f}", unit="万元") == fen


@pytest.mark.parametrize(("text", "minutes"), [("7.5", 450), ("7:30", 450), ("0:05", 5), ("１２", 720)])
def test_working_time(text, minutes):
    assert parse_whole(text, Unit.MINUTES) == minutes


def test_a_third_of_an_hour_is_no_whole_minute():
    with pytest.raises(ValueError, match="finer than one minute"):
        parse_whole("0.33", Unit.MINUTES)


def test_a_date_is_read_only_in_the_declared_formats():
    assert parse_date("01/02/2024", formats=("%d/%m/%Y",)) == date(2024, 2, 1)
    assert parse_date("01/02/2024", formats=("%m/%d/%Y",)) == date(2024, 1, 2)
    with pytest.raises(ValueError, match="declared formats"):
        parse_date("01/02/2024")


def test_serial_numbers_count_from_the_spreadsheet_epoch():
    """Serial 45658 is 1 January 2025 in every spreadsheet that uses the 1900 date system."""
    assert parse_date("45658", formats=("excel",)) == date(2025, 1, 1)
    assert parse_timestamp("45658.75", formats=("excel",)) == datetime(2025, 1, 1, 18)
    with pytest.raises(ValueError, match="declared formats"):
        parse_date("12", formats=("excel",))


def test_small_vocabularies():
    assert parse_whole("1,200", Unit.COUNT) == 1200
    assert parse_rate("12.5%") == 0.125
    assert parse_month("2026年10月") == "2026-10"
    assert parse_bool("是") is True
    for parse, text in [(partial(parse_whole, unit=Unit.COUNT), "1.5"), (parse_month, "2026-13"), (parse_bool, "也许")]:
        with pytest.raises(ValueError, match=r"not|neither"):
            parse(text)
