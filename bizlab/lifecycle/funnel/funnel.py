"""The funnel of a cohort: how many went from stage to stage, in all and by segment, and how long it took."""

from __future__ import annotations

from typing import Any

import pandas as pd

from bizlab.contracts.check import Check
from bizlab.contracts.columns import code, column, ratio, table
from bizlab.labels import Label
from bizlab.lifecycle.rates import (
    DURATION,
    LIMITS,
    REASONS,
    TESTED,
    Counted,
    quartiles,
    rate_of,
    rate_row,
    tested_rows,
)
from bizlab.lifecycle.stages.milestones import SEGMENT
from bizlab.lifecycle.stages.stages import ALL, Stage, Stages
from bizlab.periods import Month
from bizlab.units.kinds import Unit

_IS_TOTAL = column("is_total", "合计行 | Total row")

FUNNEL = table(
    "funnel",
    "转化漏斗 | Funnel",
    "每分组每阶段一行 | one row per segment and stage",
    SEGMENT,
    _IS_TOTAL,
    code("stage", "阶段 | Stage"),
    column(
        "n_entered",
        "到达 | Reached",
        "队列中到达该阶段或更后阶段的企业数 | Companies of the cohort that reached it or a later stage",
    ),
    column(
        "n_next",
        "进入下一步 | Went on",
        "其中到达下一阶段或更后 | Of these, reached the next stage or a later one",
        nullable=True,
    ),
    column(
        "n_left",
        "已丢失 | Lost",
        "未进入下一步,现处于丢单或流失 | Did not go on and stand lost or churned",
        nullable=True,
    ),
    column("n_open", "仍在途 | Still open", "未进入下一步,也未丢失 | Did not go on and are not lost", nullable=True),
    ratio("next_rate", "转化率 | Conversion", "进入下一步 ÷ 到达 | Went on ÷ reached", missing=REASONS),
    LIMITS,
    ratio(
        "cumulative_rate",
        "累计转化率 | From the start",
        "到达 ÷ 队列企业数 | Reached ÷ companies of the cohort",
        missing=REASONS,
    ),
    DURATION,
    TESTED,
    key="segment stage",
    sums={
        "n_entered = n_next + n_left + n_open": (
            "到达 = 进入下一步 + 已丢失 + 仍在途 | reached = went on + lost + still open"
        )
    },
)

_STEPS = ("n_entered", "n_next", "n_left", "n_open", "next_rate", "lower_rate", "upper_rate")
OF_ALL = ("stage", *_STEPS, "cumulative_rate", "median_days", "q1_days", "q3_days")
"""Columns of the funnel that matter for the cohort as a whole, which is compared with nothing."""
OF_SEGMENTS = ("segment", "stage", *_STEPS, *(c.name for c in TESTED if not c.name.endswith("_reason")))
"""Columns of the funnel that matter for segments, which are compared with each other."""

CONVERSION = table(
    "conversion",
    "整体转化对比 | Overall conversion compared",
    "每分组一行 | one row per segment",
    SEGMENT,
    _IS_TOTAL,
    column("n_leads", "队列企业数 | Companies of the cohort"),
    column("n_won", "已转化 | Converted"),
    column("n_lost", "已丢失 | Lost"),
    column("n_open", "仍在途 | Still open"),
    ratio(
        "won_rate",
        "整体转化率 | Overall conversion",
        "已转化 ÷ 队列企业数 | Converted ÷ companies of the cohort",
        missing=REASONS,
    ),
    LIMITS,
    ratio(
        "others_rate",
        "其余分组转化率 | All others",
        "同一队列中其余企业的整体转化率 | Overall conversion of all other companies of the cohort",
        missing=REASONS,
    ),
    TESTED,
    DURATION,
    key="segment",
    sums={
        "n_leads = n_won + n_lost + n_open": (
            "队列企业数 = 已转化 + 已丢失 + 仍在途 | companies = converted + lost + still open"
        )
    },
)


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


def funnel(members: pd.DataFrame, *, stages: Stages, confidence: float) -> pd.DataFrame:
    """Stage-to-stage conversion of a cohort, in all and for each segment against all others.

    Conversion is 'ever, by the as-of date': of a young cohort many are still open, which ``n_open`` shows. Intervals
    are Wilson's; the comparison of each segment with the rest of the cohort is adjusted by Holm over the whole table.

    Parameters
    ----------
    members : one row per company of the cohort, from :func:`cohort`.
    confidence : level of intervals and verdicts.

    Returns
    -------
    One row per segment and stage from the cohort's stage on (contract ``FUNNEL``); the cohort as a whole comes first.

    >>> day = pd.Timestamp("2026-10-05")
    >>> members = pd.DataFrame({"segment": ["swap", "swap", "paid"], "stage_no": [2, 1, 3],
    ...     "lead_on": [day, day, day], "won_on": [day + pd.Timedelta(days=9), pd.NaT, pd.NaT]})
    >>> name = {"zh": "阶段", "en": "Stage"}
    >>> stages = Stages.model_validate({"unstaged": "lead", "cohort": "lead", "won": "won", "won_within_days": 30,
    ...     "tolerance_days": 9, "stages": [{"id": id, "name": name} for id in ("lead", "won")],
    ...     "states": [{"id": "lost", "name": name}]})
    >>> table = funnel(members, stages=stages, confidence=0.95)
    >>> table[["segment", "stage", "n_entered", "n_next", "n_left", "n_open"]].head(3).to_numpy().tolist()
    [['all', 'lead', 3, 1, 1, 1], ['all', 'won', 1, <NA>, <NA>, <NA>], ['paid', 'lead', 1, 0, 1, 0]]
    """
    steps = stages.stages[stages.number(stages.cohort) - 1 :]
    n_stages = len(stages.stages)
    rows, pairs = [], []
    for name, group, others in _groups(members):
        for stage, after in zip(steps, [*steps[1:], None], strict=True):
            row = _step(group, stage, after, n_stages=n_stages, confidence=confidence)
            start = Counted(int(row["n_entered"]), len(group))
            rows.append(
                {
                    "segment": name,
                    "is_total": name == ALL,
                    **row,
                    "cumulative_rate": rate_of(start),
                    "cumulative_rate_reason": None if start.n else "nobody_entered",
                }
            )
            pairs.append(
                None
                if after is None or name == ALL
                else (_went_on(group, stage, after), _went_on(others, stage, after))
            )
    tested = tested_rows(pairs, confidence=confidence)
    frame = pd.concat([pd.DataFrame(rows), tested], axis=1)
    last_stage = frame["stage"].eq(steps[-1].id)
    frame["difference_rate_reason"] = frame["difference_rate_reason"].mask(last_stage, "last_stage")
    return FUNNEL.conform(frame)


def conversion(members: pd.DataFrame, *, stages: Stages, confidence: float) -> pd.DataFrame:
    """Overall conversion of a cohort by segment, each against all others, with intervals and time to convert.

    Parameters
    ----------
    members : one row per company of the cohort, from :func:`cohort`.
    confidence : level of intervals and verdicts.

    Returns
    -------
    One row per segment (contract ``CONVERSION``); the cohort as a whole comes first.
    """
    rows, pairs = [], []
    for name, group, others in _groups(members):
        won, rest = _won(group, stages), _won(others, stages)
        lost = int((group[f"{stages.won}_on"].isna() & (group["stage_no"] > len(stages.stages))).sum())
        is_all = name == ALL
        why = "whole" if is_all else None if rest.n else "other_group_empty"
        rows.append({
            "segment": name, "is_total": is_all, "n_leads": won.n, "n_won": won.n_successes, "n_lost": lost,
            "n_open": won.n - won.n_successes - lost, **rate_row("won_rate", won, confidence),
            "others_rate": rate_of(rest), "others_rate_reason": why,
            **quartiles(_days(group, stages.cohort, stages.won)),
        })  # fmt: skip
        pairs.append(None if is_all else (won, rest))
    return CONVERSION.conform(pd.concat([pd.DataFrame(rows), tested_rows(pairs, confidence=confidence)], axis=1))


def funnel_checks(steps: pd.DataFrame, overall: pd.DataFrame, *, stages: Stages) -> list[Check]:
    """Segments add up to the cohort, and the funnel ends where the overall conversion does."""
    parts, whole = steps[~steps["is_total"]], steps[steps["is_total"]]
    won = whole.loc[whole["stage"] == stages.won, "n_entered"]
    total = overall.loc[overall["is_total"]]
    return [
        Check(
            "funnel.segments",
            Label("各分组到达数之和 = 全部", "segments together = all, stage by stage"),
            int(whole["n_entered"].sum()),
            int(parts["n_entered"].sum()),
            Unit.COUNT,
        ),
        Check(
            "funnel.won",
            Label("漏斗中的转化数 = 整体转化数", "conversions in the funnel = overall conversions"),
            int(won.sum()),
            int(total["n_won"].sum()),
            Unit.COUNT,
        ),
        Check(
            "conversion.segments",
            Label("各分组队列企业数之和 = 全部", "companies of all segments = companies of the cohort"),
            int(total["n_leads"].sum()),
            int(overall.loc[~overall["is_total"], "n_leads"].sum()),
            Unit.COUNT,
        ),
    ]


def _groups(members: pd.DataFrame) -> list[tuple[str, pd.DataFrame, pd.DataFrame]]:
    """Name, members and all others: the whole first, then the segments by their codes."""
    whole = (ALL, members, members.iloc[:0])
    return [whole] + [
        (str(name), members[members["segment"] == name], members[members["segment"] != name])
        for name in sorted(members["segment"].unique())
    ]


def _step(
    group: pd.DataFrame, stage: Stage, after: Stage | None, *, n_stages: int, confidence: float
) -> dict[str, Any]:
    reached = group[group[f"{stage.id}_on"].notna()]
    if after is None:
        nothing = Counted(0, 0)
        end = {**rate_row("next_rate", nothing, confidence), **quartiles([])}
        why = {"next_rate_reason": "last_stage", "median_days_reason": "last_stage"}
        return {
            "stage": stage.id,
            "n_entered": len(reached),
            "n_next": None,
            "n_left": None,
            "n_open": None,
            **end,
            **why,
        }
    went = _went_on(group, stage, after)
    left = int((reached[f"{after.id}_on"].isna() & (reached["stage_no"] > n_stages)).sum())
    return {
        "stage": stage.id, "n_entered": went.n, "n_next": went.n_successes, "n_left": left,
        "n_open": went.n - went.n_successes - left, **rate_row("next_rate", went, confidence),
        **quartiles(_days(group, stage.id, after.id)),
    }  # fmt: skip


def _went_on(group: pd.DataFrame, stage: Stage, after: Stage) -> Counted:
    reached = group[f"{stage.id}_on"].notna()
    return Counted(int((reached & group[f"{after.id}_on"].notna()).sum()), int(reached.sum()))


def _won(group: pd.DataFrame, stages: Stages) -> Counted:
    return Counted(int(group[f"{stages.won}_on"].notna().sum()), len(group))


def _days(group: pd.DataFrame, start: str, end: str) -> list[int]:
    """Whole days from reaching one stage to reaching another, of those that reached both."""
    between = (group[f"{end}_on"] - group[f"{start}_on"]).dropna()
    return [int(days) for days in between.dt.days]
