"""Texts become values under the contract and the source's declaration."""

from datetime import date

import pandas as pd
import pytest

from bizlab.data.cleaning.conversion import convert_column
from bizlab.data.sources.config import SourceSettings
from bizlab.tables import TABLES


def converted(column, texts, **declared):
    source = SourceSettings(**({"files": "f", "format": "csv"} | declared))
    result = convert_column(pd.Series(texts, dtype="object"), column, source)
    return result.cells.tolist(), [None if pd.isna(rule) else rule for rule in result.broken]


def test_a_typed_date_is_read_whatever_formats_are_declared_for_text():
    day = TABLES["order_intake"]["received_on"]
    texts = ["2026-10-01", "01/02/2026"]
    workbook = converted(day, texts, format="excel", dates=["%d/%m/%Y"])
    assert workbook == ([date(2026, 10, 1), date(2026, 2, 1)], [None, None])
    text_file = converted(day, texts, dates=["%d/%m/%Y"])
    assert text_file[1] == ["not a date in the declared formats", None]


@pytest.mark.parametrize(("text", "fits"), [("10,000,000,000,000.00", True), ("10,000,000,000,000.01", False)])
def test_fifteen_digits_of_fen_are_the_most_that_are_held(text, fits):
    _, (rule,) = converted(TABLES["order_intake"]["amount_fen"], [text])
    assert (rule is None) == fits


def test_a_dash_is_nothing_in_a_number_and_a_name_in_a_text():
    assert converted(TABLES["customers"]["revenue_fen"], ["-", "/", ""])[0] == [None, None, None]
    assert converted(TABLES["customers"]["name"], ["-", "NA", "None"])[0] == ["-", "NA", "None"]
