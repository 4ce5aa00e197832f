"""The working calendar against published counts."""

from __future__ import annotations

import numpy as np
import pytest

from bizlab.sample.company.calendar_cn import HOLIDAYS, MAKE_UP_DAYS, add_months, days, weekday, working_days


@pytest.mark.parametrize(("year", "statutory"), [("2024", 11), ("2025", 13), ("2026", 13)])
def test_working_days_of_a_year(year: str, statutory: int) -> None:
    """Arrangements only shift days: a year is worked on its weekdays less its statutory holidays.

    11 statutory holidays to 2024, 13 since the revision of 2024-11 (State Council order 795).
    """
    year_ = days(f"{year}-01-01", f"{year}-12-31")
    assert len(working_days(year_[0], year_[-1])) == int((weekday(year_) < 5).sum()) - statutory


def test_october_2026_has_eighteen_working_days() -> None:
    assert len(working_days("2026-10-01", "2026-10-31")) == 18


def test_make_up_days_are_weekend_days_outside_holidays() -> None:
    made_up = np.array(MAKE_UP_DAYS, dtype="datetime64[D]")
    off = np.concatenate([days(*holiday) for holiday in HOLIDAYS])
    assert (weekday(made_up) >= 5).all()
    assert not np.isin(made_up, off).any()


def test_months_are_added_to_days_that_exist() -> None:
    day = np.array(["2025-11-28", "2025-12-01"], dtype="datetime64[D]")
    assert add_months(day, 3).astype(str).tolist() == ["2026-02-28", "2026-03-01"]
