"""Months as values."""

from datetime import date

import pytest

from bizlab.errors import SettingError
from bizlab.periods import Month


def test_months_step_over_years_and_know_their_last_day():
    assert Month(2026, 1).previous == Month(2025, 12)
    assert Month(2024, 2).last == date(2024, 2, 29)
    assert Month.of(date(2026, 10, 31)).shift(3) == Month(2027, 1)
    assert Month(2025, 12) < Month(2026, 1)


@pytest.mark.parametrize("text", ["2026-13", "2026-1", "202610", "10/2026", "2026-00", "", "１２３４-01x"])
def test_what_is_no_month_is_refused_with_the_form_to_write(text):
    with pytest.raises(SettingError, match="YYYY-MM"):
        Month.parse(text)


def test_the_months_to_another_hold_both_and_none_where_it_comes_before():
    assert [str(month) for month in Month(2025, 12).to(Month(2026, 2))] == ["2025-12", "2026-01", "2026-02"]
    assert Month(2026, 2).to(Month(2026, 2)) == [Month(2026, 2)]
    assert Month(2026, 2).to(Month(2026, 1)) == []
