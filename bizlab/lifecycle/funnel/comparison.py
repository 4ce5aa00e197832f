"""This month against last at the same age, and cohort by cohort: conversion that may be compared."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

import pandas as pd

from bizlab.contracts.columns import code, column, ratio, table, words
from bizlab.contracts.finding import Finding
from bizlab.contracts.says import says
from bizlab.lifecycle.funnel.cohort import cohort, outcome
from bizlab.lifecycle.rates import LIMITS, REASONS, TESTED, Counted, rate, rate_with_limits, tested_rows
from bizlab.lifecycle.stages.milestones import SEGMENT
from bizlab.lifecycle.stages.stages import ALL, OVERALL, Stages
from bizlab.periods import Month

STATUSES = words(observed="观察期已满 | Observed in full", still_open="观察期未满 | Still open")

FUNNEL_COMPARISON = table(
    "funnel_comparison",
    "本月与上月的同龄转化 | Conversion at the same age, this month against last",
    "每分组每步一行 | one row per segment and step",
    SEGMENT,
    column("is_total", "合计行 | Total row"),
    code("step", "从哪一阶段 | Step from"),
    column(
        "within_days",
        "观察天数 | Observed for",
        "每家企业自进入起观察同样天数 | Every company is observed for as many days from its entry",
    ),
    column(
        "n_now",
        "本月期满 | Full this month",
        "观察期在本月届满的企业 | Companies whose time of observation ended in this month",
    ),
    column("n_now_next", "其中已转化 | Of these, went on"),
    column("n_before", "上月期满 | Full last month"),
    column("n_before_next", "其中已转化 | Of these, went on"),
    ratio(
        "now_rate",
        "本月转化率 | This month",
        "期内转化 ÷ 本月期满 | Went on in time ÷ full this month",
        missing=REASONS,
    ),
    ratio(
        "before_rate",
        "上月转化率 | Last month",
        "期内转化 ÷ 上月期满 | Went on in time ÷ full last month",
        missing=REASONS,
    ),
    TESTED,
    key="segment step",
)
_CHANGED = {
    verdict: f"同龄转化率{zh}:「{{segment}}」{{step}},{{now_rate}},上月 {{before_rate}}"
    "(差异区间 {difference_lower_rate} 至 {difference_upper_rate})。 | "
    f"Conversion at the same age {en}: '{{segment}}', {{step}}, {{now_rate}} after {{before_rate}} last month "
    "(interval of the difference {difference_lower_rate} to {difference_upper_rate})."
    for verdict, zh, en in (("higher", "上升", "rose"), ("lower", "下降", "fell"))
}
_STEADY = (
    "与上月同龄相比,各步转化没有明显变化;{step}:{now_rate},上月 {before_rate}。 | "
    "At the same age no step changed clearly against last month; {step}: {now_rate}, last month {before_rate}."
)
_BASIS = (
    "两个月的企业自进入起观察同样天数;Holm 校正 p = {p_adjusted}。 | "
    "Companies of both months are observed for as many days from entry; Holm-adjusted p = {p_adjusted}."
)

COHORTS = table(
    "cohorts",
    "各月队列 | Cohorts by month",
    "每月队列一行 | one row per month of the cohort",
    column("month", "队列月份 | Cohort"),
    column("n_leads", "企业数 | Companies"),
    column("n_won", "已转化 | Converted"),
    column("n_lost", "已丢失 | Lost"),
    column("n_open", "仍在途 | Still open"),
    column(
        "age_days",
        "最短观察天数 | Age",
        "队列月最后一天至报告日 | From the last day of the cohort's month to the as-of date",
    ),
    column("status", "状态 | Status", choices=STATUSES),
    ratio(
        "ever_rate",
        "至今转化率 | Converted so far",
        "已转化 ÷ 企业数;年轻队列自然偏低 | Converted ÷ companies; young cohorts are low by nature",
        missing=REASONS,
    ),
    ratio(
        "within_rate",
        "同龄转化率 | Converted in time",
        "进入后规定天数内转化 ÷ 企业数;观察期未满不给数 | "
        "Converted within the set days of entry ÷ companies; not given before all were observed as long",
        missing=REASONS,
    ),
    LIMITS,
    key="month",
    sums={
        "n_leads = n_won + n_lost + n_open": (
            "企业数 = 已转化 + 已丢失 + 仍在途 | companies = converted + lost + still open"
        )
    },
)


class _Step(NamedTuple):
    name: str
    start: str
    end: str
    within_days: int


def compare_months(companies: pd.DataFrame, *, stages: Stages, month: Month, confidence: float) -> pd.DataFrame:
    """This month's conversion against last month's, every company observed equally long: `FUNNEL_COMPARISON`.

    For a step with ``within_days`` of w, this month's cases are the companies whose day w after entry fell in the
    month, and a success is one that went on by that day. Nobody is counted before that, so a young case cannot look
    like a failure. Steps without ``within_days`` are not compared. Holm's adjustment covers all rows.

    Parameters
    ----------
    companies : one row per company, from ``with_segment``, staged as of the end of ``month`` or later.
    month : the month looked at; it is compared with the one before.
    confidence : level of intervals and verdicts.
    """
    rows, pairs = [], []
    for segment in [ALL, *sorted(companies["segment"].unique())]:
        group = companies if segment == ALL else companies[companies["segment"] == segment]
        for step in _steps(stages):
            now, before = (_full_in(group, step, m) for m in (month, month.previous))
            rows.append({
                "segment": segment, "is_total": segment == ALL, "step": step.name, "within_days": step.within_days,
                "n_now": now.n, "n_now_next": now.n_successes,
                "n_before": before.n, "n_before_next": before.n_successes,
                **rate("now_rate", now), **rate("before_rate", before),
            })  # fmt: skip
            pairs.append((now, before))
    return FUNNEL_COMPARISON.conform(pd.concat([pd.DataFrame(rows), tested_rows(pairs, confidence=confidence)], axis=1))


def month_findings(compared: pd.DataFrame, *, order_fen: int) -> list[Finding]:
    """What changed clearly against last month at the same age, or that nothing did.

    Parameters
    ----------
    compared : from `compare_months`, shown under the key ``comparison``.
    order_fen : typical order, fen; the weight is one for each company won beyond, or short of, last month's rate.

    Returns
    -------
    One finding for each row that changed clearly; otherwise one neutral finding on the overall conversion.
    """
    changed = compared[compared["verdict"].isin(_CHANGED)]
    if len(changed):
        return [
            says(
                row,
                FUNNEL_COMPARISON,
                _CHANGED[row["verdict"]],
                key=f"month.{row['segment']}.{row['step']}",
                table="comparison",
                direction="good" if row["verdict"] == "higher" else "bad",
                material=True,
                weight=abs(float(row["difference_rate"])) * float(row["n_now"]) * order_fen,
                basis=_BASIS,
            )
            for row in changed.to_dict("records")
        ]
    whole = compared[compared["is_total"] & compared["now_rate"].notna() & compared["before_rate"].notna()]
    overall = whole.tail(1).to_dict("records")
    return [says(row, FUNNEL_COMPARISON, _STEADY, key="month.steady", table="comparison") for row in overall]


def cohorts(
    companies: pd.DataFrame, *, stages: Stages, first: Month, last: Month, as_of: date, confidence: float
) -> pd.DataFrame:
    """Cohort by cohort: what became of the companies that reached the cohort's stage in each month.

    Parameters
    ----------
    companies : one row per company, from ``milestones``.
    first, last : months of cohorts.
    as_of : the day up to which companies were staged.
    confidence : level of the intervals, which are Wilson's around ``within_rate``.

    Returns
    -------
    One row per month (contract ``COHORTS``). ``within_rate`` is missing, 'still open', until the youngest company of
    the cohort was observed for ``stages.won_within_days``.
    """
    return COHORTS.frame(
        _cohort_row(companies, stages, month, as_of=as_of, confidence=confidence) for month in first.to(last)
    )


def _cohort_row(
    companies: pd.DataFrame, stages: Stages, month: Month, *, as_of: date, confidence: float
) -> dict[str, Any]:
    step = _steps(stages)[-1]
    members = cohort(companies, stages=stages, first=month, last=month)
    counts = outcome(members, stages)
    age = max((as_of - month.last).days, 0)
    is_open = age < step.within_days
    in_time = Counted(int(_in_time(members, step).sum()), len(members))
    return {
        "month": str(month), **counts, "age_days": age, "status": "still_open" if is_open else "observed",
        **rate("ever_rate", Counted(counts["n_won"], counts["n_leads"])),
        **rate_with_limits(
            "within_rate", Counted(0, 0) if is_open else in_time, confidence=confidence,
            missing="still_open" if is_open else "nobody_entered",
        ),
    }  # fmt: skip


def _steps(stages: Stages) -> list[_Step]:
    pairs = zip(stages.stages, stages.stages[1:], strict=False)
    steps = [_Step(stage.id, stage.id, after.id, stage.within_days) for stage, after in pairs if stage.within_days]
    return [*steps, _Step(OVERALL, stages.cohort, stages.won, stages.won_within_days)]


def _full_in(group: pd.DataFrame, step: _Step, month: Month) -> Counted:
    full_on = group[f"{step.start}_on"] + pd.Timedelta(days=step.within_days)
    cases = group[(full_on >= pd.Timestamp(month.first)) & (full_on <= pd.Timestamp(month.last))]
    return Counted(int(_in_time(cases, step).sum()), len(cases))


def _in_time(cases: pd.DataFrame, step: _Step) -> pd.Series[bool]:
    return cases[f"{step.end}_on"] <= cases[f"{step.start}_on"] + pd.Timedelta(days=step.within_days)
