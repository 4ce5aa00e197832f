"""Budgets as their owners would write them down: an amount a month for each half of the year."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest
from tables import table

from bizlab.tables import TABLES


@pytest.fixture
def plan() -> Callable[[str], pd.DataFrame]:
    """``budget_lines`` of 2026 from ``| version_id | owner_id | account | jan_jun | jul_dec |``, fen a month."""

    def lines(text: str) -> pd.DataFrame:
        rows = [
            (
                row.version_id,
                row.account,
                row.owner_id,
                f"2026-{number:02d}",
                row.jan_jun if number < 7 else row.jul_dec,
            )
            for row in table(text).itertuples()
            for number in range(1, 13)
        ]
        return TABLES["budget_lines"].conform(pd.DataFrame(rows, columns=list(TABLES["budget_lines"].names)))

    return lines


@pytest.fixture
def postings() -> Callable[[str], pd.DataFrame]:
    """``actual_lines`` from ``| posted_on | owner_id | account | amount_fen |``."""

    def lines(text: str) -> pd.DataFrame:
        frame = table(text)
        numbered = frame.assign(posting_id=[f"JV{number}" for number in range(len(frame))], remark=None)
        return TABLES["actual_lines"].conform(numbered)

    return lines


@pytest.fixture
def history() -> Callable[[str], pd.DataFrame]:
    """``budget_versions`` from ``| version_id | status | status_on |``; the year stands in the version's name."""

    def events(text: str) -> pd.DataFrame:
        frame = table(text)
        return TABLES["budget_versions"].conform(
            frame.assign(year=frame["version_id"].str[:4], decided_by="预算委员会")
        )

    return events


@pytest.fixture
def adjusted_in_july(history) -> pd.DataFrame:
    """A budget in force from January and its adjustment in force from 1 July."""
    return history("""
        | version_id | status               | status_on  |
        | 2026-B1    | draft                | 2025-10-30 |
        | 2026-B1    | reviewed             | 2025-12-01 |
        | 2026-B1    | effective            | 2026-01-01 |
        | 2026-B2    | adjustment_applied   | 2026-06-08 |
        | 2026-B2    | reviewed             | 2026-06-22 |
        | 2026-B2    | adjustment_effective | 2026-07-01 |
    """)


@pytest.fixture
def by_month() -> Callable[..., pd.DataFrame]:
    """A frame under `MONTHLY` for March 2026 from ``| owner_id | account | budget_fen | actual_fen |``."""

    def frame(text: str, *, month: str = "2026-03") -> pd.DataFrame:
        return table(text).assign(month=month)

    return frame
