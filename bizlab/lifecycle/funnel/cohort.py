"""A cohort: its companies, the groups in which they are compared, and the days between two of their stages."""

from __future__ import annotations

import pandas as pd

from bizlab.lifecycle.stages.stages import ALL, Stages
from bizlab.periods import Month


def cohort(companies: pd.DataFrame, *, stages: Stages, first: Month, last: Month) -> pd.DataFrame:
    """Companies that first reached the cohort's stage in these months (contract: the columns of ``companies``).

    Parameters
    ----------
    companies : one row per company, from ``with_segment``.
    first, last : months of the cohort, both included.
    """
    began = companies[f"{stages.cohort}_on"]
    inside = (began >= pd.Timestamp(first.first)) & (began <= pd.Timestamp(last.last))
    return companies[inside].reset_index(drop=True)


def groups(members: pd.DataFrame) -> list[tuple[str, pd.DataFrame, pd.DataFrame]]:
    """Name, members and all others: the whole first, then the segments by their codes."""
    whole = (ALL, members, members.iloc[:0])
    return [whole] + [
        (str(name), members[members["segment"] == name], members[members["segment"] != name])
        for name in sorted(members["segment"].unique())
    ]


def outcome(group: pd.DataFrame, stages: Stages) -> dict[str, int]:
    """How many companies there are (``n_leads``), and of them won, lost and still open."""
    won = group[f"{stages.won}_on"].notna()
    n, n_won, n_lost = len(group), int(won.sum()), int((~won & (group["stage_no"] > len(stages.stages))).sum())
    return {"n_leads": n, "n_won": n_won, "n_lost": n_lost, "n_open": n - n_won - n_lost}


def days_between(group: pd.DataFrame, start: str, end: str) -> list[int]:
    """Whole days from reaching one stage to reaching another, of those that reached both."""
    between = (group[f"{end}_on"] - group[f"{start}_on"]).dropna()
    return [int(days) for days in between.dt.days]
