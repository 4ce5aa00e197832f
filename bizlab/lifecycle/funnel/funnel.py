"""The funnel of a cohort: how many went from stage to stage, in all and by segment, and how long it took."""

from __future__ import annotations

from typing import Any

import pandas as pd

from bizlab.contracts.check import Check
from bizlab.contracts.columns import code, column, ratio, table
from bizlab.contracts.finding import Finding
from bizlab.contracts.says import says
from bizlab.labels import Label
from bizlab.lifecycle import rates
from bizlab.lifecycle.funnel.cohort import days_between, groups
from bizlab.lifecycle.stages.milestones import SEGMENT
from bizlab.lifecycle.stages.stages import ALL, Stage, Stages
from bizlab.units.kinds import Unit

FUNNEL = table(
    "funnel",
    "转化漏斗 | Funnel",
    "每分组每阶段一行 | one row per segment and stage",
    SEGMENT,
    column("is_total", "合计行 | Total row"),
    code("stage", "阶段 | Stage"),
    column(
        "n_entered",
        "到达 | Reached",
        "队列中到达该阶段或更后阶段的企业数 | Companies of the cohort that reached it or a later stage",
    ),
    rates.optional(
        "n_next", "进入下一步 | Went on", "其中到达下一阶段或更后 | Of these, reached the next stage or a later one"
    ),
    rates.optional(
        "n_left", "已丢失 | Lost", "未进入下一步,现处于丢单或流失 | Did not go on and stand lost or churned"
    ),
    rates.optional("n_open", "仍在途 | Still open", "未进入下一步,也未丢失 | Did not go on and are not lost"),
    ratio("next_rate", "转化率 | Conversion", "进入下一步 ÷ 到达 | Went on ÷ reached", missing=rates.REASONS),
    rates.LIMITS,
    ratio(
        "cumulative_rate",
        "累计转化率 | From the start",
        "到达 ÷ 队列企业数 | Reached ÷ companies of the cohort",
        missing=rates.REASONS,
    ),
    rates.DURATION,
    rates.TESTED,
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
OF_SEGMENTS = ("segment", "stage", *_STEPS, *(c.name for c in rates.TESTED if not c.name.endswith("_reason")))
"""Columns of the funnel that matter for segments, which are compared with each other."""

_LEAK = (
    "成交前丢失最多的阶段是「{stage}」:到达 {n_entered} 家,丢失 {n_left} 家;"
    "{next_rate} 进入下一步(区间 {lower_rate} 至 {upper_rate})。 | "
    "Before the sale most are lost at '{stage}': {n_left} of {n_entered} that reached it; {next_rate} went on "
    "(interval {lower_rate} to {upper_rate})."
)
_WEAKEST_LINK = (
    "漏斗最弱的一环:「{segment}」在「{stage}」,{next_rate} 进入下一步,"
    "与其余分组相差 {difference_rate}(区间 {difference_lower_rate} 至 {difference_upper_rate})。 | "
    "The weakest link: '{segment}' at '{stage}', where {next_rate} went on; the difference to all others is "
    "{difference_rate} (interval {difference_lower_rate} to {difference_upper_rate})."
)


def funnel(members: pd.DataFrame, *, stages: Stages, confidence: float) -> pd.DataFrame:
    """Stage-to-stage conversion of a cohort, in all and then for each segment against all others: `FUNNEL`.

    Conversion is 'ever, by the as-of date': of a young cohort many are still open, which ``n_open`` shows. Intervals
    are Wilson's; the comparison of each segment with the rest of the cohort is adjusted by Holm over the whole table.

    Parameters
    ----------
    members : one row per company of the cohort, from :func:`cohort`.
    confidence : level of intervals and verdicts.

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
    rows: list[dict[str, Any]] = []
    pairs: list[tuple[rates.Counted, rates.Counted] | None] = []
    for name, group, others in groups(members):
        for stage, after in zip(steps, [*steps[1:], None], strict=True):
            row = _step(group, stage, after, n_stages=n_stages, confidence=confidence)
            so_far = rates.rate("cumulative_rate", rates.Counted(int(row["n_entered"]), len(group)))
            rows.append({"segment": name, "is_total": name == ALL, **row, **so_far})
            if after is None or name == ALL:
                pairs.append(None)
            else:
                pairs.append((_went_on(group, stage, after), _went_on(others, stage, after)))
    tested = rates.tested_rows(pairs, confidence=confidence)
    frame = pd.concat([pd.DataFrame(rows), tested], axis=1)
    last_stage = frame["stage"].eq(steps[-1].id)
    frame["difference_rate_reason"] = frame["difference_rate_reason"].mask(last_stage, "last_stage")
    return FUNNEL.conform(frame)


def leak_findings(steps: pd.DataFrame, *, stages: Stages, materiality_rate: float, order_fen: int) -> list[Finding]:
    """Where the funnel leaks most on the way to the sale: the stage, and the segment that falls furthest behind.

    Parameters
    ----------
    steps : from `funnel`; the whole cohort is shown under the key ``funnel``, segments under ``funnel_segments``.
    materiality_rate : a stage that loses more than this share of those who reached it is material.
    order_fen : typical order, fen; the weight is one for each company lost, or lost beyond the rate of the others.

    Returns
    -------
    At most two findings; none for an empty cohort.
    """
    before_sale = [stage.id for stage in stages.stages[: stages.number(stages.won) - 1]]
    way = steps[steps["stage"].isin(before_sale) & (steps["n_entered"] > 0)]
    whole = way[way["is_total"] & (way["n_left"] > 0)]
    behind = way[way["verdict"] == "lower"].assign(n_short=lambda rows: -rows["difference_rate"] * rows["n_entered"])
    return [
        *(
            says(
                row,
                FUNNEL,
                _LEAK,
                key="funnel.leak",
                direction="bad",
                material=bool(row["n_left"] > materiality_rate * row["n_entered"]),
                weight=float(row["n_left"]) * order_fen,
            )
            for row in whole.nlargest(1, "n_left").to_dict("records")
        ),
        *(
            says(
                row,
                FUNNEL,
                _WEAKEST_LINK,
                key="funnel.leak_segment",
                table="funnel_segments",
                direction="bad",
                material=True,
                weight=float(row["n_short"]) * order_fen,
                basis=rates.TESTED_AGAINST_OTHERS,
            )
            for row in behind.nlargest(1, "n_short").to_dict("records")
        ),
    ]


def funnel_checks(steps: pd.DataFrame, overall: pd.DataFrame, *, stages: Stages) -> list[Check]:
    """Segments add up to the cohort, and the funnel ends where the overall conversion does."""
    parts, whole = steps[~steps["is_total"]], steps[steps["is_total"]]
    won = whole.loc[whole["stage"] == stages.won, "n_entered"]
    total = overall[overall["is_total"]]
    segments = Label("各分组到达数之和 = 全部", "segments together = all, stage by stage")
    conversions = Label("漏斗中的转化数 = 整体转化数", "conversions in the funnel = overall conversions")
    companies = Label("各分组队列企业数之和 = 全部", "companies of all segments = companies of the cohort")
    return [
        _check("funnel.segments", segments, whole["n_entered"], parts["n_entered"]),
        _check("funnel.won", conversions, won, total["n_won"]),
        _check("conversion.segments", companies, total["n_leads"], overall.loc[~overall["is_total"], "n_leads"]),
    ]


def _check(key: str, label: Label, left: pd.Series[int], right: pd.Series[int]) -> Check:
    return Check(key, label, int(left.sum()), int(right.sum()), Unit.COUNT)


def _step(
    group: pd.DataFrame, stage: Stage, after: Stage | None, *, n_stages: int, confidence: float
) -> dict[str, Any]:
    """How many reached a stage, and what became of them; of the last stage nothing follows."""
    reached = group[group[f"{stage.id}_on"].notna()]
    row = {"stage": stage.id, "n_entered": len(reached)}
    if after is None:
        no_rate = rates.rate_with_limits("next_rate", rates.Counted(0, 0), confidence=confidence, missing="last_stage")
        return row | no_rate | rates.quartiles([], missing="last_stage")
    went = _went_on(group, stage, after)
    left = int((reached[f"{after.id}_on"].isna() & (reached["stage_no"] > n_stages)).sum())
    return row | {
        "n_next": went.n_successes,
        "n_left": left,
        "n_open": went.n - went.n_successes - left,
        **rates.rate_with_limits("next_rate", went, confidence=confidence),
        **rates.quartiles(days_between(group, stage.id, after.id)),
    }


def _went_on(group: pd.DataFrame, stage: Stage, after: Stage) -> rates.Counted:
    reached = group[f"{stage.id}_on"].notna()
    return rates.Counted(int((reached & group[f"{after.id}_on"].notna()).sum()), int(reached.sum()))
