"""What a rule in SQL reads, conversion reads alike."""

from datetime import datetime
from decimal import Decimal

import duckdb
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bizlab.data.cleaning.conversion import convert_texts
from bizlab.data.cleaning.sql_rules import sql_rule
from bizlab.data.sources.config import SourceSettings
from bizlab.data.sources.parquet_file import value_text
from bizlab.tables import TABLES

AMOUNT = TABLES["order_intake"]["amount_fen"]
ID, NAME = TABLES["customers"]["customer_id"], TABLES["customers"]["name"]
ENTERED, MINUTES = TABLES["stage_events"]["known_at"], TABLES["hour_records"]["minutes"]
CHARACTERS = "Aa0 -#.,(Ａ１　（）云\u9fff\ue000\u0301\n\x1f\x85é"


def read(column, values, delivered, **declared):
    """The values that the rule reads, each with what it makes of it; all must be as conversion has them."""
    source = SourceSettings(**({"files": "f", "format": "parquet"} | declared))
    rule = sql_rule(column, source, delivered)
    assert rule is not None
    given = pa.table({column.name: pa.array(values, delivered)})
    with duckdb.connect() as connection:
        connection.register("given", given)
        made = [value for (value,) in connection.sql(f"SELECT {rule} FROM given").fetchall()]  # noqa: S608
    taken = {value_text(value): result for value, result in zip(values, made, strict=True) if result is not None}
    outcomes = convert_texts(taken, column, source)
    assert {text: (result, None) for text, result in taken.items()} == outcomes
    return taken


@given(
    values=st.lists(st.one_of(st.floats(), st.integers(-(10**9), 10**9).map(lambda n: n / 10**5)), max_size=30),
    unit=st.sampled_from(["分", "元", "万元"]),
)
@example(values=[0.00001, 0.0001, 0.1 + 0.2, 1e15, 1e15 + 2, 1e14 + 0.5, -0.0, 1 / 3], unit="万元")
@settings(max_examples=60, deadline=None, derandomize=True)
def test_doubles(values, unit):
    read(AMOUNT, values, pa.float64(), units={"amount_fen": unit})


@given(values=st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(-(10**13), 10**13), max_size=30))
@settings(max_examples=30, deadline=None, derandomize=True)
def test_whole_numbers(values):
    read(AMOUNT, values, pa.int64())


@given(values=st.lists(st.from_regex(r"-?[0-9]{1,17}(\.[0-9]{0,7})?|[0-9]:[0-9]{2}", fullmatch=True), max_size=30))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_numbers_as_texts_and_as_decimals(values):
    for column in (AMOUNT, MINUTES):
        read(column, values, pa.string())
    exact = [Decimal(text) for text in values if ":" not in text and len(text) < 16 and "." not in text[-1:]]
    read(AMOUNT, [number.quantize(Decimal("0.01")) for number in exact], pa.decimal128(20, 2))


@given(values=st.lists(st.text(CHARACTERS, max_size=5), max_size=30))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_codes_and_texts(values):
    for column in (ID, NAME):
        read(column, values, pa.string())


def test_every_ordinary_character_is_left_as_it_is_by_width_folding():
    ordinary = [*map(chr, range(0x21, 0x7F)), *map(chr, range(0x4E00, 0xA000))]
    assert len(read(ID, ordinary, pa.string())) == len(ordinary) - 1


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("2026-10-01 08:00:00", True),
        ("2026-02-30 08:00:00", False),
        ("2026-10-01 08:00:61", False),
        ("2026-10-01", False),
        ("2026-10-01 8:00:00", False),
    ],
)
def test_moments(text, taken):
    assert bool(read(ENTERED, [text], pa.string())) == taken


def test_typed_moments_are_read_to_the_second():
    moments = [datetime(2026, 10, 1, 8), datetime(2026, 10, 1, 8, 0, 0, 500_000), datetime(500, 1, 1)]
    assert list(read(ENTERED, moments, pa.timestamp("us"))) == ["2026-10-01 08:00:00"]


def test_a_format_that_might_take_the_text_first_leaves_it_to_conversion():
    swapped = SourceSettings(files="f", format="csv", dates=("%Y-%d-%m %H:%M:%S", "%Y-%m-%d %H:%M:%S"))
    assert sql_rule(ENTERED, swapped, pa.string()) is None
